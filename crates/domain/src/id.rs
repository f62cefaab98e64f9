//! Identifiers. Each noun has its own type, so an agent's id cannot be passed where a version's is wanted.

use uuid::Uuid;

macro_rules! ids {
    ($( $(#[$meta:meta])* $name:ident ),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "sea-orm", derive(sea_orm::DeriveValueType))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        // The ORM asks primary keys for this; a UUID cannot come from an integer.
        #[cfg(feature = "sea-orm")]
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )+};
}

ids! {
    /// A person who signs in.
    UserId,
    /// A team, which owns agents.
    TeamId,
    /// An evidence package.
    PackageId,
    /// A schedule of evidence packages.
    ScheduleId,
    /// An API token of a person.
    TokenId,
    /// What a company's directory calls one of its people here (SCIM).
    DirectoryUserId,
    /// A group of a company's directory (SCIM).
    DirectoryGroupId,
    /// A program of a team that proves itself by a CI's tokens.
    ServiceAccountId,
    /// A connection to a git host.
    ConnectionId,
    /// One inbound webhook call.
    DeliveryId,
    /// One movement of a watched branch, to be turned into a version.
    PushId,
    /// What people know as "sales-qualifier".
    AgentId,
    /// Who answers for an agent.
    AgentLabelId,
    AgentOwnerId,
    /// What a look at an agent's source found.
    DetectionId,
    /// An immutable candidate of an agent.
    VersionId,
    /// One attempt to make a version live in an environment.
    DeploymentId,
    /// One execution of a gate.
    GateRunId,
    /// A question to people about one manifest digest.
    ApprovalId,
    /// One person's answer to an approval.
    DecisionId,
    /// A named group of people, some of whom a policy may ask for.
    GroupId,
    /// Somebody standing in for somebody who is away.
    StandInId,
    /// What somebody wrote about a waiting approval.
    CommentId,
    /// An agent's own principal.
    IdentityId,
    /// One external object in the ledger.
    ResourceId,
    /// One piece of outgoing work.
    OutboxId,
    /// That the evidence of a version was removed.
    EvidenceRemovalId,
    /// Something that is not as it should be.
    FindingId,
    /// A channel that messages go out over.
    ChannelId,
    /// What one event is told as, to whomever.
    NoticeId,
    /// One message to one receiver.
    MessageId,
    /// A person's acceptance of one finding.
    WaiverId,
    /// A gate of a deployment that leans on a waiver.
    WaiverLeanId,
    /// What a condition said of a deployment's manifest.
    ConditionResultId,
    /// Whether a live deployment still complies.
    ComplianceId,
    /// Something that misbehaved.
    IncidentId,
    /// What nothing may be removed from for now.
    LegalHoldId,
    /// Filters of the audit trail that a person keeps under a name.
    SavedViewId,
    /// What a runtime's provider calls an identity.
    BindingId,
    /// Another key for one identity.
    KeyRotationId,
    /// A review of who has which access.
    ReviewId,
    /// One identity that must not act for now.
    SuspensionId,
    /// A live deployment that must not act.
    QuarantineId,
    /// One judged exchange with a live agent.
    OnlineExchangeId,
    /// One piece of sampled traffic.
    OnlineTraceId,
    /// One act of an agent at a resource. It sorts by when the act took place.
    AccessEventId,
}
