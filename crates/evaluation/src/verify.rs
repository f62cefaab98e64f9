//! The model-free claim verifier: does a sentence follow from a document, judged by words, numbers and names.
//!
//! No model file and no network. It is exact in what it compares and modest in what it concludes: a wide band of scores is
//! `Uncertain`. Role swaps and negations that keep the words are beyond it, and it says nothing about languages other than
//! English (see [`uncalibrated`]).

mod document;
mod features;
mod lexicon;
mod sentences;
mod stop;
mod tokens;
mod weights;

pub use sentences::sentences;

use document::Document;

/// Scores from here on are supported.
pub const SUPPORTED_FROM: f64 = 0.7;
/// Scores up to here are unsupported.
pub const UNSUPPORTED_TO: f64 = 0.3;

/// What a claim came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimVerdict {
    /// The document carries it.
    Supported,
    /// The document does not carry it.
    Unsupported,
    /// The evidence does not decide.
    Uncertain,
}

/// One judged claim with the evidence for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The sentence as the agent wrote it.
    pub text: String,
    /// Estimated probability that the document supports it, 0 to 1.
    pub score: f64,
    /// The score against the two cuts.
    pub verdict: ClaimVerdict,
    /// Numbers in the claim that the document does not have, canonical decimals.
    pub missing_numbers: Vec<String>,
    /// Runs of capitalised words that the document does not have.
    pub missing_names: Vec<String>,
    /// The three sentences of the document that share the most with the claim.
    pub citation: String,
}

/// Judges one claim, whatever its form, against the passages of `truth`.
#[must_use]
pub fn verify_claim(claim: &str, truth: &[String]) -> Claim {
    judge(&Document::new(truth), claim.to_owned())
}

/// Judges every claim of `answer` against the passages of `truth`. Questions and bare courtesies are no claims.
#[must_use]
pub fn verify(answer: &str, truth: &[String]) -> Vec<Claim> {
    let document = Document::new(truth);
    sentences(answer)
        .into_iter()
        .filter(|sentence| is_claim(sentence))
        .map(|one| judge(&document, one))
        .collect()
}

fn judge(document: &Document, text: String) -> Claim {
    let features = features::compare(document, &text);
    let score = features.score();
    // A number or a name that is nowhere in the document: of such claims about one in ten is supported (WiCE dev and
    // Factcheck-GPT), so none is called so, however familiar its other words are.
    let complete = features.missing_numbers.is_empty() && features.missing_names.is_empty();
    let verdict = if score >= SUPPORTED_FROM && complete {
        ClaimVerdict::Supported
    } else if score <= UNSUPPORTED_TO {
        ClaimVerdict::Unsupported
    } else {
        ClaimVerdict::Uncertain
    };
    Claim {
        text,
        score,
        verdict,
        missing_numbers: features.missing_numbers,
        missing_names: features.missing_names,
        citation: features.citation,
    }
}

/// A sentence claims something unless it asks, or says nothing but courtesies. Anything with a number is a claim, and so is
/// a question with a name: `Acme pays within 9 days, right?` is one too.
fn is_claim(sentence: &str) -> bool {
    let tokens = tokens::tokens(sentence);
    let asks = sentence.trim_end().ends_with('?');
    if tokens.iter().any(|token| token.number.is_some())
        || (asks && !tokens::name_runs(&tokens).is_empty())
    {
        return true;
    }
    !asks
        && tokens
            .iter()
            .any(|token| !(stop::is_stop(&token.lower) || stop::is_courtesy(&token.lower)))
}

/// True where the text is not English as far as can be told: more than a fifth of its letters are outside the Latin
/// script, or its function words are those of another language. The weights were never measured there.
#[must_use]
pub fn uncalibrated(text: &str) -> bool {
    other_script(text) || other_language(text)
}

/// Function words of German, French, Spanish, Italian, Portuguese and Dutch that English does not have.
#[rustfmt::skip] // a word list, read as a block
const FOREIGN: &[&str] = &[
    "aber", "auf", "avec", "che", "como", "con", "dans", "das", "de", "del", "della", "dem", "den", "der", "des", "di",
    "die", "ein", "eine", "el", "en", "es", "est", "et", "für", "gli", "het", "il", "ist", "la", "las", "le", "les", "los",
    "mais", "mit", "não", "nicht", "non", "os", "para", "pas", "per", "por", "pour", "que", "sind", "sono", "sont", "su",
    "um", "una", "und", "une", "van", "von", "werden", "wird", "y", "zu", "è",
];

fn other_language(text: &str) -> bool {
    let tokens = tokens::tokens(text);
    let english = tokens
        .iter()
        .filter(|token| stop::is_stop(&token.lower))
        .count();
    let foreign = tokens
        .iter()
        .filter(|token| FOREIGN.contains(&token.lower.as_str()))
        .count();
    // A few foreign words are a name; a text has them everywhere.
    foreign >= 3 && foreign > english
}

fn other_script(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let foreign = text
        .chars()
        .filter(|c| c.is_alphabetic() && !is_latin(*c))
        .count();
    foreign.saturating_mul(5) > letters
}

const fn is_latin(c: char) -> bool {
    matches!(c, 'A'..='Z' | 'a'..='z' | '\u{aa}' | '\u{ba}' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' | '\u{ff21}'..='\u{ff5a}')
}
