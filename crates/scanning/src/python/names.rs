//! What the names of a file stand for: imported modules, constants, model output, SQL text. Read off all assignments of the
//! file at once, whatever their order and scope, so a name is constant only if every binding of it is.

use std::collections::{BTreeMap, BTreeSet};

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_parameter, walk_pattern, walk_stmt};
use ruff_python_ast::{
    Comprehension, ExceptHandler, Expr, Parameter, Pattern, Stmt, StmtFunctionDef,
};

use super::expressions::{dotted, from_model, is_constant};
use super::{sql, taint};

/// Rounds until what follows from other names is settled; chains of renamings longer than this are not followed.
const ROUNDS: usize = 8;

/// Decorators that hand a function to a model, by their last part.
const TOOL_DECORATORS: &[&str] = &[
    "action",
    "agent_tool",
    "ai_function",
    "function_tool",
    "kernel_function",
    "skill",
    "tool",
    "tool_plain",
];

/// The names of one file.
#[derive(Debug, Default)]
pub(super) struct Names {
    meanings: BTreeMap<String, String>,
    /// The packages that something is imported from.
    packages: BTreeSet<String>,
    constants: BTreeSet<String>,
    from_model: BTreeSet<String>,
    sql: BTreeMap<String, String>,
}

impl Names {
    /// Reads the bindings of a file.
    pub(super) fn of(suite: &[Stmt]) -> Self {
        let mut collector = Collector::default();
        collector.visit_body(suite);
        let package = |name: &String| name.split('.').next().unwrap_or_default().to_owned();
        let mut names = Self {
            packages: collector.imports.values().map(package).collect(),
            meanings: collector.imports,
            ..Self::default()
        };
        names.from_model.extend(collector.tool_parameters);
        for _ in 0..ROUNDS {
            if !names.learn(&collector.values, &collector.unknown) {
                break;
            }
        }
        names
    }

    /// One round. True if something new was learnt.
    fn learn(&mut self, values: &BTreeMap<&str, Vec<&Expr>>, unknown: &BTreeSet<&str>) -> bool {
        let mut news = false;
        for (name, bound) in values {
            if !unknown.contains(name)
                && !self.constants.contains(*name)
                && bound.iter().all(|one| is_constant(one, self))
            {
                news |= self.constants.insert((*name).to_owned());
            }
            if !self.from_model.contains(*name) && bound.iter().any(|one| from_model(one, self)) {
                news |= self.from_model.insert((*name).to_owned());
            }
            if !self.sql.contains_key(*name)
                && let Some(text) = bound.iter().find_map(|one| sql::built(one, self))
            {
                self.sql.insert((*name).to_owned(), text);
                news = true;
            }
            // `run = os.system` makes `run` another name of it.
            if !self.meanings.contains_key(*name)
                && let [only] = bound.as_slice()
                && (only.is_attribute_expr() || only.is_name_expr() || only.is_call_expr())
                && let Some(meaning) = dotted(only, self).filter(|meaning| meaning != name)
            {
                self.meanings.insert((*name).to_owned(), meaning);
                news = true;
            }
        }
        news
    }

    /// The dotted name that a name stands for.
    pub(super) fn meaning(&self, name: &str) -> Option<&str> {
        self.meanings.get(name).map(String::as_str)
    }

    /// True where something of a package is imported, whatever its parts are called: `langchain` is `langchain_core` too.
    pub(super) fn imports(&self, package: &str) -> bool {
        self.packages.iter().any(|one| one.starts_with(package))
    }

    /// True where every binding of the name is constant.
    pub(super) fn is_constant(&self, name: &str) -> bool {
        self.constants.contains(name)
    }

    /// True where a model wrote or chose the value.
    pub(super) fn is_from_model(&self, name: &str) -> bool {
        self.from_model.contains(name)
    }

    /// The literal parts of the SQL that is put together under this name.
    pub(super) fn sql(&self, name: &str) -> Option<&str> {
        self.sql.get(name).map(String::as_str)
    }
}

/// True for a function that is handed to a model.
pub(super) fn is_tool(function: &StmtFunctionDef) -> bool {
    tool_decorators(function).next().is_some()
}

/// The decorators that hand a function to a model.
pub(super) fn tool_decorators(function: &StmtFunctionDef) -> impl Iterator<Item = &Expr> {
    let decorators = function.decorator_list.iter().map(|one| &one.expression);
    decorators.filter(|decorator| {
        let called = decorator
            .as_call_expr()
            .map_or(*decorator, |call| &*call.func);
        let last = called
            .as_attribute_expr()
            .map(|one| one.attr.as_str())
            .or_else(|| called.as_name_expr().map(|one| one.id.as_str()));
        last.is_some_and(|last| TOOL_DECORATORS.contains(&last))
    })
}

