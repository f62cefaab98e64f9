//! Errors that cross layers: what was wrong with a form, and what a caller may be told.

use serde::{Deserialize, Serialize};

use crate::authz::Action;
use crate::state::words;

words! {
    /// What is wrong with one field. Closed, so that no free text travels in a URL.
    FieldProblem as "field problem" {
        Required = "required",
        TooLong = "too_long",
        TooShort = "too_short",
        BadSlug = "bad_slug",
        BadEmail = "bad_email",
        BadUrl = "bad_url",
        BadBranch = "bad_branch",
        BadPath = "bad_path",
        BadNumber = "bad_number",
        BadId = "bad_id",
        BadLabel = "bad_label",
        UnknownChoice = "unknown_choice",
        Taken = "taken",
        AlreadyHeld = "already_held",
        NotAccepted = "not_accepted",
        Mismatch = "mismatch",
        BadPolicy = "bad_policy",
        BadDate = "bad_date",
        DateOutOfRange = "date_out_of_range",
        BadAddress = "bad_address",
        TooLate = "too_late",
        NotWaivable = "not_waivable",
        BadTime = "bad_time",
        SamePerson = "same_person",
        NoApprover = "no_approver",
        OutOfRange = "out_of_range",
        BadIncident = "bad_incident",
        BadEnvelope = "bad_envelope",
        UnknownSigner = "unknown_signer",
        OtherBuild = "other_build",
        OtherDeployment = "other_deployment",
        Contradiction = "contradiction",
        NotTheirGate = "not_their_gate",
        BelowThreshold = "below_threshold",
        BadScopePart = "bad_scope_part",
        BadClaim = "bad_claim",
        NotAnchored = "not_anchored",
        UnknownIssuer = "unknown_issuer",
        BadPrincipal = "bad_principal",
        NoWord = "no_word",
        BadMoment = "bad_moment",
        Backwards = "backwards",
        TooWide = "too_wide",
        BadSeed = "bad_seed",
        BadSample = "bad_sample",
    }
}

impl FieldProblem {
    /// The sentence under the field.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Required => "Fill this in.",
            Self::TooLong => "This is too long.",
            Self::TooShort => "This is too short.",
            Self::BadSlug => {
                "Use 2 to 48 lower-case letters, digits and single hyphens, starting with a letter."
            }
            Self::BadEmail => "Write an e-mail address such as name@example.com.",
            Self::BadUrl => {
                "Write an https or ssh address of a git repository, or an allowed local path."
            }
            Self::BadBranch => "Write a branch name without spaces, such as main.",
            Self::BadPath => "Write a folder inside the repository, without .. or a leading slash.",
            Self::BadNumber => "Write a whole number.",
            Self::BadLabel => {
                "Write labels in lower-case letters, digits and hyphens, with commas between them."
            }
            Self::BadId => "This is not an identifier that Clearance knows.",
            Self::UnknownChoice => "Choose one of the listed values.",
            Self::Taken => "This name is in use already.",
            Self::AlreadyHeld => "This person has this role there already.",
            Self::NotAccepted => "Tick this to go on.",
            Self::Mismatch => "The two entries differ.",
            Self::BadPolicy => "This policy cannot be taken as it is.",
            Self::BadDate => "Write a date such as 2026-12-31.",
            Self::DateOutOfRange => "Choose a day in the future that is not too far away.",
            Self::BadAddress => {
                "Write an https address on the public internet or of an allowed host, or env:CLEARANCE_CHANNEL_…_SECRET."
            }
            Self::TooLate => "The policy does not allow a waiver for so long.",
            Self::NotWaivable => "This is no finding that can be waived here.",
            Self::BadTime => "Write a time in UTC such as 2027-01-04 18:00.",
            Self::SamePerson => "Name somebody else: this is an account of the same person.",
            Self::NoApprover => "Only an approver can name a stand-in.",
            Self::OutOfRange => "This is outside of what the policy allows.",
            Self::BadEnvelope => {
                "Send a DSSE envelope of an in-toto statement with the predicate gate-result/v1, of 256 KiB at the most."
            }
            Self::UnknownSigner => {
                "No signer that the policy trusts signed this. Sign it with the key that stands in the policy of this deployment, or let an administrator propose the signer."
            }
            Self::OtherBuild => {
                "This is about another commit, image or config bundle. Judge the build of this deployment, and name all three as subjects."
            }
            Self::OtherDeployment => {
                "This names another deployment. A result is for one deployment: judge and sign again for this one."
            }
            Self::Contradiction => {
                "The verdict does not follow from the report: a pass has no failing case, finding or measure, and only people waive."
            }
            Self::NotTheirGate => {
                "The policy does not trust this signer for this gate. An administrator can propose it."
            }
            Self::BelowThreshold => {
                "A pass needs at least one measure, and each at or above the threshold that the policy asks for."
            }
            Self::BadScopePart => {
                "Use lower-case letters, digits, dots, hyphens and underscores, starting with a letter."
            }
            Self::BadClaim => {
                "Write one claim each line, such as ref=refs/heads/main, with its whole value: there are no wildcards."
            }
            Self::NotAnchored => {
                "Bind repository_id or sub, so that only one repository or connection is meant."
            }
            Self::UnknownIssuer => {
                "Name GitHub Actions, an organisation of Azure DevOps, or an issuer that stands in `ci.issuers` of the configuration."
            }
            Self::BadPrincipal => {
                "Write the whole name that the provider uses, as it stands in its log: this is none of its form."
            }
            Self::NoWord => "Write at least one word or number.",
            Self::BadMoment => {
                "Write a day such as 2026-12-31, or a time such as 2026-12-31T18:00:00Z."
            }
            Self::Backwards => "This is before the beginning.",
            Self::TooWide => {
                "This covers more than one report or review takes. Choose one team, or a shorter period."
            }
            Self::BadSeed => {
                "Write up to 100 letters, digits, blanks and signs of ASCII: what can be told over the telephone."
            }
            Self::BadSample => "Write a whole number from 0 to 500.",
            Self::BadIncident => {
                "Write a number such as INC-118, or an address that begins with https:// or http://."
            }
        }
    }
}

