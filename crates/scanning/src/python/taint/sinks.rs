//! Where values do harm: code, shells, SQL, paths, templates, deserialisers, redirects, addresses, orders to a model.

use domain::gate::Severity;
use ruff_python_ast::{ExprCall, ExprDict};
use ruff_text_size::{Ranged, TextRange};

use super::super::expressions::{
    is_model_call, is_safe_loader, method, starts_shell, string, tail,
};
use super::super::{dangers, sql};
use super::Flow;
use super::calls::Given;
use super::value::{Constant, Key, Safe, Source, Taint, Value};
use super::walker::Walker;

/// A kind of place where a value does harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::python) enum Sink {
    Code,
    Shell,
    Sql,
    Bytes,
    Template,
    Program,
    Path,
    Url,
    Redirect,
    Prompt,
}

impl Sink {
    const fn safe(self) -> Safe {
        match self {
            Self::Code => Safe::CODE,
            Self::Shell => Safe::SHELL,
            Self::Sql => Safe::SQL,
            Self::Bytes => Safe::BYTES,
            Self::Template => Safe::TEMPLATE,
            Self::Program => Safe::PROGRAM,
            Self::Path => Safe::PATH,
            Self::Url => Safe::URL,
            Self::Redirect => Safe::REDIRECT,
            Self::Prompt => Safe::PROMPT,
        }
    }

    /// What happens there, and what to do about it.
    const fn text(self) -> (&'static str, &'static str) {
        match self {
            Self::Code => (
                "is run as code",
                "parse it as data, or run it in a sandbox that holds nothing",
            ),
            Self::Shell => (
                "reaches a shell",
                "pass a fixed command and a list of arguments, checked against an allow-list",
            ),
            Self::Sql => (
                "becomes part of an SQL statement",
                "use placeholders and pass the values",
            ),
            Self::Bytes => (
                "is read by a format that runs code",
                "use JSON or another format that is only data",
            ),
            Self::Template => (
                "is rendered as a template",
                "keep templates in the program and pass the value to them",
            ),
            Self::Program => (
                "decides which program is started",
                "choose from a list of programs",
            ),
            Self::Path => (
                "decides which file is used",
                "resolve the path and check that it lies in the folder meant for it",
            ),
            Self::Url => (
                "decides where a request goes",
                "compare its host with a list",
            ),
            Self::Redirect => (
                "decides where a visitor is sent",
                "compare it with a list, or allow paths of this site alone",
            ),
            Self::Prompt => (
                "becomes part of the orders of a model",
                "pass it as data in a message of its own, and leave the orders as they are written",
            ),
        }
    }

    /// The rule, and how bad it is. What a tool does for the model that calls it is often what it is for.
    const fn rule(self, source: Source) -> (&'static str, Severity) {
        use {Severity as V, Sink as S, Source as O};
        match (self, source) {
            (S::Code, O::Model | O::Tool) => ("agent-model-output-eval", V::Critical),
            (S::Code, O::Document | O::Request) => ("agent-untrusted-eval", V::Critical),
            (S::Shell, O::Model | O::Tool) => ("agent-model-output-shell", V::Critical),
            (S::Shell, O::Document | O::Request) => ("agent-untrusted-shell", V::Critical),
            (S::Sql, _) => ("agent-sql-built-from-text", V::Critical),
            (S::Bytes, _) => ("agent-unsafe-deserialisation", V::Critical),
            (S::Template, _) => ("agent-untrusted-template", V::High),
            (S::Program | S::Path | S::Url, O::Tool) => {
                ("agent-tool-without-allow-list", V::Medium)
            }
            (S::Program, _) => ("agent-untrusted-program", V::High),
            (S::Path, O::Request) => ("agent-untrusted-path", V::High),
            (S::Path, _) => ("agent-untrusted-path", V::Medium),
            (S::Url, O::Request) => ("agent-untrusted-url", V::High),
            (S::Url, _) => ("agent-untrusted-url", V::Medium),
            (S::Redirect, _) => ("agent-untrusted-redirect", V::Medium),
            (S::Prompt, _) => ("agent-untrusted-prompt", V::Medium),
        }
    }
}

