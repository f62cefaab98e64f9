//! Questions about expressions: is it constant, which dotted name is it, does a model's output flow into it.

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, ExprCall, InterpolatedStringElement};

use super::names::Names;

/// Calls whose result a model wrote, by the end of their dotted name.
const MODEL_CALLS: &[&str] = &[
    "chat.completions.create",
    "completions.create",
    "responses.create",
    "messages.create",
    "generate_content",
    "litellm.completion",
    "litellm.acompletion",
    "ChatCompletion.create",
    "Completion.create",
];

/// The same for methods that are named like this in the common frameworks, whatever the object is called.
const MODEL_METHODS: &[&str] = &[
    "ainvoke",
    "apredict",
    "converse",
    "invoke",
    "invoke_model",
    "kickoff",
    "llm_complete",
    "predict_messages",
];

/// Words in a receiver's name that say it is a model or an agent.
const MODEL_WORDS: &[&str] = &[
    "llm",
    "model",
    "agent",
    "chain",
    "crew",
    "gpt",
    "claude",
    "assistant",
];

/// Methods of such receivers that return what the model wrote.
const MODEL_VERBS: &[&str] = &[
    "run",
    "arun",
    "complete",
    "acomplete",
    "chat",
    "achat",
    "generate",
    "predict",
    "__call__",
];

/// True for an expression whose value is written in the file.
pub(super) fn is_constant(expr: &Expr, names: &Names) -> bool {
    if expr.is_literal_expr() {
        return true;
    }
    if let Some(name) = expr.as_name_expr() {
        return names.is_constant(&name.id);
    }
    if let Some(both) = expr.as_bin_op_expr() {
        return is_constant(&both.left, names) && is_constant(&both.right, names);
    }
    if let Some(one) = expr.as_unary_op_expr() {
        return is_constant(&one.operand, names);
    }
    if let Some(either) = expr.as_if_expr() {
        return is_constant(&either.body, names) && is_constant(&either.orelse, names);
    }
    if let Some(elements) = elements(expr) {
        return elements.iter().all(|one| is_constant(one, names));
    }
    if let Some(string) = expr.as_f_string_expr() {
        return string.value.elements().all(|element| match element {
            InterpolatedStringElement::Literal(_) => true,
            InterpolatedStringElement::Interpolation(part) => is_constant(&part.expression, names),
        });
    }
    false
}

/// The elements of a list or a tuple.
pub(super) fn elements(expr: &Expr) -> Option<&[Expr]> {
    if let Some(list) = expr.as_list_expr() {
        return Some(&list.elts);
    }
    expr.as_tuple_expr().map(|tuple| tuple.elts.as_slice())
}

/// The text of a string literal.
pub(super) fn string(expr: &Expr) -> Option<&str> {
    expr.as_string_literal_expr()
        .map(|literal| literal.value.to_str())
}

/// True for the literal `True`.
pub(super) fn is_true(expr: &Expr) -> bool {
    expr.as_boolean_literal_expr()
        .is_some_and(|literal| literal.value)
}

/// True for the literal `False`.
pub(super) fn is_false(expr: &Expr) -> bool {
    expr.as_boolean_literal_expr()
        .is_some_and(|literal| !literal.value)
}

/// The dotted name that an expression stands for, imports and simple renamings followed: `sp.run` is `subprocess.run`.
pub(super) fn dotted(expr: &Expr, names: &Names) -> Option<String> {
    let full = raw_dotted(expr, names)?;
    let plain = full
        .strip_prefix("builtins.")
        .or_else(|| full.strip_prefix("__builtins__."));
    Some(plain.unwrap_or(&full).to_owned())
}

fn raw_dotted(expr: &Expr, names: &Names) -> Option<String> {
    if let Some(name) = expr.as_name_expr() {
        return Some(names.meaning(&name.id).unwrap_or(&name.id).to_owned());
    }
    if let Some(attribute) = expr.as_attribute_expr() {
        return Some(format!(
            "{}.{}",
            raw_dotted(&attribute.value, names)?,
            attribute.attr.as_str()
        ));
    }
    if let Some(subscript) = expr.as_subscript_expr() {
        // `__builtins__["eval"]`
        let module = raw_dotted(&subscript.value, names)
            .filter(|name| name.contains("__builtins__") || name == "builtins.__dict__")?;
        return Some(format!(
            "{}.{}",
            module.trim_end_matches(".__dict__"),
            string(&subscript.slice)?
        ));
    }
    let call = expr.as_call_expr()?;
    let function = raw_dotted(&call.func, names)?;
    let argument = |at| call.arguments.find_positional(at);
    match function.as_str() {
        "__import__"
        | "builtins.__import__"
        | "importlib.import_module"
        | "importlib.__import__" => string(argument(0)?).map(str::to_owned),
        "getattr" | "builtins.getattr" => Some(format!(
            "{}.{}",
            raw_dotted(argument(0)?, names)?,
            string(argument(1)?)?
        )),
        _ => None,
    }
}

