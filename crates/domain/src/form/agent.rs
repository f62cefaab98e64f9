//! Onboarding, asking and decommissioning an agent.

use serde::{Deserialize, Serialize};

use super::query::AgentQuery;
use super::{reason, text};
use crate::agent::{is_inner_path, is_tag};
use crate::error::{FieldProblem, ValidationErrors};
use crate::name::check_slug;
use crate::state;

/// Longest prompt from the console, characters.
pub const PROMPT_MAX: usize = 8_000;
/// Most agents that are labelled at once.
pub const LABELLED_MAX: usize = 200;
/// Most labels of an agent.
pub const LABELS_MAX: usize = 20;

/// A new agent as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OnboardForm {
    #[serde(default)]
    pub slug: String,
    /// Slug of the team.
    #[serde(default)]
    pub team: String,
    /// Slug of the connection.
    #[serde(default)]
    pub connection: String,
    #[serde(default)]
    pub repository: String,
    #[serde(default)]
    pub branch: String,
    /// Folder in the repository; empty for the root.
    #[serde(default)]
    pub path: String,
}

/// A new agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Onboard {
    pub slug: String,
    pub team: String,
    pub connection: String,
    pub repository: String,
    pub branch: String,
    pub path: String,
}

impl OnboardForm {
    /// Parses the form.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<Onboard, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        for (field, value) in [
            ("slug", &self.slug),
            ("team", &self.team),
            ("connection", &self.connection),
        ] {
            if let Err(problem) = check_slug(value.trim()) {
                errors.add(field, problem);
            }
        }
        let repository = text(&mut errors, "repository", &self.repository, 1, 400);
        if !repository.is_empty() && !is_repository(&repository) {
            errors.add("repository", FieldProblem::BadUrl);
        }
        let branch = if self.branch.trim().is_empty() {
            "main"
        } else {
            self.branch.trim()
        };
        if !is_branch(branch) {
            errors.add("branch", FieldProblem::BadBranch);
        }
        let path = self.path.trim().trim_matches('/');
        if !path.is_empty() && !is_inner_path(path) {
            errors.add("path", FieldProblem::BadPath);
        }
        errors.into_result()?;
        Ok(Onboard {
            slug: self.slug.trim().to_owned(),
            team: self.team.trim().to_owned(),
            connection: self.connection.trim().to_owned(),
            repository,
            branch: branch.to_owned(),
            path: path.to_owned(),
        })
    }
}

/// Allowed spellings of a repository's address. Which of them may be fetched is the server's configuration. A password in it
/// would be kept in plain sight, so it is refused: credentials belong to the connection.
#[must_use]
pub fn is_repository(url: &str) -> bool {
    let plain = !url.starts_with('-') && !url.chars().any(|c| c.is_control() || c.is_whitespace());
    let scheme = ["https://", "ssh://", "file:///"]
        .iter()
        .any(|s| url.strip_prefix(s).is_some_and(|rest| !rest.is_empty()));
    let scp = url.split_once(':').is_some_and(|(left, right)| {
        left.contains('@')
            && !left.contains('/')
            && !right.is_empty()
            && !right.starts_with(':')
            && !right.starts_with("//")
    });
    let authority = url
        .split_once("://")
        .map_or("", |(_, rest)| rest.split('/').next().unwrap_or(rest));
    let password = authority
        .rsplit_once('@')
        .is_some_and(|(user, _)| user.contains(':'));
    plain && !password && (scheme || scp || url.starts_with('/'))
}

/// True for a branch name that git accepts and that cannot be taken for an option.
#[must_use]
pub fn is_branch(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 200
        && !name.starts_with(['-', '/', '.'])
        && !name.ends_with(['/', '.'])
        && !name.ends_with(".lock")
        && !["..", "//", "@{", "/."]
            .iter()
            .any(|bad| name.contains(bad))
        && !name.chars().any(|c| {
            c.is_control()
                || c.is_whitespace()
                || matches!(c, '~' | '^' | ':' | '?' | '*' | '[' | '\\')
        })
}

/// A question to a running agent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskForm {
    #[serde(default)]
    pub agent: String,
    #[serde(default)]
    pub environment: String,
    #[serde(default)]
    pub prompt: String,
}

/// Who is to answer for an agent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnerForm {
    /// The agent's slug; the path's in the API.
    #[serde(default)]
    pub agent: String,
    /// Id or address of a person with a role in its team.
    #[serde(default)]
    pub owner: String,
}

state::words! {
    /// What is done with labels.
    LabelStep as "step" {
        Add = "add",
        Remove = "remove",
    }
}

/// Labels that several agents get or lose at once.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct LabelForm {
    /// Slugs, at most [`LABELLED_MAX`].
    pub agents: Vec<String>,
    /// Labels with commas or blanks between them.
    pub labels: String,
    /// `add` or `remove`.
    pub step: String,
    /// The list that the page's form was sent from.
    pub back: AgentQuery,
}

/// A change of labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelling {
    /// In the order of their slugs, each once.
    pub agents: Vec<String>,
    /// Sorted, each once.
    pub labels: Vec<String>,
    pub step: LabelStep,
}

impl LabelForm {
    /// Parses the form.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<Labelling, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let sorted = |words: &mut Vec<String>| {
            words.sort();
            words.dedup();
        };
        let mut agents = self.agents.clone();
        sorted(&mut agents);
        if agents.is_empty() {
            errors.add("agents", FieldProblem::Required);
        } else if agents.len() > LABELLED_MAX {
            errors.add("agents", FieldProblem::TooLong);
        }
        let words = self
            .labels
            .split([',', ' '])
            .filter(|word| !word.is_empty());
        let mut labels: Vec<String> = words.map(str::to_owned).collect();
        sorted(&mut labels);
        if labels.is_empty() {
            errors.add("labels", FieldProblem::Required);
        } else if labels.len() > LABELS_MAX {
            errors.add("labels", FieldProblem::TooLong);
        } else if !labels.iter().all(|label| is_tag(label)) {
            errors.add("labels", FieldProblem::BadLabel);
        }
        let step = self.step.parse();
        if step.is_err() {
            errors.add("step", FieldProblem::UnknownChoice);
        }
        errors.into_result()?;
        let step = step.map_err(|_| ValidationErrors::one("step", FieldProblem::UnknownChoice))?;
        Ok(Labelling {
            agents,
            labels,
            step,
        })
    }
}

/// The end of an agent, or the lifting of a hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecommissionForm {
    #[serde(default)]
    pub agent: String,
    #[serde(default)]
    pub reason: String,
}

impl DecommissionForm {
    /// The reason.
    ///
    /// # Errors
    /// When it is missing, too short or too long.
    pub fn parse(&self) -> Result<String, ValidationErrors> {
        reason(&self.reason)
    }
}

/// Another look at an agent's source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LookForm {
    /// The agent's slug; the path's in the API.
    #[serde(default)]
    pub agent: String,
}

/// The lifting of a hold on a version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LiftHoldForm {
    #[serde(default)]
    pub agent: String,
    #[serde(default)]
    pub version: String,
    #[serde(default)]
    pub reason: String,
}

impl LiftHoldForm {
    /// The reason.
    ///
    /// # Errors
    /// When it is missing, too short or too long.
    pub fn parse(&self) -> Result<String, ValidationErrors> {
        DecommissionForm {
            agent: self.agent.clone(),
            reason: self.reason.clone(),
        }
        .parse()
    }
}