/// Functions that use the file of that name in the first place, by their dotted name.
const FILES: &[&str] = &[
    "aiofiles.open",
    "codecs.open",
    "flask.send_file",
    "io.open",
    "open",
    "os.listdir",
    "os.makedirs",
    "os.mkdir",
    "os.open",
    "os.remove",
    "os.removedirs",
    "os.rename",
    "os.replace",
    "os.rmdir",
    "os.scandir",
    "os.truncate",
    "os.unlink",
    "send_file",
    "shutil.copy",
    "shutil.copyfile",
    "shutil.copytree",
    "shutil.move",
    "shutil.rmtree",
    "starlette.responses.FileResponse",
    "fastapi.responses.FileResponse",
    "tarfile.open",
    "zipfile.ZipFile",
];
/// Methods of a path that use its file.
const PATH_METHODS: &[&str] = &[
    "mkdir",
    "open",
    "read_bytes",
    "read_text",
    "rmdir",
    "touch",
    "unlink",
    "write_bytes",
    "write_text",
];
const TEMPLATES: &[&str] = &[
    "django.template.Template",
    "django.utils.safestring.mark_safe",
    "flask.render_template_string",
    "jinja2.Template",
    "mako.template.Template",
    "markupsafe.Markup",
    "flask.Markup",
];
const REDIRECTS: &[&str] = &[
    "aiohttp.web.HTTPFound",
    "django.http.HttpResponseRedirect",
    "django.shortcuts.redirect",
    "fastapi.responses.RedirectResponse",
    "flask.redirect",
    "starlette.responses.RedirectResponse",
    "werkzeug.utils.redirect",
];
const VERBS: &[&str] = &[
    "delete", "get", "head", "options", "patch", "post", "put", "request", "stream",
];
/// Keywords by which the common interfaces take the orders of a model.
const ORDERS: &[&str] = &[
    "instructions",
    "system",
    "system_instruction",
    "system_message",
    "system_prompt",
    "backstory",
];
/// Words in the name of an object that runs SQL whatever its statement begins with.
const DATABASES: &[&str] = &["cur", "conn", "db", "engine", "sql", "database"];

impl<'a> Walker<'a> {
    /// Looks at a call whose arguments are known.
    pub(super) fn harm(&mut self, call: &'a ExprCall, function: &str, given: &Given<'a>) {
        let first = |names: &[&str]| given.first(names);
        let at = call.range();
        if matches!(
            function,
            "eval"
                | "exec"
                | "compile"
                | "code.interact"
                | "runpy.run_path"
                | "importlib.import_module"
                | "__import__"
        ) {
            self.reach(Sink::Code, at, first(&["source", "name"]));
        } else if let Some(command) = shell(call, function) {
            let (sink, value) = match command {
                Command::Shell => (Sink::Shell, first(&["args", "cmd", "command"])),
                Command::Words => (
                    Sink::Shell,
                    first(&["args"]).map(|value| value.part(Some(&Key::Int(2)))),
                ),
                Command::Program => (
                    Sink::Program,
                    first(&["args", "program"]).map(|value| program(&value)),
                ),
            };
            self.reach(sink, at, value);
        } else if FILES.contains(&function) {
            self.reach(
                Sink::Path,
                at,
                first(&["file", "path", "src", "path_or_file"]),
            );
        } else if TEMPLATES.contains(&function)
            || (method(call) == Some("from_string")
                && tail(&call.func).to_lowercase().contains("env"))
        {
            self.reach(Sink::Template, at, first(&["source", "template"]));
        } else if REDIRECTS.contains(&function) {
            self.reach(Sink::Redirect, at, first(&["location", "url", "to"]));
        } else if deserialises(call, function) {
            self.reach(Sink::Bytes, at, first(&["data", "stream", "f"]));
        } else if let Some(place) = requests(function, given) {
            let value = given.first_at(&["url"], place);
            self.reach(Sink::Url, at, value);
        } else if let Some(name) = method(call) {
            self.harm_by_method(call, name, given);
        }
        self.orders(call, function, given);
    }