/// The last part of what is called, such as `execute` in `db.cursor().execute(…)`.
pub(super) fn method(call: &ExprCall) -> Option<&str> {
    call.func
        .as_attribute_expr()
        .map(|attribute| attribute.attr.as_str())
}

/// True where anything in the expression is a model's output, or a value that a model chose.
pub(super) fn from_model(expr: &Expr, names: &Names) -> bool {
    let mut search = ModelSearch {
        names,
        found: false,
    };
    search.visit_expr(expr);
    search.found
}

struct ModelSearch<'n> {
    names: &'n Names,
    found: bool,
}

impl<'a> Visitor<'a> for ModelSearch<'_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if self.found {
            return;
        }
        let named = expr
            .as_name_expr()
            .is_some_and(|name| self.names.is_from_model(&name.id));
        let called = || {
            expr.as_call_expr()
                .is_some_and(|call| is_model_call(call, self.names))
        };
        if named || called() {
            self.found = true;
        } else {
            walk_expr(self, expr);
        }
    }
}

/// True for a call whose result a model wrote.
pub(super) fn is_model_call(call: &ExprCall, names: &Names) -> bool {
    let Some(name) = method(call) else {
        return false;
    };
    let full = dotted(&call.func, names).unwrap_or_else(|| tail(&call.func));
    if full.starts_with("subprocess.") || full.starts_with("asyncio.") {
        return false;
    }
    let ends = |end: &str| {
        full == end
            || full
                .strip_suffix(end)
                .is_some_and(|before| before.ends_with('.'))
    };
    let receiver = full
        .rsplit_once('.')
        .map_or("", |(receiver, _)| receiver)
        .to_lowercase();
    MODEL_CALLS.iter().any(|end| ends(end))
        || MODEL_METHODS.contains(&name)
        || (MODEL_VERBS.contains(&name) && MODEL_WORDS.iter().any(|word| receiver.contains(word)))
}

/// The names of a chain whatever is called or indexed in between: `OpenAI().chat.create` is `OpenAI.chat.create`.
pub(super) fn tail(expr: &Expr) -> String {
    let mut parts = Vec::new();
    let mut at = expr;
    loop {
        if let Some(attribute) = at.as_attribute_expr() {
            parts.push(attribute.attr.as_str());
            at = &attribute.value;
        } else if let Some(call) = at.as_call_expr() {
            at = &call.func;
        } else if let Some(subscript) = at.as_subscript_expr() {
            at = &subscript.value;
        } else {
            break;
        }
    }
    if let Some(name) = at.as_name_expr() {
        parts.push(name.id.as_str());
    }
    parts.reverse();
    parts.join(".")
}

/// `["sh", "-c", …]` is a shell as much as `shell=True`.
pub(super) fn starts_shell(command: &Expr) -> bool {
    let words: Vec<Option<&str>> = elements(command)
        .unwrap_or_default()
        .iter()
        .map(string)
        .collect();
    let program = words
        .first()
        .copied()
        .flatten()
        .and_then(|path| path.rsplit(['/', '\\']).next())
        .unwrap_or_default();
    matches!(
        program,
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "cmd" | "cmd.exe" | "powershell" | "pwsh"
    ) && words.iter().skip(1).flatten().any(|word| {
        word.eq_ignore_ascii_case("/c")
            || (word.starts_with('-') && word.to_lowercase().contains('c'))
    })
}

/// True for a loader of YAML that makes only data.
pub(super) fn is_safe_loader(loader: &Expr) -> bool {
    let name = loader
        .as_attribute_expr()
        .map(|one| one.attr.as_str())
        .or_else(|| loader.as_name_expr().map(|one| one.id.as_str()));
    matches!(
        name,
        Some("SafeLoader" | "CSafeLoader" | "BaseLoader" | "CBaseLoader")
    )
}
