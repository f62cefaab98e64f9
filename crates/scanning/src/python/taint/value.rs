//! What is known of a value: where it came from, what it is safe for, its constant, and the parts of a container.

use std::collections::BTreeMap;
use std::rc::Rc;

use ruff_text_size::TextSize;

/// Steps of a path that are kept; the source and the sink are always among them.
const MAX_STEPS: usize = 12;
/// Parts of a container that are kept apart. In a larger one they are one.
const MAX_ITEMS: usize = 64;
/// Containers within containers that are kept apart.
const MAX_DEPTH: u8 = 4;
/// Bytes of a constant that is kept.
const MAX_TEXT: usize = 1_000;

/// Where a value comes from that this program does not decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// A model wrote it.
    Model,
    /// A model chose it, as the argument of a tool.
    Tool,
    /// It stands in a document that was searched for or loaded.
    Document,
    /// It came with a request from the web.
    Request,
}

impl Source {
    /// As the beginning of a sentence says it.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Model => "What the model wrote",
            Self::Tool => "What the model chose",
            Self::Document => "The text of a retrieved document",
            Self::Request => "What a request from the web brought",
        }
    }
}

/// What values may be safe for, as a set of bits: one for each kind of sink, and two for forms of paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Safe(u16);

impl Safe {
    pub(super) const NOTHING: Self = Self(0);
    pub(super) const CODE: Self = Self(1);
    pub(super) const SHELL: Self = Self(1 << 1);
    pub(super) const SQL: Self = Self(1 << 2);
    pub(super) const PATH: Self = Self(1 << 3);
    pub(super) const TEMPLATE: Self = Self(1 << 4);
    pub(super) const BYTES: Self = Self(1 << 5);
    pub(super) const REDIRECT: Self = Self(1 << 6);
    pub(super) const URL: Self = Self(1 << 7);
    pub(super) const PROMPT: Self = Self(1 << 8);
    pub(super) const PROGRAM: Self = Self(1 << 9);
    /// A path without `..`, which is worth something once its beginning is compared.
    pub(super) const RESOLVED: Self = Self(1 << 10);
    pub(super) const EVERYTHING: Self = Self(u16::MAX);
    /// What a check by a function of the project is taken to make safe: all but code.
    pub(super) const CHECKED: Self = Self(!1);
    /// What a look at the host or the folder makes safe.
    pub(super) const PLACE: Self = Self((1 << 3) | (1 << 6) | (1 << 7));

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn holds(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// One step of a path, and the one before it.
#[derive(Debug)]
struct Step {
    at: TextSize,
    what: Rc<str>,
    before: Option<Rc<Step>>,
}

/// Where a value came from, and by which way.
#[derive(Debug, Clone)]
pub(super) struct Taint {
    pub(super) source: Source,
    /// Which one of the sources: two values of one root are parts of the same thing.
    pub(super) root: u32,
    length: usize,
    last: Rc<Step>,
}

impl Taint {
    pub(super) fn new(source: Source, root: u32, at: TextSize, what: &str) -> Self {
        let last = Rc::new(Step {
            at,
            what: what.into(),
            before: None,
        });
        Self {
            source,
            root,
            length: 1,
            last,
        }
    }

    /// The same one step further. A long way keeps its beginning.
    fn through(&self, at: TextSize, what: &str) -> Self {
        if self.length >= MAX_STEPS || self.last.at == at {
            return self.clone();
        }
        Self {
            source: self.source,
            root: self.root,
            length: self.length + 1,
            last: Rc::new(Step {
                at,
                what: what.into(),
                before: Some(Rc::clone(&self.last)),
            }),
        }
    }

    /// The way from the source, in its order.
    pub(super) fn way(&self) -> Vec<(TextSize, String)> {
        let mut way = Vec::new();
        let mut next = Some(&self.last);
        while let Some(step) = next {
            way.push((step.at, step.what.to_string()));
            next = step.before.as_ref();
        }
        way.reverse();
        way
    }
}

/// A constant, or as much of one as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Constant {
    Text(Rc<str>),
    /// A text that begins like this.
    Beginning(Rc<str>),
    Int(i64),
    Bool(bool),
    None,
    /// A session of a library for requests.
    Session,
}

impl Constant {
    /// Whether Python takes it for true.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Self::Text(text) => Some(!text.is_empty()),
            Self::Int(int) => Some(*int != 0),
            Self::Bool(bool) => Some(*bool),
            Self::None => Some(false),
            Self::Beginning(_) | Self::Session => None,
        }
    }
}

