//! Issues on GitHub, work items on Azure DevOps. Owns how one is found again: by a label or tag that all of ours have,
//! and by its key in the text.

use control_plane::ports::PortError;
use control_plane::ports::git_host::Issue;
use domain::connection::ConnectionKind;
use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::address::Address;
use super::api::{Api, Call, JSON};
use super::{azure_devops, github};
use crate::adapters::problem::{protocol, rejected};

/// The label or tag of everything that we open.
const LABEL: &str = "clearance";

/// Opens an issue, unless it is there.
///
/// # Errors
/// What the host's answer means.
pub(super) async fn open(
    kind: ConnectionKind,
    api: &Api,
    token: &SecretString,
    address: &Address,
    issue: &Issue,
) -> Result<String, PortError> {
    let place = on_server(address)?;
    match kind {
        ConnectionKind::GitHub => OnGitHub::new(api, token, place.1)?.open(issue).await,
        ConnectionKind::AzureDevOps => OnAzure::new(api, token, place)?.open(issue).await,
    }
}

/// Answers an issue, unless it is answered.
///
/// # Errors
/// What the host's answer means.
pub(super) async fn close(
    kind: ConnectionKind,
    api: &Api,
    token: &SecretString,
    address: &Address,
    (key, comment): (&str, &str),
) -> Result<(), PortError> {
    let place = on_server(address)?;
    match kind {
        ConnectionKind::GitHub => {
            OnGitHub::new(api, token, place.1)?
                .close(key, comment)
                .await
        }
        ConnectionKind::AzureDevOps => OnAzure::new(api, token, place)?.close(key, comment).await,
    }
}

fn on_server(address: &Address) -> Result<(&str, &str), PortError> {
    address
        .on_server()
        .ok_or_else(|| rejected("A folder of this machine has no issues."))
}

/// What marks a text as ours; it is not shown.
fn mark(key: &str) -> String {
    format!("<!-- {key} -->")
}

struct OnGitHub<'a> {
    api: &'a Api,
    authorization: SecretString,
    /// `/repos/owner/name`.
    base: String,
}

impl<'a> OnGitHub<'a> {
    fn new(api: &'a Api, token: &SecretString, path: &str) -> Result<Self, PortError> {
        let (owner, name) = github::owner_and_name(path)?;
        Ok(Self {
            api,
            authorization: SecretString::from(format!("Bearer {}", token.expose_secret())),
            base: format!("/repos/{owner}/{name}"),
        })
    }

    async fn ask(
        &self,
        method: Method,
        path: String,
        body: Option<&Value>,
    ) -> Result<Value, PortError> {
        let path = format!("{}{path}", self.base);
        let call = Call {
            what: "the issue",
            method,
            path: &path,
            form: JSON,
            body,
        };
        self.api.ask(&self.authorization, &call).await
    }

    /// The issue with the key, among the newest hundred of ours.
    async fn find(&self, key: &str) -> Result<Option<Value>, PortError> {
        let path =
            format!("/issues?state=all&labels={LABEL}&per_page=100&sort=created&direction=desc");
        let listed = self.ask(Method::GET, path, None).await?;
        let listed = listed
            .as_array()
            .ok_or_else(|| protocol("GitHub did not list the issues as expected."))?;
        let mark = mark(key);
        let ours = |issue: &&Value| issue["body"].as_str().is_some_and(|b| b.contains(&mark));
        Ok(listed.iter().find(ours).cloned())
    }

    async fn open(&self, issue: &Issue) -> Result<String, PortError> {
        let found = match self.find(&issue.key).await? {
            Some(found) => found,
            None => {
                let body = json!({
                    "title": issue.title,
                    "body": format!("{}\n\n{}", issue.body, mark(&issue.key)),
                    "labels": [LABEL],
                });
                self.ask(Method::POST, "/issues".to_owned(), Some(&body))
                    .await?
            }
        };
        page(&found["html_url"], "GitHub")
    }

    async fn close(&self, key: &str, comment: &str) -> Result<(), PortError> {
        let Some(found) = self.find(key).await? else {
            return Ok(());
        };
        if found["state"] == "closed" {
            return Ok(());
        }
        let number = number(&found["number"], "GitHub")?;
        let said = self
            .ask(
                Method::GET,
                format!("/issues/{number}/comments?per_page=100"),
                None,
            )
            .await?;
        let mark = mark(key);
        let ours = |comment: &Value| comment["body"].as_str().is_some_and(|b| b.contains(&mark));
        if !said.as_array().is_some_and(|said| said.iter().any(ours)) {
            let body = json!({ "body": format!("{comment}\n\n{mark}") });
            self.ask(
                Method::POST,
                format!("/issues/{number}/comments"),
                Some(&body),
            )
            .await?;
        }
        let body = json!({ "state": "closed", "state_reason": "completed" });
        self.ask(Method::PATCH, format!("/issues/{number}"), Some(&body))
            .await
            .map(drop)
    }
}

