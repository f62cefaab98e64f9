//! `clearance suites`: looking at evaluation suites before they are committed. Needs no server.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, ensure};
use clap::{Args, Subcommand};
use control_plane::ports::evaluator::SuiteFile;
use domain::gate::Gate;
use domain::view::suite::{SuiteAdvice, SuiteCheck, SuiteProblem};
use evaluation::Thresholds;
use evaluation::suite::MAX_BYTES;

use super::print_json;
use super::remote::{plain, print_lines};
use super::verdict::read_text;
use crate::adapters::examine;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check a suite file: its cases, its problems, what is not judged, and whether it is large enough
    #[command(
        after_help = "The ending says the format: .jsonl, .rows.jsonl, .yaml (promptfoo), .csv, .evals.jsonl, .mlflow.jsonl, \
        .ragas.jsonl, .deepeval.json, .inspect.json, .bbq.jsonl.\n\
        Exit status: 0 can be judged, 1 it has problems or too few cases, 2 it cannot be looked at."
    )]
    Check(Check),
    /// Write the cases of another tool's file as Clearance rows to standard output
    #[command(after_help = "What is not judged is listed on standard error.\n\
        Exit status: 0 written, 1 the file has problems, 2 it cannot be looked at.")]
    Convert(Convert),
}

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    of: Of,
    /// The share of cases that must pass, in percent: what the policy asks for
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u8).range(1..=100))]
    threshold: u8,
    /// How many points the 95 % interval may reach below it
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=99))]
    slack: u8,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Convert {
    #[command(flatten)]
    of: Of,
}

#[derive(Debug, Args)]
struct Of {
    /// The file
    file: PathBuf,
    /// The gate that it is for: `relevance`, `hallucination` or `responsible_ai`
    #[arg(long, default_value = "relevance", value_parser = gate)]
    gate: Gate,
}

fn gate(text: &str) -> Result<Gate, String> {
    let gate = text.parse::<Gate>().ok();
    gate.filter(|gate| gate.has_suites())
        .ok_or_else(|| "write relevance, hallucination or responsible_ai".to_owned())
}

pub(super) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Check(check) => look(&check),
        Command::Convert(convert) => rows(&convert),
    }
}

impl Of {
    fn read(&self) -> Result<SuiteFile> {
        // One byte more than is read, so that the reader says how large a suite may be.
        let text = read_text(&self.file, u64::try_from(MAX_BYTES)?.saturating_add(1))?;
        let name = self.file.file_name().map(|name| name.to_string_lossy());
        ensure!(name.is_some(), "the file has no name");
        Ok(SuiteFile {
            name: name.unwrap_or_default().into_owned(),
            text,
        })
    }
}

fn look(check: &Check) -> Result<ExitCode> {
    let threshold = f64::from(check.threshold) / 100.0;
    let thresholds = Thresholds {
        relevance: threshold,
        hallucination: threshold,
        responsible_ai: threshold,
        slack: f64::from(check.slack) / 100.0,
        ..Thresholds::default()
    };
    let found = examine(check.of.gate, &check.of.read()?);
    let told = SuiteCheck {
        format: found.format,
        problems: found.problems,
        unsupported: found.unsupported,
        advice: SuiteAdvice {
            cases: found.cases,
            threshold,
            needed: thresholds.needed(check.of.gate),
        },
        rows: None,
    };
    let good = told.problems.is_empty() && told.advice.enough();
    if check.json {
        print_json(&told)?;
    } else {
        print(&told);
    }
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn print(told: &SuiteCheck) {
    println!("Read as: {}", told.format);
    print_lines(problems(&told.problems).chain(unsupported(&told.unsupported)));
    if told.problems.is_empty() {
        println!("{}: {}", told.advice.label(), told.advice.words());
    }
}

fn problems(problems: &[SuiteProblem]) -> impl Iterator<Item = String> {
    problems
        .iter()
        .map(|one| format!("line {}, column {}: {}", one.line, one.column, one.message))
}

fn unsupported(parts: &[(String, String)]) -> impl Iterator<Item = String> {
    parts
        .iter()
        .map(|(place, what)| format!("not judged: {place}: {what}"))
}

fn rows(convert: &Convert) -> Result<ExitCode> {
    let file = convert.of.read()?;
    let found = examine(convert.of.gate, &file);
    for line in problems(&found.problems).chain(unsupported(&found.unsupported)) {
        eprintln!("{}", plain(&line));
    }
    if !found.problems.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    let rows = found
        .rows
        .context("this is no file of another tool: there is nothing to convert")?;
    print!("{rows}");
    Ok(ExitCode::SUCCESS)
}
