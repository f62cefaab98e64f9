//! Calls: what they are given, what they do with it, and what they return.

use std::rc::Rc;

use ruff_python_ast::{Expr, ExprCall, StmtFunctionDef};
use ruff_text_size::Ranged;

use super::super::expressions::{dotted, method};
use super::value::{Key, Value};
use super::walker::Walker;
use super::{propagation, sources};

/// The values that a call is given.
#[derive(Debug)]
pub(super) struct Given<'a> {
    pub(super) receiver: Option<Value>,
    places: Vec<Value>,
    keywords: Vec<(Option<&'a str>, Value)>,
}

impl Given<'_> {
    /// The first argument, or the one of the first of these names.
    pub(super) fn first(&self, names: &[&str]) -> Option<Value> {
        self.first_at(names, 0)
    }

    pub(super) fn first_at(&self, names: &[&str], place: usize) -> Option<Value> {
        names
            .iter()
            .find_map(|name| self.keyword(name))
            .or_else(|| self.places.get(place).cloned())
    }

    pub(super) fn keyword(&self, name: &str) -> Option<Value> {
        self.keywords
            .iter()
            .find(|(keyword, _)| *keyword == Some(name))
            .map(|(_, value)| value.clone())
    }

    fn all(&self) -> Vec<Value> {
        let keywords = self.keywords.iter().map(|(_, value)| value);
        self.places.iter().chain(keywords).cloned().collect()
    }
}

impl<'a> Walker<'a> {
    pub(super) fn call(&mut self, expr: &'a Expr, call: &'a ExprCall) -> Value {
        let function = dotted(&call.func, self.names);
        let receiver = call
            .func
            .as_attribute_expr()
            .map(|one| self.value(&one.value));
        if call.func.is_call_expr() || call.func.is_lambda_expr() {
            self.value(&call.func);
        }
        let given = Given {
            receiver,
            places: call
                .arguments
                .args
                .iter()
                .map(|one| self.value(one))
                .collect(),
            keywords: call
                .arguments
                .keywords
                .iter()
                .map(|one| {
                    (
                        one.arg.as_ref().map(ruff_python_ast::Identifier::as_str),
                        self.value(&one.value),
                    )
                })
                .collect(),
        };
        let name = function.unwrap_or_else(|| sources::name_of(call, self.names));
        self.harm(call, &name, &given);
        self.change(call, &given);
        if let Some((source, what)) = sources::call(call, &name, self.names) {
            return self.source(source, expr.start(), what);
        }
        if let Some(returned) = self.own(call, &given) {
            return returned;
        }
        if let Some(value) = propagation::function(&name, &given.all()) {
            return value;
        }
        match (method(call), &given.receiver) {
            (Some(name), Some(receiver)) => {
                propagation::method(name, receiver, &given.places).unwrap_or_else(Value::unknown)
            }
            _ => Value::unknown(),
        }
    }

    /// Methods that change the container that they are called on.
    fn change(&mut self, call: &'a ExprCall, given: &Given<'a>) {
        let Some((attribute, receiver)) =
            call.func.as_attribute_expr().zip(given.receiver.as_ref())
        else {
            return;
        };
        let Some(name) = attribute.value.as_name_expr().map(|name| name.id.as_str()) else {
            return;
        };
        let changed = match attribute.attr.as_str() {
            "append" | "add" => {
                let Some(value) = given.places.first() else {
                    return;
                };
                let next = receiver
                    .items
                    .as_ref()
                    .and_then(|items| next_place(items.keys()));
                match next {
                    Some(next) => receiver.with_part(&[Key::Int(next)], value.clone()),
                    None => receiver.whole().join(&value.whole()),
                }
            }
            "extend" | "update" | "insert" | "appendleft" | "write" => given
                .places
                .iter()
                .fold(receiver.whole(), |all, one| all.join(&one.whole())),
            "pop" | "remove" | "clear" | "reverse" | "sort" => receiver.whole(),
            _ => return,
        };
        // What is not bound here is a container of somewhere else.
        let local = self
            .frame
            .state
            .as_ref()
            .is_some_and(|state| state.contains_key(name));
        if local && let Some(state) = &mut self.frame.state {
            Rc::make_mut(state).insert(name_of(&attribute.value), changed);
        }
    }

