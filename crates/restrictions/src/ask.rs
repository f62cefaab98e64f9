//! Asking restrictions.

use std::collections::{HashMap, HashSet};
use std::str::FromStr as _;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request,
    RestrictedExpression as Expr,
};

use crate::read::place;
use crate::{Kind, Restrictions};

/// What is said of a question that no statement could be worked out for.
const UNDECIDED: &str = "A restriction of the policy could not be worked out.";

/// What a caller says beside a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    Long(i64),
    String(&'a str),
    Bool(bool),
    Strings(&'a [String]),
    /// None of these, or too long.
    Other,
}

/// A question whose answer would be yes.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub agent: &'a str,
    pub team: &'a str,
    pub version: &'a str,
    /// Where the agent runs.
    pub environment: &'a str,
    pub deployment: i64,
    pub scopes: &'a [String],
    /// The scope that allows it.
    pub action: &'a str,
    /// What scopes begin with.
    pub resource: &'a str,
    /// Which one of its things is meant.
    pub resource_id: &'a str,
    /// The class of its data, where the catalogue says.
    pub class: Option<&'a str>,
    /// Where the resource is, where the caller says.
    pub at: Option<&'a str>,
    /// The moment in UTC with milliseconds, such as `2026-11-27T14:32:00.000Z`.
    pub now: &'a str,
    pub context: &'a [(&'a str, Value<'a>)],
}

impl Restrictions {
    /// Why it is forbidden; none where it is not. A value of another type than was declared, and a statement that errs, are a no.
    #[must_use]
    pub fn forbids(&self, question: &Question<'_>) -> Option<String> {
        let mut context = vec![("now".to_owned(), Expr::new_datetime(question.now))];
        if let Some(at) = question.at {
            context.push(("environment".to_owned(), text(at)));
        }
        for (name, kind) in &self.context {
            let said = question.context.iter().find(|(said, _)| said == name);
            match said.map(|(_, value)| typed(*kind, *value)) {
                None => {}
                Some(Some(value)) => context.push((name.clone(), value)),
                Some(None) => return Some(format!("context.{name} must be {}.", in_json(*kind))),
            }
        }
        let Some((request, entities)) = asked(question, context) else {
            return Some(UNDECIDED.to_owned());
        };
        let found = Authorizer::new().is_authorized(&request, &self.set, &entities);
        let diagnostics = found.diagnostics();
        if found.decision() == Decision::Deny {
            let first = diagnostics.reason().min_by_key(|id| place(id));
            let reason = first.and_then(|id| self.set.annotation(id, "reason"));
            return Some(reason.unwrap_or(UNDECIDED).to_owned());
        }
        let erred = diagnostics.errors().next().is_some();
        erred.then(|| UNDECIDED.to_owned())
    }
}

/// The request, and the two that it is about.
fn asked(question: &Question<'_>, context: Vec<(String, Expr)>) -> Option<(Request, Entities)> {
    let scopes = question.scopes.iter().map(|scope| text(scope));
    let agent = entity(
        "Agent",
        question.agent,
        vec![
            ("team", text(question.team)),
            ("version", text(question.version)),
            ("environment", text(question.environment)),
            ("deployment", Expr::new_long(question.deployment)),
            ("scopes", Expr::new_set(scopes)),
        ],
    )?;
    let mut facts = vec![("id", text(question.resource_id))];
    if let Some(class) = question.class {
        facts.push(("class", text(class)));
    }
    let resource = entity("Resource", question.resource, facts)?;
    let action = uid("Action", question.action)?;
    let context = Context::from_pairs(context).ok()?;
    let request = Request::new(agent.uid(), action, resource.uid(), context, None).ok()?;
    let entities = Entities::from_entities([agent, resource], None).ok()?;
    Some((request, entities))
}

fn entity(kind: &str, id: &str, facts: Vec<(&str, Expr)>) -> Option<Entity> {
    let facts = facts
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    let facts: HashMap<String, Expr> = facts.collect();
    Entity::new(uid(kind, id)?, facts, HashSet::new()).ok()
}

fn uid(kind: &str, id: &str) -> Option<EntityUid> {
    let kind = EntityTypeName::from_str(kind).ok()?;
    Some(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}

fn text(text: &str) -> Expr {
    Expr::new_string(text.to_owned())
}

fn typed(kind: Kind, value: Value<'_>) -> Option<Expr> {
    match (kind, value) {
        (Kind::Long, Value::Long(number)) => Some(Expr::new_long(number)),
        (Kind::String, Value::String(said)) => Some(text(said)),
        (Kind::Bool, Value::Bool(said)) => Some(Expr::new_bool(said)),
        (Kind::Strings, Value::Strings(all)) => {
            Some(Expr::new_set(all.iter().map(|one| text(one))))
        }
        (Kind::Long | Kind::String | Kind::Bool | Kind::Strings, _) => None,
    }
}

/// A type as callers write it.
const fn in_json(kind: Kind) -> &'static str {
    match kind {
        Kind::Long => "a whole number",
        Kind::String => "a text",
        Kind::Bool => "true or false",
        Kind::Strings => "a list of texts",
    }
}
