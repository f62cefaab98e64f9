//! Statements, in the order in which they run.

use ruff_python_ast::{
    ExceptHandler, Expr, Pattern, Stmt, StmtFor, StmtIf, StmtMatch, StmtTry, StmtWhile, StmtWith,
};
use ruff_text_size::Ranged;

use super::value::{Constant, Key, Safe, Value};
use super::walker::{Loop, State, Walker};

/// Rounds of a loop that are walked: what the first changes, the second meets.
const ROUNDS: usize = 2;

impl<'a> Walker<'a> {
    pub(super) fn body(&mut self, body: &'a [Stmt]) {
        if !self.deeper() {
            return;
        }
        for stmt in body {
            if self.frame.state.is_none() || !self.spend(1) {
                break;
            }
            self.statement(stmt);
        }
        self.depth -= 1;
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a statement that is not named here moves no value"
    )]
    fn statement(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Assign(one) => {
                let value = self.value(&one.value);
                for target in &one.targets {
                    self.assign(target, value.clone());
                }
            }
            Stmt::AnnAssign(one) => {
                if let Some(value) = &one.value {
                    let value = self.value(value);
                    self.assign(&one.target, value);
                }
            }
            Stmt::AugAssign(one) => {
                let before = self.value(&one.target);
                let value = self.value(&one.value);
                let value = self.operate(one.op, &before, &value);
                self.assign(&one.target, value);
            }
            Stmt::Expr(one) => {
                self.value(&one.value);
                self.checked_by_call(&one.value);
            }
            Stmt::Return(one) => self.give_back(one.value.as_deref()),
            Stmt::Raise(one) => {
                for part in one.exc.iter().chain(&one.cause) {
                    self.value(part);
                }
                self.frame.state = None;
            }
            Stmt::Assert(one) => {
                self.value(&one.test);
                self.narrow(&one.test, true);
            }
            Stmt::Break(_) => self.leave_round(true),
            Stmt::Continue(_) => self.leave_round(false),
            Stmt::If(one) => self.either(one),
            Stmt::While(one) => self.while_loop(one),
            Stmt::For(one) => self.for_loop(one),
            Stmt::Try(one) => self.attempt(one),
            Stmt::Match(one) => self.cases(one),
            Stmt::With(one) => self.with(one),
            Stmt::FunctionDef(one) if !self.frame.module => self.nested(one),
            // The functions of the file and its classes are walked once its names are known.
            Stmt::ClassDef(one) if self.frame.module => {
                for inner in one
                    .body
                    .iter()
                    .filter(|inner| !inner.is_assign_stmt() && !inner.is_ann_assign_stmt())
                {
                    self.statement(inner);
                }
            }
            _ => {}
        }
    }

    fn with(&mut self, one: &'a StmtWith) {
        for item in &one.items {
            let value = self.value(&item.context_expr);
            if let Some(target) = &item.optional_vars {
                self.assign(target, value);
            }
        }
        self.body(&one.body);
    }

    fn give_back(&mut self, value: Option<&'a Expr>) {
        let value = value.map_or_else(Value::harmless, |value| self.value(value));
        self.hand_out(value);
        self.frame.state = None;
    }

    /// One more of the values that the function may give.
    pub(super) fn hand_out(&mut self, value: Value) {
        self.frame.returned = Some(match self.frame.returned.take() {
            Some(known) => known.join(&value),
            None => value,
        });
    }

    fn leave_round(&mut self, broken: bool) {
        let state = self.frame.state.take();
        let Some(mut around) = self.frame.loops.pop() else {
            return;
        };
        let way = if broken {
            &mut around.broken
        } else {
            &mut around.continued
        };
        let before = way.take();
        let met = self.meet(before, state);
        if broken {
            around.broken = met;
        } else {
            around.continued = met;
        }
        self.frame.loops.push(around);
    }

    fn either(&mut self, one: &'a StmtIf) {
        let mut out: Option<State<'a>> = None;
        let mut branches = vec![(Some(&*one.test), one.body.as_slice())];
        branches.extend(
            one.elif_else_clauses
                .iter()
                .map(|clause| (clause.test.as_ref(), clause.body.as_slice())),
        );
        for (test, body) in branches {
            if self.frame.state.is_none() {
                break;
            }
            let truth = test.map_or(Some(true), |test| self.truth(test));
            let around = self.frame.state.clone();
            if truth != Some(false) {
                if let Some(test) = test {
                    self.narrow(test, true);
                }
                self.body(body);
                let ended = self.frame.state.take();
                out = self.meet(out, ended);
            }
            self.frame.state = if truth == Some(true) { None } else { around };
            if let Some(test) = test {
                self.narrow(test, false);
            }
        }
        let past = self.frame.state.take();
        self.frame.state = self.meet(out, past);
    }

    fn while_loop(&mut self, one: &'a StmtWhile) {
        let mut endless = false;
        let mut broken = None;
        for _ in 0..ROUNDS {
            let truth = self.truth(&one.test);
            if truth == Some(false) {
                break;
            }
            endless = truth == Some(true);
            let before = self.frame.state.clone();
            self.narrow(&one.test, true);
            broken = self.round(&one.body, before, broken);
        }
        if endless && one.test.is_literal_expr() {
            self.frame.state = None;
        }
        self.narrow(&one.test, false);
        self.body(&one.orelse);
        let ended = self.frame.state.take();
        self.frame.state = self.meet(ended, broken);
    }

    fn for_loop(&mut self, one: &'a StmtFor) {
        let each = self.value(&one.iter).part(None);
        let mut broken = None;
        for _ in 0..ROUNDS {
            let before = self.frame.state.clone();
            self.assign(&one.target, each.clone());
            broken = self.round(&one.body, before, broken);
        }
        self.body(&one.orelse);
        let ended = self.frame.state.take();
        self.frame.state = self.meet(ended, broken);
    }

    /// One round. Afterwards the state is what the next may begin with; the states in which the loop is left come back.
    fn round(
        &mut self,
        body: &'a [Stmt],
        before: Option<State<'a>>,
        broken: Option<State<'a>>,
    ) -> Option<State<'a>> {
        self.frame.loops.push(Loop::default());
        self.body(body);
        let around = self.frame.loops.pop().unwrap_or_default();
        let ended = self.frame.state.take();
        let ended = self.meet(ended, around.continued);
        self.frame.state = self.meet(before, ended);
        self.meet(broken, around.broken)
    }

    fn attempt(&mut self, one: &'a StmtTry) {
        let mut thrown = self.frame.state.clone();
        for stmt in &one.body {
            if self.frame.state.is_none() || !self.spend(1) {
                break;
            }
            self.statement(stmt);
            let here = self.frame.state.clone();
            thrown = self.meet(thrown, here);
        }
        self.body(&one.orelse);
        let mut out = self.frame.state.take();
        for handler in &one.handlers {
            let ExceptHandler::ExceptHandler(inner) = handler;
            self.frame.state.clone_from(&thrown);
            if let Some(name) = &inner.name {
                self.bind(name.as_str(), Value::unknown());
            }
            self.body(&inner.body);
            let ended = self.frame.state.take();
            out = self.meet(out, ended);
        }
        let dead = out.is_none();
        self.frame.state = if dead { thrown } else { out };
        self.body(&one.finalbody);
        if dead {
            self.frame.state = None;
        }
    }

    fn cases(&mut self, one: &'a StmtMatch) {
        let subject = self.value(&one.subject);
        let mut out = None;
        for case in &one.cases {
            let around = self.frame.state.clone();
            let fits = fits(&case.pattern, &subject);
            if fits == Some(false) {
                continue;
            }
            let literal = is_literal(&case.pattern);
            if literal && let Some(name) = one.subject.as_name_expr() {
                let value = subject.clone().made_safe(Safe::EVERYTHING);
                self.bind(name.id.as_str(), value);
            }
            self.capture(&case.pattern, &subject, literal);
            if let Some(guard) = &case.guard {
                self.value(guard);
                self.narrow(guard, true);
            }
            self.body(&case.body);
            let ended = self.frame.state.take();
            out = self.meet(out, ended);
            self.frame.state = around;
            if fits == Some(true) && case.guard.is_none() {
                self.frame.state = None;
                break;
            }
        }
        let past = self.frame.state.take();
        self.frame.state = self.meet(out, past);
    }

    /// Binds what a pattern names.
    fn capture(&mut self, pattern: &'a Pattern, subject: &Value, literal: bool) {
        let value = || {
            if literal {
                subject.clone().made_safe(Safe::EVERYTHING)
            } else {
                subject.clone()
            }
        };
        match pattern {
            Pattern::MatchAs(one) => {
                if let Some(name) = &one.name {
                    self.bind(name.as_str(), value());
                }
                if let Some(inner) = &one.pattern {
                    self.capture(inner, subject, literal);
                }
            }
            Pattern::MatchStar(one) => {
                if let Some(name) = &one.name {
                    self.bind(name.as_str(), value());
                }
            }
            Pattern::MatchSequence(one) => {
                for (place, inner) in one.patterns.iter().enumerate() {
                    let key = i64::try_from(place).ok().map(Key::Int);
                    self.capture(inner, &subject.part(key.as_ref()), literal);
                }
            }
            Pattern::MatchMapping(one) => {
                for (key, inner) in one.keys.iter().zip(&one.patterns) {
                    let key = Key::of(self.value(key).constant.as_ref());
                    self.capture(inner, &subject.part(key.as_ref()), literal);
                }
                if let Some(name) = &one.rest {
                    self.bind(name.as_str(), value());
                }
            }
            Pattern::MatchClass(one) => {
                let named = one
                    .arguments
                    .keywords
                    .iter()
                    .map(|keyword| &keyword.pattern);
                for inner in one.arguments.patterns.iter().chain(named) {
                    self.capture(inner, &subject.part(None), literal);
                }
            }
            Pattern::MatchOr(one) => {
                for inner in &one.patterns {
                    self.capture(inner, subject, literal);
                }
            }
            Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
        }
    }

    /// Binds a target to a value, which goes one step further by that.
    pub(super) fn assign(&mut self, target: &'a Expr, value: Value) {
        if let Some(name) = target.as_name_expr() {
            let value = if value.taint.is_some() {
                value.through(target.start(), &format!("kept as `{}`", name.id))
            } else {
                value
            };
            self.bind(name.id.as_str(), value);
        } else if let Some(starred) = target.as_starred_expr() {
            self.assign(&starred.value, value.part(None));
        } else if let Some(elements) = super::super::expressions::elements(target) {
            for (place, one) in elements.iter().enumerate() {
                let key = i64::try_from(place).ok().map(Key::Int);
                self.assign(one, value.part(key.as_ref()));
            }
        } else if let Some((name, way)) = self.place(target) {
            let root = self.lookup(name);
            let value = match way {
                Some(way) => root.with_part(&way, value),
                None => root.join(&value),
            };
            self.bind(name, value);
        }
    }

    /// The name that a target is a part of, and the keys that lead to it; without keys where one is not known.
    fn place(&mut self, target: &'a Expr) -> Option<(&'a str, Option<Vec<Key>>)> {
        let mut way = Some(Vec::new());
        let mut at = target;
        loop {
            let key = if let Some(name) = at.as_name_expr() {
                let way = way.map(|mut way: Vec<Key>| {
                    way.reverse();
                    way
                });
                return Some((name.id.as_str(), way));
            } else if let Some(attribute) = at.as_attribute_expr() {
                at = &attribute.value;
                Some(Key::Text(attribute.attr.as_str().into()))
            } else {
                let subscript = at.as_subscript_expr()?;
                at = &subscript.value;
                Key::of(self.value(&subscript.slice).constant.as_ref())
            };
            way = way.zip(key).map(|(mut way, key)| {
                way.push(key);
                way
            });
        }
    }
}