    /// A function of this file: what it returns for these arguments.
    fn own(&mut self, call: &'a ExprCall, given: &Given<'a>) -> Option<Value> {
        let (class, function) = self.called(call)?;
        let outside = given
            .places
            .iter()
            .chain(given.keywords.iter().map(|(_, value)| value))
            .any(is_from_outside);
        if !outside {
            return Some(self.plain_return(class, function));
        }
        let parameters = bound(call, function, class, given);
        let name = function.name.as_str();
        let returned = self.inlined(class, function, parameters);
        Some(returned.through(call.start(), &format!("goes through `{name}`")))
    }

    fn called(&self, call: &'a ExprCall) -> Option<(Option<&'a str>, &'a StmtFunctionDef)> {
        if let Some(name) = call.func.as_name_expr() {
            let name = name.id.as_str();
            let shadowed = self
                .frame
                .state
                .as_ref()
                .is_some_and(|state| state.contains_key(name));
            return self
                .function((None, name))
                .filter(|_| !shadowed)
                .map(|one| (None, one));
        }
        let attribute = call.func.as_attribute_expr()?;
        let owner = attribute.value.as_name_expr()?.id.as_str();
        let class = if matches!(owner, "self" | "cls") {
            self.frame.class?
        } else {
            owner
        };
        let function = self.function((Some(class), attribute.attr.as_str()))?;
        Some((Some(class), function))
    }
}

/// The name of an expression that is known to be one.
fn name_of(expr: &Expr) -> &str {
    expr.as_name_expr().map_or("", |name| name.id.as_str())
}

fn is_from_outside(value: &Value) -> bool {
    value.whole().taint.is_some()
}

/// The place after the last of a list whose places are all known.
fn next_place<'k>(keys: impl Iterator<Item = &'k Key>) -> Option<i64> {
    let mut next = 0;
    for key in keys {
        if *key != Key::Int(next) {
            return None;
        }
        next += 1;
    }
    Some(next)
}

/// The parameters of a function, bound to what a call gives.
fn bound<'a>(
    call: &ExprCall,
    function: &'a StmtFunctionDef,
    class: Option<&str>,
    given: &Given<'a>,
) -> Vec<(&'a str, Value)> {
    let is_static = function.decorator_list.iter().any(|one| {
        one.expression
            .as_name_expr()
            .is_some_and(|name| name.id.as_str() == "staticmethod")
    });
    let by_object = call
        .func
        .as_attribute_expr()
        .and_then(|one| one.value.as_name_expr())
        .is_some_and(|one| matches!(one.id.as_str(), "self" | "cls"));
    let skip = usize::from(class.is_some() && by_object && !is_static);
    let starred = call.arguments.args.iter().any(Expr::is_starred_expr);
    let rest = given
        .places
        .iter()
        .map(Value::whole)
        .reduce(|all, one| all.join(&one));
    let mut values = Vec::new();
    for (place, parameter) in function.parameters.iter_non_variadic_params().enumerate() {
        let name = parameter.parameter.name.as_str();
        let at = place.checked_sub(skip);
        let value = given
            .keyword(name)
            .or_else(|| at.and_then(|at| given.places.get(at).cloned()))
            .or_else(|| rest.clone().filter(|_| starred))
            .unwrap_or_else(|| match parameter.default() {
                Some(default) if default.is_literal_expr() => Value::harmless(),
                Some(_) | None => Value::unknown(),
            });
        let value = if value.taint.is_some() {
            value.through(
                parameter.parameter.name.start(),
                &format!("handed over as `{name}`"),
            )
        } else {
            value
        };
        values.push((name, value));
    }
    let whole = given
        .all()
        .iter()
        .map(Value::whole)
        .reduce(|all, one| all.join(&one));
    let spare = [&function.parameters.vararg, &function.parameters.kwarg];
    for parameter in spare.into_iter().flatten() {
        values.push((
            parameter.name.as_str(),
            whole.clone().unwrap_or_else(Value::unknown),
        ));
    }
    values
}
