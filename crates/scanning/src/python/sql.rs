//! SQL that is put together from pieces: f-strings, `%`, `+` and `.format`.

use ruff_python_ast::{
    Expr, ExprBinOp, ExprCall, FStringPart, InterpolatedStringElement, Operator,
};

use super::expressions::{dotted, is_constant, method, string};
use super::names::Names;

/// Methods that run a statement.
pub(super) const RUNNERS: &[&str] = &[
    "execute",
    "execute_sql",
    "executemany",
    "executescript",
    "exec_driver_sql",
    "fetch",
    "fetchall",
    "fetchrow",
    "fetchval",
    "mogrify",
    "query",
    "raw",
    "read_sql",
    "read_sql_query",
    "run_sql",
    "scalar",
    "scalars",
    "sql",
];

/// How statements begin.
const VERBS: &[&str] = &[
    "alter", "call", "create", "delete", "drop", "exec", "execute", "grant", "insert", "merge",
    "pragma", "replace", "select", "truncate", "update", "with",
];

/// The literal text of a statement that has parts which are not constant; `None` for anything else.
pub(super) fn built(expr: &Expr, names: &Names) -> Option<String> {
    if is_constant(expr, names) {
        return None;
    }
    text(expr, names).filter(|text| begins(text))
}

/// True for a text that begins as statements do.
pub(super) fn begins(text: &str) -> bool {
    let first: String = text
        .trim_start()
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    VERBS.contains(&first.to_lowercase().as_str())
}

/// The literal parts of a text that is put together, with `?` for the others.
fn text(expr: &Expr, names: &Names) -> Option<String> {
    if let Some(literal) = string(expr) {
        Some(literal.to_owned())
    } else if let Some(formatted) = expr.as_f_string_expr() {
        Some(formatted.value.iter().map(part).collect())
    } else if let Some(both) = expr.as_bin_op_expr() {
        joined(both, names)
    } else if let Some(name) = expr.as_name_expr() {
        names.sql(&name.id).map(str::to_owned)
    } else {
        called(expr.as_call_expr()?, names)
    }
}

/// One of the strings that stand side by side in an f-string.
fn part(part: &FStringPart) -> String {
    match part {
        FStringPart::Literal(literal) => literal.value.to_string(),
        FStringPart::FString(formatted) => formatted
            .elements
            .iter()
            .map(|element| match element {
                InterpolatedStringElement::Literal(literal) => literal.value.as_ref(),
                InterpolatedStringElement::Interpolation(_) => "?",
            })
            .collect(),
    }
}

fn joined(both: &ExprBinOp, names: &Names) -> Option<String> {
    if matches!(both.op, Operator::Mod) {
        return text(&both.left, names);
    }
    let (left, right) = (text(&both.left, names), text(&both.right, names));
    let concatenates = matches!(both.op, Operator::Add) && (left.is_some() || right.is_some());
    concatenates.then(|| {
        format!(
            "{}{}",
            left.as_deref().unwrap_or("?"),
            right.as_deref().unwrap_or("?")
        )
    })
}

fn called(call: &ExprCall, names: &Names) -> Option<String> {
    let receiver = call
        .func
        .as_attribute_expr()
        .map(|attribute| &*attribute.value);
    if matches!(
        method(call),
        Some("format" | "join" | "strip" | "replace" | "format_map")
    ) {
        return text(receiver?, names);
    }
    // SQLAlchemy's `text(…)` takes the statement as it is.
    let function = dotted(&call.func, names)?;
    let wraps = function == "text" || function.ends_with(".text") || function.ends_with(".SQL");
    wraps
        .then(|| {
            call.arguments
                .find_positional(0)
                .and_then(|inner| text(inner, names))
        })
        .flatten()
}
