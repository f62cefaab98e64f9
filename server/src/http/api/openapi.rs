//! The OpenAPI description at `/api/v1/openapi.json`.

use std::collections::BTreeMap;

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use domain::view::history::{AgentThen, AgentsThen, IdentityThen, PolicyThen};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::{IntoParams, IntoResponses, Modify, OpenApi, ToSchema};

use super::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Clearance",
        description = "The control plane for AI agents: registry, deployments, approvals and evidence. Writes take `Idempotency-Key`; lists take `limit` and `cursor`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(ProblemBody, ProblemField, AgentsThen, AgentThen, IdentityThen, PolicyThen)),
    modifiers(&Security)
)]
struct Description;

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme(
            "token",
            SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)),
        );
        components.add_security_scheme(
            "session",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("clearance"))),
        );
        let none: [&str; 0] = [];
        openapi.security = Some(vec![
            SecurityRequirement::new("token", none),
            SecurityRequirement::new("session", none),
        ]);
    }
}

/// The whole description.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    let described = utoipa_axum::router::OpenApiRouter::with_openapi(Description::openapi())
        .nest("/api/v1", routes());
    described.into_openapi()
}

/// `GET /api/v1/openapi.json`
pub(crate) async fn serve() -> Response {
    Json(document()).into_response()
}

/// Length and place of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters that the query types read")]
pub(crate) struct List {
    /// Where the page starts: `next` of the page before.
    cursor: Option<String>,
    /// Rows of a page, 1 to 200; 50 unless said otherwise.
    limit: Option<u64>,
}

/// What a write answers: the name or number of the thing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Asked {
    #[serde(flatten)]
    named: BTreeMap<String, Value>,
}

/// An error, RFC 9457.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemBody {
    /// Always `about:blank`: the code tells more.
    r#type: String,
    /// One sentence for people.
    title: String,
    /// The HTTP status.
    status: u16,
    /// Stable and machine-readable, such as `conflict`.
    code: String,
    /// The closer reason of a conflict or an exclusion.
    reason: Option<String>,
    /// How old a sign-in may be for a decision.
    minutes: Option<u32>,
    /// The fields that are wrong.
    fields: Option<Vec<ProblemField>>,
    /// What is wrong in a policy, with line and column.
    problems: Option<Vec<domain::policy::PolicyProblem>>,
    /// Teams that could never meet its quorum.
    teams: Option<Vec<domain::view::policy::TeamApprovers>>,
    /// The request's id in the server's log.
    request_id: Option<String>,
}

/// One wrong field.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemField {
    field: String,
    problem: String,
    message: String,
}

/// The errors that every operation can answer.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes errors that are made as JSON")]
pub(crate) enum Problem {
    /// The request cannot be read
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(ProblemBody),
    /// No valid token and no session
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(ProblemBody),
    /// The role, the token's scope or a separation of duties does not allow it
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemBody),
    /// There is no such thing, or the caller may not see it
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(ProblemBody),
    /// The state of things does not allow it; `reason` says why
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(ProblemBody),
    /// Fields are wrong; `fields` says which
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(ProblemBody),
    /// Something that is needed does not answer; nothing was changed
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemBody),
}