/// The fields of a form that are wrong, in form order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, thiserror::Error)]
#[error("{} field(s) are wrong", .fields.len())]
pub struct ValidationErrors {
    pub fields: Vec<(String, FieldProblem)>,
}

impl ValidationErrors {
    /// One wrong field.
    #[must_use]
    pub fn one(field: &str, problem: FieldProblem) -> Self {
        Self {
            fields: vec![(field.to_owned(), problem)],
        }
    }

    /// Notes what is wrong elsewhere as well.
    pub fn add_all(&mut self, others: &Self) {
        for (field, problem) in &others.fields {
            self.add(field, *problem);
        }
    }

    /// Notes a wrong field.
    pub fn add(&mut self, field: &str, problem: FieldProblem) {
        self.fields.push((field.to_owned(), problem));
    }

    /// `Ok` if nothing is wrong.
    ///
    /// # Errors
    /// Itself, when at least one field is wrong.
    pub fn into_result(self) -> Result<(), Self> {
        if self.fields.is_empty() {
            Ok(())
        } else {
            Err(self)
        }
    }

    /// What is wrong with one field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<FieldProblem> {
        self.fields
            .iter()
            .find(|(name, _)| name == field)
            .map(|(_, problem)| *problem)
    }
}

words! {
    /// Why a well-formed request was refused by the state of things. Closed; each has its sentence.
    Conflict as "conflict" {
        /// Somebody else changed it first.
        Changed = "changed",
        /// The approval is not open any more.
        AlreadyDecided = "already_decided",
        /// The manifest is no longer the one that was shown.
        ManifestChanged = "manifest_changed",
        /// The state does not allow this step.
        WrongState = "wrong_state",
        /// There is nothing verified to go back to.
        NoTarget = "no_target",
        /// The image of the target is gone or damaged.
        TargetNotReady = "target_not_ready",
        /// The version is held after a rollback.
        Held = "held",
        /// A required gate of the production policy is not satisfied.
        GatesNotSatisfied = "gates_not_satisfied",
        /// The same idempotency key came with another request, or the same delivery id with another body.
        KeyReused = "key_reused",
        /// The agent is decommissioned.
        Decommissioned = "decommissioned",
        /// Set-up was done already.
        SetUp = "set_up",
        /// The approval is in use: what it allowed has begun.
        ApprovalUsed = "approval_used",
        /// A rollback of the agent is under way: what would be replaced is changing.
        RollingBack = "rolling_back",
        /// More than a list takes.
        Full = "full",
        /// A post-review of the team is overdue.
        ReviewOverdue = "review_overdue",
        /// The person holds this role in this team already.
        HeldAlready = "held_already",
        /// Nobody would be left who administers.
        LastAdministrator = "last_administrator",
        /// What is live now was asked to be let through before.
        BrokenAlready = "broken_already",
        /// The gate has its result, or the policy has Clearance judge it.
        NotAwaited = "not_awaited",
        /// No gate has settled, or nothing was built.
        NoEvidence = "no_evidence",
        /// The policy keeps it no longer.
        EvidenceRemoved = "evidence_removed",
        /// Nobody comes in without a passkey, and this is the person's last.
        LastPasskey = "last_passkey",
        /// One's own passkeys go one by one.
        OwnPasskeys = "own_passkeys",
        /// Another identity is called so.
        BoundElsewhere = "bound_elsewhere",
        /// Something of the access review is not decided yet.
        ItemsUndecided = "items_undecided",
        /// A legal hold is in force.
        OnHold = "on_hold",
        /// The evidence package is not made yet, or is gone.
        PackageNotReady = "package_not_ready",
    }
}

