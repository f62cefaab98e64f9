//! `{{ name }}` in prompts and assertion values. Only plain names are filled in; filters, loops and conditions are code of
//! another language and stay as they are, listed.

use serde_json::{Map, Value};

/// A variable as text.
pub(super) fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Variables may name variables so often.
const MAX_PASSES: usize = 4;
/// Characters of a filled text: variables that name each other twice would double it with each pass.
const MAX_TEXT: usize = 1_000_000;

/// Fills in the variables, and those that they name; says what stayed.
pub(super) fn fill(template: &str, vars: &Map<String, Value>) -> (String, Vec<String>) {
    let (mut text, mut problems) = pass(template, vars);
    for _ in 1..MAX_PASSES {
        if !text.contains("{{") || text.len() > MAX_TEXT {
            break;
        }
        let (next, left) = pass(&text, vars);
        if next == text {
            break;
        }
        (text, problems) = (next, left);
    }
    (text, problems)
}

fn pass(template: &str, vars: &Map<String, Value>) -> (String, Vec<String>) {
    let mut problems = Vec::new();
    if template.contains("{%") {
        problems.push("template code (`{% … %}`) stays as it is".to_owned());
    }
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((inside, behind)) = after.split_once("}}") else {
            out.push_str("{{");
            out.push_str(after);
            return (out, problems);
        };
        match look_up(inside.trim(), vars) {
            Some(value) => out.push_str(&text(value)),
            None => {
                problems.push(format!(
                    "`{{{{{}}}}}` stays as it is: there is no such variable",
                    crate::text::cut(inside, 60)
                ));
                out.push_str("{{");
                out.push_str(inside);
                out.push_str("}}");
            }
        }
        rest = behind;
    }
    out.push_str(rest);
    (out, problems)
}

/// A name, or a path of names.
fn look_up<'v>(path: &str, vars: &'v Map<String, Value>) -> Option<&'v Value> {
    let mut names = path.split('.');
    let first = vars.get(names.next()?)?;
    names.try_fold(first, |value, name| value.get(name))
}

/// Braces that promptfoo would read as a template, taken apart; what it shows is near enough and what we keep is exact.
pub(super) fn escape(text: &str) -> String {
    text.replace("{{", "{ {").replace("{%", "{ %")
}
