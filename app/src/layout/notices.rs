//! Results of the person's own act, told on the page that shows the new state. Closed: an address cannot make up a text.

use domain::approval::ApprovalState;
use domain::tone::Tone;
use leptos::prelude::*;

use crate::islands::Connection;
use crate::ui::load::asked;
use crate::ui::notice::NoticeBar;

macro_rules! notices {
    ($( $name:ident = $word:literal, $tone:ident, $text:literal; )+) => {
        /// What `?notice=` may say.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Notice { $($name),+ }

        impl Notice {
            fn of_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)+ _ => None }
            }

            const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            const fn text(self) -> (Tone, &'static str) {
                match self { $(Self::$name => (Tone::$tone, $text)),+ }
            }
        }
    };
}

notices! {
    Onboarded = "onboarded", Ok, "Agent registered. Nothing runs yet: the next push to its branch starts a deployment in non-prod.";
    LookOrdered = "look_ordered", Run, "Clearance looks at the repository. This page shows what it finds.";
    Decommissioned = "decommissioned", Ok, "Agent decommissioned. Its identities are revoked; what it ran on is being removed.";
    HoldLifted = "hold_lifted", Ok, "Hold lifted. This version may be deployed again.";
    PromotionStarted = "promotion_started", Ok, "Promotion started. Production changes only after the gates and the approval.";
    Cancelled = "cancelled", Ok, "Deployment cancelled. What it made is being removed; what is live stays as it is.";
    RollbackStarted = "rollback_started", Run, "Rollback started. This page shows each step until it is done.";
    Approved = "approved", Ok, "Approved. The deployment goes on by itself.";
    Recorded = "recorded", Ok, "Your decision is recorded. More approvals are needed.";
    Rejected = "rejected", Ok, "Rejected. The deployment ended; what it made is being removed.";
    PersonAdded = "person_added", Ok, "Person added. They can sign in now.";
    RoleGiven = "role_given", Ok, "Role given. It holds from the next click on.";
    SessionEnded = "session_ended", Ok, "Session ended. Its browser is signed out with the next click, an open page within seconds.";
    SessionsEnded = "sessions_ended", Ok, "Every other session of yours is ended.";
    TokenRevoked = "token_revoked", Ok, "Token revoked. It opens nothing any more.";
    AccountLinked = "account_linked", Ok, "Account linked. You can sign in with it from now on.";
    PasskeyAdded = "passkey_added", Ok, "Passkey added. From now on it is asked for after your password.";
    PasskeyRemoved = "passkey_removed", Ok, "Passkey removed. It opens nothing any more.";
    PasskeysReset = "passkeys_reset", Ok, "Their passkeys are taken away. Tell the person to add a new one.";
    TeamCreated = "team_created", Ok, "Team created.";
    SignedOut = "signed_out", Ok, "You are signed out.";
    PolicyActive = "policy_active", Ok, "Approved. New deployments begin with this policy; those on their way keep theirs.";
    PolicyRejected = "policy_rejected", Ok, "Rejected. The policy stays as it is.";
    PolicyWithdrawn = "policy_withdrawn", Ok, "Withdrawn. The policy stays as it is.";
    FindingIgnored = "finding_ignored", Ok, "Ignored until that day. It ends by itself when it is over.";
    FindingOwned = "finding_owned", Ok, "Kept. Whoever looks after the finding now is told of it.";
    ChannelRemoved = "channel_removed", Ok, "Channel removed. Its address is forgotten.";
    ChannelTested = "channel_tested", Run, "Test message on its way. It is the newest one on this page.";
    SentAgain = "sent_again", Run, "On its way again. This page shows what becomes of it.";
    NotificationsChosen = "notifications_chosen", Ok, "Your choice is kept. It holds for what happens from now on.";
    ConnectionChanged = "connection_changed", Ok, "Connection changed. It holds for what happens from now on.";
    WaiverGiven = "waiver_given", Ok, "Waived. A gate that is judged from now on, or a promotion, takes it into account.";
    WaiverRevoked = "waiver_revoked", Ok, "Revoked. What is live and leans on it no longer complies.";
    FindingReverting = "finding_reverting", Run, "What was approved is being put back. The finding ends by itself when that is seen.";
    IncidentOpened = "incident_opened", Ok, "Incident opened. Nothing is stopped by it.";
    IncidentTaken = "incident_taken", Ok, "You look after this incident now.";
    IncidentMitigated = "incident_mitigated", Ok, "Mitigated. Close the incident when it is known what is learnt.";
    IncidentReopened = "incident_reopened", Wait, "The incident is open again.";
    IncidentClosed = "incident_closed", Ok, "Closed. What was learnt is kept with the incident.";
    QuarantineBegun = "quarantine_begun", Run, "Its identity is suspended. Its runtime is being stopped.";
    QuarantineLifted = "quarantine_lifted", Run, "Its runtime is being started; its identity is usable right after.";
    Commented = "commented", Ok, "Your comment is written.";
    Withdrawn = "withdrawn", Ok, "Withdrawn. The deployment ended; what it made is being removed.";
    Revoked = "revoked", Ok, "Approval revoked. The deployment ended; what it made is being removed.";
    GroupCreated = "group_created", Ok, "Group created. Add its people next; a policy can ask for them.";
    GroupChanged = "group_changed", Ok, "The group is changed. Decisions from now on count by it.";
    AddressLinked = "address_linked", Ok, "Git address linked. What was committed under it counts as this person's.";
    StandInNamed = "stand_in_named", Ok, "Stand-in named. They decide in your name for that time, never beside you.";
    StandInEnded = "stand_in_ended", Ok, "Ended. Nobody stands in any more.";
    GlassBroken = "glass_broken", Wait, "The glass is broken. The deployment goes on by itself, and its review is due: see the mark below.";
    PostReviewed = "post_reviewed", Ok, "The post-review is closed. What it held up goes on by itself.";
    ElevationRequested = "elevation_requested", Ok, "Asked. An administrator or an approver of the team answers; until then nothing changes.";
    ElevationGiven = "elevation_given", Ok, "Given. The role is held from now on, and ends by the clock.";
    ElevationRejected = "elevation_rejected", Ok, "Rejected. Nobody holds anything by it.";
    ElevationEnded = "elevation_ended", Ok, "Ended. It takes effect with the next click.";
    RoleTakenAway = "role_taken_away", Ok, "Role taken away.";
    ReviewStarted = "review_started", Ok, "Started. What is listed is as it was just now; decide about each below.";
    AccessKept = "access_kept", Ok, "Kept.";
    AccessRemoved = "access_removed", Ok, "Removed. It takes effect with the next click or call.";
    AccessReferred = "access_referred", Wait, "Recorded, and asked of whoever can take it away. Nothing was taken away yet.";
    AccessGone = "access_gone", Ok, "It was gone already. That is what is recorded.";
    ReviewSigned = "review_signed", Ok, "Signed off. The review is only read from now on; its digest stands in the audit trail.";
    PackageOrdered = "package_ordered", Run, "Ordered. This page shows how far it is, and the download once it is ready.";
    PackageRemoved = "package_removed", Ok, "Removed. Its digest stays in the audit trail.";
    ScheduleAdded = "schedule_added", Ok, "Added. Its first package is made when the period that runs now is over.";
    SchedulePaused = "schedule_paused", Ok, "Paused. What it misses is made when somebody resumes it, of the last twelve periods.";
    ScheduleResumed = "schedule_resumed", Ok, "It runs again, by your right.";
    ScheduleRemoved = "schedule_removed", Ok, "Removed. The packages that it had made stay.";
    IdentityRevoked = "identity_revoked", Ok, "Revoked. It gets no token, and every token that is out is inactive. Its key is being removed.";
    IdentityKeyAsked = "identity_key_asked", Run, "Asked. Once its provider has the new key, nothing that the old one signs counts.";
    LegalHoldPlaced = "legal_hold_placed", Ok, "Placed. Nothing of it is removed until the hold is released.";
    LegalHoldReleased = "legal_hold_released", Ok, "Released. What the policy keeps no longer is removed within the hour.";
    ViewSaved = "view_saved", Ok, "View saved. It is among the saved views from now on.";
    ViewChanged = "view_changed", Ok, "View changed.";
    ViewRemoved = "view_removed", Ok, "View removed. What it showed stays in the audit trail.";
    IdentityBound = "identity_bound", Ok, "Recorded. What a log says of that name from now on is this identity's.";
    IdentityUnbound = "identity_unbound", Ok, "Recorded. What was attributed before stays.";
    Labelled = "labelled", Ok, "Saved. The labels are in the list, and in the audit trail.";
    OwnerNamed = "owner_named", Ok, "Named. They answer for this agent from now on, and are told.";
    IdentitySuspended = "identity_suspended", Wait, "Suspended. It gets no token, and every token that is out is inactive, until somebody lets it act again.";
    IdentityResumed = "identity_resumed", Run, "It may act again as soon as its provider has answered.";
    ResourceDescribed = "resource_described", Ok, "Kept. Approvers read it beside the scopes that are asked for.";
    ResourceForgotten = "resource_forgotten", Ok, "Taken out of the catalogue. Scopes of it stay what they are.";
    SigningKeyRotated = "signing_key_rotated", Ok, "Another key is published. It signs in a quarter of an hour; until then the one before goes on.";
    ServiceAccountMade = "service_account_made", Ok, "Service account made. It can do nothing until it trusts a CI: add a trust rule next.";
    ServiceAccountDisabled = "service_account_disabled", Ok, "Disabled. It gets no token, and those that were out open nothing.";
    ServiceAccountEnabled = "service_account_enabled", Ok, "Enabled. It gets tokens again by its trust rules.";
    ServiceAccountRemoved = "service_account_removed", Ok, "Removed, with its trust rules and its tokens.";
    TrustAdded = "trust_added", Ok, "Trust rule added. It holds from the next run on.";
    TrustRemoved = "trust_removed", Ok, "Trust rule removed. A token that was given by it ends within a quarter of an hour.";
    DirectoryTokenRevoked = "directory_token_revoked", Ok, "Revoked. It opens nothing from the next call on.";
    SetUp = "set_up", Ok, "Clearance is set up. Connect a git host next, then onboard an agent.";
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

impl Notice {
    /// What a decision came to.
    pub(crate) const fn of_decision(state: ApprovalState) -> Self {
        match state {
            ApprovalState::Open => Self::Recorded,
            ApprovalState::Approved | ApprovalState::Consumed => Self::Approved,
            ApprovalState::Rejected
            | ApprovalState::Expired
            | ApprovalState::Withdrawn
            | ApprovalState::Stale
            | ApprovalState::Revoked
            | ApprovalState::ExpiredUnused => Self::Rejected,
        }
    }
}

/// The notice of the address, and the one that says live updates are lost.
#[component]
pub(crate) fn Notices() -> impl IntoView {
    let notice = Notice::of_word(&asked("notice")).map(|notice| {
        let (tone, text) = notice.text();
        view! {
            <NoticeBar tone=tone>
                <p>{text}</p>
            </NoticeBar>
        }
    });
    view! {
        {notice}
        <Connection/>
    }
}

#[cfg(test)]
mod tests {
    use super::Notice;

    #[test]
    fn only_known_words_become_notices() {
        assert_eq!(Notice::of_word("approved"), Some(Notice::Approved));
        assert_eq!(
            Notice::of_word(&Notice::HoldLifted.to_string()),
            Some(Notice::HoldLifted)
        );
        assert_eq!(Notice::of_word("<b>you won</b>"), None);
    }
}