    fn harm_by_method(&mut self, call: &'a ExprCall, name: &str, given: &Given<'a>) {
        let at = call.range();
        if PATH_METHODS.contains(&name) {
            // Only a value from outside says that this is a path and no other object.
            let receiver = given.receiver.clone().filter(|one| one.taint.is_some());
            if receiver.is_some() {
                self.reach(Sink::Path, at, receiver);
            }
        } else if sql::RUNNERS.contains(&name) {
            let statement = given.first(&["sql", "query", "statement"]);
            let receiver = call
                .func
                .as_attribute_expr()
                .map(|one| tail(&one.value).to_lowercase())
                .unwrap_or_default();
            let begins = statement
                .as_ref()
                .and_then(Value::beginning)
                .is_some_and(sql::begins);
            let database = matches!(
                name,
                "execute"
                    | "executemany"
                    | "executescript"
                    | "mogrify"
                    | "exec_driver_sql"
                    | "read_sql"
                    | "read_sql_query"
            ) && receiver
                .split('.')
                .any(|part| DATABASES.iter().any(|word| part.contains(word)) || part == "c");
            let from_outside = statement
                .as_ref()
                .is_some_and(|value| value.danger(Safe::SQL).is_some());
            if from_outside && !(begins || database) {
                return;
            }
            self.reach(Sink::Sql, at, statement);
        }
    }

    /// What stands where a model takes its orders from.
    fn orders(&mut self, call: &'a ExprCall, function: &str, given: &Given<'a>) {
        let last = function.rsplit('.').next().unwrap_or(function);
        let message = matches!(last, "SystemMessage" | "SystemMessagePromptTemplate");
        if message {
            let value = given.first(&["content"]);
            self.reach(Sink::Prompt, call.range(), value);
        } else if is_model_call(call, self.names) || last.ends_with("Agent") {
            for name in ORDERS {
                if let Some(value) = given.keyword(name) {
                    self.reach(Sink::Prompt, call.range(), Some(value));
                }
            }
        }
    }

    /// A message of a model that is written as a dictionary.
    pub(super) fn message(&mut self, dict: &'a ExprDict, all: &Value) {
        let part = |name: &str| all.part(Some(&Key::Text(name.into())));
        let has = |name: &str| {
            dict.items
                .iter()
                .any(|item| item.key.as_ref().and_then(string) == Some(name))
        };
        if has("role")
            && has("content")
            && matches!(part("role").beginning(), Some("system" | "developer"))
        {
            let content = part("content");
            self.reach(Sink::Prompt, dict.range(), Some(content));
        }
    }

    fn reach(&mut self, sink: Sink, at: TextRange, value: Option<Value>) {
        let Some(value) = value else { return };
        let flow = value
            .danger(sink.safe())
            .map(|taint| told(sink, at, &taint));
        let safe = value.is_safe(sink.safe());
        self.flows.see(at, sink, flow, safe);
    }
}

fn told(sink: Sink, at: TextRange, taint: &Taint) -> Flow {
    let (rule, severity) = sink.rule(taint.source);
    let (harm, instead) = sink.text();
    let mut way = taint.way();
    way.push((at.start(), harm.to_owned()));
    Flow {
        rule,
        severity,
        message: format!("{} {harm}: {instead}.", taint.source.text()),
        at: at.start(),
        way,
    }
}

enum Command {
    /// The first argument is a command of a shell.
    Shell,
    /// The first argument is a list that starts a shell and gives it a command.
    Words,
    /// The first argument is a program with its arguments.
    Program,
}

