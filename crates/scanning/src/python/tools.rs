//! Rules on functions that a model may call: what they do, beside what they say.

use domain::gate::Severity;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, Stmt, StmtFunctionDef};

use super::expressions::{dotted, from_model, method, string};
use super::names::Names;
use super::rules::Hit;
use super::sql;
use crate::instructions;

/// What a tool does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    Sends,
    Writes,
    Runs,
    Destroys,
}

impl Effect {
    const fn text(self) -> &'static str {
        match self {
            Self::Sends => "sends data",
            Self::Writes => "writes",
            Self::Runs => "starts a program",
            Self::Destroys => "deletes",
        }
    }
}

/// How a description begins that promises to change nothing.
const READING: &[&str] = &[
    "calculate",
    "check",
    "count",
    "describe",
    "fetch",
    "find",
    "get",
    "list",
    "look",
    "lookup",
    "query",
    "read",
    "retrieve",
    "return",
    "search",
    "show",
    "summarise",
    "summarize",
    "view",
];
/// Words in a description that take the promise back.
const WRITING: &[&str] = &[
    "add", "append", "cache", "change", "create", "delete", "download", "email", "execute",
    "insert", "log", "modif", "move", "notif", "overwrit", "post", "publish", "remov", "rename",
    "replac", "run", "sav", "send", "set", "stor", "submit", "updat", "upload", "writ",
];
/// Names that say that a person is asked.
const ASKING: &[&str] = &[
    "approv",
    "confirm",
    "human",
    "interrupt",
    "permission",
    "consent",
    "dry_run",
];
/// Names that say that a value is looked at before it is used.
const GUARDING: &[&str] = &[
    "allow",
    "basename",
    "check",
    "fullmatch",
    "is_relative_to",
    "permitted",
    "quote",
    "resolve",
    "safe",
    "sanit",
    "startswith",
    "valid",
    "whitelist",
    "secure_filename",
];

/// What is wrong with one tool.
pub(super) fn judge(function: &StmtFunctionDef, names: &Names) -> Vec<Hit> {
    let mut body = Body {
        names,
        effects: Vec::new(),
        open: None,
        guarded: false,
        asks: false,
    };
    body.visit_body(&function.body);
    let description = description(function);
    let mut hits = Vec::new();
    if instructions::is_attack(&description) {
        hits.push(Hit::new(
            "agent-hidden-instruction",
            Severity::High,
            "The description of a tool gives the model orders that have nothing to do with the tool: read it, and take them out.",
        ));
    }
    let worst = body.effects.iter().max().copied();
    if let Some(effect) = worst.filter(|_| promises_to_read(&description, function.name.as_str())) {
        // Many a tool reads by a program, a request or a cache of its own; none reads by deleting.
        let severity = if effect == Effect::Destroys {
            Severity::High
        } else {
            Severity::Medium
        };
        hits.push(Hit {
            rule: "agent-description-differs",
            severity,
            message: format!(
                "The tool says that it only reads, and it {}: the model and its approver are told something else than what happens.",
                effect.text()
            ),
        });
    }
    if body.effects.contains(&Effect::Destroys) && !body.asks {
        hits.push(Hit::new(
            "agent-destructive-tool",
            Severity::Medium,
            "The tool deletes without asking anybody: let a person confirm it, or make it undoable.",
        ));
    }
    if let Some(what) = body.open.filter(|_| !body.guarded) {
        hits.push(Hit {
            rule: "agent-tool-without-allow-list",
            severity: Severity::Medium,
            message: format!(
                "The model chooses {what} freely: compare it with what the tool is for before it is used."
            ),
        });
    }
    hits
}

/// The docstring, and the description that the decorator is given.
pub(super) fn description(function: &StmtFunctionDef) -> String {
    let docstring = function
        .body
        .first()
        .and_then(|stmt| stmt.as_expr_stmt())
        .and_then(|stmt| string(&stmt.value))
        .unwrap_or_default();
    let mut text = docstring.to_owned();
    for decorator in &function.decorator_list {
        let Some(call) = decorator.expression.as_call_expr() else {
            continue;
        };
        let given = call
            .arguments
            .find_keyword("description")
            .and_then(|one| string(&one.value));
        if let Some(given) = given {
            text.push('\n');
            text.push_str(given);
        }
    }
    text
}

fn promises_to_read(description: &str, name: &str) -> bool {
    let lower = description.trim().to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter(|word| !word.is_empty())
        .collect();
    let first = words.first().copied().unwrap_or_default();
    let reads = READING.contains(&first.trim_end_matches('s'))
        || READING.contains(&first)
        || lower.contains("read-only")
        || lower.contains("read only");
    let takes_back = |text: &str| WRITING.iter().any(|word| text.starts_with(word));
    reads
        && !words.iter().any(|word| takes_back(word))
        && !name.to_lowercase().split('_').any(takes_back)
}

