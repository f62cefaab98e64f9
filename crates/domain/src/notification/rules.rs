//! Of which events somebody is told. A new action is told of by one line in [`RULES`]; an action without a line is told
//! to nobody.

use super::Subject;
use super::message::MessageTone;
use crate::event::AuditAction;
use crate::identity::REVOKED_BY_PERSON;
use crate::package::{BY_SCHEDULE, RIGHT_LOST};
use crate::review::OWNERS;

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    pub action: AuditAction,
    pub when: When,
    pub subject: Subject,
    pub to: Audience,
    pub tone: MessageTone,
    /// The title. `{agent}`, `{deployment}`, `{actor}`, `{object}` and the event's own details such as `{to}` are filled in.
    pub title: &'static str,
}

/// Which events of the action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Always,
    /// Those whose detail of this name is one of these words.
    Detail(&'static str, &'static [&'static str]),
}

/// Which people, before their own choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Those who can decide the approval now: approvers of the team whom no rule excludes, and who stands in for one.
    Deciders,
    /// Those who can help where nobody decides: operators and administrators of the team.
    Helpers,
    /// Those who can close the post-review: approvers of the team who had no part in what was let through.
    Reviewers,
    /// Those who can give the role that is asked for.
    Granters,
    /// The one person whose request it answers, or whose role it is.
    Concerned,
    /// Those with a role in the agent's team.
    Team,
    /// Administrators; of a decision also whoever proposed what it is about.
    Administrators,
    /// Those who can get an evidence package: auditors and administrators of every team.
    Exporters,
}

const fn rule(
    action: AuditAction,
    when: When,
    subject: Subject,
    to: Audience,
    tone: MessageTone,
    title: &'static str,
) -> Rule {
    Rule {
        action,
        when,
        subject,
        to,
        tone,
        title,
    }
}

use Audience::{
    Administrators, Concerned, Deciders, Exporters, Granters, Helpers, Reviewers, Team,
};
use AuditAction as A;
use MessageTone::{Bad, Ok, Wait};
use When::{Always, Detail};

