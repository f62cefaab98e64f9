//! What stands against promoting a version that is live in non-prod. Promoting refuses for the first of it, and the page,
//! the API and the command line list all of it: both ask here.

use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::error::Conflict;
use domain::gate::{Gate, Verdict};
use domain::policy::Policy;
use domain::view::deployment::Condition;
use sea_orm::ConnectionTrait;

use crate::ctx::OpCtx;
use crate::error::Error;
use crate::gates;
use crate::policies::{self, Whom};
use crate::store;
use crate::store::entity::{agent, deployment, version};

/// One thing that must be met, and whether it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Requirement {
    pub(crate) met: bool,
    pub(crate) kind: Kind,
}

/// What promoting needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It is live in non-prod.
    Live(DeploymentState),
    Onboarded,
    NotHeld,
    /// No other promotion of this version is on its way: its number.
    NotUnderWay(Option<i64>),
    /// The gate is satisfied, by a threshold that is high enough.
    Gate {
        gate: Gate,
        verdict: Option<Verdict>,
        judged_by: u32,
        asked: u32,
        /// Why its result does not count any more.
        why_not: Option<String>,
    },
}

impl Requirement {
    /// How promoting is refused for it.
    pub(crate) const fn conflict(&self) -> Conflict {
        match self.kind {
            Kind::Live(_) | Kind::NotUnderWay(_) => Conflict::WrongState,
            Kind::Onboarded => Conflict::Decommissioned,
            Kind::NotHeld => Conflict::Held,
            Kind::Gate { .. } => Conflict::GatesNotSatisfied,
        }
    }

    /// The same in words.
    pub(crate) fn condition(&self) -> Condition {
        let (text, remedy) = match &self.kind {
            Kind::Live(state) => (
                if self.met {
                    "It is live in non-prod".to_owned()
                } else {
                    format!("It is live in non-prod (now: {})", state.label())
                },
                "Push again, and let the new deployment become live in non-prod.".to_owned(),
            ),
            Kind::Onboarded => (
                "The agent is not decommissioned".to_owned(),
                "Onboard the agent under another name.".to_owned(),
            ),
            Kind::NotHeld => (
                "The version is not held after a rollback".to_owned(),
                "An operator lifts the hold on the agent's page.".to_owned(),
            ),
            Kind::NotUnderWay(number) => (
                number.map_or_else(
                    || "No other promotion of it is on its way".to_owned(),
                    |n| format!("No other promotion of it is on its way (now: #{n})"),
                ),
                "Wait for that promotion to end, or cancel it.".to_owned(),
            ),
            Kind::Gate { .. } => self.gate(),
        };
        condition(self.met, text, remedy)
    }

    fn gate(&self) -> (String, String) {
        let Kind::Gate {
            gate,
            verdict,
            judged_by,
            asked,
            why_not,
        } = &self.kind
        else {
            return (String::new(), String::new());
        };
        let label = gate.label();
        if self.met {
            return (format!("{label} passes"), String::new());
        }
        if let Some(why) = why_not {
            let remedy = "Push again, or let somebody waive the finding anew.";
            return (format!("{label} passes: {why}"), remedy.to_owned());
        }
        if verdict.is_some_and(Verdict::satisfies) {
            return (
                format!("{label} passes by {asked} % of the cases (judged by {judged_by} %)"),
                "Push again: it is judged anew, by the threshold of now.".to_owned(),
            );
        }
        let found = verdict.map_or("no result", Verdict::label);
        let remedy = match verdict {
            Some(Verdict::Failed) => "Repair what the report found, and push again.",
            Some(Verdict::Inconclusive) => {
                "Give the suite as many cases as its report asks for, and push again."
            }
            Some(Verdict::Errored) | None => {
                "Push again once the engine of this gate answers; the report says what it met."
            }
            Some(Verdict::Passed | Verdict::Waived) => "",
        };
        (format!("{label} passes (now: {found})"), remedy.to_owned())
    }
}

/// A condition; what is met needs no remedy.
pub(crate) fn condition(met: bool, text: String, remedy: String) -> Condition {
    Condition {
        met,
        text,
        remedy: if met { String::new() } else { remedy },
    }
}

/// Everything that promoting `from` needs under a policy, in the order in which it is looked at.
pub(crate) async fn requirements(
    db: &impl ConnectionTrait,
    ctx: &OpCtx,
    agent: &agent::Model,
    version: &version::Model,
    from: &deployment::Model,
    policy: &Policy,
) -> Result<Vec<Requirement>, Error> {
    let whom = Whom::of(db, agent, version).await?;
    let judged_by = policies::of(db, from.policy_version, &whom).await?;
    let runs = store::gates::of(db, from.id).await?;
    let counted = gates::for_production(db, agent, &runs, ctx.now()).await?;
    let found = counted.counting(&policy.production, ctx.now());
    let under_way = store::deployments::in_progress_of(db, agent.id)
        .await?
        .into_iter()
        .find(|d| d.environment == Environment::Production && d.version_id == from.version_id)
        .map(|d| d.number);
    let live = from.state == DeploymentState::Live && from.environment == Environment::NonProd;
    let mut all = vec![
        Requirement {
            met: live,
            kind: Kind::Live(from.state),
        },
        Requirement {
            met: agent.decommissioned_at.is_none(),
            kind: Kind::Onboarded,
        },
        Requirement {
            met: version.held_at.is_none(),
            kind: Kind::NotHeld,
        },
        Requirement {
            met: under_way.is_none(),
            kind: Kind::NotUnderWay(under_way),
        },
    ];
    let unproven = policy.unproven(&found, &judged_by);
    all.extend(policy.production.gates.iter().map(|gate| Requirement {
        met: !unproven.contains(gate),
        kind: Kind::Gate {
            gate: *gate,
            verdict: found.iter().find(|(g, _)| g == gate).map(|(_, v)| *v),
            judged_by: judged_by.percent(*gate),
            asked: policy.percent(*gate),
            why_not: counted.why_not(*gate, &policy.production, ctx.now()),
        },
    }));
    Ok(all)
}
