//! Maven: tokens with the separator before them (the "Version Order Specification" of the POM reference).

use std::cmp::Ordering;

use super::{is_number, numbers};

/// Qualifiers in their order; the release itself stands among them.
const QUALIFIERS: &[&str] = &["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];

/// A token with what stands before it: a dash, or the change between digits and letters, is a dash.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    dash: bool,
    text: String,
}

pub(super) fn compare(one: &str, two: &str) -> Ordering {
    let (one, two) = (tokens(one), tokens(two));
    for at in 0..one.len().max(two.len()) {
        let order = match (one.get(at), two.get(at)) {
            (Some(a), Some(b)) => token(a, b),
            (Some(a), None) => token(a, &padding(a)),
            (None, Some(b)) => token(&padding(b), b),
            (None, None) => Ordering::Equal,
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// What a version that is shorter has in the place of a token.
fn padding(other: &Token) -> Token {
    Token {
        dash: other.dash,
        text: if other.dash { "" } else { "0" }.to_owned(),
    }
}

fn token(a: &Token, b: &Token) -> Ordering {
    let (one, two) = (is_number(&a.text), is_number(&b.text));
    match (one, two) {
        (true, true) if a.dash == b.dash => numbers(&a.text, &b.text),
        // `-1` comes before `.1`.
        (true, true) => b.dash.cmp(&a.dash),
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => qualifier(&a.text).cmp(&qualifier(&b.text)),
    }
}

/// Known ones by their place, others behind them by their letters.
fn qualifier(text: &str) -> (usize, &str) {
    QUALIFIERS
        .iter()
        .position(|known| *known == text)
        .map_or((QUALIFIERS.len(), text), |at| (at, ""))
}

fn tokens(text: &str) -> Vec<Token> {
    let lower = text.trim().to_lowercase();
    let mut all: Vec<Token> = Vec::new();
    let mut dash = false;
    let mut word = String::new();
    let mut push = |dash: bool, word: &mut String, digit_follows: bool| {
        let text = std::mem::take(word);
        let text = match text.as_str() {
            "" => "0",
            "a" if digit_follows => "alpha",
            "b" if digit_follows => "beta",
            "m" if digit_follows => "milestone",
            "cr" => "rc",
            "final" | "ga" | "release" => "",
            other => other,
        };
        all.push(Token {
            dash,
            text: text.to_owned(),
        });
    };
    for c in lower.chars() {
        let digit = c.is_ascii_digit();
        if c == '.' || c == '-' {
            push(dash, &mut word, false);
            dash = c == '-';
            continue;
        }
        let changes = word
            .chars()
            .next_back()
            .is_some_and(|last| last.is_ascii_digit() != digit);
        if changes {
            push(dash, &mut word, digit);
            dash = true;
        }
        word.push(c);
    }
    push(dash, &mut word, false);
    trimmed(all)
}

/// Without what says nothing at the end, and before each dash.
fn trimmed(mut all: Vec<Token>) -> Vec<Token> {
    let says_nothing = |token: &Token| token.text.bytes().all(|byte| byte == b'0');
    let mut end = all.len();
    while end > 0 {
        let mut start = end;
        while start > 0 && all.get(start - 1).is_some_and(says_nothing) {
            start -= 1;
        }
        all.drain(start..end);
        // The next dash towards the beginning.
        end = start;
        while end > 0 && !all.get(end - 1).is_some_and(|token| token.dash) {
            end -= 1;
        }
        end = end.saturating_sub(1);
    }
    all
}
