//! The walk of a file: its functions, what each returns, and the state of the function that is walked.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ruff_python_ast::{Stmt, StmtFunctionDef};
use ruff_text_size::{Ranged, TextSize};

use super::super::names::Names;
use super::value::{Source, Taint, Value};
use super::{Flows, sources};

/// Expressions and statements that are walked in one file, a fork of the names counting as many as there are names.
/// People's files take less than a hundredth.
const MAX_STEPS: usize = 2_000_000;
/// The same for one function and what it calls, so that one does not take what the others need.
const MAX_FUNCTION_STEPS: usize = 200_000;
/// Calls into functions of the file that are followed within each other.
const MAX_CALLS: usize = 3;

/// Expressions and bodies within each other, those of followed calls too.
const MAX_DEPTH: usize = 2_000;

/// What is known of the names at one place.
pub(super) type State<'a> = Rc<BTreeMap<&'a str, Value>>;

/// The function that is walked.
#[derive(Debug, Default)]
pub(super) struct Frame<'a> {
    /// `None` where no way leads.
    pub(super) state: Option<State<'a>>,
    /// The class that it is a method of.
    pub(super) class: Option<&'a str>,
    /// True for the statements of the file itself.
    pub(super) module: bool,
    pub(super) returned: Option<Value>,
    /// For each loop around, the states in which it is left or begun again.
    pub(super) loops: Vec<Loop<'a>>,
}

/// The ways out of one round of a loop.
#[derive(Debug, Default)]
pub(super) struct Loop<'a> {
    pub(super) broken: Option<State<'a>>,
    pub(super) continued: Option<State<'a>>,
}

/// A function and the class that it is a method of.
pub(super) type Method<'a> = (Option<&'a str>, &'a str);

#[derive(Debug)]
pub(super) struct Walker<'a> {
    pub(super) names: &'a Names,
    functions: BTreeMap<Method<'a>, &'a StmtFunctionDef>,
    /// All of them, those too whose name a later one takes: a decorator may have handed them on.
    every: Vec<(Option<&'a str>, &'a StmtFunctionDef)>,
    /// Classes whose methods a model calls.
    pub(super) tool_classes: BTreeSet<&'a str>,
    /// Every binding of a name of the file, joined.
    pub(super) globals: BTreeMap<&'a str, Value>,
    /// Names of the file that functions bind.
    rebound: BTreeSet<&'a str>,
    /// What a function returns where nothing from outside is handed to it; `None` while it is walked.
    returns: BTreeMap<TextSize, Option<Value>>,
    pub(super) flows: Flows,
    steps: usize,
    limit: usize,
    pub(super) depth: usize,
    roots: u32,
    pub(super) frame: Frame<'a>,
    /// The functions that are walked within each other at this moment.
    stack: Vec<TextSize>,
}

impl<'a> Walker<'a> {
    pub(super) fn new(suite: &'a [Stmt], names: &'a Names) -> Self {
        let mut walker = Self {
            names,
            functions: BTreeMap::new(),
            every: Vec::new(),
            tool_classes: BTreeSet::new(),
            globals: BTreeMap::new(),
            rebound: BTreeSet::new(),
            returns: BTreeMap::new(),
            flows: Flows::default(),
            steps: 0,
            limit: MAX_STEPS,
            depth: 0,
            roots: 0,
            frame: Frame::default(),
            stack: Vec::new(),
        };
        walker.collect(suite, None);
        walker
    }

    /// Walks the statements of the file, then each of its functions.
    pub(super) fn file(mut self, suite: &'a [Stmt]) -> Flows {
        self.frame = Frame {
            state: Some(State::default()),
            module: true,
            ..Frame::default()
        };
        self.body(suite);
        self.frame = Frame::default();
        for (class, function) in std::mem::take(&mut self.every) {
            self.plain_return(class, function);
        }
        self.flows
    }

    /// The functions of a list of statements, those within tests and classes too.
    fn collect(&mut self, suite: &'a [Stmt], class: Option<&'a str>) {
        for stmt in suite {
            if let Some(function) = stmt.as_function_def_stmt() {
                self.every.push((class, function));
                self.functions
                    .insert((class, function.name.as_str()), function);
                self.rebound.extend(sources::globals(&function.body));
            } else if let Some(one) = stmt.as_class_def_stmt() {
                if class.is_none() {
                    if sources::is_tool_class(one) {
                        self.tool_classes.insert(one.name.as_str());
                    }
                    self.collect(&one.body, Some(one.name.as_str()));
                }
            } else if let Some(one) = stmt.as_if_stmt() {
                self.collect(&one.body, class);
                for clause in &one.elif_else_clauses {
                    self.collect(&clause.body, class);
                }
            } else if let Some(one) = stmt.as_try_stmt() {
                self.collect(&one.body, class);
                self.collect(&one.orelse, class);
                for handler in &one.handlers {
                    let ruff_python_ast::ExceptHandler::ExceptHandler(inner) = handler;
                    self.collect(&inner.body, class);
                }
            }
        }
    }