struct OnAzure<'a> {
    api: &'a Api,
    authorization: SecretString,
    /// `/organisation/project/_apis/wit`.
    base: String,
}

impl<'a> OnAzure<'a> {
    fn new(
        api: &'a Api,
        token: &SecretString,
        (host, path): (&str, &str),
    ) -> Result<Self, PortError> {
        let (organisation, project, _) = azure_devops::place(host, path)?;
        Ok(Self {
            api,
            authorization: azure_devops::basic(token),
            base: format!("/{organisation}/{project}/_apis/wit"),
        })
    }

    async fn ask(
        &self,
        method: Method,
        path: String,
        form: &'static str,
        body: Option<&Value>,
    ) -> Result<Value, PortError> {
        let path = format!("{}{path}", self.base);
        let call = Call {
            what: "the work item",
            method,
            path: &path,
            form,
            body,
        };
        self.api.ask(&self.authorization, &call).await
    }

    /// The work item that has the key as a tag. Keys are ours: letters, digits and hyphens.
    async fn find(&self, key: &str) -> Result<Option<u64>, PortError> {
        let query = format!(
            "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project AND [System.Tags] CONTAINS '{key}' ORDER BY [System.Id]"
        );
        let body = json!({ "query": query });
        let path = "/wiql?$top=1&api-version=7.1".to_owned();
        let found = self.ask(Method::POST, path, JSON, Some(&body)).await?;
        let listed = found["workItems"]
            .as_array()
            .ok_or_else(|| protocol("Azure DevOps did not list the work items as expected."))?;
        match listed.first() {
            Some(first) => number(&first["id"], "Azure DevOps").map(Some),
            None => Ok(None),
        }
    }

    async fn open(&self, issue: &Issue) -> Result<String, PortError> {
        if let Some(id) = self.find(&issue.key).await? {
            let path = format!("/workitems/{id}?api-version=7.1");
            let found = self.ask(Method::GET, path, JSON, None).await?;
            return page(&found["_links"]["html"]["href"], "Azure DevOps");
        }
        let add = |field: &str, value: &str| json!({ "op": "add", "path": format!("/fields/{field}"), "value": value });
        let body = json!([
            add("System.Title", &issue.title),
            add("System.Description", &preformatted(&issue.body)),
            add("System.Tags", &format!("{LABEL}; {}", issue.key)),
        ]);
        let path = "/workitems/$Issue?api-version=7.1".to_owned();
        let made = self
            .ask(
                Method::POST,
                path,
                "application/json-patch+json",
                Some(&body),
            )
            .await?;
        page(&made["_links"]["html"]["href"], "Azure DevOps")
    }

    /// Which state means "done" differs from process to process, so the work item gets a comment and people close it.
    async fn close(&self, key: &str, comment: &str) -> Result<(), PortError> {
        let Some(id) = self.find(key).await? else {
            return Ok(());
        };
        let path = format!("/workItems/{id}/comments?api-version=7.1-preview.4");
        let said = self.ask(Method::GET, path.clone(), JSON, None).await?;
        let text = preformatted(comment);
        let ours = |said: &Value| said["text"].as_str() == Some(text.as_str());
        if said["comments"]
            .as_array()
            .is_some_and(|all| all.iter().any(ours))
        {
            return Ok(());
        }
        let body = json!({ "text": text });
        self.ask(Method::POST, path, JSON, Some(&body))
            .await
            .map(drop)
    }
}

/// Azure DevOps reads HTML: what we send is text.
fn preformatted(text: &str) -> String {
    let safe = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!("<pre>{safe}</pre>")
}

/// The page of what was made, which the host says and people will open.
fn page(said: &Value, name: &str) -> Result<String, PortError> {
    let url = said.as_str().filter(|url| {
        url.len() <= 500 && (url.starts_with("https://") || url.starts_with("http://"))
    });
    url.map(str::to_owned)
        .ok_or_else(|| protocol(format!("{name} did not say where the issue is.")))
}

fn number(said: &Value, name: &str) -> Result<u64, PortError> {
    said.as_u64()
        .ok_or_else(|| protocol(format!("{name} did not number the issue as expected.")))
}