/// The table. An event is told of by the first line that fits.
#[rustfmt::skip]
pub const RULES: &[Rule] = &[
    rule(A::ApprovalOpened, Always, Subject::WaitsForMe, Deciders, Wait, "{agent} #{deployment} waits for approval"),
    rule(A::ApprovalReminded, Always, Subject::WaitsForMe, Deciders, Wait, "{agent} #{deployment} still waits for approval"),
    rule(A::ApprovalEscalated, Always, Subject::WaitsForMe, Helpers, Wait, "Nobody has decided about {agent} #{deployment} yet"),
    rule(A::ApprovalDecided, Detail("verdict", &["approve"]), Subject::Decided, Team, Ok, "{actor} approved {agent} #{deployment}"),
    rule(A::ApprovalSettled, Detail("state", &["stale"]), Subject::Decided, Team, Bad, "The approval of {agent} #{deployment} is stale: its manifest changed"),
    rule(A::ApprovalSettled, Detail("state", &["revoked", "expired_unused"]), Subject::Decided, Team, Bad, "The approval of {agent} #{deployment} does not hold any more"),
    rule(A::DeploymentMoved, Detail("to", &["failed"]), Subject::Failed, Team, Bad, "{agent} #{deployment} failed"),
    rule(A::DeploymentMoved, Detail("to", &["errored"]), Subject::Failed, Team, Bad, "{agent} #{deployment} could not be finished"),
    rule(A::DeploymentMoved, Detail("to", &["rejected"]), Subject::Failed, Team, Bad, "{agent} #{deployment} was rejected"),
    rule(A::DeploymentMoved, Detail("to", &["expired"]), Subject::Failed, Team, Bad, "{agent} #{deployment} expired: nobody decided in time"),
    rule(A::DeploymentMoved, Detail("to", &["cleanup_incomplete"]), Subject::Failed, Team, Bad, "The clean-up of {agent} #{deployment} is incomplete"),
    rule(A::DeploymentMoved, Detail("to", &["live"]), Subject::Live, Team, Ok, "{agent} #{deployment} is live"),
    rule(A::RolledBack, Always, Subject::Failed, Team, Bad, "{agent} was rolled back from #{deployment} to {to_version}"),
    rule(A::PushSettled, Detail("state", &["rejected", "failed"]), Subject::Failed, Team, Bad, "A push to {agent} could not become a version"),
    rule(A::HoldLifted, Always, Subject::Governance, Team, Ok, "{actor} lifted the hold on {agent} {object}"),
    rule(A::AgentDecommissioned, Always, Subject::Governance, Team, Ok, "{actor} decommissioned {agent}"),
    rule(A::PolicyProposed, Always, Subject::WaitsForMe, Administrators, Wait, "{actor} proposes version {object} of the policy"),
    rule(A::PolicyDecided, Always, Subject::Governance, Administrators, Ok, "{actor} decided on version {object} of the policy: {verdict}"),
    rule(A::PolicyWithdrawn, Always, Subject::Governance, Administrators, Ok, "{actor} took version {object} of the policy back"),
    rule(A::GlassBroken, Always, Subject::WaitsForMe, Reviewers, Bad, "{actor} broke the glass for {agent} #{deployment}: review {object}"),
    rule(A::PostReviewOverdue, Always, Subject::Failed, Team, Bad, "{object} of {agent} #{deployment} is overdue and holds up every promotion of the team"),
    rule(A::PostReviewed, Detail("state", &["reviewed_violation"]), Subject::Failed, Team, Bad, "{object}: letting {agent} #{deployment} through broke a rule"),
    rule(A::PostReviewed, Always, Subject::Governance, Team, Ok, "{object} of {agent} #{deployment} is closed"),
    rule(A::ElevationRequested, Always, Subject::WaitsForMe, Granters, Wait, "{actor} asks for the role {role} in team {team}"),
    rule(A::ElevationDecided, Always, Subject::Decided, Concerned, Ok, "{actor} decided on the role {role} for {person}: {verdict}"),
    rule(A::ElevationEnded, Detail("state", &["ended"]), Subject::Decided, Concerned, Bad, "{actor} ended the role {role} of {person} early"),
    rule(A::ElevationEnded, Detail("from", &["requested"]), Subject::Decided, Concerned, Bad, "Nobody answered the request of {person} for the role {role}"),
    rule(A::RoleTakenAway, Always, Subject::Governance, Concerned, Bad, "{actor} took the role {role} in {team} away"),
    rule(A::ReviewStarted, Always, Subject::WaitsForMe, Administrators, Wait, "{actor} started access review {object}: {items} to decide"),
    rule(A::ReviewItemDecided, Detail("asks", &[OWNERS]), Subject::Governance, Team, Wait, "{actor} asks the team of {agent} to give up the scope {what}, which nobody uses"),
    rule(A::ComplianceChanged, Detail("complies", &["false"]), Subject::Failed, Team, Bad, "{agent} #{deployment} is live and no longer complies with the policy"),
    rule(A::ComplianceChanged, Always, Subject::Governance, Team, Ok, "{agent} #{deployment} complies with the policy again"),
    rule(A::FindingRaised, Always, Subject::Failed, Team, Bad, "Finding {object} about {agent}: {what}"),
    rule(A::FindingWoken, Always, Subject::Failed, Team, Bad, "Finding {object} about {agent} is open again"),
    rule(A::FindingOwned, Always, Subject::WaitsForMe, Concerned, Wait, "{actor} gave finding {object} about {agent} to {owner}"),
    rule(A::FindingIgnored, Always, Subject::Governance, Team, Ok, "{actor} ignores finding {object} about {agent}"),
    rule(A::IncidentOpened, Always, Subject::Failed, Team, Bad, "Incident {object} about {agent} is open"),
    rule(A::IncidentReopened, Always, Subject::Failed, Team, Bad, "Incident {object} about {agent} is open again"),
    rule(A::IncidentClosed, Always, Subject::Governance, Team, Ok, "Incident {object} about {agent} is closed"),
    rule(A::QuarantineBegun, Always, Subject::Failed, Team, Bad, "{agent} #{deployment} is in quarantine"),
    rule(A::QuarantineLifted, Always, Subject::Governance, Team, Ok, "The quarantine of {agent} #{deployment} is lifted"),
    rule(A::AgentOwnerChanged, Always, Subject::WaitsForMe, Concerned, Wait, "{actor} named {owner} as the owner of {agent}"),
    rule(A::IdentitySuspended, Always, Subject::Failed, Team, Bad, "{actor} suspended the identity {object} of {agent}"),
    rule(A::IdentityResumed, Always, Subject::Governance, Team, Ok, "{actor} let the identity {object} of {agent} act again"),
    rule(A::IdentityRevoked, Detail("cause", &[REVOKED_BY_PERSON]), Subject::Failed, Team, Bad, "{actor} revoked the identity {object} of {agent}"),
    rule(A::WaiverGiven, Always, Subject::Governance, Team, Ok, "{actor} gave waiver {object} to {agent}"),
    rule(A::PasswordUsed, Always, Subject::Failed, Administrators, Bad, "{actor} signed in with a password, past the sign-in providers"),
    rule(A::UserDeactivated, Always, Subject::Governance, Administrators, Ok, "{actor} deactivated {email}: a directory says that they left"),
    rule(A::WitnessesMissed, Always, Subject::Failed, Administrators, Bad, "No witness has confirmed the audit log since {since}"),
    rule(A::WitnessesReturned, Always, Subject::Governance, Administrators, Ok, "Witnesses confirm the audit log again"),
    rule(A::WitnessSetBack, Always, Subject::Failed, Administrators, Bad, "The witness {object} has forgotten what it signed"),
    rule(A::PackageMade, Detail("ordered_as", &[BY_SCHEDULE]), Subject::WaitsForMe, Exporters, Ok, "The scheduled {title} evidence package {object} is ready"),
    rule(A::PackageMade, Always, Subject::Decided, Concerned, Ok, "The {title} evidence package {object} is ready"),
    rule(A::PackageFailed, Detail("ordered_as", &[BY_SCHEDULE]), Subject::WaitsForMe, Exporters, Bad, "The scheduled {title} evidence package {object} could not be made"),
    rule(A::PackageFailed, Always, Subject::Failed, Concerned, Bad, "The {title} evidence package {object} could not be made"),
    rule(A::PackageSchedulePaused, Detail("cause", &[RIGHT_LOST]), Subject::WaitsForMe, Administrators, Bad, "Schedule {object} of {title} evidence packages does not run"),
    rule(A::WaiverRevoked, Always, Subject::Governance, Team, Ok, "{actor} took waiver {object} of {agent} back"),
];

/// The line for an event, by its action and its details.
#[must_use]
pub fn of<'d>(
    action: AuditAction,
    detail: impl Fn(&str) -> Option<&'d str>,
) -> Option<&'static Rule> {
    RULES.iter().find(|rule| {
        rule.action == action
            && match rule.when {
                Always => true,
                Detail(name, words) => detail(name).is_some_and(|word| words.contains(&word)),
            }
    })
}

impl Rule {
    /// The title with its gaps filled. What `value` does not know stays out.
    #[must_use]
    pub fn title(&self, value: impl Fn(&str) -> Option<String>) -> String {
        let mut title = String::new();
        let mut rest = self.title;
        while let Some((before, after)) = rest.split_once('{') {
            title.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            title.push_str(&value(name).unwrap_or_default());
            rest = after;
        }
        title.push_str(rest);
        title
    }
}
