//! "Before this can go live": what a deployment on its way still needs, each in one sentence. Pure; decides nothing, the
//! workers and use cases do.

use domain::approval::{ApprovalState, Candidate, Parties, may_decide};
use domain::deployment::DeploymentKind;
use domain::environment::Environment;
use domain::gate::{Gate, Verdict};
use domain::policy::{ConditionVerdict, EnvironmentPolicy};
use domain::view::deployment::Condition;

use crate::store::entity::condition_result;

/// What the conditions are read from.
pub(super) struct Facts<'a> {
    pub(super) kind: DeploymentKind,
    pub(super) environment: Environment,
    pub(super) rules: &'a EnvironmentPolicy,
    pub(super) has_image: bool,
    pub(super) held: bool,
    /// What the clock holds it up with: a freeze, or its time in non-prod.
    pub(super) waits: Option<&'a str>,
    /// Verdicts that count now.
    pub(super) results: &'a [(Gate, Verdict)],
    /// Why the result of a gate does not count any more, if it did.
    pub(super) why_not: &'a (dyn Fn(Gate) -> Option<String> + Sync),
    pub(super) approval: Option<Asked<'a>>,
}

/// An approval that was asked for.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) state: ApprovalState,
    pub(super) parties: &'a Parties,
    pub(super) candidates: &'a [Candidate],
}

/// The conditions in the order in which they are met.
pub(super) fn conditions(facts: &Facts<'_>) -> Vec<Condition> {
    let mut all = vec![Condition {
        met: facts.has_image,
        text: "The image is built".to_owned(),
    }];
    if facts.held {
        all.push(Condition {
            met: false,
            text: "An operator lifts the hold on this version".to_owned(),
        });
    }
    if let Some(text) = facts.waits {
        all.push(Condition {
            met: false,
            text: text.to_owned(),
        });
    }
    let mut gates: Vec<Gate> = facts.rules.gates.clone();
    if !gates.contains(&Gate::Health) {
        gates.push(Gate::Health);
    }
    let (early, late): (Vec<Gate>, Vec<Gate>) = gates.into_iter().partition(|g| {
        !g.needs_agent() || (facts.environment == Environment::Production && *g != Gate::Health)
    });
    all.extend(early.into_iter().map(|g| gate(facts, g)));
    all.extend(approval(facts));
    all.extend(late.into_iter().map(|g| gate(facts, g)));
    all
}

/// Production needs a satisfied gate. In non-prod only *failed* stops a gate that judges the agent, so *inconclusive* is enough.
fn gate(facts: &Facts<'_>, gate: Gate) -> Condition {
    let verdict = facts
        .results
        .iter()
        .find(|(g, _)| *g == gate)
        .map(|(_, verdict)| *verdict);
    let satisfied = verdict.is_some_and(Verdict::satisfies);
    if gate == Gate::Health {
        return Condition {
            met: satisfied,
            text: "The agent answers its health check".to_owned(),
        };
    }
    if facts.environment == Environment::NonProd && gate.needs_agent() {
        let met = satisfied || verdict == Some(Verdict::Inconclusive);
        return Condition {
            met,
            text: format!("{} does not fail", gate.label()),
        };
    }
    let why_not = (facts.why_not)(gate).filter(|_| !satisfied);
    let because = why_not.map(|why| format!(": {why}")).unwrap_or_default();
    Condition {
        met: satisfied,
        text: format!("{} passes{because}", gate.label()),
    }
}

/// What a condition over the manifest said.
pub(super) fn judged(row: &condition_result::Model) -> Condition {
    let said = match row.verdict {
        ConditionVerdict::Met | ConditionVerdict::Unmet => "",
        ConditionVerdict::Inconclusive => " (inconclusive, which blocks production)",
    };
    Condition {
        met: row.verdict == ConditionVerdict::Met,
        text: format!("{}: {}{said}", row.name, row.message),
    }
}

fn approval(facts: &Facts<'_>) -> Option<Condition> {
    let needed = facts.rules.quorum;
    if needed == 0 || facts.kind == DeploymentKind::Rollback {
        return None;
    }
    let approvals = if needed == 1 {
        "1 approval".to_owned()
    } else {
        format!("{needed} approvals")
    };
    let Some(asked) = &facts.approval else {
        return Some(Condition {
            met: false,
            text: format!("{approvals}, asked for after the checks"),
        });
    };
    let met = matches!(
        asked.state,
        ApprovalState::Approved | ApprovalState::Consumed
    );
    let able: Vec<&str> = asked
        .candidates
        .iter()
        .filter(|c| may_decide(c, asked.parties).is_ok())
        .map(|c| c.name.as_str())
        .collect();
    let text = match (met, able.as_slice()) {
        (true, _) => approvals,
        (false, []) => format!("{approvals}, but nobody is left who may give it"),
        (false, [one]) => format!("{approvals}, only {one} can give it"),
        (false, [rest @ .., last]) if able.len() <= 4 => {
            format!("{approvals}, {} or {last} can give it", rest.join(", "))
        }
        (false, many) => format!("{approvals}, {} people can give it", many.len()),
    };
    Some(Condition { met, text })
}

