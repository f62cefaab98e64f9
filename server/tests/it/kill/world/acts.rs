//! What teams, approvers and operators do meanwhile, over HTTP.

use control_plane::approvals;
use domain::deployment::DeploymentState;
use domain::environment::Environment;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

use super::World;

impl World {
    /// Commits the agent with an overlay and delivers the push, signed.
    pub(in crate::kill) async fn push(&mut self, agent: usize, overlay: &str) {
        let (path, secret) = self.webhook.clone();
        let url = self.url(&path);
        let repository = &mut self.repositories[agent];
        let before = std::mem::take(&mut repository.head);
        repository.commit(overlay);
        let body = json!({ "ref": "refs/heads/main", "before": before, "after": repository.head,
            "repository": { "clone_url": repository.path }, "pusher": { "name": "Dev Team" } });
        let body = body.to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(body.as_bytes());
        let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        let request = self
            .client
            .post(url)
            .header("x-github-event", "push")
            .header("x-github-delivery", &repository.head);
        let answer = request
            .header("x-hub-signature-256", signature)
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 202);
    }

    /// Approves what waits, as the page's form does.
    pub(in crate::kill) async fn approve_all(&self) {
        for row in self.deployments().await {
            if row.state != DeploymentState::AwaitingApproval {
                continue;
            }
            // It may be withdrawn between the two looks.
            let Ok(page) = approvals::get(&self.cp, &self.approver, row.number).await else {
                continue;
            };
            let form = [
                ("form[number]", row.number.to_string()),
                ("form[verdict]", "approve".to_owned()),
                ("form[manifest_digest]", page.manifest_digest),
                ("form[accepted_scopes]", page.diff.added_scopes.join(" ")),
            ];
            let request = self
                .client
                .post(self.url("/rpc/approvals/decide"))
                .header("origin", self.url(""))
                .header("cookie", &self.cookie);
            drop(request.form(&form).send().await.unwrap());
        }
    }

    /// Goes back from what the agent has live in production, if the server lets.
    pub(in crate::kill) async fn roll_back(&self, agent: usize) {
        let of_agent = self.of(agent).await;
        let live = of_agent.iter().find(|row| {
            row.environment == Environment::Production && row.state == DeploymentState::Live
        });
        if let Some(row) = live {
            self.command(row.number, "rollback").await;
        }
    }

    /// Cancels the newest deployment of the agent that is on its way.
    pub(in crate::kill) async fn cancel(&self, agent: usize) {
        if let Some(row) = self
            .of(agent)
            .await
            .iter()
            .find(|row| row.state.in_progress())
        {
            self.command(row.number, "cancel").await;
        }
    }

    async fn command(&self, number: i64, what: &str) {
        let body = json!({ "reason": "The test wants to see what becomes of it." }).to_string();
        let request = self
            .client
            .post(self.url(&format!("/api/v1/deployments/{number}/{what}")))
            .bearer_auth(&self.token);
        let answer = request
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        assert!(
            matches!(status, 202 | 409),
            "{what} of #{number} was answered {status}: {}",
            answer.text().await.unwrap()
        );
    }
}
