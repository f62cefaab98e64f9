//! The agent rules on a syntax tree: code, shells, SQL and deserialisers that something other than the file decides.

use domain::gate::{Finding, FlowStep, Severity};
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, Stmt};
use ruff_text_size::{Ranged, TextSize};

use super::expressions::{
    dotted, from_model, is_constant, is_safe_loader, is_true, method, starts_shell,
};
use super::names::{Names, is_tool};
use super::taint::{Flows, Sink};
use super::{agents, dangers, network, sql, tools};
use crate::report::{Lines, Worst, finding, printable};

/// Findings of one file, the worst ones. More say nothing new.
const MAX: usize = 200;

/// What a rule found, without its place.
#[derive(Debug)]
pub(super) struct Hit {
    pub(super) rule: &'static str,
    pub(super) severity: Severity,
    pub(super) message: String,
}

impl Hit {
    pub(super) fn new(rule: &'static str, severity: Severity, message: &str) -> Self {
        Self {
            rule,
            severity,
            message: message.to_owned(),
        }
    }
}

/// Applies every rule to the statements of a file.
pub(super) fn apply(file: &str, text: &str, suite: &[Stmt]) -> Vec<Finding> {
    let names = Names::of(suite);
    let mut rules = Rules {
        file,
        lines: Lines::of(text),
        names: &names,
        flows: Flows::of(suite, &names),
        findings: Worst::new(MAX),
    };
    rules.add_flows();
    rules.visit_body(suite);
    rules.findings.into_findings()
}

struct Rules<'n> {
    file: &'n str,
    lines: Lines,
    names: &'n Names,
    flows: Flows,
    findings: Worst,
}

impl Rules<'_> {
    fn add(&mut self, at: TextSize, hits: impl IntoIterator<Item = Hit>) {
        for hit in hits {
            let (file, lines) = (self.file, &self.lines);
            self.findings.keep(hit.severity, || {
                let line = lines.at(at.to_usize());
                finding(hit.rule, hit.severity, hit.message, file, Some(line))
            });
        }
    }

    /// What was found by following values, each with its path.
    fn add_flows(&mut self) {
        for flow in self.flows.found() {
            let (file, lines) = (self.file, &self.lines);
            self.findings.keep(flow.severity, || {
                let line = lines.at(flow.at.to_usize());
                let mut one = finding(
                    flow.rule,
                    flow.severity,
                    flow.message.as_str(),
                    file,
                    Some(line),
                );
                one.flow = flow
                    .way
                    .iter()
                    .map(|(at, what)| FlowStep {
                        line: lines.at(at.to_usize()),
                        what: printable(what),
                    })
                    .collect();
                one
            });
        }
        if self.flows.cut {
            let message = "The file has more ways than are followed, so values in it were followed in part and the rest was judged by names: split it.";
            self.add(
                TextSize::default(),
                [Hit::new("python-flow-cut", Severity::Low, message)],
            );
        }
    }
}

impl<'a> Visitor<'a> for Rules<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Some(assign) = stmt.as_assign_stmt()
            && assign
                .targets
                .iter()
                .any(|target| network::is_verify_off(target, &assign.value))
        {
            let message = "The server's certificate is not checked, so anyone on the way can read and change the exchange: keep the check on.";
            self.add(
                stmt.start(),
                [Hit::new(
                    "agent-tls-verification-off",
                    Severity::High,
                    message,
                )],
            );
        }
        let names = self.names;
        if let Some(function) = stmt.as_function_def_stmt().filter(|one| is_tool(one)) {
            let told = self.flows.any_within(function.range());
            let hits = tools::judge(function, names)
                .into_iter()
                .filter(|hit| !(told && hit.rule == "agent-tool-without-allow-list"));
            self.add(function.name.start(), hits);
        } else if let Some(each) = stmt.as_while_stmt() {
            self.add(stmt.start(), agents::endless(each, names));
        }
        walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Some(call) = expr.as_call_expr() {
            let names = self.names;
            let function = dotted(&call.func, names).unwrap_or_default();
            let hits = [
                code(call, &function, names),
                shell(call, &function, names),
                statement(call, names),
                deserialise(call, &function),
            ];
            // What values were seen to be goes before what names are.
            let sinks = [Sink::Code, Sink::Shell, Sink::Sql, Sink::Bytes];
            let flows = &self.flows;
            let hits: Vec<Hit> = hits
                .into_iter()
                .zip(sinks)
                .filter_map(|(hit, sink)| hit.filter(|_| !flows.settles(call.range(), sink)))
                .collect();
            self.add(expr.start(), hits);
            self.add(expr.start(), dangerous(call, &function));
            self.add(expr.start(), network::call(call, names));
            self.add(expr.start(), agents::call(call, &function, names));
            self.add(expr.start(), network::mcp_call(call, names));
        } else if let Some(dict) = expr.as_dict_expr() {
            self.add(expr.start(), network::mcp_dict(dict));
        }
        walk_expr(self, expr);
    }
}

