//! What is missing for the first green deployment, each with the next step. Worked out from facts, kept nowhere.

use serde::{Deserialize, Serialize};

use super::{Detected, LookProblem, LookState};
use crate::agent::ManifestProblem;
use crate::delivery::PushState;
use crate::gate::Gate;
use crate::state::words;
use crate::tone::Tone;

words! {
    /// One line of the list.
    SetupCheck as "set-up check" {
        WebhookSecret = "webhook_secret",
        Delivery = "delivery",
        Repository = "repository",
        Branch = "branch",
        EntryPoint = "entry_point",
        Requirements = "requirements",
        Manifest = "manifest",
        Suites = "suites",
        Owner = "owner",
        Deployment = "deployment",
    }
}

words! {
    /// How one line stands.
    SetupState as "set-up state" {
        Met = "met",
        /// It works without, and is better with it.
        Better = "better",
        Missing = "missing",
        /// Clearance is at it.
        Running = "running",
        /// Nobody could tell yet.
        Unknown = "unknown",
    }
}

impl SetupState {
    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Met => Tone::Ok,
            Self::Better | Self::Missing => Tone::Wait,
            Self::Running => Tone::Run,
            Self::Unknown => Tone::Idle,
        }
    }

    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Met => "Done",
            Self::Better => "Recommended",
            Self::Missing => "Missing",
            Self::Running => "Under way",
            Self::Unknown => "Not known yet",
        }
    }
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetupItem {
    pub check: SetupCheck,
    pub state: SetupState,
    /// What is so.
    pub text: String,
    /// What to do next; empty where there is nothing to do.
    pub next: String,
}

/// How far the first deployment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployed {
    Nothing,
    /// Its number, on its way.
    Running(i64),
    /// Its number; it ended without going live.
    Ended(i64),
    Live(i64),
}

impl Deployed {
    /// The deployment's number.
    #[must_use]
    pub const fn number(self) -> Option<i64> {
        match self {
            Self::Nothing => None,
            Self::Running(number) | Self::Ended(number) | Self::Live(number) => Some(number),
        }
    }
}

/// What the list is worked out from.
#[derive(Debug, Clone)]
pub struct SetupFacts<'a> {
    pub branch: &'a str,
    /// None before a look.
    pub look: Option<LookState>,
    pub problem: Option<LookProblem>,
    pub found: Option<&'a Detected>,
    /// The secret of the connection's webhook could be read; none before a look.
    pub secret_known: Option<bool>,
    /// A delivery of the connection came in that was about this agent.
    pub delivered: bool,
    /// A push was found by looking at the branch or by a delivery.
    pub head_known: bool,
    /// What became of the newest push.
    pub push: Option<PushState>,
    /// What was wrong in the manifest of the newest push.
    pub push_problems: usize,
    /// Gates with suites that the policy of its first environment asks for, health and file gates left out.
    pub gates: &'a [Gate],
    pub owned: bool,
    pub deployed: Deployed,
}

/// The list, in the order in which people do it.
#[must_use]
pub fn checklist(facts: &SetupFacts<'_>) -> Vec<SetupItem> {
    vec![
        secret(facts),
        delivery(facts),
        repository(facts),
        branch(facts),
        entry_point(facts),
        requirements(facts),
        manifest(facts),
        suites(facts),
        owner(facts),
        deployment(facts),
    ]
}

fn item(
    check: SetupCheck,
    state: SetupState,
    text: impl Into<String>,
    next: impl Into<String>,
) -> SetupItem {
    SetupItem {
        check,
        state,
        text: text.into(),
        next: next.into(),
    }
}

/// Where the look has not come to an end, or came to a bad one.
fn untold(facts: &SetupFacts<'_>, check: SetupCheck, what: &str) -> SetupItem {
    match facts.look {
        Some(LookState::Ordered) => item(
            check,
            SetupState::Running,
            format!("{what}: Clearance is looking at the repository"),
            "",
        ),
        Some(LookState::Failed | LookState::Done) | None => item(
            check,
            SetupState::Unknown,
            format!("{what}: not looked at yet"),
            "Let Clearance look at the repository.",
        ),
    }
}