/// What a part of a container is found by. Attributes of objects count as parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Text(Rc<str>),
    Int(i64),
}

impl Key {
    pub(super) fn of(constant: Option<&Constant>) -> Option<Self> {
        match constant? {
            Constant::Text(text) => Some(Self::Text(Rc::clone(text))),
            Constant::Int(int) => Some(Self::Int(*int)),
            Constant::Bool(_) | Constant::None | Constant::Beginning(_) | Constant::Session => None,
        }
    }
}

/// One value. What is said of it holds for all that is not among its `items`.
#[derive(Debug, Clone)]
pub(super) struct Value {
    pub(super) taint: Option<Taint>,
    /// What it is proven to be safe for.
    pub(super) safe: Safe,
    /// What its taint is to be feared for. Neither holds for what nothing is known of.
    pub(super) feared: Safe,
    pub(super) constant: Option<Constant>,
    pub(super) items: Option<Rc<BTreeMap<Key, Value>>>,
    pub(super) depth: u8,
}

impl Value {
    /// Nothing is known, not even that it is dangerous.
    pub(super) const fn unknown() -> Self {
        Self {
            taint: None,
            safe: Safe::NOTHING,
            feared: Safe::NOTHING,
            constant: None,
            items: None,
            depth: 0,
        }
    }

    /// Harmless: a number, or something that is written in the file.
    pub(super) fn harmless() -> Self {
        Self {
            safe: Safe::EVERYTHING,
            ..Self::unknown()
        }
    }

    pub(super) fn text(text: &str) -> Self {
        let constant = if text.len() > MAX_TEXT {
            Constant::Beginning(
                text.get(..text.floor_char_boundary(MAX_TEXT))
                    .unwrap_or_default()
                    .into(),
            )
        } else {
            Constant::Text(text.into())
        };
        Self::constant(constant)
    }

    pub(super) fn constant(constant: Constant) -> Self {
        Self {
            constant: Some(constant),
            ..Self::harmless()
        }
    }

    pub(super) fn tainted(taint: Taint) -> Self {
        Self {
            taint: Some(taint),
            feared: Safe::EVERYTHING,
            ..Self::unknown()
        }
    }

    /// A container. One that is too large or too deep is one value.
    pub(super) fn container(items: BTreeMap<Key, Self>, rest: Self) -> Self {
        let depth = items.values().map(|one| one.depth).max().unwrap_or(0);
        if items.len() > MAX_ITEMS || depth >= MAX_DEPTH {
            return items
                .values()
                .map(Self::whole)
                .fold(rest, |all, one| all.join(&one));
        }
        Self {
            taint: rest.taint,
            safe: rest.safe,
            feared: rest.feared,
            constant: None,
            items: Some(Rc::new(items)),
            depth: depth + 1,
        }
    }

    /// The value as one, without its parts.
    pub(super) fn whole(&self) -> Self {
        let Some(items) = &self.items else {
            return self.clone();
        };
        let mut all = Self {
            items: None,
            constant: None,
            depth: 0,
            ..self.clone()
        };
        for one in items.values() {
            let one = one.whole();
            all = Self {
                taint: all.worse(&one),
                safe: all.safe.and(one.safe),
                feared: all.feared.or(one.feared),
                ..all
            };
        }
        all
    }

    /// One of the parts. What is not known by its key is any of them.
    pub(super) fn part(&self, key: Option<&Key>) -> Self {
        let Some(items) = &self.items else {
            return Self {
                constant: None,
                ..self.clone()
            };
        };
        match key {
            Some(key) => items.get(key).cloned().unwrap_or_else(|| Self {
                items: None,
                depth: 0,
                ..self.clone()
            }),
            None => self.whole(),
        }
    }