#[cfg(test)]
mod tests {
    use domain::id::UserId;
    use domain::policy::Policy;
    use uuid::Uuid;

    use super::*;

    fn facts<'a>(
        environment: Environment,
        rules: &'a Policy,
        results: &'a [(Gate, Verdict)],
    ) -> Facts<'a> {
        Facts {
            kind: if environment == Environment::Production {
                DeploymentKind::Promotion
            } else {
                DeploymentKind::Push
            },
            environment,
            rules: rules.of(environment),
            has_image: true,
            held: false,
            waits: None,
            results,
            why_not: &|_| None,
            approval: None,
        }
    }

    fn person(n: u128, name: &str) -> Candidate {
        Candidate {
            id: UserId(Uuid::from_u128(n)),
            name: name.to_owned(),
            emails: vec![format!("{n}@example.com")],
            approver: true,
        }
    }

    fn line(facts: &Facts<'_>, part: &str) -> Condition {
        conditions(facts)
            .into_iter()
            .find(|c| c.text.contains(part))
            .unwrap()
    }

    #[test]
    fn inconclusive_is_enough_for_non_prod_and_not_for_production() {
        let policy = Policy::standard().unwrap();
        let results = [
            (Gate::Hallucination, Verdict::Inconclusive),
            (Gate::StaticAnalysis, Verdict::Inconclusive),
        ];
        assert!(
            line(
                &facts(Environment::NonProd, &policy, &results),
                "Hallucination"
            )
            .met
        );
        assert!(
            !line(
                &facts(Environment::Production, &policy, &results),
                "Hallucination"
            )
            .met
        );
        assert!(
            !line(
                &facts(Environment::NonProd, &policy, &results),
                "Static analysis"
            )
            .met
        );
    }

    #[test]
    fn failed_and_errored_meet_nothing() {
        let policy = Policy::standard().unwrap();
        for verdict in [Verdict::Failed, Verdict::Errored] {
            let results = [(Gate::Relevance, verdict)];
            assert!(!line(&facts(Environment::NonProd, &policy, &results), "Relevance").met);
        }
    }

    #[test]
    fn health_is_the_last_condition_everywhere() {
        let policy = Policy::standard().unwrap();
        let production = conditions(&facts(Environment::Production, &policy, &[]));
        assert_eq!(
            production.last().unwrap().text,
            "The agent answers its health check"
        );
        assert_eq!(production.len(), 8);
    }

    #[test]
    fn the_approval_names_who_can_give_it() {
        let policy = Policy::standard().unwrap();
        let people = [
            person(1, "Dana Berg"),
            person(2, "Ravi Shah"),
            person(3, "Iris Vogel"),
        ];
        let mut parties = Parties {
            requester: Some(people[0].id),
            ..Parties::default()
        };
        let asked = |parties: &Parties| {
            let mut facts = facts(Environment::Production, &policy, &[]);
            facts.approval = Some(Asked {
                state: ApprovalState::Open,
                parties,
                candidates: &people,
            });
            line(&facts, "approval")
        };
        assert_eq!(
            asked(&parties).text,
            "1 approval, Ravi Shah or Iris Vogel can give it"
        );
        parties.author_email = "2@example.com".to_owned();
        assert_eq!(
            asked(&parties).text,
            "1 approval, only Iris Vogel can give it"
        );
        parties.committer_email = "3@example.com".to_owned();
        assert_eq!(
            asked(&parties).text,
            "1 approval, but nobody is left who may give it"
        );
        assert!(!asked(&parties).met);
    }

    #[test]
    fn what_the_clock_holds_up_is_an_open_condition() {
        let policy = Policy::standard().unwrap();
        let mut facts = facts(Environment::Production, &policy, &[]);
        facts.waits = Some("Frozen until 2027-01-04 06:00 UTC: Books");
        assert!(!line(&facts, "Frozen until 2027-01-04").met);
    }

    #[test]
    fn nobody_is_asked_for_non_prod_and_rollbacks() {
        let policy = Policy::standard().unwrap();
        let mut rollback = facts(Environment::Production, &policy, &[]);
        rollback.kind = DeploymentKind::Rollback;
        for facts in [facts(Environment::NonProd, &policy, &[]), rollback] {
            assert!(
                !conditions(&facts)
                    .iter()
                    .any(|c| c.text.contains("approval"))
            );
        }
    }
}