/// Every binding of a file.
#[derive(Debug, Default)]
struct Collector<'a> {
    imports: BTreeMap<String, String>,
    values: BTreeMap<&'a str, Vec<&'a Expr>>,
    /// Names that are also bound to something that is not an expression of the file.
    unknown: BTreeSet<&'a str>,
    tool_parameters: BTreeSet<String>,
}

impl<'a> Collector<'a> {
    fn assign(&mut self, target: &'a Expr, value: &'a Expr) {
        match target.as_name_expr() {
            Some(name) => self.values.entry(&name.id).or_default().push(value),
            None => self.forget(target, Some(value)),
        }
    }

    /// Names that a pattern of targets binds: not constant; from a model where the value is.
    fn forget(&mut self, target: &'a Expr, value: Option<&'a Expr>) {
        if let Some(name) = target.as_name_expr() {
            self.unknown.insert(&name.id);
            if let Some(value) = value {
                self.values.entry(&name.id).or_default().push(value);
            }
        } else if let Some(starred) = target.as_starred_expr() {
            self.forget(&starred.value, value);
        } else if let Some(elements) = super::expressions::elements(target) {
            for one in elements {
                self.forget(one, value);
            }
        }
    }

    fn import(&mut self, stmt: &'a Stmt) {
        if let Some(import) = stmt.as_import_stmt() {
            for alias in &import.names {
                let module = alias.name.as_str();
                // `import a.b` binds `a`; `import a.b as c` binds the whole.
                let (bound, meaning) = match &alias.asname {
                    Some(asname) => (asname.as_str(), module),
                    None => {
                        let top = module.split('.').next().unwrap_or(module);
                        (top, top)
                    }
                };
                self.imports.insert(bound.to_owned(), meaning.to_owned());
            }
        } else if let Some(import) = stmt.as_import_from_stmt() {
            let module = import.module.as_ref().map_or("", |module| module.as_str());
            for alias in &import.names {
                let bound = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                let prefix = if import.level > 0 { "." } else { "" };
                self.imports.insert(
                    bound.to_owned(),
                    format!("{prefix}{module}.{}", alias.name.as_str()),
                );
            }
        }
    }

    fn function(&mut self, function: &'a StmtFunctionDef) {
        let tool = is_tool(function);
        if tool {
            // A number or one of a few words is nothing that a model can write into a command.
            let open = function
                .parameters
                .iter()
                .filter(|one| !taint::is_closed(one.as_parameter()));
            for parameter in open {
                self.tool_parameters
                    .insert(parameter.name().as_str().to_owned());
            }
        }
    }
}

impl<'a> Visitor<'a> for Collector<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Some(assign) = stmt.as_assign_stmt() {
            for target in &assign.targets {
                self.assign(target, &assign.value);
            }
        } else if let Some(assign) = stmt.as_ann_assign_stmt() {
            if let Some(value) = &assign.value {
                self.assign(&assign.target, value);
            }
        } else if let Some(assign) = stmt.as_aug_assign_stmt() {
            self.forget(&assign.target, Some(&assign.value));
        } else if let Some(each) = stmt.as_for_stmt() {
            self.forget(&each.target, Some(&each.iter));
        } else if let Some(with) = stmt.as_with_stmt() {
            for item in &with.items {
                if let Some(target) = &item.optional_vars {
                    self.forget(target, Some(&item.context_expr));
                }
            }
        } else if let Some(function) = stmt.as_function_def_stmt() {
            self.function(function);
        } else {
            self.import(stmt);
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Some(named) = expr.as_named_expr() {
            self.assign(&named.target, &named.value);
        }
        walk_expr(self, expr);
    }

    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        self.forget(&comprehension.target, Some(&comprehension.iter));
        ruff_python_ast::visitor::walk_comprehension(self, comprehension);
    }

    fn visit_parameter(&mut self, parameter: &'a Parameter) {
        self.unknown.insert(parameter.name().as_str());
        walk_parameter(self, parameter);
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(name) = &inner.name {
            self.unknown.insert(name.as_str());
        }
        ruff_python_ast::visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let name = pattern
            .as_match_as()
            .and_then(|one| one.name.as_ref())
            .or_else(|| pattern.as_match_star().and_then(|one| one.name.as_ref()));
        if let Some(name) = name {
            self.unknown.insert(name.as_str());
        }
        walk_pattern(self, pattern);
    }
}