/// Code that is not written in the file and is run.
fn code(call: &ExprCall, function: &str, names: &Names) -> Option<Hit> {
    if !matches!(
        function,
        "eval" | "exec" | "compile" | "code.interact" | "runpy.run_path"
    ) {
        return None;
    }
    let argument = call
        .arguments
        .find_argument_value("source", 0)
        .or_else(|| call.arguments.args.first())?;
    if is_constant(argument, names) {
        return None;
    }
    Some(if from_model(argument, names) {
        Hit {
            rule: "agent-model-output-eval",
            severity: Severity::Critical,
            message: format!(
                "What the model wrote is run by `{function}`: parse it as data, or run it in a sandbox that holds nothing."
            ),
        }
    } else {
        Hit {
            rule: "agent-dynamic-eval",
            severity: Severity::High,
            message: format!(
                "`{function}` runs code that is not written here: parse it as data (`json.loads`, `ast.literal_eval`)."
            ),
        }
    })
}

/// Commands that a shell reads and something else decides.
fn shell(call: &ExprCall, function: &str, names: &Names) -> Option<Hit> {
    let (always, spawns) = (dangers::is_shell(function), dangers::is_spawn(function));
    if !always && !spawns {
        return None;
    }
    let command = ["args", "cmd", "command"]
        .iter()
        .find_map(|name| call.arguments.find_argument_value(name, 0))?;
    let shell = dangers::asks_for_shell(call);
    if !(always || shell || starts_shell(command)) || is_constant(command, names) {
        return None;
    }
    Some(if from_model(command, names) {
        Hit::new(
            "agent-model-output-shell",
            Severity::Critical,
            "What the model wrote reaches a shell: pass a fixed command and a list of arguments, checked against an allow-list.",
        )
    } else {
        Hit::new(
            "agent-dynamic-shell",
            Severity::High,
            "A shell runs a command that is not written here: pass a list of arguments and leave `shell` off.",
        )
    })
}

/// SQL put together from pieces and run.
fn statement(call: &ExprCall, names: &Names) -> Option<Hit> {
    if !sql::RUNNERS.contains(&method(call)?) {
        return None;
    }
    let statement = ["sql", "query", "statement"]
        .iter()
        .find_map(|name| call.arguments.find_argument_value(name, 0))?;
    sql::built(statement, names)?;
    let severity = if from_model(statement, names) {
        Severity::Critical
    } else {
        Severity::High
    };
    let message = "SQL is put together from text, so a value can change the statement: use placeholders and pass the values.";
    Some(Hit::new("agent-sql-built-from-text", severity, message))
}

/// Formats that run code when they are read.
fn deserialise(call: &ExprCall, function: &str) -> Option<Hit> {
    let keyword = |name: &str| {
        call.arguments
            .find_keyword(name)
            .map(|keyword| &keyword.value)
    };
    if dangers::unpickles(function) || function == "shelve.open" {
        return Some(Hit {
            rule: "agent-unsafe-deserialisation",
            severity: Severity::High,
            message: format!(
                "`{function}` runs code that the data brings along: use JSON or another format that is only data."
            ),
        });
    }
    if dangers::loads_yaml(function) {
        let name = function.rsplit_once('.').map_or(function, |(_, name)| name);
        let loader = call.arguments.find_argument_value("Loader", 1);
        let safe = name.starts_with("load") && loader.is_some_and(is_safe_loader);
        return (!safe).then(|| {
            Hit::new(
                "agent-unsafe-yaml",
                Severity::High,
                "This YAML loader makes objects of the document's choice: use `yaml.safe_load`.",
            )
        });
    }
    let weights = matches!(function, "torch.load") && !keyword("weights_only").is_some_and(is_true);
    let frames = matches!(function, "joblib.load" | "pandas.read_pickle");
    let arrays = function == "numpy.load" && keyword("allow_pickle").is_some_and(is_true);
    (weights || frames || arrays).then(|| Hit {
        rule: "agent-pickled-model",
        severity: Severity::Medium,
        message: format!("`{function}` can run code that the file brings along: load only files whose digest is pinned, or use safetensors."),
    })
}

/// Options and tools that hand the machine to the model.
fn dangerous(call: &ExprCall, function: &str) -> Option<Hit> {
    let option = call.arguments.keywords.iter().find_map(|keyword| {
        let name = keyword.arg.as_ref()?.as_str();
        let dangerous = name.starts_with("allow_dangerous_") || name == "trust_remote_code";
        (dangerous && is_true(&keyword.value)).then_some(name)
    });
    if let Some(option) = option {
        return Some(Hit {
            rule: "agent-dangerous-option",
            severity: Severity::High,
            message: format!(
                "`{option}=True` lets data from elsewhere run code in the agent: leave it off."
            ),
        });
    }
    let last = function.rsplit('.').next().unwrap_or(function);
    matches!(
        last,
        "PythonREPLTool"
            | "PythonAstREPLTool"
            | "PythonREPL"
            | "ShellTool"
            | "BashProcess"
            | "TerminalTool"
    )
    .then(|| Hit {
        rule: "agent-shell-tool",
        severity: Severity::Medium,
        message: format!(
            "`{last}` lets the model run what it writes: give it a tool for the one thing it needs."
        ),
    })
}
