//! Where values come in: models, tools that models call, documents, requests from the web.

use ruff_python_ast::{
    Expr, ExprAttribute, ExprCall, Parameter, Stmt, StmtClassDef, StmtFunctionDef,
};

use super::super::expressions::{dotted, is_model_call, method, tail};
use super::super::names::{Names, is_tool};
use super::value::{Safe, Source, Value};
use super::walker::Walker;

/// Parts of a request that its sender writes.
const REQUEST_PARTS: &[&str] = &[
    "GET",
    "POST",
    "args",
    "body",
    "cookies",
    "data",
    "files",
    "form",
    "headers",
    "json",
    "path_params",
    "query_params",
    "query_string",
    "values",
    "view_args",
];
/// Methods of a request that give what its sender wrote.
const REQUEST_METHODS: &[&str] = &["body", "form", "get_data", "get_json", "json", "text"];
/// Methods by which the common stores look documents up, whatever the object is called.
const SEARCHES: &[&str] = &[
    "aget_relevant_documents",
    "amax_marginal_relevance_search",
    "asimilarity_search",
    "get_relevant_documents",
    "max_marginal_relevance_search",
    "similarity_search",
    "similarity_search_by_vector",
    "similarity_search_with_relevance_scores",
    "similarity_search_with_score",
];
/// Decorators that hand a function to the web, by their last part; the router is an object of the program.
const ROUTES: &[&str] = &[
    "api_route",
    "delete",
    "get",
    "patch",
    "post",
    "put",
    "route",
    "websocket",
];
/// Decorators of MCP servers and agents that hand a function to a model, beside those of the rules by names.
const TOOLS: &[&str] = &["call_tool", "resource"];
/// Methods by which a model calls a tool that is a class.
const TOOL_METHODS: &[&str] = &["_arun", "_run", "call", "execute", "forward", "run"];
/// Attributes of an answer that a model does not write.
const COUNTED: &[&str] = &[
    "created",
    "finish_reason",
    "status_code",
    "stop_reason",
    "total_tokens",
    "usage",
];

/// The source that a call is.
pub(super) fn call(
    call: &ExprCall,
    function: &str,
    names: &Names,
) -> Option<(Source, &'static str)> {
    let name = method(call)?;
    let receiver = call
        .func
        .as_attribute_expr()
        .map(|one| tail(&one.value).to_lowercase())?;
    if SEARCHES.contains(&name)
        || (matches!(name, "invoke" | "ainvoke" | "retrieve" | "aretrieve")
            && receiver.contains("retriever"))
        || (matches!(name, "query" | "search")
            && ["collection", "vector", "query_engine"]
                .iter()
                .any(|word| receiver.contains(word)))
        || (matches!(name, "load" | "lazy_load" | "aload" | "load_data")
            && receiver.contains("loader")
            && ["langchain", "llama_index"]
                .iter()
                .any(|module| names.imports(module)))
    {
        return Some((Source::Document, "documents are retrieved"));
    }
    if REQUEST_METHODS.contains(&name) && is_request(&receiver, names) {
        return Some((Source::Request, "a request brings a value"));
    }
    let runs = function.starts_with("subprocess.") || function.starts_with("asyncio.");
    (!runs && is_model_call(call, names)).then_some((Source::Model, "a model answers"))
}

/// The source that an attribute is, such as `request.args`.
pub(super) fn attribute(one: &ExprAttribute, names: &Names) -> Option<Source> {
    let part = one.attr.as_str();
    if !REQUEST_PARTS.contains(&part)
        || !(one.value.is_name_expr() || one.value.is_attribute_expr())
    {
        return None;
    }
    is_request(&tail(&one.value).to_lowercase(), names).then_some(Source::Request)
}

/// True for the request of a web framework that the file imports.
fn is_request(receiver: &str, names: &Names) -> bool {
    (receiver == "request" || receiver.ends_with(".request"))
        && [
            "aiohttp",
            "bottle",
            "django",
            "fastapi",
            "flask",
            "quart",
            "rest_framework",
            "sanic",
            "starlette",
        ]
        .iter()
        .any(|module| names.imports(module))
}

/// An attribute of a value from outside. What is counted there is harmless.
pub(super) fn of_attribute(value: &Value, name: &str) -> Value {
    if COUNTED.contains(&name) {
        return Value::harmless();
    }
    match name {
        "name" | "stem" if value.safe.holds(Safe::RESOLVED) => value.clone().made_safe(Safe::PATH),
        _ => value.clone(),
    }
}