struct Body<'n> {
    names: &'n Names,
    effects: Vec<Effect>,
    /// What the model chooses and an effect uses.
    open: Option<&'static str>,
    guarded: bool,
    asks: bool,
}

impl Body<'_> {
    fn word(&mut self, word: &str) {
        let lower = word.to_lowercase();
        self.asks |= ASKING.iter().any(|one| lower.contains(one));
        self.guarded |= GUARDING.iter().any(|one| lower.contains(one));
    }

    fn call(&mut self, call: &ExprCall) {
        let function = dotted(&call.func, self.names).unwrap_or_default();
        let name = method(call).unwrap_or(&function).to_owned();
        let effect = effect(call, &function, &name);
        self.effects.extend(effect.map(|(effect, _)| effect));
        let what = effect
            .map(|(_, what)| what)
            .or_else(|| reads(&function, &name));
        let chosen = call
            .arguments
            .args
            .first()
            .is_some_and(|first| from_model(first, self.names))
            || method(call).is_some()
                && call
                    .func
                    .as_attribute_expr()
                    .is_some_and(|one| from_model(&one.value, self.names));
        if let Some(what) = what.filter(|_| chosen) {
            self.open = Some(what);
        }
        self.word(&name);
    }
}

impl<'a> Visitor<'a> for Body<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        let test = stmt
            .as_if_stmt()
            .map(|one| &*one.test)
            .or_else(|| stmt.as_assert_stmt().map(|one| &*one.test))
            .or_else(|| stmt.as_match_stmt().map(|one| &*one.subject));
        self.guarded |= test.is_some_and(|test| from_model(test, self.names));
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Some(call) = expr.as_call_expr() {
            self.call(call);
        } else if let Some(name) = expr.as_name_expr() {
            self.word(name.id.as_str());
        }
        walk_expr(self, expr);
    }
}

/// What a call does, and what it does it to.
fn effect(call: &ExprCall, function: &str, name: &str) -> Option<(Effect, &'static str)> {
    let (module, _) = function.split_once('.').unwrap_or(("", function));
    let mode = || {
        call.arguments
            .find_argument_value("mode", 1)
            .and_then(string)
            .unwrap_or("r")
            .contains(['w', 'a', 'x', '+'])
    };
    if matches!(
        function,
        "os.remove" | "os.unlink" | "os.rmdir" | "os.removedirs" | "shutil.rmtree"
    ) || matches!(
        name,
        "unlink" | "rmtree" | "drop_collection" | "delete_many"
    ) {
        return Some((Effect::Destroys, "what is deleted"));
    }
    if sql::RUNNERS.contains(&name) && !matches!(name, "fetch" | "query" | "sql" | "raw") {
        let statement = call
            .arguments
            .args
            .first()
            .and_then(string)?
            .trim_start()
            .to_lowercase();
        return if ["delete", "drop", "truncate"]
            .iter()
            .any(|verb| statement.starts_with(verb))
        {
            Some((Effect::Destroys, "what is deleted"))
        } else if ["insert", "update", "replace", "alter", "create"]
            .iter()
            .any(|verb| statement.starts_with(verb))
        {
            Some((Effect::Writes, "what is written"))
        } else {
            None
        };
    }
    if (function == "open" || function == "io.open") && mode()
        || matches!(name, "write_text" | "write_bytes")
        || matches!(
            function,
            "os.rename" | "os.replace" | "shutil.move" | "shutil.copy" | "os.chmod"
        )
    {
        return Some((Effect::Writes, "the file that is written"));
    }
    if module == "subprocess"
        || matches!(
            function,
            "os.system" | "os.popen" | "os.execv" | "os.spawnl"
        )
    {
        return Some((Effect::Runs, "the program that is started"));
    }
    let sends = matches!(module, "requests" | "httpx")
        && matches!(name, "post" | "put" | "patch" | "delete");
    (sends || matches!(name, "sendmail" | "send_message" | "send_email"))
        .then_some((Effect::Sends, "where data is sent"))
}

/// What a tool reads that a model should not choose freely.
fn reads(function: &str, name: &str) -> Option<&'static str> {
    match (function, name) {
        ("open" | "io.open", _) | (_, "read_text" | "read_bytes") => Some("the file that is read"),
        ("requests.get" | "httpx.get" | "urllib.request.urlopen", _) => {
            Some("the address that is fetched")
        }
        _ => None,
    }
}
