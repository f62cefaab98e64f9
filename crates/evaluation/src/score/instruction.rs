//! Whether the answer keeps to what it was told about its form.

use super::Score;
use super::words::words;

/// Between so many words.
pub(super) fn word_count(answer: &str, least: usize, most: usize) -> Score {
    let found = words(answer).len();
    if (least..=most).contains(&found) {
        Score::yes(format!("{found} words"))
    } else if most == usize::MAX {
        Score::no(format!("{found} words, and at least {least} are asked for"))
    } else {
        Score::no(format!(
            "{found} words, and {least} to {most} are asked for"
        ))
    }
}

/// At most so many characters.
pub(super) fn max_characters(answer: &str, most: usize) -> Score {
    let found = answer.chars().count();
    if found <= most {
        Score::yes(format!("{found} characters"))
    } else {
        Score::no(format!(
            "{found} characters, and at most {most} are allowed"
        ))
    }
}

/// Mostly in the letters of a script: a plain test of "answer in Latin, Cyrillic, Greek, Arabic, Hebrew, Han, Kana, Hangul".
pub(super) fn script(answer: &str, wanted: Script) -> Score {
    let letters = answer.chars().filter(|c| c.is_alphabetic()).count();
    let own = answer
        .chars()
        .filter(|c| c.is_alphabetic() && wanted.has(*c))
        .count();
    if letters == 0 {
        Score::unknown("the answer has no letters")
    } else if own * 5 >= letters * 4 {
        Score::yes(format!("{own} of {letters} letters are {}", wanted.name()))
    } else {
        Score::no(format!(
            "only {own} of {letters} letters are {}",
            wanted.name()
        ))
    }
}

/// A script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    Latin,
    Cyrillic,
    Greek,
    Arabic,
    Hebrew,
    Han,
    Kana,
    Hangul,
}

impl Script {
    const ALL: &'static [Self] = &[
        Self::Latin,
        Self::Cyrillic,
        Self::Greek,
        Self::Arabic,
        Self::Hebrew,
        Self::Han,
        Self::Kana,
        Self::Hangul,
    ];

    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|script| script.name().eq_ignore_ascii_case(name))
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Latin => "Latin",
            Self::Cyrillic => "Cyrillic",
            Self::Greek => "Greek",
            Self::Arabic => "Arabic",
            Self::Hebrew => "Hebrew",
            Self::Han => "Han",
            Self::Kana => "Kana",
            Self::Hangul => "Hangul",
        }
    }

    const fn has(self, c: char) -> bool {
        match self {
            Self::Latin => {
                matches!(c, 'A'..='Z' | 'a'..='z' | '\u{aa}' | '\u{ba}' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
            }
            Self::Cyrillic => matches!(c, '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}'),
            Self::Greek => matches!(c, '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}'),
            Self::Arabic => {
                matches!(c, '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{8a0}'..='\u{8ff}')
            }
            Self::Hebrew => matches!(c, '\u{590}'..='\u{5ff}'),
            Self::Han => {
                matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{323af}')
            }
            Self::Kana => matches!(c, '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}'),
            Self::Hangul => matches!(c, '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}'),
        }
    }
}