impl Conflict {
    /// The sentence people read: what happened, what is still true, what to do.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Changed => {
                "Somebody changed this while you were looking at it. Nothing was recorded. Look at the new state and try again."
            }
            Self::AlreadyDecided => {
                "This approval was decided already. Your decision was not recorded."
            }
            Self::ManifestChanged => {
                "The manifest changed since this page was shown. Your decision was not recorded. Look at the difference first."
            }
            Self::WrongState => "The state it is in now does not allow this. Nothing was changed.",
            Self::NoTarget => {
                "There is no earlier version that was verified live, so there is nothing to roll back to. Nothing was changed."
            }
            Self::TargetNotReady => {
                "The image of the earlier version is missing or damaged, so it cannot be restored. Nothing was changed."
            }
            Self::Held => {
                "This version is held after a rollback. An operator must lift the hold first."
            }
            Self::GatesNotSatisfied => {
                "A gate that production needs is not satisfied. Nothing was started."
            }
            Self::KeyReused => {
                "The same key was used before with other content. Nothing was recorded."
            }
            Self::Decommissioned => "This agent is decommissioned. Nothing was started.",
            Self::SetUp => "Clearance is set up already. Sign in instead.",
            Self::ApprovalUsed => {
                "The deployment has used this approval already, so it cannot be taken back. Cancel the deployment, or roll it back once it is live."
            }
            Self::RollingBack => {
                "A rollback of this agent is under way, so what this would replace is changing. Your decision was not recorded. Decide when the rollback is over."
            }
            Self::Full => "No more fit here. Nothing was recorded.",
            Self::ReviewOverdue => {
                "A post-review of this team is overdue. Nothing was started. Somebody who may decide must close it first."
            }
            Self::HeldAlready => {
                "This person holds the role in this team already. Nothing was recorded. A time that runs cannot be made longer; ask again when it is over."
            }
            Self::LastAdministrator => {
                "Nobody else administers every team. Nothing was changed. Give the role to somebody else first."
            }
            Self::NotAwaited => {
                "This deployment does not wait for this result: the gate has one already, the image is not built yet, or the deployment has ended. Nothing was recorded."
            }
            Self::NoEvidence => {
                "There is no evidence of this deployment yet. It is made when the image is built and when a gate ends."
            }
            Self::EvidenceRemoved => {
                "The evidence of this deployment was removed, because the policy keeps it no longer. Verdicts, digests and the audit log are still there."
            }
            Self::LastPasskey => {
                "Nobody signs in with a password alone here, and this is your last passkey. Nothing was changed. Add another one first."
            }
            Self::OwnPasskeys => {
                "These are your own passkeys. Nothing was changed. Remove them one by one above, or ask another administrator."
            }
            Self::BoundElsewhere => {
                "Another identity that was not revoked is called so. Nothing was recorded. Take the name from that one first."
            }
            Self::ItemsUndecided => {
                "Something of this review is not decided yet. Nothing was signed. Decide what is left first; nobody decides about their own access, so that takes a second administrator."
            }
            Self::OnHold => {
                "A legal hold is in force, and this may be what it keeps. Nothing was removed. An administrator releases holds under Settings."
            }
            Self::PackageNotReady => {
                "This package is not made yet, could not be made, or was removed. Its page says which; another one can be ordered."
            }
            Self::BrokenAlready => {
                "The glass was broken for this deployment already. Nothing was recorded again."
            }
        }
    }
}

words! {
    /// Why this person cannot decide this approval. The words of invariant 2.
    Exclusion as "exclusion" {
        Requester = "requester",
        CommitAuthor = "commit_author",
        Committer = "committer",
        ConfigEditor = "config_editor",
        WaiverGiver = "waiver_giver",
        AlreadyDecided = "already_decided",
        NotApprover = "not_approver",
        /// Whoever proposes a policy does not decide it.
        Proposer = "proposer",
        /// They could only decide in the name of somebody who cannot.
        StandsForExcluded = "stands_for_excluded",
        /// Whoever broke the glass does not review it.
        Breaker = "breaker",
        /// Whoever asks for a role does not give it.
        OwnElevation = "own_elevation",
        /// Roles are given by administrators and approvers of the team.
        NotGranter = "not_granter",
        /// Nobody reviews their own access.
        OwnAccess = "own_access",
    }
}

