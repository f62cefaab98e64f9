//! Reads what a judge said. Strict: a judge that does not answer in the form that it was asked for has not answered.

use serde::Deserialize;

use super::{Mode, Opinion};
use crate::text;

/// Characters of a judge's reason that are kept.
const KEPT: usize = 300;
/// Bytes of an answer that are looked at.
const MOST: usize = 16 * 1024;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Graded {
    holds: bool,
    #[serde(default)]
    reason: String,
}

/// The opinion in a judge's answer; `None` where it is not exactly of the form that was asked for.
#[must_use]
pub fn read(mode: Mode, answer: &str) -> Option<Opinion> {
    let answer = answer.trim();
    if answer.len() > MOST {
        return None;
    }
    let plain = |holds| Opinion {
        holds,
        why: String::new(),
    };
    match mode {
        Mode::Claim => match answer.trim_end_matches('.') {
            "Yes" | "yes" | "YES" => Some(plain(true)),
            "No" | "no" | "NO" => Some(plain(false)),
            _ => None,
        },
        Mode::Pair => match answer.trim_end_matches('.') {
            "A" => Some(plain(true)),
            "B" => Some(plain(false)),
            _ => None,
        },
        Mode::Rubric => {
            let graded: Graded = serde_json::from_value(crate::score::json_of(answer)?).ok()?;
            let visible: String = graded
                .reason
                .chars()
                .filter(|c| !c.is_control() && !text::is_invisible(*c))
                .collect();
            Some(Opinion {
                holds: graded.holds,
                why: text::cut(&visible, KEPT),
            })
        }
    }
}