/// Who chooses the arguments of a function, where that is somebody outside.
pub(super) fn chooser(
    function: &StmtFunctionDef,
    class: Option<&str>,
    walker: &Walker<'_>,
) -> Option<Source> {
    let name = function.name.as_str();
    if is_tool(function) || decorated(function, TOOLS) {
        return Some(Source::Tool);
    }
    if class.is_some_and(|class| walker.tool_classes.contains(class))
        && TOOL_METHODS.contains(&name)
    {
        return Some(Source::Tool);
    }
    let routed = decorated(function, ROUTES)
        && ["flask", "fastapi", "starlette", "quart", "sanic", "bottle"]
            .iter()
            .any(|module| walker.names.imports(module));
    routed.then_some(Source::Request)
}

fn decorated(function: &StmtFunctionDef, decorators: &[&str]) -> bool {
    function.decorator_list.iter().any(|one| {
        let called = one.expression.as_call_expr().map(|call| &*call.func);
        called
            .and_then(Expr::as_attribute_expr)
            .is_some_and(|attribute| decorators.contains(&attribute.attr.as_str()))
    })
}

/// True for a class whose bases say that it is a tool.
pub(super) fn is_tool_class(class: &StmtClassDef) -> bool {
    class
        .arguments
        .iter()
        .flat_map(|all| &all.args)
        .any(|base| {
            let name = tail(base);
            let last = name.rsplit('.').next().unwrap_or_default();
            matches!(
                last,
                "Tool" | "BaseTool" | "StructuredTool" | "FunctionTool" | "AsyncBaseTool"
            )
        })
}

/// True where a parameter can hold any text: a number, or what the framework gives, cannot.
pub(super) fn is_open(parameter: &Parameter) -> bool {
    let context = matches!(
        parameter.name.as_str(),
        "self"
            | "cls"
            | "ctx"
            | "context"
            | "request"
            | "db"
            | "session"
            | "run_manager"
            | "callbacks"
    );
    !context && !is_closed(parameter) && !parameter.annotation.as_deref().is_some_and(is_given)
}

/// True for a parameter that holds a number or one of a few words.
pub(in crate::python) fn is_closed(parameter: &Parameter) -> bool {
    parameter.annotation.as_deref().is_some_and(is_closed_type)
}

fn is_closed_type(annotation: &Expr) -> bool {
    if let Some(both) = annotation.as_bin_op_expr() {
        return is_closed_type(&both.left)
            && (is_closed_type(&both.right) || both.right.is_none_literal_expr());
    }
    if let Some(subscript) = annotation.as_subscript_expr() {
        let name = tail(&subscript.value);
        let inner = || match super::super::expressions::elements(&subscript.slice) {
            Some(elements) => elements.first(),
            None => Some(&*subscript.slice),
        };
        return match name.rsplit('.').next() {
            Some("Literal") => true,
            Some("Optional" | "Annotated" | "list" | "List" | "set" | "tuple") => {
                inner().is_some_and(is_closed_type)
            }
            _ => false,
        };
    }
    let name = tail(annotation);
    matches!(
        name.rsplit('.').next(),
        Some("int" | "float" | "bool" | "Decimal" | "date" | "datetime" | "timedelta" | "UUID")
    )
}

/// True for what a framework hands over beside the arguments.
fn is_given(annotation: &Expr) -> bool {
    let name = tail(annotation);
    let subscripted = annotation
        .as_subscript_expr()
        .map(|one| tail(&one.value))
        .unwrap_or(name);
    matches!(
        subscripted.rsplit('.').next(),
        Some(
            "Context"
                | "RunContext"
                | "ToolContext"
                | "RunContextWrapper"
                | "Request"
                | "Session"
                | "AsyncSession"
                | "BackgroundTasks"
                | "Response"
                | "RunnableConfig"
                | "WebSocket"
        )
    )
}

/// Names of the file that the body of a function binds, by `global` anywhere in it.
pub(super) fn globals(body: &[Stmt]) -> Vec<&str> {
    struct Globals<'a>(Vec<&'a str>);
    impl<'a> ruff_python_ast::visitor::Visitor<'a> for Globals<'a> {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            if let Some(one) = stmt.as_global_stmt() {
                self.0
                    .extend(one.names.iter().map(ruff_python_ast::Identifier::as_str));
            }
            ruff_python_ast::visitor::walk_stmt(self, stmt);
        }

        fn visit_expr(&mut self, _: &'a Expr) {}
    }
    let mut found = Globals(Vec::new());
    ruff_python_ast::visitor::Visitor::visit_body(&mut found, body);
    found.0
}

/// The dotted name of what a call calls, however it is reached.
pub(super) fn name_of(call: &ExprCall, names: &Names) -> String {
    dotted(&call.func, names).unwrap_or_else(|| tail(&call.func))
}