    /// The value with one of its parts set, found by a way of keys.
    pub(super) fn with_part(&self, way: &[Key], value: Self) -> Self {
        let Some((first, rest)) = way.split_first() else {
            return value;
        };
        let mut items = self.items.as_deref().cloned().unwrap_or_default();
        let inner = self.part(Some(first)).with_part(rest, value);
        items.insert(first.clone(), inner);
        Self::container(
            items,
            Self {
                items: None,
                constant: None,
                depth: 0,
                ..self.clone()
            },
        )
    }

    /// Either of two values, where ways meet.
    pub(super) fn join(&self, other: &Self) -> Self {
        let constant = if self.constant == other.constant {
            self.constant.clone()
        } else {
            None
        };
        let (taint, safe) = (self.worse(other), self.safe.and(other.safe));
        let feared = self.feared.or(other.feared);
        let items = match (&self.items, &other.items) {
            (Some(one), Some(two)) if Rc::ptr_eq(one, two) => self.items.clone(),
            (Some(one), Some(two)) => {
                let mut items = BTreeMap::new();
                for key in one.keys().chain(two.keys()) {
                    if !items.contains_key(key) {
                        let both = self.part(Some(key)).join(&other.part(Some(key)));
                        items.insert(key.clone(), both);
                    }
                }
                let rest = Self {
                    taint,
                    safe,
                    feared,
                    ..Self::unknown()
                };
                return Self::container(items, rest);
            }
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return self.whole().join(&other.whole()),
        };
        Self {
            taint,
            safe,
            feared,
            constant,
            items,
            depth: self.depth.max(other.depth),
        }
    }

    /// The taint of the two that a sink has more to fear from.
    fn worse(&self, other: &Self) -> Option<Taint> {
        let feared = |one: &Self| one.taint.clone().filter(|_| one.feared != Safe::NOTHING);
        feared(self)
            .or_else(|| feared(other))
            .or_else(|| self.taint.clone())
            .or_else(|| other.taint.clone())
    }

    /// A value that is made of both.
    pub(super) fn combine(&self, other: &Self) -> Self {
        let (one, two) = (self.whole(), other.whole());
        Self {
            taint: one.worse(&two),
            safe: one.safe.and(two.safe),
            feared: one.feared.or(two.feared),
            ..Self::unknown()
        }
    }

    /// The same one step further on its way.
    pub(super) fn through(mut self, at: TextSize, what: &str) -> Self {
        if let Some(taint) = &self.taint {
            self.taint = Some(taint.through(at, what));
        }
        self
    }

    /// The same, safe for more.
    pub(super) fn made_safe(mut self, safe: Safe) -> Self {
        self.safe = self.safe.or(safe);
        self.feared = self.feared.without(safe);
        if let Some(items) = &self.items {
            let items = items
                .iter()
                .map(|(key, one)| (key.clone(), one.clone().made_safe(safe)))
                .collect();
            self.items = Some(Rc::new(items));
        }
        self
    }

    /// The taint that a sink of this kind must fear.
    pub(super) fn danger(&self, sink: Safe) -> Option<Taint> {
        if let Some(taint) = self.taint.as_ref().filter(|_| self.feared.holds(sink)) {
            return Some(taint.clone());
        }
        self.items
            .iter()
            .flat_map(|items| items.values())
            .find_map(|one| one.danger(sink))
    }

    /// True where no part can do harm in a sink of this kind.
    pub(super) fn is_safe(&self, sink: Safe) -> bool {
        self.safe.holds(sink)
            && self
                .items
                .iter()
                .flat_map(|items| items.values())
                .all(|one| one.is_safe(sink))
    }

    /// How the text begins, as far as it is written in the file.
    pub(super) fn beginning(&self) -> Option<&str> {
        match &self.constant {
            Some(Constant::Text(text) | Constant::Beginning(text)) => Some(text),
            Some(Constant::Int(_) | Constant::Bool(_) | Constant::None | Constant::Session)
            | None => None,
        }
    }
}