fn secret(facts: &SetupFacts<'_>) -> SetupItem {
    let check = SetupCheck::WebhookSecret;
    match facts.secret_known {
        Some(true) => item(
            check,
            SetupState::Met,
            "The connection's webhook secret is known",
            "",
        ),
        Some(false) => item(
            check,
            SetupState::Missing,
            "The connection's webhook secret cannot be read",
            "Set what its reference names, on the server; until then every delivery is refused.",
        ),
        None => untold(facts, check, "The webhook secret"),
    }
}

fn delivery(facts: &SetupFacts<'_>) -> SetupItem {
    if facts.delivered {
        item(
            SetupCheck::Delivery,
            SetupState::Met,
            "A delivery of the repository has come in",
            "",
        )
    } else {
        item(
            SetupCheck::Delivery,
            SetupState::Better,
            "No delivery of the repository has come in yet",
            "Create the webhook with the settings on this page. Without it a push is found a little later, by looking at the branch.",
        )
    }
}

fn repository(facts: &SetupFacts<'_>) -> SetupItem {
    let check = SetupCheck::Repository;
    match (facts.problem, facts.found) {
        (Some(LookProblem::RepositoryUnread), _) => item(
            check,
            SetupState::Missing,
            LookProblem::RepositoryUnread.label(),
            "Check its address, and that the server may read it; then look again.",
        ),
        (Some(_), _) | (None, Some(_)) => {
            item(check, SetupState::Met, "The repository can be read", "")
        }
        (None, None) => untold(facts, check, "The repository"),
    }
}

fn branch(facts: &SetupFacts<'_>) -> SetupItem {
    let (check, branch) = (SetupCheck::Branch, facts.branch);
    match (facts.problem, facts.found) {
        (Some(LookProblem::BranchMissing), _) => item(
            check,
            SetupState::Missing,
            format!("There is no branch {branch}"),
            format!("Push a first commit to {branch}."),
        ),
        (Some(LookProblem::FolderMissing), _) => item(
            check,
            SetupState::Missing,
            format!("Branch {branch} has no such folder"),
            "Push the agent's folder, or onboard it with the folder that it lies in.",
        ),
        (_, Some(_)) | (Some(LookProblem::NotAnalysed), None) => item(
            check,
            SetupState::Met,
            format!("Branch {branch} has the agent's folder"),
            "",
        ),
        (Some(LookProblem::RepositoryUnread) | None, None) => untold(facts, check, "The branch"),
    }
}

fn entry_point(facts: &SetupFacts<'_>) -> SetupItem {
    let check = SetupCheck::EntryPoint;
    let Some(found) = facts.found else {
        return untold(facts, check, "The entry point");
    };
    match &found.entrypoint {
        Some(file) => item(
            check,
            SetupState::Met,
            format!("The entry point is {}", file.value),
            "",
        ),
        None => item(
            check,
            SetupState::Missing,
            "No entry point was found",
            "Add a Python file that serves GET /ping and POST /invocations, and name it under runtime.entrypoint.",
        ),
    }
}

fn requirements(facts: &SetupFacts<'_>) -> SetupItem {
    let check = SetupCheck::Requirements;
    let Some(found) = facts.found else {
        return untold(facts, check, "The requirements");
    };
    match &found.requirements {
        Some(file) if file.unpinned.is_empty() => item(
            check,
            SetupState::Met,
            format!("{} pins {} packages", file.file, file.pinned),
            "",
        ),
        Some(file) => {
            let names: Vec<&str> = file
                .unpinned
                .iter()
                .take(3)
                .map(|one| one.value.as_str())
                .collect();
            let more = if file.unpinned.len() > names.len() {
                " and others"
            } else {
                ""
            };
            item(
                check,
                SetupState::Missing,
                format!("{} does not pin {}{more}", file.file, names.join(", ")),
                "Write an exact version of each, such as httpx==0.28.1, so that a version builds the same image again.",
            )
        }
        None if found.dependencies.is_empty() => {
            item(check, SetupState::Met, "No package has to be installed", "")
        }
        None => item(
            check,
            SetupState::Missing,
            "There is no requirements.txt",
            "Write one with the exact version of each package, and name it under runtime.requirements.",
        ),
    }
}

