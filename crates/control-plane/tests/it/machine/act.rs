//! What can happen in a history, who does it, and how it can be answered.

use domain::actor::Role;
use domain::environment::Environment;
use domain::gate::Gate;
use proptest::prelude::*;

/// What somebody does. With `killed`, the workers that follow it are killed again and again, by this seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) act: Act,
    pub(crate) killed: Option<u32>,
}

/// The people of a history, and what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Person {
    /// Approvers who had no part in the commits.
    First,
    Second,
    Third,
    /// An approver, who wrote every commit.
    Author,
    /// Operator and approver.
    Lead,
    /// A viewer, who is at times more than that.
    Guest,
    /// An API token of the guest, made just now, whatever the guest is just now.
    Token,
}

impl Person {
    pub(crate) const ALL: [Self; 7] = [
        Self::First,
        Self::Second,
        Self::Third,
        Self::Author,
        Self::Lead,
        Self::Guest,
        Self::Token,
    ];

    /// The roles that the person holds whatever the hour.
    pub(crate) const fn standing(self) -> &'static [Role] {
        match self {
            Self::First | Self::Second | Self::Third | Self::Author => &[Role::Approver],
            Self::Lead => &[Role::Operator, Role::Approver],
            Self::Guest | Self::Token => &[Role::Viewer],
        }
    }

    /// The name before the `@` of the person's address.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
            Self::Third => "third",
            Self::Author => "author",
            Self::Lead => "lead",
            Self::Guest | Self::Token => "guest",
        }
    }
}

/// What is wrong with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// It satisfies every gate.
    Nothing,
    /// The last gate cannot tell: live in non-prod, and no further.
    Doubt,
    /// A gate finds something that can be waived.
    By(Gate),
}

impl Found {
    pub(crate) const fn failing(self) -> Option<Gate> {
        match self {
            Self::By(gate) => Some(gate),
            Self::Nothing | Self::Doubt => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Push(Found),
    Approve(Person),
    /// Two people at once.
    ApproveTwice,
    /// Somebody who looked at another manifest.
    ApproveOther,
    Reject(Person),
    /// What is under way in production.
    Cancel(Person),
    Promote(Person),
    RollBack(Person),
    /// A double click on "Roll back".
    RollBackTwice,
    /// Lifts the oldest hold.
    LiftHold(Person),
    /// Lets what is under way in production go on without people.
    BreakGlass(Person),
    /// Closes the oldest post-review.
    Review {
        by: Person,
        ok: bool,
    },
    /// Accepts the newest finding of a gate, to the end of a day.
    Waive {
        by: Person,
        environment: Environment,
        gate: Gate,
        days: i64,
    },
    /// Takes the newest waiver back.
    Revoke(Person),
    AskForRole {
        by: Person,
        role: Role,
        hours: i64,
    },
    /// Answers the newest request for a role.
    GiveRole {
        by: Person,
        yes: bool,
    },
    /// Ends the newest role that was asked for.
    EndRole(Person),
    Wait {
        minutes: i64,
    },
}

/// How the act was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    Done,
    /// One of two was done, the other one refused.
    DoneOnce,
    /// A conflict, or something that is not there: nothing changed.
    Conflict,
    /// A late post-review of the team stands in the way.
    Owed,
    /// Separation of duties.
    Excluded,
    /// No role that may.
    Forbidden,
    /// There is no such finding.
    Invalid,
}

impl Said {
    /// The same, but for what would be done.
    pub(crate) fn or_if_done(self, other: Self) -> Self {
        if self == Self::Done { other } else { self }
    }
}

/// Who is asked to do what needs an operator: mostly somebody who is one.
fn operator() -> impl Strategy<Value = Person> {
    prop_oneof![
        6 => Just(Person::Lead),
        3 => Just(Person::Guest),
        1 => Just(Person::Token),
        1 => Just(Person::First),
    ]
}

/// Who is asked to do what needs an approver: mostly somebody who is one and wrote nothing.
fn approver() -> impl Strategy<Value = Person> {
    prop_oneof![
        4 => Just(Person::First),
        4 => Just(Person::Second),
        4 => Just(Person::Third),
        2 => Just(Person::Lead),
        1 => Just(Person::Author),
        1 => Just(Person::Guest),
    ]
}

/// Pushes, and what people decide about them.
fn on_the_way() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => Just(Act::Push(Found::Nothing)),
        1 => Just(Act::Push(Found::Doubt)),
        3 => gate().prop_map(|gate| Act::Push(Found::By(gate))),
        14 => approver().prop_map(Act::Approve),
        1 => Just(Act::ApproveTwice),
        1 => Just(Act::ApproveOther),
        1 => approver().prop_map(Act::Reject),
        1 => operator().prop_map(Act::Cancel),
        2 => operator().prop_map(Act::Promote),
        4 => operator().prop_map(Act::RollBack),
        1 => Just(Act::RollBackTwice),
        2 => operator().prop_map(Act::LiftHold),
    ]
}

/// What lets something through that would be stopped, and what is owed for it.
fn beside_the_way() -> impl Strategy<Value = Act> {
    let environment = prop_oneof![Just(Environment::NonProd), Just(Environment::Production)];
    let days = prop_oneof![Just(0), Just(2), Just(20)];
    prop_oneof![
        4 => operator().prop_map(Act::BreakGlass),
        3 => (approver(), any::<bool>()).prop_map(|(by, ok)| Act::Review { by, ok }),
        4 => (approver(), environment, gate(), days).prop_map(|(by, environment, gate, days)| {
            Act::Waive { by, environment, gate, days }
        }),
        1 => prop_oneof![2 => approver(), 1 => operator()].prop_map(Act::Revoke),
    ]
}

/// Rights for a time.
fn for_a_time() -> impl Strategy<Value = Act> {
    let asking = prop_oneof![
        6 => Just(Person::Guest),
        1 => Just(Person::Lead),
        1 => Just(Person::Token),
    ];
    let role = prop_oneof![2 => Just(Role::Operator), 1 => Just(Role::Developer)];
    let hours = prop_oneof![Just(1), Just(8)];
    prop_oneof![
        3 => (asking, role, hours).prop_map(|(by, role, hours)| Act::AskForRole { by, role, hours }),
        4 => (approver(), prop_oneof![4 => Just(true), 1 => Just(false)])
            .prop_map(|(by, yes)| Act::GiveRole { by, yes }),
        1 => prop_oneof![approver(), Just(Person::Guest)].prop_map(Act::EndRole),
    ]
}

fn gate() -> impl Strategy<Value = Gate> {
    prop_oneof![Just(Gate::ImageScan), Just(Gate::Relevance)]
}

/// Any step.
pub(crate) fn steps() -> BoxedStrategy<Step> {
    let wait = prop_oneof![Just(30), Just(5 * 60), Just(36 * 60), Just(100 * 60)];
    let act = prop_oneof![
        30 => on_the_way(),
        12 => beside_the_way(),
        7 => for_a_time(),
        4 => wait.prop_map(|minutes| Act::Wait { minutes }),
    ];
    let killed = prop_oneof![3 => Just(None), 1 => any::<u32>().prop_map(Some)];
    (act, killed)
        .prop_map(|(act, killed)| Step { act, killed })
        .boxed()
}
