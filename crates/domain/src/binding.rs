//! What a runtime's own provider calls an identity: the workload identity that a cloud gives a runtime. A log of that cloud names
//! it, so it leads to the agent, its version and its approval here too.

use crate::state::words;

/// Longest principal, bytes.
pub const PRINCIPAL_MAX: usize = 200;
/// Most that one identity is called by at a time.
pub const BINDINGS_MAX: usize = 10;

words! {
    /// Who gave the name.
    BindingProvider as "workload identity provider" {
        /// Bedrock AgentCore's directory of workload identities.
        AwsWorkloadIdentity = "aws_workload_identity",
        /// The agent identity of Vertex AI Agent Engine.
        GcpAgentIdentity = "gcp_agent_identity",
    }
}

impl BindingProvider {
    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::AwsWorkloadIdentity => "AgentCore workload identity",
            Self::GcpAgentIdentity => "Agent Engine agent identity",
        }
    }

    /// What its principals look like.
    #[must_use]
    pub const fn example(self) -> &'static str {
        match self {
            Self::AwsWorkloadIdentity => {
                "arn:aws:bedrock-agentcore:eu-central-1:123456789012:workload-identity-directory/default/workload-identity/sales"
            }
            Self::GcpAgentIdentity => {
                "principal://agents.global.org-123456789012.system.id.goog/resources/aiplatform/projects/123456789012/locations/europe-west3/reasoningEngines/1234567890"
            }
        }
    }

    /// Is it one of its principals, by its form?
    #[must_use]
    pub fn names(self, principal: &str) -> bool {
        if principal.len() > PRINCIPAL_MAX || !principal.bytes().all(|b| b.is_ascii_graphic()) {
            return false;
        }
        match self {
            Self::AwsWorkloadIdentity => is_workload_arn(principal),
            Self::GcpAgentIdentity => ["principal://agents.", "spiffe://agents."]
                .iter()
                .filter_map(|scheme| principal.strip_prefix(scheme))
                .any(|rest| {
                    rest.split_once(".system.id.goog/resources/")
                        .is_some_and(|(place, thing)| !place.is_empty() && !thing.is_empty())
                }),
        }
    }
}

/// `arn:<partition>:bedrock-agentcore:<region>:<account>:workload-identity-directory/<directory>/workload-identity/<name>`
fn is_workload_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [
        "arn",
        partition,
        "bedrock-agentcore",
        region,
        account,
        resource,
    ] = parts.as_slice()
    else {
        return false;
    };
    let digits = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    let pieces: Vec<&str> = resource.split('/').collect();
    let right = matches!(
        pieces.as_slice(),
        ["workload-identity-directory", directory, "workload-identity", name]
            if !directory.is_empty() && !name.is_empty()
    );
    !partition.is_empty() && !region.is_empty() && digits && right
}
