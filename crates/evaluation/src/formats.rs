//! Suites of other tools: read into canonical rows, and written back.
//!
//! What has no meaning here is listed with its place and never dropped in silence: a check that cannot be scored stays in
//! the row, where it leaves the case undecided. Foreign bytes are hostile: size, depth, rows and YAML's aliases are bounded,
//! and nothing that a file names is fetched, opened or run.

mod canonical;
mod deepeval;
mod inspect;
mod json;
mod mlflow;
mod openai_evals;
mod promptfoo;
mod ragas;
mod table;
mod take;
mod yaml;

pub(crate) use take::words;

use crate::row::Row;
use crate::score::Scorer;

/// Bytes of one file.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Rows of one file.
pub const MAX_ROWS: usize = 20_000;
/// Entries of the unsupported list; the last one says how many more there were.
pub const MAX_UNSUPPORTED: usize = 1_000;

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Canonical rows, one JSON object a line.
    Rows,
    /// promptfoo's configuration in YAML: `tests`, `defaultTest`, `prompts`, `scenarios`.
    Promptfoo,
    /// promptfoo's tests in CSV, with `__expected` columns.
    PromptfooCsv,
    /// OpenAI evals: `{"input": …, "ideal": …}` or `{"item": {…}}`, one a line.
    OpenAiEvals,
    /// An Inspect AI log, version 2, as JSON.
    InspectLog,
    /// MLflow evaluation rows: `inputs`, `outputs`, `expectations`.
    MlFlow,
    /// Ragas rows, with the names of now or of before.
    Ragas,
    /// DeepEval test cases.
    DeepEval,
    /// A plain table: `input`, `expected`, and what else there is.
    Csv,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] = &[
        Self::Rows,
        Self::Promptfoo,
        Self::PromptfooCsv,
        Self::OpenAiEvals,
        Self::InspectLog,
        Self::MlFlow,
        Self::Ragas,
        Self::DeepEval,
        Self::Csv,
    ];

    /// The format that a suite file of an agent's repository is in, by its name: `*.yaml` promptfoo, `*.csv` a table (with
    /// `__expected` columns promptfoo's), `*.rows.jsonl`, `*.evals.jsonl`, `*.mlflow.jsonl`, `*.ragas.jsonl`,
    /// `*.deepeval.json`, `*.inspect.json`. `None` for our own suites, one case a line.
    #[must_use]
    pub fn of(file_name: &str, text: &str) -> Option<Self> {
        let name = file_name.to_lowercase();
        let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        if ends(&[".yaml", ".yml"]) {
            Some(Self::Promptfoo)
        } else if ends(&[".csv"]) {
            let header = text.lines().next().unwrap_or_default();
            Some(if header.contains("__expected") {
                Self::PromptfooCsv
            } else {
                Self::Csv
            })
        } else if ends(&[".rows.jsonl"]) {
            Some(Self::Rows)
        } else if ends(&[".evals.jsonl"]) {
            Some(Self::OpenAiEvals)
        } else if ends(&[".mlflow.jsonl", ".mlflow.json"]) {
            Some(Self::MlFlow)
        } else if ends(&[".ragas.jsonl", ".ragas.json"]) {
            Some(Self::Ragas)
        } else if ends(&[".deepeval.json", ".deepeval.jsonl"]) {
            Some(Self::DeepEval)
        } else if ends(&[".inspect.json"]) {
            Some(Self::InspectLog)
        } else {
            None
        }
    }

    /// The name people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Rows => "Clearance rows",
            Self::Promptfoo => "promptfoo configuration",
            Self::PromptfooCsv => "promptfoo tests (CSV)",
            Self::OpenAiEvals => "OpenAI evals",
            Self::InspectLog => "Inspect AI log",
            Self::MlFlow => "MLflow evaluation rows",
            Self::Ragas => "Ragas rows",
            Self::DeepEval => "DeepEval test cases",
            Self::Csv => "CSV",
        }
    }
}

/// What a file held.
#[derive(Debug, Default)]
pub struct Imported {
    /// Its cases.
    pub rows: Vec<Row>,
    /// What is not scored, converted or followed here.
    pub unsupported: Vec<Unsupported>,
    /// What the file says about itself: task, model, revision, date.
    pub source: std::collections::BTreeMap<String, String>,
    /// The checks of each row as they were understood, in the order of `rows`.
    pub(crate) scorers: Vec<Vec<Result<Scorer, String>>>,
}

/// One thing in a file that is not supported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// Where, such as `tests[3].assert[0]` or `line 4, metadata`.
    pub place: String,
    /// What it is, and what becomes of it.
    pub what: String,
}

