//! What a Python file says of an agent: its imports, whether it runs something when it is started, its tools, the MCP servers
//! that it uses, and the secrets that it reads from its environment. Read off the syntax tree alone.

use std::collections::BTreeMap;

use domain::detection::Said;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, Stmt, StmtClassDef, StmtFunctionDef};
use ruff_text_size::{Ranged, TextSize};

use super::expressions::{dotted, elements, string};
use super::names::{Names, is_tool, tool_decorators};
use super::tools;
use crate::detect::{MAX_FACTS, said, servers::Told};
use crate::report::Lines;

/// Calls that make a tool of a function, by the last part of their names.
const TOOL_CALLS: &[&str] = &["FunctionTool", "StructuredTool", "Tool", "from_function"];
/// Classes that tools are made from.
const TOOL_CLASSES: &[&str] = &["BaseTool", "StructuredTool"];
/// Calls that reach a server by its address in their first argument, or in `url`.
const BY_ADDRESS: &[&str] = &[
    "MCPServerSse",
    "MCPServerStreamableHttp",
    "SseServerParameters",
    "sse_client",
    "streamablehttp_client",
];
/// Endings of variables that hold a secret.
const SECRET_ENDINGS: &[&str] = &["_KEY", "_PASSWORD", "_SECRET", "_TOKEN"];

/// One tool.
#[derive(Debug, Clone)]
pub(crate) struct ToolFact {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) line: u32,
}

/// What one file says.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// The first part of what is imported, with its line.
    pub(crate) imports: BTreeMap<String, u32>,
    /// The line of what runs when the file is started.
    pub(crate) runs: Option<u32>,
    pub(crate) tools: Vec<ToolFact>,
    pub(crate) servers: Vec<Told>,
    pub(crate) secrets: Vec<Said>,
}

/// Reads a file. None for what cannot be parsed whole.
pub(crate) fn of(name: &str, text: &str) -> Option<Facts> {
    super::on_suite(text, |suite| {
        let names = Names::of(suite);
        let mut functions = Functions::default();
        functions.visit_body(suite);
        let mut reader = Reader {
            file: name,
            lines: Lines::of(text),
            names: &names,
            functions: &functions,
            facts: Facts::default(),
        };
        reader.facts.runs = suite.iter().find_map(|stmt| reader.runs(stmt));
        reader.visit_body(suite);
        reader.facts
    })
}

/// The functions of a file, by name.
#[derive(Default)]
struct Functions<'a>(BTreeMap<&'a str, &'a StmtFunctionDef>);

impl<'a> Visitor<'a> for Functions<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Some(function) = stmt.as_function_def_stmt() {
            self.0.insert(function.name.as_str(), function);
        }
        walk_stmt(self, stmt);
    }
}

struct Reader<'n> {
    file: &'n str,
    lines: Lines,
    names: &'n Names,
    functions: &'n Functions<'n>,
    facts: Facts,
}