    pub(super) fn function(&self, at: Method<'a>) -> Option<&'a StmtFunctionDef> {
        self.functions.get(&at).copied()
    }

    /// Takes steps of what the file and the function have. False where none are left.
    pub(super) fn spend(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_add(steps);
        let left = self.steps < MAX_STEPS && self.steps < self.limit;
        self.flows.cut |= !left;
        left
    }

    /// One level down. False where that is too deep; whoever goes down comes up again.
    pub(super) fn deeper(&mut self) -> bool {
        if self.depth >= MAX_DEPTH {
            self.flows.cut = true;
            return false;
        }
        self.depth += 1;
        true
    }

    pub(super) fn source(&mut self, source: Source, at: TextSize, what: &str) -> Value {
        self.roots = self.roots.wrapping_add(1);
        Value::tainted(Taint::new(source, self.roots, at, what))
    }

    /// What a name stands for here.
    pub(super) fn lookup(&self, name: &str) -> Value {
        let local = self.frame.state.as_ref().and_then(|state| state.get(name));
        if let Some(value) = local {
            return value.clone();
        }
        if self.rebound.contains(name) {
            return Value::unknown();
        }
        self.globals
            .get(name)
            .cloned()
            .unwrap_or_else(Value::unknown)
    }

    /// Binds a name here.
    pub(super) fn bind(&mut self, name: &'a str, value: Value) {
        if self.frame.module {
            let joined = match self.globals.get(name) {
                Some(known) => known.join(&value),
                None => value.clone(),
            };
            self.globals.insert(name, joined);
        }
        if let Some(state) = &mut self.frame.state {
            Rc::make_mut(state).insert(name, value);
        }
    }

    /// What a function returns where nothing from outside is handed to it. It is walked for that once.
    pub(super) fn plain_return(
        &mut self,
        class: Option<&'a str>,
        function: &'a StmtFunctionDef,
    ) -> Value {
        let at = function.name.start();
        if let Some(known) = self.returns.get(&at) {
            return known.clone().unwrap_or_else(Value::unknown);
        }
        self.returns.insert(at, None);
        let before = self.steps;
        let limit = std::mem::replace(&mut self.limit, before.saturating_add(MAX_FUNCTION_STEPS));
        let stack = std::mem::take(&mut self.stack);
        let parameters = self.parameters(class, function);
        let returned = self.walk_function(class, function, State::default(), parameters);
        // What this function took is not taken from the one that calls it.
        self.limit = limit.saturating_add(self.steps.saturating_sub(before));
        self.stack = stack;
        self.returns.insert(at, Some(returned.clone()));
        returned
    }

    /// What a function returns for these arguments, walked in the place of a call.
    pub(super) fn inlined(
        &mut self,
        class: Option<&'a str>,
        function: &'a StmtFunctionDef,
        parameters: Vec<(&'a str, Value)>,
    ) -> Value {
        let at = function.name.start();
        if self.stack.len() >= MAX_CALLS || self.stack.contains(&at) {
            return Value::unknown();
        }
        self.stack.push(at);
        let returned = self.walk_function(class, function, State::default(), parameters);
        self.stack.pop();
        returned
    }

    /// Walks a function that stands in another one, which sees the names of it.
    pub(super) fn nested(&mut self, function: &'a StmtFunctionDef) {
        let around = self.frame.state.clone().unwrap_or_default();
        let class = self.frame.class;
        let parameters = self.parameters(class, function);
        self.walk_function(class, function, around, parameters);
    }

    fn walk_function(
        &mut self,
        class: Option<&'a str>,
        function: &'a StmtFunctionDef,
        mut state: State<'a>,
        parameters: Vec<(&'a str, Value)>,
    ) -> Value {
        Rc::make_mut(&mut state).extend(parameters);
        let frame = Frame {
            state: Some(state),
            class,
            ..Frame::default()
        };
        let around = std::mem::replace(&mut self.frame, frame);
        self.body(&function.body);
        let ended = self.frame.state.is_some();
        let returned = std::mem::replace(&mut self.frame, around).returned;
        // The end of a function without a `return` is `None`, which does no harm and says nothing.
        returned.unwrap_or_else(if ended {
            Value::harmless
        } else {
            Value::unknown
        })
    }

    /// The parameters of a function that nobody is seen to call.
    fn parameters(
        &mut self,
        class: Option<&'a str>,
        function: &'a StmtFunctionDef,
    ) -> Vec<(&'a str, Value)> {
        let chosen = sources::chooser(function, class, self);
        function
            .parameters
            .iter()
            .enumerate()
            .map(|(place, parameter)| {
                let parameter = parameter.as_parameter();
                let name = parameter.name.as_str();
                let bound_to = place == 0 && matches!(name, "self" | "cls");
                let value = match chosen {
                    Some(source) if !bound_to && sources::is_open(parameter) => {
                        let what = format!("`{name}` comes in");
                        self.source(source, parameter.name.start(), &what)
                    }
                    Some(_) if sources::is_closed(parameter) => Value::harmless(),
                    Some(_) | None => Value::unknown(),
                };
                (name, value)
            })
            .collect()
    }

    /// The states in which two ways meet.
    pub(super) fn meet(
        &mut self,
        one: Option<State<'a>>,
        two: Option<State<'a>>,
    ) -> Option<State<'a>> {
        let (one, two) = match (one, two) {
            (Some(one), Some(two)) => (one, two),
            (one, two) => return one.or(two),
        };
        if Rc::ptr_eq(&one, &two) {
            return Some(one);
        }
        self.spend(one.len().max(two.len()));
        let mut all = (*one).clone();
        for (name, value) in two.iter() {
            let joined = match all.get(name) {
                Some(known) => known.join(value),
                None => value.clone(),
            };
            all.insert(name, joined);
        }
        Some(Rc::new(all))
    }
}
