//! The agent rules on a syntax tree of JavaScript or TypeScript.

use std::collections::BTreeSet;

use domain::gate::{Finding, Severity};
use tree_sitter::{Node, Tree};

use crate::report::{Worst, beginning, finding, printable};
use crate::{mcp, models};

/// Findings of one file, the worst ones. More say nothing new.
const MAX: usize = 200;
/// Rounds until what follows from other names is settled.
const ROUNDS: usize = 4;
/// Bytes of an expression that are searched for names.
const MAX_TEXT: usize = 8 * 1024;

/// Calls whose result a model wrote, by what they end with.
const MODEL_CALLS: &[&str] = &[
    ".chat.completions.create",
    ".completions.create",
    ".responses.create",
    ".messages.create",
    ".generateContent",
    "generateText",
    "streamText",
    "generateObject",
    ".invoke",
    ".converse",
];
/// Methods that run a statement of SQL.
const SQL: &[&str] = &[
    ".query",
    ".execute",
    ".raw",
    ".exec",
    ".all",
    ".$queryRawUnsafe",
    ".$executeRawUnsafe",
    ".prepare",
];
/// How statements begin.
const VERBS: &[&str] = &[
    "select ", "insert ", "update ", "delete ", "drop ", "alter ", "create ", "with ",
];

/// Applies every rule to a file.
pub(super) fn apply(file: &str, text: &str, tree: &Tree) -> Vec<Finding> {
    let mut rules = Rules {
        file,
        text,
        shells: text.contains("child_process")
            || text.contains("execa")
            || text.contains("shelljs"),
        from_model: BTreeSet::new(),
        findings: Worst::new(MAX),
    };
    for _ in 0..ROUNDS {
        let before = rules.from_model.len();
        walk(tree, &mut |node| rules.learn(node));
        if rules.from_model.len() == before {
            break;
        }
    }
    walk(tree, &mut |node| rules.judge(node));
    rules.findings.into_findings()
}

/// Every node, without recursion: a hostile tree is as deep as it likes.
fn walk<'t>(tree: &'t Tree, visit: &mut dyn FnMut(Node<'t>)) {
    let mut cursor = tree.walk();
    loop {
        visit(cursor.node());
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}

struct Rules<'a> {
    file: &'a str,
    text: &'a str,
    /// The file can start programs.
    shells: bool,
    from_model: BTreeSet<String>,
    findings: Worst,
}

