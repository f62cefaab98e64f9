//! A policy without comments and choices of writing: canonical JSON, which is a document again.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::access::{AccessRules, clock, weekday};
use super::{Freeze, GateCondition, Override, Policy, Stricter, WaiverRules};
use crate::canonical;

impl Policy {
    /// The document without comments and choices of writing: canonical JSON, which is a document again. Keys that are
    /// optional and not there stay away, so that a document keeps its digest when the language grows.
    ///
    /// # Errors
    /// None; the type has no keys and numbers that JSON cannot hold.
    pub fn canonical(&self) -> Result<String, serde_json::Error> {
        let rules = &self.production;
        let mut production = Map::from_iter([
            ("gates".to_owned(), json!(rules.gates)),
            ("quorum".to_owned(), json!(rules.quorum)),
            ("approval_hours".to_owned(), json!(rules.approval_hours)),
            ("soak_minutes".to_owned(), json!(rules.soak_minutes)),
            ("freeze".to_owned(), freezes(&rules.freeze)),
        ]);
        put(
            &mut production,
            "wait_for_witness",
            rules.wait_for_witness.then(|| json!(true)),
        );
        put(
            &mut production,
            "evidence_hours",
            rules.evidence_hours.map(|h| json!(h)),
        );
        put(&mut production, "conditions", conditions(&rules.conditions));
        put(&mut production, "approval", rules.approval.canonical());
        put(&mut production, "online", rules.online.map(|r| json!(r)));
        let mut document = Map::from_iter([
            ("schema".to_owned(), json!(1)),
            ("name".to_owned(), json!(self.name)),
            (
                "promote_when_proven".to_owned(),
                json!(self.promote_when_proven),
            ),
            ("thresholds".to_owned(), json!(self.thresholds)),
            (
                "non_prod".to_owned(),
                json!({ "gates": self.non_prod.gates }),
            ),
            ("production".to_owned(), Value::Object(production)),
        ]);
        put(&mut document, "waivers", self.waivers.as_ref().map(waivers));
        put(
            &mut document,
            "break_glass",
            self.break_glass.as_ref().map(|rules| json!(rules)),
        );
        put(
            &mut document,
            "elevation",
            self.elevation.map(|rules| json!(rules)),
        );
        put(
            &mut document,
            "retention",
            self.retention.map(|rules| json!(rules)),
        );
        put(
            &mut document,
            "scopes",
            self.scopes.map(|rules| json!(rules)),
        );
        let signers = &self.external_results;
        put(
            &mut document,
            "external_results",
            (!signers.is_empty()).then(|| json!(signers)),
        );
        put(&mut document, "access", self.access.as_ref().map(access));
        let overrides: Vec<Value> = self.overrides.iter().map(one_override).collect();
        let overrides = (!overrides.is_empty()).then_some(Value::Array(overrides));
        put(&mut document, "overrides", overrides);
        canonical::to_json(&Value::Object(document))
    }

    /// SHA-256 of the canonical document: the same rules have the same digest, however they are written.
    ///
    /// # Errors
    /// As [`Self::canonical`].
    pub fn digest(&self) -> Result<String, serde_json::Error> {
        Ok(canonical::digest(self.canonical()?.as_bytes()))
    }
}

fn put(into: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        into.insert(key.to_owned(), value);
    }
}