/// A file that cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct Unreadable {
    /// Where.
    pub place: String,
    /// What is wrong and what is expected.
    pub message: String,
}

impl Unreadable {
    pub(crate) fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
        }
    }
}

impl Imported {
    /// Notes something that is not supported.
    pub(crate) fn note(&mut self, place: impl Into<String>, what: impl Into<String>) {
        let (place, what) = (place.into(), what.into());
        match self.unsupported.len() {
            n if n < MAX_UNSUPPORTED => self.unsupported.push(Unsupported { place, what }),
            n if n == MAX_UNSUPPORTED => self.unsupported.push(Unsupported {
                place: "and so on".to_owned(),
                what: format!("more than {MAX_UNSUPPORTED} parts are not supported"),
            }),
            _ => {}
        }
    }

    /// Adds a row, if there is room, and notes the checks that nothing here can score.
    pub(crate) fn add(&mut self, place: &str, row: Row) -> Result<(), Unreadable> {
        if self.rows.len() >= MAX_ROWS {
            return Err(Unreadable::new(
                place,
                format!("more than {MAX_ROWS} rows: split the file"),
            ));
        }
        let scorers: Vec<Result<Scorer, String>> = row.checks.iter().map(Scorer::of).collect();
        for (at, (check, scorer)) in (1..).zip(row.checks.iter().zip(&scorers)) {
            if let Err(why) = scorer {
                self.note(format!("{place}, check {at}"), why.as_str());
            }
            if (check.weight - 1.0).abs() > f64::EPSILON {
                let what = "not used: every check of a case must hold, whatever its weight";
                self.note(format!("{place}, check {at}, weight"), what);
            }
        }
        self.scorers.push(scorers);
        self.rows.push(row);
        Ok(())
    }
}

/// Reads a file.
///
/// # Errors
/// [`Unreadable`] with the place: not the format, too large, too deep, too many rows, two rows with one id.
pub fn import(format: Format, bytes: &[u8]) -> Result<Imported, Unreadable> {
    if bytes.len() > MAX_BYTES {
        return Err(Unreadable::new(
            "file",
            format!(
                "{} bytes, and at most {MAX_BYTES} are read: split the file",
                bytes.len()
            ),
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Unreadable::new(
            format!("byte {}", error.valid_up_to()),
            "the file is not UTF-8 text",
        )
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let imported = match format {
        Format::Rows => canonical::read(text),
        Format::Promptfoo => promptfoo::read(text),
        Format::PromptfooCsv => promptfoo::csv::read(text),
        Format::OpenAiEvals => openai_evals::read(text),
        Format::InspectLog => inspect::read(text),
        Format::MlFlow => mlflow::read(text),
        Format::Ragas => ragas::read(text),
        Format::DeepEval => deepeval::read(text),
        Format::Csv => table::read(text),
    }?;
    let mut seen = std::collections::BTreeSet::new();
    for row in &imported.rows {
        if !seen.insert(row.id.as_str()) {
            return Err(Unreadable::new(
                "file",
                format!("the id `{}` is used twice", crate::text::cut(&row.id, 80)),
            ));
        }
    }
    Ok(imported)
}

/// Writes rows in a format.
///
/// # Errors
/// [`Unreadable`] where the format has no place for a part of a row: it is said which, and nothing is left out.
pub fn export(format: Format, rows: &[Row]) -> Result<String, Unreadable> {
    let text = match format {
        // These have a place for every part of a row.
        Format::Rows => return canonical::write(rows),
        Format::Promptfoo => return promptfoo::write(rows),
        Format::InspectLog => return inspect::write(rows),
        Format::PromptfooCsv => promptfoo::csv::write(rows),
        Format::OpenAiEvals => openai_evals::write(rows),
        Format::MlFlow => mlflow::write(rows),
        Format::Ragas => ragas::write(rows),
        Format::DeepEval => deepeval::write(rows),
        Format::Csv => table::write(rows),
    }?;
    // The others are read back: what does not come back would have been lost in silence.
    let back = import(format, text.as_bytes())?.rows;
    match rows.iter().zip(&back).find(|(row, back)| row != back) {
        None if rows.len() == back.len() => Ok(text),
        lost => {
            let id = lost.map_or("", |(row, _)| row.id.as_str());
            Err(Unreadable::new(
                format!("row {}", crate::text::cut(id, 80)),
                format!(
                    "{} has no place for all of this row: use {}",
                    format.label(),
                    Format::Rows.label()
                ),
            ))
        }
    }
}