impl<'a> Rules<'a> {
    fn source(&self, node: Node<'_>) -> &'a str {
        self.text
            .get(node.start_byte()..node.end_byte())
            .unwrap_or_default()
    }

    fn add(&mut self, node: Node<'_>, rule: &str, severity: Severity, message: impl Into<String>) {
        let file = self.file;
        self.findings.keep(severity, || {
            let row = u32::try_from(node.start_position().row).unwrap_or(u32::MAX);
            finding(rule, severity, message, file, Some(row.saturating_add(1)))
        });
    }

    /// Names that hold what a model wrote.
    fn learn(&mut self, node: Node<'_>) {
        let (name, value) = match node.kind() {
            "variable_declarator" => ("name", "value"),
            "assignment_expression" => ("left", "right"),
            _ => return,
        };
        let (Some(name), Some(value)) = (
            node.child_by_field_name(name),
            node.child_by_field_name(value),
        ) else {
            return;
        };
        if self.is_from_model(value) {
            // A pattern such as `{ text }` binds every name in it.
            let names = words(self.source(name)).map(str::to_owned).take(50);
            self.from_model.extend(names);
        }
    }

    fn is_from_model(&self, node: Node<'_>) -> bool {
        let source = beginning(self.source(node), MAX_TEXT);
        MODEL_CALLS.iter().any(|call| called(source, call))
            || words(source).any(|word| self.from_model.contains(word))
    }

    fn judge(&mut self, node: Node<'_>) {
        match node.kind() {
            "call_expression" | "new_expression" => self.call(node),
            "pair" => self.pair(node),
            "object" => self.server(node),
            "assignment_expression" => self.assignment(node),
            _ => {}
        }
    }

    fn call(&mut self, node: Node<'_>) {
        let field = if node.kind() == "call_expression" {
            "function"
        } else {
            "constructor"
        };
        let (Some(function), Some(arguments)) = (
            node.child_by_field_name(field),
            node.child_by_field_name("arguments"),
        ) else {
            return;
        };
        let name = self.source(function);
        let Some(first) = arguments.named_child(0) else {
            return;
        };
        let code = is_code(name);
        let shell = self.is_shell(name, arguments);
        let sql = SQL.iter().any(|end| name.ends_with(end)) && self.is_built_sql(first);
        // The search for a model is long, and most calls are none of these.
        if !(code || shell || sql) || self.is_constant(first) {
            return;
        }
        let model = self.is_from_model(first);
        if code && model {
            self.add(node, "agent-model-output-eval", Severity::Critical, format!("What the model wrote is run by `{}`: parse it as data, or run it in a sandbox that holds nothing.", printable(name)));
        } else if code {
            self.add(
                node,
                "agent-dynamic-eval",
                Severity::High,
                format!(
                    "`{}` runs code that is not written here: parse it as data.",
                    printable(name)
                ),
            );
        } else if shell && model {
            self.add(node, "agent-model-output-shell", Severity::Critical, "What the model wrote reaches a shell: pass a fixed program and a list of arguments, checked against an allow-list.");
        } else if shell {
            self.add(node, "agent-dynamic-shell", Severity::High, "A shell runs a command that is not written here: use `execFile` with a list of arguments.");
        } else {
            let severity = if model {
                Severity::Critical
            } else {
                Severity::High
            };
            self.add(node, "agent-sql-built-from-text", severity, "SQL is put together from text, so a value can change the statement: use placeholders and pass the values.");
        }
    }

    /// A call that hands its first argument to a shell.
    fn is_shell(&self, name: &str, arguments: Node<'_>) -> bool {
        let last = name.rsplit('.').next().unwrap_or(name);
        let spawns = || {
            matches!(last, "spawn" | "spawnSync" | "execFile" | "execFileSync")
                && self
                    .source(arguments)
                    .replace(' ', "")
                    .contains("shell:true")
        };
        // Of regular expressions `exec` is a method too.
        self.shells
            && !name.starts_with('/')
            && (!name.contains('.')
                || name.contains("child_process")
                || name.starts_with("cp.")
                || name.starts_with("shell"))
            && (matches!(last, "exec" | "execSync" | "execaCommand" | "execPromise") || spawns())
    }

    /// A literal without parts that come from elsewhere.
    fn is_constant(&self, node: Node<'_>) -> bool {
        match node.kind() {
            "string" | "number" | "true" | "false" | "null" => true,
            "template_string" => !self.source(node).contains("${"),
            "array" | "binary_expression" => (0..u32::try_from(node.named_child_count())
                .unwrap_or(0))
                .filter_map(|at| node.named_child(at))
                .all(|one| matches!(one.kind(), "string" | "number")),
            _ => false,
        }
    }

    fn is_built_sql(&self, node: Node<'_>) -> bool {
        let source = self.source(node);
        let text = source
            .trim_start_matches(['`', '"', '\''])
            .trim_start()
            .to_lowercase();
        let built = node.kind() == "template_string" && source.contains("${")
            || node.kind() == "binary_expression" && source.contains('+');
        built && VERBS.iter().any(|verb| text.starts_with(verb))
    }

    fn pair(&mut self, node: Node<'_>) {
        let (Some(key), Some(value)) = (
            node.child_by_field_name("key"),
            node.child_by_field_name("value"),
        ) else {
            return;
        };
        let key = unquoted(self.source(key));
        let text = self.source(value);
        match key {
            "rejectUnauthorized" if text == "false" => self.tls(node),
            "model" | "modelName" | "modelId"
                if value.kind() == "string" && models::floats(unquoted(text)) =>
            {
                let message = models::message(unquoted(text));
                self.add(node, "agent-floating-model", Severity::Low, message);
            }
            "maxSteps" | "maxIterations" | "recursionLimit" | "maxTurns" if text == "Infinity" => {
                let message = format!(
                    "`{key}` sets no limit that would end a run, so one question can cost any amount: set it to what the task needs."
                );
                self.add(node, "agent-missing-step-limit", Severity::Medium, message);
            }
            _ => {}
        }
    }

    fn assignment(&mut self, node: Node<'_>) {
        let source = self.source(node);
        if source.contains("NODE_TLS_REJECT_UNAUTHORIZED")
            && source.trim_end_matches(['"', '\'', '`']).ends_with('0')
        {
            self.tls(node);
        }
    }

    fn tls(&mut self, node: Node<'_>) {
        let message = "The server's certificate is not checked, so anyone on the way can read and change the exchange: keep the check on.";
        self.add(node, "agent-tls-verification-off", Severity::High, message);
    }

    /// An MCP server as an object: `{ command: "npx", args: ["-y", "server"] }`.
    fn server(&mut self, node: Node<'_>) {
        let mut command = None;
        let mut url = None;
        let mut args: Vec<&str> = Vec::new();
        let mut transport = false;
        for at in 0..u32::try_from(node.named_child_count()).unwrap_or(0).min(50) {
            let Some(pair) = node.named_child(at).filter(|child| child.kind() == "pair") else {
                continue;
            };
            let (Some(key), Some(value)) = (
                pair.child_by_field_name("key"),
                pair.child_by_field_name("value"),
            ) else {
                continue;
            };
            let text = (value.kind() == "string").then(|| unquoted(self.source(value)));
            match unquoted(self.source(key)) {
                "command" => command = text,
                "url" => url = text,
                "transport" => transport = true,
                "args" if value.kind() == "array" => {
                    let items = (0..u32::try_from(value.named_child_count())
                        .unwrap_or(0)
                        .min(50))
                        .filter_map(|at| value.named_child(at));
                    args = items
                        .filter(|one| one.kind() == "string")
                        .map(|one| unquoted(self.source(one)))
                        .collect();
                }
                _ => {}
            }
        }
        if let Some(problem) = mcp::problem(command, &args, url.filter(|_| transport)) {
            self.add(node, problem.rule, problem.severity, problem.message);
        }
    }
}

/// A function that runs code.
fn is_code(name: &str) -> bool {
    matches!(
        name,
        "eval" | "globalThis.eval" | "window.eval" | "Function" | "vm.compileFunction"
    ) || name.starts_with("vm.run") && name.ends_with("Context")
}

/// Names in a piece of source.
fn words(source: &str) -> impl Iterator<Item = &str> {
    source
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$')))
        .filter(|word| word.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '$')))
}

/// True where `call` is followed by its arguments.
fn called(source: &str, call: &str) -> bool {
    source.match_indices(call).any(|(at, _)| {
        let after = source
            .get(at + call.len()..)
            .unwrap_or_default()
            .trim_start();
        let before = source.get(..at).unwrap_or_default();
        let whole =
            call.starts_with('.') || !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        whole && after.starts_with(['(', '<'])
    })
}

fn unquoted(text: &str) -> &str {
    text.trim_matches(['"', '\'', '`'])
}
