//! The rules of a policy as sentences.

use domain::environment::Environment;
use domain::gate::Gate;
use domain::policy::access::{clock, weekday};
use domain::policy::{AccessRules, ApprovalRules, OnBreach, OnlineRules, Policy};
use domain::view::policy::RuleGroup;

use super::calendar::for_whom;

/// The rules as sentences.
pub(super) fn in_words(policy: &Policy) -> Vec<RuleGroup> {
    let group = |title: &str, rules| RuleGroup {
        title: title.to_owned(),
        rules,
    };
    let mut groups = vec![
        group("Non-prod", non_prod(policy)),
        group("Production", production(policy)),
        group("Freezes of production", freezes(policy)),
        group("Waivers", waivers(policy)),
        group("Emergencies", emergencies(policy)),
    ];
    if let Some(rules) = &policy.production.online {
        groups.push(group("While it is live", online(policy, rules)));
    }
    let outside = outside(policy);
    if !outside.is_empty() {
        groups.push(group("Results from outside", outside));
    }
    groups.push(group("Evidence", vec![retention(policy)]));
    groups.push(group("Scopes", vec![scopes(policy)]));
    if let Some(rules) = &policy.access {
        groups.push(group("What agents may do, and when", access(rules)));
    }
    let stricter = policy.overrides.iter().map(|one| RuleGroup {
        title: format!("{}: stricter", for_whom(one)),
        rules: differing(policy, &policy.under(one)),
    });
    groups.extend(stricter);
    groups
}

fn outside(policy: &Policy) -> Vec<String> {
    let all = policy.external_results.iter().map(|one| {
        let gates: Vec<&str> = one.gates.iter().map(|gate| gate.label()).collect();
        format!(
            "{} judges {} in the place of Clearance's own engine; a deployment waits {} minutes for the signed result.",
            one.signer,
            gates.join(", "),
            one.wait_minutes
        )
    });
    all.collect()
}

fn online(policy: &Policy, rules: &OnlineRules) -> Vec<String> {
    let percent = |gate| format!("{:.0} %", policy.online_threshold(gate) * 100.0);
    let mut said = vec![
        format!(
            "Every {} minutes what is live in production is asked {} cases of its own suites.",
            rules.probe_minutes, rules.probe_cases
        ),
        format!(
            "The last {} scored exchanges of a gate decide: {} for responsible AI, {} for hallucination, {} for relevance.",
            rules.window,
            percent(Gate::ResponsibleAi),
            percent(Gate::Hallucination),
            percent(Gate::Relevance)
        ),
    ];
    if rules.sampled() > 0 {
        said.push(format!(
            "{} % of the traces that an agent sends are scored.",
            rules.sampled()
        ));
    }
    said.push(
        match rules.on_breach {
            OnBreach::Incident => "A breach opens an incident.",
            OnBreach::RollBack => "A breach opens an incident and rolls back.",
        }
        .to_owned(),
    );
    said
}

fn emergencies(policy: &Policy) -> Vec<String> {
    let rules = policy.break_glass();
    let roles: Vec<&str> = rules.roles.iter().map(|role| role.label()).collect();
    let breaks = if roles.is_empty() {
        "Nobody may break the glass.".to_owned()
    } else {
        format!(
            "{} may break the glass: a deployment goes on without its approval, within {} hours. Somebody else reviews it within {} hours; a late review holds up the promotions of the team.",
            roles.join(" and "),
            rules.hours,
            rules.review_hours
        )
    };
    vec![
        breaks,
        format!(
            "A role is given for a time, for {} hours at most.",
            policy.elevation().hours
        ),
    ]
}

fn access(rules: &AccessRules) -> Vec<String> {
    let windows = rules.windows.iter().map(|window| {
        let what = window.scope.as_ref().or(window.resource.as_ref());
        let what = what.map_or("Everything", String::as_str);
        let place = window.environment.map_or("", |at| match at {
            Environment::NonProd => " in non-prod",
            Environment::Production => " in production",
        });
        let days = window.days.iter().filter_map(|day| weekday(*day));
        let days: Vec<&str> = days.collect();
        let days = if days.is_empty() {
            "every day".to_owned()
        } else {
            format!("on {}", days.join(", "))
        };
        let (from, until) = (clock(window.from), clock(window.until));
        format!(
            "{what}{place}: {days} from {from} to {until} ({}), else not. {}",
            window.zone, window.reason
        )
    });
    let mut said: Vec<String> = windows.collect();
    let reasons = rules.restrictions.iter().flat_map(|all| &all.reasons);
    said.extend(reasons.map(|reason| format!("Restricted: {reason}")));
    said.extend(rules.bound_tokens.iter().map(|at| {
        let place = match at {
            Environment::NonProd => "non-prod",
            Environment::Production => "production",
        };
        format!("Access tokens in {place} are bound to a key of the agent (DPoP).")
    }));
    said
}

fn retention(policy: &Policy) -> String {
    policy.retention.map_or_else(
        || "Evidence is kept for ever.".to_owned(),
        |rules| {
            format!(
                "Evidence is kept for {} days after the last deployment of a version ended, and longer where the version can be rolled back to or its agent has an open incident.",
                rules.evidence_days
            )
        },
    )
}

