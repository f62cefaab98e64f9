//! Rules on how models and agents are called: limits of steps and output, names of models, packages installed on the way.

use domain::gate::Severity;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, Identifier, Number, Stmt, StmtWhile};

use super::expressions::{dotted, elements, is_model_call, is_true, string};
use super::names::Names;
use super::rules::Hit;
use crate::{models, pipelines};

/// Steps from which a limit limits nothing.
const MANY_STEPS: u64 = 1_000;
/// Names by which frameworks limit the steps of an agent.
const STEP_LIMITS: &[&str] = &[
    "max_iter",
    "max_iterations",
    "max_loops",
    "max_steps",
    "max_turns",
    "recursion_limit",
];
/// Names by which interfaces limit what a model writes.
const OUTPUT_LIMITS: &[&str] = &[
    "max_completion_tokens",
    "max_output_tokens",
    "max_tokens",
    "max_tokens_to_sample",
];
/// Calls that take one of them.
const LIMITED: &[&str] = &[
    "chat.completions.create",
    "completions.create",
    "responses.create",
    "litellm.completion",
    "litellm.acompletion",
];

/// What is wrong with one call.
pub(super) fn call(call: &ExprCall, function: &str, names: &Names) -> Vec<Hit> {
    let mut hits = Vec::new();
    hits.extend(step_limit(call));
    hits.extend(output_limit(call, function, names));
    hits.extend(model(call));
    hits.extend(install(call, function));
    hits
}

/// A limit of steps that is none.
fn step_limit(call: &ExprCall) -> Option<Hit> {
    let keyword = call.arguments.keywords.iter().find(|keyword| {
        let name = keyword.arg.as_ref().map(Identifier::as_str);
        name.is_some_and(|name| STEP_LIMITS.contains(&name)) && is_no_limit(&keyword.value)
    })?;
    let name = keyword.arg.as_ref()?.as_str();
    Some(Hit {
        rule: "agent-missing-step-limit",
        severity: Severity::Medium,
        message: format!(
            "`{name}` sets no limit that would end a run, so one question can cost any amount: set it to what the task needs."
        ),
    })
}

fn is_no_limit(value: &Expr) -> bool {
    let large = value
        .as_number_literal_expr()
        .is_some_and(|number| match &number.value {
            Number::Int(int) => int.as_u64().is_none_or(|int| int >= MANY_STEPS),
            Number::Float(_) | Number::Complex { .. } => false,
        });
    let infinite = value.as_call_expr().is_some_and(|call| {
        call.func
            .as_name_expr()
            .is_some_and(|name| name.id.as_str() == "float")
            && call
                .arguments
                .find_positional(0)
                .and_then(string)
                .is_some_and(|text| text.contains("inf"))
    });
    let named = value
        .as_attribute_expr()
        .is_some_and(|one| matches!(one.attr.as_str(), "inf" | "maxsize"));
    value.is_none_literal_expr() || large || infinite || named
}

/// A call to a model that may write as much as it can.
fn output_limit(call: &ExprCall, function: &str, names: &Names) -> Option<Hit> {
    let full = if function.is_empty() {
        super::expressions::tail(&call.func)
    } else {
        function.to_owned()
    };
    let limited = LIMITED.iter().any(|end| {
        full == *end
            || full
                .strip_suffix(end)
                .is_some_and(|before| before.ends_with('.'))
    });
    let open = call
        .arguments
        .keywords
        .iter()
        .any(|keyword| keyword.arg.is_none());
    let given = OUTPUT_LIMITS
        .iter()
        .any(|name| call.arguments.find_keyword(name).is_some());
    (limited && is_model_call(call, names) && !open && !given).then(|| {
        Hit::new(
            "agent-missing-budget",
            Severity::Low,
            "The model may write as much as it can, at your cost: set a limit of tokens.",
        )
    })
}

/// `model="gpt-4o"` and its like.
fn model(call: &ExprCall) -> Option<Hit> {
    let name = ["model", "model_name", "model_id"]
        .iter()
        .find_map(|name| {
            let keyword = call.arguments.find_keyword(name)?;
            string(&keyword.value).filter(|text| models::floats(text))
        })?;
    Some(Hit {
        rule: "agent-floating-model",
        severity: Severity::Low,
        message: models::message(name),
    })
}

/// Packages that are installed by the running agent.
fn install(call: &ExprCall, function: &str) -> Option<Hit> {
    let runs = function.starts_with("subprocess.")
        || function.starts_with("asyncio.create_subprocess")
        || matches!(
            function,
            "os.system" | "os.popen" | "pip.main" | "pip._internal.main"
        );
    if !runs {
        return None;
    }
    let mut words: Vec<&str> = Vec::new();
    for argument in &call.arguments.args {
        words.extend(string(argument));
        words.extend(
            elements(argument)
                .unwrap_or_default()
                .iter()
                .filter_map(string),
        );
    }
    let mut line = words.join(" ");
    if function.starts_with("pip") {
        line.insert_str(0, "pip ");
    }
    let package = pipelines::unpinned_install(&line)?;
    Some(Hit {
        rule: "agent-runtime-install",
        severity: Severity::Medium,
        message: format!(
            "The agent installs `{}` while it runs, whichever version there is: put it into the image, pinned.",
            crate::report::printable(package)
        ),
    })
}

/// `while True` around a model, with nothing that ends it.
pub(super) fn endless(each: &StmtWhile, names: &Names) -> Option<Hit> {
    let always = is_true(&each.test)
        || each.test.as_number_literal_expr().is_some_and(
            |number| matches!(&number.value, Number::Int(int) if int.as_u64() != Some(0)),
        );
    let mut body = Body {
        names,
        model: false,
        ends: false,
        loops: 0,
    };
    if always {
        body.visit_body(&each.body);
    }
    (always && body.model && !body.ends).then(|| {
        Hit::new(
            "agent-endless-loop",
            Severity::Medium,
            "The model is called in a loop that nothing ends: count the rounds and stop.",
        )
    })
}

struct Body<'n> {
    names: &'n Names,
    model: bool,
    ends: bool,
    /// Loops within the loop: a `break` in one of them ends only that.
    loops: usize,
}

impl<'a> Visitor<'a> for Body<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if stmt.is_return_stmt()
            || stmt.is_raise_stmt()
            || (stmt.is_break_stmt() && self.loops == 0)
        {
            self.ends = true;
        }
        if stmt.is_function_def_stmt() || stmt.is_class_def_stmt() {
            return;
        }
        let inner = stmt.is_while_stmt() || stmt.is_for_stmt();
        self.loops += usize::from(inner);
        walk_stmt(self, stmt);
        self.loops -= usize::from(inner);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Some(call) = expr.as_call_expr() {
            self.model |= is_model_call(call, self.names);
            // A turn that a person gives is a limit of its own.
            let function = dotted(&call.func, self.names).unwrap_or_default();
            self.ends |= matches!(function.as_str(), "input" | "sys.exit" | "exit" | "quit");
        }
        // So is a generator that hands out every round, and a wait for an event.
        self.ends |= expr.is_yield_expr()
            || expr.is_yield_from_expr()
            || expr.is_await_expr() && !self.model;
        walk_expr(self, expr);
    }
}