fn manifest(facts: &SetupFacts<'_>) -> SetupItem {
    let check = SetupCheck::Manifest;
    // Where the look saw that there is none, that is the one problem.
    let there = facts.found.is_none_or(|found| found.manifest.is_some());
    if facts.push == Some(PushState::Rejected) && there {
        let count = problems(facts.push_problems);
        return item(
            check,
            SetupState::Missing,
            format!("clearance.yaml of the newest push has {count}"),
            "They stand on the agent's page with file, line and column. Put them right and push.",
        );
    }
    let Some(found) = facts.found else {
        return untold(facts, check, "clearance.yaml");
    };
    match &found.manifest {
        Some(one) if one.problems.is_empty() => item(
            check,
            SetupState::Met,
            "clearance.yaml is there and valid",
            "",
        ),
        Some(one) => {
            let first = one.problems.first().map_or_else(String::new, place);
            item(
                check,
                SetupState::Missing,
                format!(
                    "clearance.yaml has {}: {first}",
                    problems(one.problems.len())
                ),
                "Put it right, or compare it with the proposal.",
            )
        }
        None => item(
            check,
            SetupState::Missing,
            "There is no clearance.yaml",
            "Take the proposed file, read it, and push it to the agent's folder.",
        ),
    }
}

fn problems(count: usize) -> String {
    if count == 1 {
        "1 problem".to_owned()
    } else {
        format!("{count} problems")
    }
}

fn place(problem: &ManifestProblem) -> String {
    match problem.line {
        0 => problem.message.clone(),
        line => format!("line {line}: {}", problem.message),
    }
}

fn suites(facts: &SetupFacts<'_>) -> SetupItem {
    let check = SetupCheck::Suites;
    if facts.gates.is_empty() {
        return item(check, SetupState::Met, "The policy asks for no suites", "");
    }
    let Some(found) = facts.found else {
        return untold(facts, check, "The suites");
    };
    // What the manifest names is what counts; before there is one, what lies beside the agent.
    let named = |gate: &Gate| match &found.manifest {
        Some(one) => one.suites.contains(gate),
        None => found.suites.iter().any(|suite| suite.gate == *gate),
    };
    let missing: Vec<&str> = facts
        .gates
        .iter()
        .filter(|gate| !named(gate))
        .map(|gate| gate.label())
        .collect();
    if missing.is_empty() {
        return item(
            check,
            SetupState::Met,
            "Every gate that the policy asks for has a suite",
            "",
        );
    }
    item(
        check,
        SetupState::Missing,
        format!(
            "The policy asks for gates that have no suite: {}",
            missing.join(", ")
        ),
        "Write cases for each under evaluation/ and name the files in clearance.yaml. `clearance suites check` looks at a file.",
    )
}

fn owner(facts: &SetupFacts<'_>) -> SetupItem {
    if facts.owned {
        item(
            SetupCheck::Owner,
            SetupState::Met,
            "Somebody answers for the agent",
            "",
        )
    } else {
        item(
            SetupCheck::Owner,
            SetupState::Better,
            "Nobody answers for the agent",
            "Name its owner on the agent's page.",
        )
    }
}

fn deployment(facts: &SetupFacts<'_>) -> SetupItem {
    let check = SetupCheck::Deployment;
    match facts.deployed {
        Deployed::Live(number) => item(
            check,
            SetupState::Met,
            format!("Deployment #{number} is live"),
            "",
        ),
        Deployed::Running(number) => item(
            check,
            SetupState::Running,
            format!("Deployment #{number} is on its way"),
            "Its page shows each step.",
        ),
        Deployed::Ended(number) => item(
            check,
            SetupState::Missing,
            format!("Deployment #{number} did not go live"),
            "Its page says why. Put it right and push.",
        ),
        Deployed::Nothing if facts.head_known => item(
            check,
            SetupState::Missing,
            "Nothing was deployed yet",
            "A push with a valid clearance.yaml starts the first deployment.",
        ),
        Deployed::Nothing => item(
            check,
            SetupState::Missing,
            "Nothing was pushed yet",
            format!(
                "git push origin {} starts the first deployment.",
                facts.branch
            ),
        ),
    }
}

#[cfg(test)]
mod tests;