fn scopes(policy: &Policy) -> String {
    let said = match policy.scopes {
        Some(rules) if rules.catalogued => {
            "Production takes only scopes whose resource and action are described in the catalogue."
        }
        Some(_) | None => "Any scope may be asked for; what the catalogue lacks is marked.",
    };
    said.to_owned()
}

/// The sentences of one policy that another does not have.
fn differing(base: &Policy, found: &Policy) -> Vec<String> {
    let all = |policy: &Policy| {
        let mut said = non_prod(policy);
        said.extend(production(policy));
        said.extend(freezes(policy));
        said.extend(waivers(policy));
        said
    };
    let known = all(base);
    let mut said = all(found);
    said.retain(|sentence| !known.contains(sentence));
    said
}

fn waivers(policy: &Policy) -> Vec<String> {
    let rules = policy.waiver_rules();
    if rules.roles.is_empty() || rules.gates.is_empty() {
        return vec!["Nobody may waive a finding.".to_owned()];
    }
    let roles: Vec<String> = rules
        .roles
        .iter()
        .map(|r| r.label().to_lowercase())
        .collect();
    let gates: Vec<&str> = rules.gates.iter().map(|gate| gate.label()).collect();
    vec![format!(
        "A finding of {} may be waived for {} days at most, by the role {}.",
        gates.join(", "),
        rules.days,
        roles.join(" or ")
    )]
}

fn gates(policy: &Policy, gates: &[Gate]) -> String {
    let named: Vec<String> = gates
        .iter()
        .map(|gate| match gate {
            Gate::ResponsibleAi | Gate::Hallucination | Gate::Relevance => {
                format!("{} ({} % of cases)", gate.label(), policy.percent(*gate))
            }
            Gate::StaticAnalysis | Gate::ImageScan | Gate::Health => gate.label().to_owned(),
        })
        .collect();
    named.join(", ")
}

fn non_prod(policy: &Policy) -> Vec<String> {
    vec![
        format!("Gates that run: {}.", gates(policy, &policy.non_prod.gates)),
        format!(
            "What is worse than the live version by more than {} points on the same cases fails.",
            policy.margin_points()
        ),
        "Nobody is asked.".to_owned(),
    ]
}

fn production(policy: &Policy) -> Vec<String> {
    let rules = &policy.production;
    let people = if rules.quorum == 1 {
        "1 person".to_owned()
    } else {
        format!("{} different people", rules.quorum)
    };
    let mut said = vec![
        format!(
            "Gates that must be satisfied: {}.",
            gates(policy, &rules.gates)
        ),
        format!(
            "{people} must approve, none of whom requested, wrote, committed or configured it."
        ),
        format!(
            "A request expires after {} hours without an answer.",
            rules.approval_hours
        ),
    ];
    said.extend(approval(&rules.approval));
    if rules.soak_minutes > 0 {
        said.push(format!(
            "A version is live in non-prod for {} minutes before.",
            rules.soak_minutes
        ));
    }
    if rules.wait_for_witness {
        said.push(
            "Nothing is created before witnesses have seen the approval in the audit log."
                .to_owned(),
        );
    }
    if let Some(hours) = rules.evidence_hours {
        said.push(format!("A gate's result counts for {hours} hours."));
    }
    let conditions = rules.conditions.iter();
    said.extend(conditions.map(|c| format!("Condition {}: {}", c.name, c.message)));
    said.push(
        if policy.promote_when_proven {
            "The promotion is opened by itself when a version is proven."
        } else {
            "A person asks for the promotion."
        }
        .to_owned(),
    );
    said
}

fn approval(rules: &ApprovalRules) -> Vec<String> {
    let groups = rules.required.iter().map(|asked| {
        let some = asked.count;
        format!(
            "At least {some} of the approvals must be of group {}.",
            asked.group
        )
    });
    let mut said: Vec<String> = groups.collect();
    if rules.reason {
        said.push("Whoever approves says why.".to_owned());
    }
    said.push(format!(
        "An approval that is not used within {} hours expires.",
        rules.unused_hours
    ));
    said.extend(
        rules
            .reminder_hours
            .map(|hours| format!("Whoever can decide is reminded after {hours} hours.")),
    );
    said.extend(
        rules
            .escalation_hours
            .map(|hours| format!("Operators and administrators are told after {hours} hours.")),
    );
    said.push(format!(
        "A decision needs a sign-in of the last {} minutes.",
        rules.sign_in_minutes
    ));
    said
}

fn freezes(policy: &Policy) -> Vec<String> {
    let windows = policy.production.freeze.iter();
    let said: Vec<String> = windows
        .map(|w| {
            let minute =
                |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d %H:%M").to_string();
            let again = w
                .rrule
                .as_ref()
                .map(|rule| format!(", and again by {rule}"))
                .unwrap_or_default();
            format!(
                "{} to {} UTC{again}: {}.",
                minute(w.from),
                minute(w.until),
                w.reason
            )
        })
        .collect();
    if said.is_empty() {
        vec!["None.".to_owned()]
    } else {
        said
    }
}