/// Whether a pattern fits a value, where that is known.
fn fits(pattern: &Pattern, subject: &Value) -> Option<bool> {
    match pattern {
        Pattern::MatchAs(one) if one.pattern.is_none() => Some(true),
        Pattern::MatchValue(one) => {
            let Some(Constant::Text(text)) = &subject.constant else {
                return None;
            };
            let wanted = super::super::expressions::string(&one.value)?;
            Some(&**text == wanted)
        }
        Pattern::MatchOr(one) => {
            let all: Vec<Option<bool>> =
                one.patterns.iter().map(|one| fits(one, subject)).collect();
            if all.contains(&Some(true)) {
                Some(true)
            } else if all.iter().all(|one| *one == Some(false)) {
                Some(false)
            } else {
                None
            }
        }
        Pattern::MatchAs(_)
        | Pattern::MatchSingleton(_)
        | Pattern::MatchSequence(_)
        | Pattern::MatchMapping(_)
        | Pattern::MatchClass(_)
        | Pattern::MatchStar(_) => None,
    }
}

/// True for a pattern that only values written in the file fit.
fn is_literal(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::MatchValue(one) => one.value.is_literal_expr(),
        Pattern::MatchSingleton(_) => true,
        Pattern::MatchOr(one) => one.patterns.iter().all(is_literal),
        Pattern::MatchAs(one) => one.pattern.as_deref().is_some_and(is_literal),
        Pattern::MatchSequence(_)
        | Pattern::MatchMapping(_)
        | Pattern::MatchClass(_)
        | Pattern::MatchStar(_) => false,
    }
}