fn freezes(freezes: &[Freeze]) -> Value {
    let time = |at: DateTime<Utc>| json!(at.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    let windows = freezes.iter().map(|window| {
        let mut one = Map::from_iter([
            ("reason".to_owned(), json!(window.reason)),
            ("from".to_owned(), time(window.from)),
            ("until".to_owned(), time(window.until)),
        ]);
        put(&mut one, "rrule", window.rrule.as_ref().map(|r| json!(r)));
        Value::Object(one)
    });
    Value::Array(windows.collect())
}

fn conditions(conditions: &[GateCondition]) -> Option<Value> {
    let all = conditions.iter().map(|condition| {
        json!({ "name": condition.name, "message": condition.message, "rego": condition.rego })
    });
    (!conditions.is_empty()).then(|| Value::Array(all.collect()))
}

fn access(rules: &AccessRules) -> Value {
    let windows = rules.windows.iter().map(|window| {
        let mut one = Map::from_iter([
            ("reason".to_owned(), json!(window.reason)),
            ("from".to_owned(), json!(clock(window.from))),
            ("until".to_owned(), json!(clock(window.until))),
            ("zone".to_owned(), json!(window.zone)),
        ]);
        let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
        put(&mut one, "resource", text(&window.resource));
        put(&mut one, "scope", text(&window.scope));
        put(
            &mut one,
            "environment",
            window.environment.map(|at| json!(at)),
        );
        let days = window.days.iter();
        let days: Vec<&str> = days.filter_map(|day| weekday(*day)).collect();
        put(&mut one, "days", (!days.is_empty()).then(|| json!(days)));
        Value::Object(one)
    });
    let mut section = Map::new();
    let list = |all: Vec<Value>| (!all.is_empty()).then_some(Value::Array(all));
    put(&mut section, "windows", list(windows.collect()));
    let bound = &rules.bound_tokens;
    put(
        &mut section,
        "bound_tokens",
        (!bound.is_empty()).then(|| json!(bound)),
    );
    let restrictions = rules.restrictions.as_ref().map(|found| {
        let context = found.context.iter();
        let context = context.map(|(name, kind)| (name.clone(), json!(kind)));
        json!({ "context": Map::from_iter(context), "cedar": found.cedar })
    });
    put(&mut section, "restrictions", restrictions);
    Value::Object(section)
}

fn waivers(rules: &WaiverRules) -> Value {
    json!({ "roles": rules.roles, "days": rules.days, "gates": rules.gates })
}

fn one_override(found: &Override) -> Value {
    let Stricter {
        promote_when_proven,
        responsible_ai,
        hallucination,
        relevance,
        non_prod_gates,
        production_gates,
        quorum,
        approval_hours,
        soak_minutes,
        wait_for_witness,
        evidence_hours,
        freeze,
        conditions: added,
        approval,
        waivers: narrower,
    } = &found.rules;
    let number = |n: &Option<u32>| n.map(|n| json!(n));
    let mut thresholds = Map::new();
    put(&mut thresholds, "responsible_ai", number(responsible_ai));
    put(&mut thresholds, "hallucination", number(hallucination));
    put(&mut thresholds, "relevance", number(relevance));
    let mut production = Map::new();
    put(
        &mut production,
        "gates",
        production_gates.as_ref().map(|g| json!(g)),
    );
    put(&mut production, "quorum", number(quorum));
    put(&mut production, "approval_hours", number(approval_hours));
    put(&mut production, "soak_minutes", number(soak_minutes));
    put(
        &mut production,
        "wait_for_witness",
        wait_for_witness.then(|| json!(true)),
    );
    put(&mut production, "evidence_hours", number(evidence_hours));
    put(
        &mut production,
        "freeze",
        (!freeze.is_empty()).then(|| freezes(freeze)),
    );
    put(&mut production, "conditions", conditions(added));
    put(&mut production, "approval", approval.canonical());
    let object = |map: Map<String, Value>| (!map.is_empty()).then_some(Value::Object(map));
    let mut one = Map::new();
    put(&mut one, "team", found.team.as_ref().map(|t| json!(t)));
    put(&mut one, "risk", found.risk.map(|r| json!(r)));
    put(
        &mut one,
        "promote_when_proven",
        promote_when_proven.map(|p| json!(p)),
    );
    put(&mut one, "thresholds", object(thresholds));
    let non_prod = non_prod_gates.as_ref().map(|g| json!({ "gates": g }));
    put(&mut one, "non_prod", non_prod);
    put(&mut one, "production", object(production));
    put(&mut one, "waivers", narrower.as_ref().map(waivers));
    Value::Object(one)
}