impl Exclusion {
    /// Said to the person themselves.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Requester => "You requested this deployment.",
            Self::CommitAuthor => "You wrote a commit of this deployment.",
            Self::Committer => "You committed a change of this deployment.",
            Self::ConfigEditor => "You changed the config bundle of this deployment.",
            Self::WaiverGiver => "You waived a gate of this deployment.",
            Self::AlreadyDecided => "You decided this approval already.",
            Self::NotApprover => "You do not have the approver role in this team.",
            Self::Proposer => "You proposed this policy.",
            Self::StandsForExcluded => {
                "Whoever you stand in for had a part in this deployment, or decided already."
            }
            Self::Breaker => "You broke the glass for this deployment.",
            Self::OwnElevation => "You asked for this role yourself.",
            Self::NotGranter => "You neither administer nor approve in this team.",
            Self::OwnAccess => "This is your own access: somebody else decides about it.",
        }
    }

    /// Said of another person: "<name> …".
    #[must_use]
    pub const fn of_other(self) -> &'static str {
        match self {
            Self::Requester => "requested it",
            Self::CommitAuthor => "wrote a commit of it",
            Self::Committer => "committed a change of it",
            Self::ConfigEditor => "changed the config bundle",
            Self::WaiverGiver => "waived a gate",
            Self::AlreadyDecided => "decided already",
            Self::NotApprover => "is not an approver in this team",
            Self::Proposer => "proposed it",
            Self::StandsForExcluded => "stands in for somebody who had a part in it",
            Self::Breaker => "broke the glass for it",
            Self::OwnElevation => "asked for it",
            Self::NotGranter => "neither administers nor approves in this team",
            Self::OwnAccess => "would review their own access",
        }
    }
}

/// What a caller may be told. No free text, no source: details stay in the server's log under the request id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ApiError {
    #[error("Not found.")]
    NotFound,
    #[error("You may not {}.", .action.label())]
    Forbidden { action: Action },
    #[error("{}", .rule.message())]
    Excluded { rule: Exclusion },
    #[error("Sign in to go on.")]
    Unauthenticated,
    /// A decision needs a sign-in that is no older than the policy says.
    #[error(
        "A decision needs a sign-in of the last {minutes} minutes. Nothing was recorded. Confirm your password and send it again."
    )]
    SignInTooOld { minutes: u32 },
    #[error("The e-mail address or the password is wrong.")]
    WrongCredentials,
    #[error("Too many attempts. Wait a minute and try again.")]
    TooMany,
    #[error("Some fields need another look.")]
    Invalid { fields: ValidationErrors },
    #[error("{}", .why.message())]
    Conflict { why: Conflict },
    #[error(
        "A part that Clearance needs does not answer. Nothing was changed. Try again in a moment."
    )]
    Unavailable,
    /// The database is not the one whose audit log was signed, after a backup was restored for instance.
    #[error(
        "Clearance is in recovery mode: its database is older than, or differs from, the audit log that was signed. Nothing was changed, and nothing can be until an operator runs `clearance audit reconcile`. Reading goes on."
    )]
    Recovery,
    #[error("Something went wrong on our side. Nothing was changed.")]
    Internal,
}

impl ApiError {
    /// The HTTP status of the error. The one table.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Forbidden { .. } | Self::Excluded { .. } | Self::SignInTooOld { .. } => 403,
            Self::Unauthenticated | Self::WrongCredentials => 401,
            Self::TooMany => 429,
            Self::Invalid { .. } => 422,
            Self::Conflict { .. } => 409,
            Self::Unavailable | Self::Recovery => 503,
            Self::Internal => 500,
        }
    }

    /// The stable machine-readable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Forbidden { .. } => "forbidden",
            Self::Excluded { .. } => "excluded",
            Self::Unauthenticated => "unauthenticated",
            Self::SignInTooOld { .. } => "sign_in_too_old",
            Self::WrongCredentials => "wrong_credentials",
            Self::TooMany => "too_many",
            Self::Invalid { .. } => "invalid",
            Self::Conflict { .. } => "conflict",
            Self::Unavailable => "unavailable",
            Self::Recovery => "recovery",
            Self::Internal => "internal",
        }
    }
}