impl Reader<'_> {
    fn line(&self, at: TextSize) -> u32 {
        self.lines.at(at.to_usize())
    }

    /// `if __name__ == "__main__":`, or a call at the outermost level that serves.
    fn runs(&self, stmt: &Stmt) -> Option<u32> {
        let guard = stmt
            .as_if_stmt()
            .and_then(|one| one.test.as_compare_expr())
            .is_some_and(|test| {
                test.left
                    .as_name_expr()
                    .is_some_and(|name| name.id.as_str() == "__name__")
                    && test.comparators.first().and_then(string) == Some("__main__")
            });
        let serves = stmt
            .as_expr_stmt()
            .and_then(|one| one.value.as_call_expr())
            .is_some_and(|call| {
                let function = dotted(&call.func, self.names).unwrap_or_default();
                let last = function.rsplit('.').next().unwrap_or_default();
                matches!(last, "run" | "serve" | "serve_forever" | "main")
            });
        (guard || serves).then(|| self.line(stmt.range().start()))
    }

    fn import(&mut self, stmt: &Stmt) {
        let line = self.line(stmt.range().start());
        let mut add = |module: &str| {
            let top = module.split('.').next().unwrap_or_default();
            if !top.is_empty() && self.facts.imports.len() < 500 {
                self.facts.imports.entry(top.to_owned()).or_insert(line);
            }
        };
        if let Some(import) = stmt.as_import_stmt() {
            import
                .names
                .iter()
                .for_each(|alias| add(alias.name.as_str()));
        } else if let Some(import) = stmt.as_import_from_stmt().filter(|one| one.level == 0)
            && let Some(module) = &import.module
        {
            add(module.as_str());
        }
    }

    fn tool(&mut self, name: &str, description: &str, at: TextSize) {
        let line = self.line(at);
        if self.facts.tools.len() < 4 * MAX_FACTS && !name.is_empty() {
            self.facts.tools.push(ToolFact {
                name: name.to_owned(),
                description: sentence(description),
                line,
            });
        }
    }

    fn function(&mut self, function: &StmtFunctionDef) {
        let name = given_name(function).unwrap_or(function.name.as_str());
        self.tool(
            name,
            &tools::description(function),
            function.name.range().start(),
        );
    }

    /// `class Search(BaseTool): name = "search"`.
    fn class(&mut self, class: &StmtClassDef) {
        let made = class.bases().iter().any(|base| {
            let full = dotted(base, self.names).unwrap_or_default();
            TOOL_CLASSES.contains(&full.rsplit('.').next().unwrap_or_default())
        });
        if !made {
            return;
        }
        let (mut name, mut description) = (class.name.as_str(), docstring(&class.body));
        for stmt in &class.body {
            let bound = stmt
                .as_ann_assign_stmt()
                .and_then(|one| Some((one.target.as_name_expr()?, string(one.value.as_deref()?)?)))
                .or_else(|| {
                    let one = stmt.as_assign_stmt()?;
                    Some((one.targets.first()?.as_name_expr()?, string(&one.value)?))
                });
            match bound.map(|(target, text)| (target.id.as_str(), text)) {
                Some(("name", text)) => name = text,
                Some(("description", text)) => description = text,
                Some(_) | None => {}
            }
        }
        self.tool(name, description, class.name.range().start());
    }

    fn call(&mut self, call: &ExprCall) {
        let full = dotted(&call.func, self.names).unwrap_or_default();
        let mut parts = full.rsplit('.');
        let last = parts.next().unwrap_or_default();
        if TOOL_CALLS.contains(&last) {
            self.tool_call(call);
        } else if last == "StdioServerParameters" {
            let told = self.stdio(call);
            self.server(told);
        } else if BY_ADDRESS.contains(&last) {
            let url = call
                .arguments
                .find_argument_value("url", 0)
                .and_then(string);
            let told = Told {
                url: url.map(str::to_owned),
                line: self.line(call.range().start()),
                ..Told::default()
            };
            self.server(told);
        } else if matches!(last, "getenv" | "get")
            && matches!(full.as_str(), "os.getenv" | "os.environ.get")
        {
            let name = call
                .arguments
                .find_positional(0)
                .and_then(string)
                .unwrap_or_default();
            self.secret(name, call.range().start());
        }
        if let Some(list) = call
            .arguments
            .find_keyword("tools")
            .and_then(|one| elements(&one.value))
        {
            list.iter().for_each(|one| self.listed(one));
        }
        if matches!(last, "bind_tools" | "ToolNode")
            && let Some(list) = call.arguments.find_positional(0).and_then(elements)
        {
            list.iter().for_each(|one| self.listed(one));
        }
    }

    /// A function of this file in a list of tools.
    fn listed(&mut self, one: &Expr) {
        let functions = self.functions;
        let function = one
            .as_name_expr()
            .and_then(|name| functions.0.get(name.id.as_str()));
        if let Some(function) = function.filter(|function| !is_tool(function)) {
            self.function(function);
        }
    }

    /// `Tool(name="search", func=search, description="…")`.
    fn tool_call(&mut self, call: &ExprCall) {
        let functions = self.functions;
        let text = |key: &str| {
            call.arguments
                .find_keyword(key)
                .and_then(|one| string(&one.value))
        };
        let made = call
            .arguments
            .find_keyword("func")
            .map(|one| &one.value)
            .or_else(|| call.arguments.find_positional(0))
            .and_then(|one| one.as_name_expr())
            .and_then(|name| functions.0.get(name.id.as_str()));
        let name = text("name").or_else(|| made.map(|function| function.name.as_str()));
        let own = made
            .map(|function| tools::description(function))
            .unwrap_or_default();
        if let Some(name) = name {
            self.tool(
                name,
                text("description").unwrap_or(&own),
                call.range().start(),
            );
        }
    }

    fn stdio(&self, call: &ExprCall) -> Told {
        let args = call
            .arguments
            .find_keyword("args")
            .and_then(|one| elements(&one.value));
        Told {
            command: call
                .arguments
                .find_keyword("command")
                .and_then(|one| string(&one.value))
                .map(str::to_owned),
            args: args
                .unwrap_or_default()
                .iter()
                .filter_map(string)
                .map(str::to_owned)
                .collect(),
            line: self.line(call.range().start()),
            ..Told::default()
        }
    }

    fn server(&mut self, told: Told) {
        if self.facts.servers.len() < MAX_FACTS {
            self.facts.servers.push(told);
        }
    }

    fn secret(&mut self, name: &str, at: TextSize) {
        let plain = name.len() <= 100
            && name
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        // What Clearance itself tells an agent is no secret of its team.
        let own = name.starts_with("CLEARANCE_");
        if plain
            && !own
            && SECRET_ENDINGS.iter().any(|end| name.ends_with(end))
            && self.facts.secrets.len() < MAX_FACTS
        {
            self.facts
                .secrets
                .push(said(name, self.file, self.line(at)));
        }
    }
}

impl<'a> Visitor<'a> for Reader<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Some(function) = stmt
            .as_function_def_stmt()
            .filter(|function| is_tool(function))
        {
            self.function(function);
        } else if let Some(class) = stmt.as_class_def_stmt() {
            self.class(class);
        } else {
            self.import(stmt);
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Some(call) = expr.as_call_expr() {
            self.call(call);
        } else if let Some(subscript) = expr.as_subscript_expr()
            && dotted(&subscript.value, self.names).as_deref() == Some("os.environ")
        {
            self.secret(
                string(&subscript.slice).unwrap_or_default(),
                expr.range().start(),
            );
        }
        walk_expr(self, expr);
    }
}

/// The name that a decorator gives: `@tool("search")`, `@tool(name="search")`.
fn given_name(function: &StmtFunctionDef) -> Option<&str> {
    let call = tool_decorators(function).find_map(Expr::as_call_expr)?;
    call.arguments
        .find_argument_value("name", 0)
        .and_then(string)
        .filter(|name| !name.contains(' '))
}

fn docstring(body: &[Stmt]) -> &str {
    body.first()
        .and_then(|stmt| stmt.as_expr_stmt())
        .and_then(|stmt| string(&stmt.value))
        .unwrap_or_default()
}

/// The first sentence of a text, on one line.
fn sentence(text: &str) -> String {
    let paragraph: Vec<&str> = text
        .trim()
        .lines()
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    let flat = paragraph.join(" ");
    let end = flat.find(". ").map_or(flat.len(), |at| at + 1);
    flat.get(..end).unwrap_or_default().to_owned()
}
