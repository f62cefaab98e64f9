//! Rules about the network: certificates that are not checked, requests that wait for ever, MCP servers that are not pinned.

use domain::gate::Severity;
use ruff_python_ast::{Expr, ExprCall, ExprDict};

use super::expressions::{dotted, elements, is_false, string};
use super::names::Names;
use super::rules::Hit;
use crate::mcp;

const VERBS: &[&str] = &[
    "delete", "get", "head", "options", "patch", "post", "put", "request",
];

/// Certificates and time limits of one call.
pub(super) fn call(call: &ExprCall, names: &Names) -> Vec<Hit> {
    let mut hits = Vec::new();
    let function = dotted(&call.func, names).unwrap_or_default();
    let unchecked = [
        "verify",
        "ssl",
        "verify_ssl",
        "check_hostname",
        "verify_certs",
    ]
    .iter()
    .any(|name| {
        call.arguments
            .find_keyword(name)
            .is_some_and(|keyword| is_false(&keyword.value))
    });
    if unchecked || function == "ssl._create_unverified_context" {
        hits.push(Hit::new(
            "agent-tls-verification-off",
            Severity::High,
            "The server's certificate is not checked, so anyone on the way can read and change the exchange: keep the check on.",
        ));
    }
    let (module, verb) = function.rsplit_once('.').unwrap_or(("", &function));
    let waits = call.arguments.find_keyword("timeout");
    let forever = waits.is_some_and(|keyword| keyword.value.is_none_literal_expr());
    let has_kwargs = call
        .arguments
        .keywords
        .iter()
        .any(|keyword| keyword.arg.is_none());
    let requests = module == "requests" && VERBS.contains(&verb);
    let httpx = module == "httpx"
        && (VERBS.contains(&verb) || matches!(verb, "Client" | "AsyncClient" | "stream"));
    let urlopen = function == "urllib.request.urlopen";
    let positional = urlopen && call.arguments.args.len() >= 3;
    // httpx waits five seconds unless told otherwise; the two others wait for ever.
    let missing = (requests || urlopen) && waits.is_none() && !has_kwargs && !positional;
    if missing || (forever && (requests || httpx || urlopen)) {
        hits.push(Hit::new(
            "agent-request-without-timeout",
            Severity::Low,
            "The request has no time limit, so a silent server holds the agent for ever: pass `timeout`.",
        ));
    }
    hits
}

/// True for `session.verify = False`.
pub(super) fn is_verify_off(target: &Expr, value: &Expr) -> bool {
    target
        .as_attribute_expr()
        .is_some_and(|attribute| attribute.attr.as_str() == "verify")
        && is_false(value)
}

/// An MCP server given to a call: `StdioServerParameters(command="npx", args=[…])`.
pub(super) fn mcp_call(call: &ExprCall, names: &Names) -> Option<Hit> {
    let function = dotted(&call.func, names)?;
    let keyword = |name: &str| {
        call.arguments
            .find_keyword(name)
            .map(|keyword| &keyword.value)
    };
    let client = matches!(
        function.rsplit('.').next(),
        Some(
            "sse_client"
                | "streamablehttp_client"
                | "streamable_http_client"
                | "MCPServerSse"
                | "MCPServerStreamableHttp"
                | "MCPServerHTTP"
        )
    );
    let url = if client {
        keyword("url").or_else(|| call.arguments.find_positional(0))
    } else {
        None
    };
    server(keyword("command"), keyword("args"), url)
}

/// An MCP server written as a dictionary.
pub(super) fn mcp_dict(dict: &ExprDict) -> Option<Hit> {
    let value = |name: &str| {
        dict.items
            .iter()
            .find(|item| item.key.as_ref().and_then(string) == Some(name))
            .map(|item| &item.value)
    };
    let url = value("transport").and_then(|_| value("url"));
    server(value("command"), value("args"), url)
}

fn server(command: Option<&Expr>, args: Option<&Expr>, url: Option<&Expr>) -> Option<Hit> {
    let args: Vec<&str> = args
        .and_then(elements)
        .unwrap_or_default()
        .iter()
        .filter_map(string)
        .collect();
    let problem = mcp::problem(command.and_then(string), &args, url.and_then(string))?;
    Some(Hit {
        rule: problem.rule,
        severity: problem.severity,
        message: problem.message,
    })
}
