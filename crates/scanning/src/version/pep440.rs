//! Versions of Python packages and their order (PEP 440). A text that PEP 440 does not allow is a *legacy* version: it
//! sorts before every other, among its like in the order that setuptools used.

use std::cmp::Ordering;

/// A version of a Python package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    key: Key,
}

// The order of the variants is the order of versions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Legacy(Vec<String>),
    Pep440(Box<Pep440>),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Pep440 {
    epoch: Number,
    /// Without trailing zeros.
    release: Vec<Number>,
    pre: Pre,
    post: Option<Number>,
    dev: Dev,
    /// Empty without a local part, which sorts first.
    local: Vec<Local>,
}

/// A number of any length: digits without leading zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Number(String);

impl Number {
    fn new(digits: &str) -> Self {
        Self(digits.trim_start_matches('0').to_owned())
    }

    const fn is_zero(&self) -> bool {
        self.0.is_empty()
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0
            .len()
            .cmp(&other.0.len())
            .then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Pre {
    /// `1.0.dev1` comes before `1.0a0`.
    DevOnly,
    Alpha(Number),
    Beta(Number),
    Candidate(Number),
    Final,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Dev {
    At(Number),
    None,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Local {
    Text(String),
    Number(Number),
}

impl Version {
    /// Reads a version. Every text is one; see [`Version::is_legacy`].
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let lower = text.trim().to_lowercase();
        let key = pep440(&lower).map_or_else(
            || Key::Legacy(legacy(&lower)),
            |version| Key::Pep440(Box::new(version)),
        );
        Self { key }
    }

    /// True for a text that PEP 440 does not allow.
    #[must_use]
    pub const fn is_legacy(&self) -> bool {
        matches!(self.key, Key::Legacy(_))
    }
}

/// What is left to read.
struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    fn digits(&mut self) -> Option<Number> {
        let end = self
            .0
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at(end);
        if digits.is_empty() {
            return None;
        }
        self.0 = rest;
        Some(Number::new(digits))
    }

    fn eat(&mut self, text: &str) -> bool {
        self.0
            .strip_prefix(text)
            .map(|rest| self.0 = rest)
            .is_some()
    }

    fn separator(&mut self) {
        if let Some(rest) = self.0.strip_prefix(['.', '-', '_']) {
            self.0 = rest;
        }
    }

    /// One of `words` with a separator before it and a number after it, both optional. Nothing is eaten without a word.
    fn marker(&mut self, words: &[&str]) -> Option<(usize, Number)> {
        let before = self.0;
        self.separator();
        let Some(at) = words.iter().position(|word| self.eat(word)) else {
            self.0 = before;
            return None;
        };
        let after_word = self.0;
        self.separator();
        let number = self.digits().unwrap_or_else(|| {
            self.0 = after_word;
            Number::new("0")
        });
        Some((at, number))
    }
}

/// Longer words first: `rc` before `r`, `preview` before `pre`.
const PRE: &[&str] = &["alpha", "a", "beta", "b", "preview", "pre", "rc", "c"];
const POST: &[&str] = &["post", "rev", "r"];

fn pep440(text: &str) -> Option<Pep440> {
    let mut cursor = Cursor(text.strip_prefix('v').unwrap_or(text));
    let mut first = cursor.digits()?;
    let mut epoch = Number::new("0");
    if cursor.eat("!") {
        epoch = std::mem::replace(&mut first, cursor.digits()?);
    }
    let mut release = vec![first];
    while let Some(rest) = cursor
        .0
        .strip_prefix('.')
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    {
        cursor.0 = rest;
        release.push(cursor.digits()?);
    }
    while release.last().is_some_and(Number::is_zero) {
        release.pop();
    }
    let pre = cursor.marker(PRE);
    let post = implicit_post(&mut cursor).or_else(|| cursor.marker(POST).map(|(_, number)| number));
    let dev = cursor.marker(&["dev"]).map(|(_, number)| number);
    let local = local(&mut cursor)?;
    if !cursor.0.is_empty() {
        return None;
    }
    let pre = match (pre, &post, &dev) {
        (Some((0 | 1, number)), ..) => Pre::Alpha(number),
        (Some((2 | 3, number)), ..) => Pre::Beta(number),
        (Some((_, number)), ..) => Pre::Candidate(number),
        (None, None, Some(_)) => Pre::DevOnly,
        (None, ..) => Pre::Final,
    };
    Some(Pep440 {
        epoch,
        release,
        pre,
        post,
        dev: dev.map_or(Dev::None, Dev::At),
        local,
    })
}

/// `1.0-2` is `1.0.post2`.
fn implicit_post(cursor: &mut Cursor<'_>) -> Option<Number> {
    let rest = cursor
        .0
        .strip_prefix('-')
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))?;
    cursor.0 = rest;
    cursor.digits()
}

/// The part after `+`; `None` where it is malformed.
fn local(cursor: &mut Cursor<'_>) -> Option<Vec<Local>> {
    if !cursor.eat("+") {
        return Some(Vec::new());
    }
    let text = std::mem::take(&mut cursor.0);
    text.split(['.', '-', '_'])
        .map(|part| {
            let allowed = !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric());
            let number = part.chars().all(|c| c.is_ascii_digit());
            allowed.then(|| {
                if number {
                    Local::Number(Number::new(part))
                } else {
                    Local::Text(part.to_owned())
                }
            })
        })
        .collect()
}

/// The key that setuptools sorted by before PEP 440.
fn legacy(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut push = |part: String| {
        if part.starts_with('*') {
            if part.as_str() < "*final" {
                while parts.last().is_some_and(|last| last == "*final-") {
                    parts.pop();
                }
            }
            while parts.last().is_some_and(|last| last == "00000000") {
                parts.pop();
            }
        }
        parts.push(part);
    };
    for part in runs(text) {
        match part {
            "." | "" => {}
            "pre" | "preview" | "rc" => push("*c".to_owned()),
            "-" => push("*final-".to_owned()),
            "dev" => push("*@".to_owned()),
            digits if digits.starts_with(|c: char| c.is_ascii_digit()) => {
                push(format!("{digits:0>8}"))
            }
            word => push(format!("*{word}")),
        }
    }
    push("*final".to_owned());
    parts
}

/// Runs of digits, runs of letters, single `.` and `-`, and runs of anything else.
fn runs(text: &str) -> Vec<&str> {
    let class = |c: char| match c {
        '0'..='9' => 0,
        'a'..='z' => 1,
        '.' => 2,
        '-' => 3,
        _ => 4,
    };
    let mut runs = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind = class(first);
        let end = if matches!(kind, 2 | 3) {
            1
        } else {
            rest.find(|c| class(c) != kind).unwrap_or(rest.len())
        };
        let (run, left) = rest.split_at(end);
        runs.push(run);
        rest = left;
    }
    runs
}
