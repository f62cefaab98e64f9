//! How many must approve, and from which groups some of them must be.

use serde::{Deserialize, Serialize};

use super::{Candidate, Parties, may_decide};
use crate::id::UserId;

/// So many of the approvals must be of people of one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequiredGroup {
    /// Slug.
    pub group: String,
    pub count: u32,
}

/// What an approval must come to. One person's approval counts once for the quorum, and once for each of their groups.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rule {
    pub quorum: u32,
    pub required: Vec<RequiredGroup>,
}

/// What is still missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lacking {
    pub approvals: u32,
    /// Groups from which approvals are missing, with how many.
    pub groups: Vec<RequiredGroup>,
}

impl Lacking {
    /// Nothing is missing.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.approvals == 0 && self.groups.is_empty()
    }

    /// How many more people must approve at the least.
    #[must_use]
    pub fn people(&self) -> u32 {
        let most = self.groups.iter().map(|g| g.count).max().unwrap_or(0);
        self.approvals.max(most)
    }

    /// "2 approvals, 1 of group security".
    #[must_use]
    pub fn words(&self) -> String {
        let people = match self.people() {
            1 => "1 approval".to_owned(),
            n => format!("{n} approvals"),
        };
        let groups = self
            .groups
            .iter()
            .map(|g| format!(", {} of group {}", g.count, g.group));
        std::iter::once(people).chain(groups).collect()
    }
}

impl Rule {
    /// The groups it asks for.
    #[must_use]
    pub fn groups(&self) -> Vec<String> {
        self.required.iter().map(|r| r.group.clone()).collect()
    }

    /// What approvals, each with the groups that it counts for, leave missing.
    #[must_use]
    pub fn lacking(&self, approvals: &[Vec<String>]) -> Lacking {
        let given = u32::try_from(approvals.len()).unwrap_or(u32::MAX);
        let groups = self.required.iter().filter_map(|asked| {
            let of = approvals.iter().filter(|a| a.contains(&asked.group));
            let missing = asked.count.saturating_sub(count(of.count()));
            (missing > 0).then(|| RequiredGroup {
                group: asked.group.clone(),
                count: missing,
            })
        });
        Lacking {
            approvals: self.quorum.saturating_sub(given),
            groups: groups.collect(),
        }
    }

    /// Which part of what is missing these people cannot give any more; met when they can. Accounts of one person are one.
    /// Only roles of their own count: whoever can be stood in for can decide as well, and both together are one voice.
    #[must_use]
    pub fn beyond(&self, lacking: &Lacking, people: &[Candidate], parties: &Parties) -> Lacking {
        let mut used: Vec<UserId> = Vec::new();
        let mut able: Vec<&[String]> = Vec::new();
        for person in people.iter().filter(|c| c.approver) {
            if may_decide(person, parties).is_ok() && !used.contains(&person.person()) {
                used.push(person.person());
                able.push(&person.groups);
            }
        }
        let groups = lacking.groups.iter().filter_map(|asked| {
            let of = able.iter().filter(|groups| groups.contains(&asked.group));
            let missing = asked.count.saturating_sub(count(of.count()));
            (missing > 0).then(|| RequiredGroup {
                group: asked.group.clone(),
                count: missing,
            })
        });
        Lacking {
            approvals: lacking.people().saturating_sub(count(able.len())),
            groups: groups.collect(),
        }
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
