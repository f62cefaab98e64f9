//! What is offered here (RFC 7644, section 4), and what the resources are made of (RFC 7643, sections 5 to 7).

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use control_plane::OpCtx;
use domain::directory::{GROUP_SCHEMA, PAGE_MAX, USER_SCHEMA};
use serde_json::{Value, json};

use super::error::ScimError;
use super::users::base;
use super::{answer, enter, resource};
use crate::http::web::Web;

const CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
const TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// `GET /scim/v2/{provider}/ServiceProviderConfig`
pub(super) async fn config(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(provider): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ScimError> {
    enter(&web, &ctx, &provider, &headers).await?;
    let no = json!({ "supported": false });
    let yes = json!({ "supported": true });
    let value = json!({
        "schemas": [CONFIG],
        "patch": yes,
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": PAGE_MAX },
        "changePassword": no,
        "sort": no,
        "etag": yes,
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token of this directory, made under Settings, Directory.",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{}/ServiceProviderConfig", base(&web, &provider)),
        },
    });
    Ok(answer(StatusCode::OK, &value))
}

/// `GET /scim/v2/{provider}/ResourceTypes`
pub(super) async fn resource_types(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(provider): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ScimError> {
    let rows = known(&web, &ctx, &provider, &headers, types).await?;
    Ok(answer(StatusCode::OK, &resource::whole(2, 1, rows)))
}

/// `GET /scim/v2/{provider}/ResourceTypes/{id}`
pub(super) async fn resource_type(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path((provider, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ScimError> {
    named(known(&web, &ctx, &provider, &headers, types).await?, &id)
}

/// `GET /scim/v2/{provider}/Schemas`
pub(super) async fn schemas(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path(provider): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ScimError> {
    let rows = known(&web, &ctx, &provider, &headers, descriptions).await?;
    Ok(answer(StatusCode::OK, &resource::whole(2, 1, rows)))
}

/// `GET /scim/v2/{provider}/Schemas/{id}`
pub(super) async fn schema(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    Path((provider, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ScimError> {
    named(
        known(&web, &ctx, &provider, &headers, descriptions).await?,
        &id,
    )
}

/// What there is to discover, for the directory alone.
async fn known(
    web: &Web,
    ctx: &OpCtx,
    provider: &str,
    headers: &HeaderMap,
    rows: fn(&str) -> Vec<Value>,
) -> Result<Vec<Value>, ScimError> {
    enter(web, ctx, provider, headers).await?;
    Ok(rows(&base(web, provider)))
}

/// The one of this id (RFC 7644, section 4).
fn named(rows: Vec<Value>, id: &str) -> Result<Response, ScimError> {
    let found = rows.into_iter().find(|row| row["id"] == *id);
    let found = found.ok_or_else(ScimError::not_found)?;
    Ok(answer(StatusCode::OK, &found))
}

fn types(base: &str) -> Vec<Value> {
    let one = |name: &str, endpoint: &str, schema: &str| {
        json!({
            "schemas": [TYPE],
            "id": name,
            "name": name,
            "endpoint": endpoint,
            "schema": schema,
            "meta": {
                "resourceType": "ResourceType",
                "location": format!("{base}/ResourceTypes/{name}"),
            },
        })
    };
    vec![
        one("User", "/Users", USER_SCHEMA),
        one("Group", "/Groups", GROUP_SCHEMA),
    ]
}

fn descriptions(base: &str) -> Vec<Value> {
    let one = |id: &str, name: &str, attributes: Vec<Value>| {
        json!({
            "schemas": [SCHEMA],
            "id": id,
            "name": name,
            "attributes": attributes,
            "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{id}") },
        })
    };
    vec![
        one(USER_SCHEMA, "User", user()),
        one(GROUP_SCHEMA, "Group", group()),
    ]
}

/// One attribute. What it differs in from an optional text that a directory writes is merged over it.
fn attribute(name: &str, differs: &Value) -> Value {
    let mut all = json!({
        "name": name,
        "type": "string",
        "multiValued": false,
        "required": false,
        "caseExact": false,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "none",
    });
    if let (Some(all), Some(differs)) = (all.as_object_mut(), differs.as_object()) {
        all.extend(differs.clone());
    }
    all
}

fn plain(name: &str) -> Value {
    attribute(name, &json!({}))
}

fn external_id() -> Value {
    attribute("externalId", &json!({ "caseExact": true }))
}

fn user() -> Vec<Value> {
    let unique = json!({ "required": true, "uniqueness": "server" });
    let name = json!({
        "type": "complex",
        "subAttributes": [plain("formatted"), plain("givenName"), plain("familyName")],
    });
    let emails = json!({
        "type": "complex",
        "multiValued": true,
        "subAttributes": [
            plain("value"),
            plain("type"),
            attribute("primary", &json!({ "type": "boolean" })),
        ],
    });
    let groups = json!({
        "type": "complex",
        "multiValued": true,
        "mutability": "readOnly",
        "subAttributes": [plain("value"), plain("display")],
    });
    vec![
        attribute("userName", &unique),
        external_id(),
        plain("displayName"),
        attribute("name", &name),
        attribute("active", &json!({ "type": "boolean" })),
        attribute("emails", &emails),
        attribute("groups", &groups),
    ]
}

fn group() -> Vec<Value> {
    let unique = json!({ "required": true, "uniqueness": "server" });
    let members = json!({
        "type": "complex",
        "multiValued": true,
        "subAttributes": [
            attribute("value", &json!({ "mutability": "immutable" })),
            attribute("display", &json!({ "mutability": "readOnly" })),
        ],
    });
    vec![
        attribute("displayName", &unique),
        external_id(),
        attribute("members", &members),
    ]
}
