//! Who may answer, and in whose name. Administrators are no exception, and standing in for somebody is no way around.

use serde::{Deserialize, Serialize};

use super::Parties;
use crate::error::Exclusion;
use crate::id::UserId;

/// Somebody who is away and named a stand-in, with the roles of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absent {
    pub id: UserId,
    pub name: String,
    /// Every account of this person, this one among them.
    pub accounts: Vec<UserId>,
    pub emails: Vec<String>,
    pub approver: bool,
    /// Slugs of their groups.
    pub groups: Vec<String>,
}

/// What the rules must know of a person: every address and account that they may be known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub id: UserId,
    pub name: String,
    /// Sign-in and linked git addresses of all accounts of this person, lower case.
    pub emails: Vec<String>,
    /// Every account of this person, this one among them, the smallest first.
    pub accounts: Vec<UserId>,
    /// By a role of their own.
    pub approver: bool,
    /// Slugs of their groups.
    pub groups: Vec<String>,
    /// Who is away now and named them.
    pub stands_in_for: Vec<Absent>,
}

/// In whose name a decision is, and for which groups it counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Voice {
    pub on_behalf_of: Option<(UserId, String)>,
    pub groups: Vec<String>,
}

impl Candidate {
    /// An approver with one account, in no group, who stands in for nobody.
    #[must_use]
    pub fn approver(id: UserId, name: &str, emails: Vec<String>) -> Self {
        Self {
            id,
            name: name.to_owned(),
            emails,
            accounts: vec![id],
            approver: true,
            groups: Vec::new(),
            stands_in_for: Vec::new(),
        }
    }

    /// The same for all accounts of one person.
    #[must_use]
    pub fn person(&self) -> UserId {
        self.accounts.iter().min().copied().unwrap_or(self.id)
    }
}

/// May this person decide? Administrators are no exception (invariant 2).
///
/// # Errors
/// The first rule that excludes them.
pub fn may_decide(person: &Candidate, parties: &Parties) -> Result<(), Exclusion> {
    voice(person, parties, &[]).map(drop)
}

/// In whose name this person would decide, where the rule asks for some groups.
///
/// A person with the role decides in their own name; they take the name of somebody who is away only to bring in a group
/// that they are not in themselves. Whoever is without the role needs such a name. The separation of duties holds for
/// the person *and* for whoever is away; a name that was used counts as having decided.
///
/// # Errors
/// The first rule that excludes them.
pub fn voice(person: &Candidate, parties: &Parties, asked: &[String]) -> Result<Voice, Exclusion> {
    let stands_in = person.stands_in_for.iter().any(|a| a.approver);
    if !person.approver && !stands_in {
        return Err(Exclusion::NotApprover);
    }
    part(&person.accounts, &person.emails, parties)?;
    let mut free = person
        .stands_in_for
        .iter()
        .filter(|a| a.approver && part(&a.accounts, &a.emails, parties).is_ok());
    let brings = |a: &&Absent| {
        let new = |group: &&String| asked.contains(group) && !person.groups.contains(group);
        a.groups.iter().any(|group| new(&group))
    };
    let name = match (free.clone().find(brings), person.approver) {
        (Some(absent), _) => Some(absent),
        (None, true) => None,
        (None, false) => Some(free.next().ok_or(Exclusion::StandsForExcluded)?),
    };
    let mut groups = person.groups.clone();
    groups.extend(name.iter().flat_map(|a| a.groups.iter().cloned()));
    groups.sort();
    groups.dedup();
    Ok(Voice {
        on_behalf_of: name.map(|a| (a.id, a.name.clone())),
        groups,
    })
}

/// The part that somebody had in the deployment, under any of their accounts and addresses.
fn part(accounts: &[UserId], emails: &[String], parties: &Parties) -> Result<(), Exclusion> {
    let is = |email: &String| emails.contains(email);
    let did = |user: &UserId| accounts.contains(user);
    if parties.decided.iter().any(did) {
        return Err(Exclusion::AlreadyDecided);
    }
    if parties.requester.as_ref().is_some_and(did) {
        return Err(Exclusion::Requester);
    }
    if is(&parties.author_email) {
        return Err(Exclusion::CommitAuthor);
    }
    if is(&parties.committer_email) {
        return Err(Exclusion::Committer);
    }
    if parties.config_editor_emails.iter().any(is) {
        return Err(Exclusion::ConfigEditor);
    }
    if parties.author_emails.iter().any(is) {
        return Err(Exclusion::CommitAuthor);
    }
    if parties.committer_emails.iter().any(is) {
        return Err(Exclusion::Committer);
    }
    if parties.breaker.as_ref().is_some_and(did) {
        return Err(Exclusion::Breaker);
    }
    if parties.waiver_givers.iter().any(did) {
        return Err(Exclusion::WaiverGiver);
    }
    Ok(())
}