fn shell(call: &ExprCall, function: &str) -> Option<Command> {
    if dangers::is_shell(function) {
        return Some(Command::Shell);
    }
    if matches!(
        function,
        "asyncio.create_subprocess_exec" | "os.execv" | "os.execvp" | "os.spawnl" | "os.spawnv"
    ) {
        return Some(Command::Program);
    }
    if !dangers::is_spawn(function) {
        return None;
    }
    if dangers::asks_for_shell(call) {
        return Some(Command::Shell);
    }
    let words = call
        .arguments
        .find_argument_value("args", 0)
        .is_some_and(starts_shell);
    Some(if words {
        Command::Words
    } else {
        Command::Program
    })
}

/// The program of a command: the first of its words, or all where they are not known apart.
fn program(value: &Value) -> Value {
    if value.items.is_some() {
        value.part(Some(&Key::Int(0)))
    } else {
        value.clone()
    }
}

fn deserialises(call: &ExprCall, function: &str) -> bool {
    let safe = || {
        let loader = call.arguments.find_argument_value("Loader", 1);
        loader.is_some_and(is_safe_loader)
    };
    dangers::unpickles(function) || (dangers::loads_yaml(function) && !safe())
}

/// The place of the address among the arguments of a call that makes a request.
fn requests(function: &str, given: &Given<'_>) -> Option<usize> {
    let (module, verb) = function.rsplit_once('.').unwrap_or(("", function));
    let session = given
        .receiver
        .as_ref()
        .is_some_and(|one| matches!(one.constant, Some(Constant::Session)));
    if (matches!(module, "requests" | "httpx") || session) && VERBS.contains(&verb) {
        return Some(usize::from(matches!(verb, "request" | "stream")));
    }
    matches!(
        function,
        "urllib.request.urlopen" | "urllib.request.urlretrieve" | "urllib3.request"
    )
    .then_some(0)
}

/// Two texts one after the other. The first decides where an address leads, once it holds the whole host.
pub(super) fn concatenated(left: &Value, right: &Value) -> Value {
    let constant = match (&left.constant, &right.constant) {
        (Some(Constant::Text(one)), Some(Constant::Text(two)))
            if one.len() + two.len() <= 1_000 =>
        {
            return Value::text(&format!("{one}{two}"));
        }
        (Some(Constant::Text(one)), _) if one.is_empty() => right
            .constant
            .clone()
            .filter(|_| right.beginning().is_some()),
        (Some(Constant::Text(text) | Constant::Beginning(text)), _) => {
            Some(Constant::Beginning(text.clone()))
        }
        _ => None,
    };
    let placed = match left.beginning() {
        Some(text) => holds_place(text),
        // A beginning that the operator sets, or that was already safe.
        None => left.taint.is_none() || left.is_safe(Safe::URL),
    };
    let both = Value {
        constant,
        ..left.combine(right)
    };
    if placed {
        both.made_safe(Safe::URL.or(Safe::REDIRECT))
    } else {
        both
    }
}

/// A text with places that are filled in: what comes before the first decides.
pub(super) fn filled(text: &Value, given: &Value) -> Value {
    let before = text
        .beginning()
        .and_then(|text| text.split(['{', '%']).next())
        .unwrap_or_default()
        .to_owned();
    let both = Value {
        constant: Some(Constant::Beginning(before.as_str().into())),
        ..text.combine(given)
    };
    if holds_place(&before) {
        both.made_safe(Safe::URL.or(Safe::REDIRECT))
    } else {
        both
    }
}

/// True for the beginning of an address with its whole host, or of a path of the same site.
fn holds_place(text: &str) -> bool {
    let path = text.starts_with('/') && text.len() > 1 && !text.starts_with("//");
    let host = text.split_once("://").is_some_and(|(_, rest)| {
        rest.split_once('/')
            .is_some_and(|(host, _)| !host.is_empty())
    });
    path || host
}
