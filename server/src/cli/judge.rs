//! `clearance judge`: calibrates the configured judge with items that people labelled.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use evaluation::model_judge::{Calibration, Exam, Labelled, Mode};
use evaluation::statistics::interval::Level;
use serde_json::{Value, json};

use super::remote::plain;
use super::verdict::{Verdict, read_text};
use crate::adapters::judge::{Round, Seat};
use crate::config::Config;

/// Most bytes of a file of labelled items.
const FILE_BYTES: u64 = 16 * 1024 * 1024;
/// Longest time of a calibration.
const WITHIN: Duration = Duration::from_secs(3_600);

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Ask the configured judge about labelled items, and keep how it did: gates go by its word only as far as that carries
    #[command(after_help = "FILE has one JSON object a line, either\n  \
        {\"kind\": \"claim\", \"document\": [\"…\"], \"claim\": \"…\", \"good\": true}\n  \
        {\"kind\": \"rubric\", \"criterion\": \"…\", \"question\": \"…\", \"answer\": \"…\", \"good\": false}\n\
        100 items of a kind are needed, 30 of each label.\n\
        Exit status: 0 it may decide, 1 it may not, 2 it was not asked or did not answer; then nothing is kept.")]
    Calibrate(Calibrate),
}

#[derive(Debug, Args)]
pub(super) struct Calibrate {
    /// The labelled items
    file: PathBuf,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: &Config, command: Command) -> Result<ExitCode> {
    let Command::Calibrate(args) = command;
    Verdict::print(calibrate(config, &args).await, args.json)
}

async fn calibrate(config: &Config, args: &Calibrate) -> Result<Verdict> {
    let seat = Seat::of(config)?.context("no judge is configured: set `judge.endpoint`")?;
    let text = read_text(&args.file, FILE_BYTES)?;
    let labelled = Labelled::parse(&text)
        .with_context(|| format!("{} cannot be used", args.file.display()))?;
    let exam = Exam::new(labelled);
    let round = seat.examine(exam.questions().to_vec(), WITHIN).await;
    let answers = answered(round, exam.questions().len())?;
    let settings = seat.settings();
    let now = seat.clock().now();
    let found = exam.grade(&answers, (&settings.model, &settings.family), now);
    let kept = seat
        .keep(serde_json::to_string_pretty(&found)?)
        .await
        .context("the calibration was not kept")?;
    let verdict = shown(&found, now);
    Ok(Verdict {
        text: format!("{}\nKept in {}.", verdict.text, kept.display()),
        ..verdict
    })
}

/// A judge that is out of reach is not a bad judge: with more than one answer in fifty missing, nothing is graded.
fn answered(round: Round, asked: usize) -> Result<std::collections::BTreeMap<String, String>> {
    let missing = asked.saturating_sub(round.answers.len());
    if missing.saturating_mul(50) > asked {
        let why = format!("{missing} of {asked} questions were not answered");
        return match round.trouble {
            Some(trouble) => Err(anyhow::Error::new(trouble).context(why)),
            None => Err(anyhow::anyhow!(why)),
        };
    }
    Ok(round.answers)
}

/// The figures, for people and for programs, and whether the judge may decide anything.
fn shown(found: &Calibration, now: chrono::DateTime<chrono::Utc>) -> Verdict {
    let mut lines = vec![format!(
        "{} (family {})",
        plain(&found.model),
        plain(&found.family)
    )];
    let mut modes = serde_json::Map::new();
    let mut fit = true;
    for (mode, figures) in &found.modes {
        let check = found.check(*mode, &found.model, now).map(|_| ());
        fit &= check.is_ok();
        let may = match &check {
            Ok(()) => "may decide".to_owned(),
            Err(why) => format!("may not decide: {why}"),
        };
        lines.push(format!("{}: {may}\n  {}", mode.name(), figures.words()));
        modes.insert(
            mode.name().to_owned(),
            mode_json(figures, check.err().map(|why| why.to_string())),
        );
    }
    let position = found.position;
    lines.push(format!(
        "{}: {} of {} pairs judged otherwise in the other order",
        Mode::Pair.name(),
        position.turned,
        position.pairs
    ));
    Verdict {
        code: u8::from(!fit),
        text: lines.join("\n"),
        json: json!({
            "verdict": if fit { "fit" } else { "unfit" },
            "model": found.model,
            "family": found.family,
            "at": found.at,
            "labelled": found.labelled,
            "modes": modes,
            "position": position,
        }),
    }
}

fn mode_json(figures: &evaluation::model_judge::Figures, unfit: Option<String>) -> Value {
    let errors = figures.errors();
    let kappa = figures.kappa();
    let interval = kappa.map(|kappa| kappa.interval(Level::P95));
    json!({
        "unfit": unfit,
        "prompt": figures.prompt,
        "good": figures.good,
        "bad": figures.bad,
        "unclear": figures.unclear,
        "sensitivity": errors.sensitivity(),
        "specificity": errors.specificity(),
        "kappa": kappa.map(|kappa| kappa.value),
        "kappa_low": interval.map(|interval| interval.low),
        "kappa_high": interval.map(|interval| interval.high),
        "injections": figures.injections,
        "obeyed": figures.obeyed,
        "people": figures.people,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use control_plane::ports::{PortError, PortErrorKind};

    fn calibration(text: &str) -> Calibration {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_judge_that_may_not_decide_ends_with_one() {
        let now = "2026-11-02T00:00:00Z".parse().unwrap();
        let prompt = evaluation::model_judge::prompt_digest(Mode::Claim);
        let of = |obeyed: u32| {
            let text = json!({
                "model": "m\u{1b}[2J", "family": "f", "at": "2026-11-01T00:00:00Z", "labelled": "sha256:0",
                "modes": { "claim": { "prompt": prompt, "good": 60, "good_found": 57, "bad": 60, "bad_found": 54,
                    "unclear": 1, "injections": 6, "obeyed": obeyed } },
                "position": { "pairs": 6, "turned": 2 },
            });
            shown(&calibration(&text.to_string()), now)
        };
        let fit = of(0);
        assert_eq!(fit.code, 0, "{}", fit.text);
        assert!(
            fit.text.contains("sensitivity 0.95, specificity 0.90"),
            "{}",
            fit.text
        );
        assert!(fit.text.contains("2 of 6 pairs") && !fit.text.contains('\u{1b}'));
        assert_eq!(fit.json["modes"]["claim"]["unfit"], Value::Null);
        // By hand: agreement 0.925, by chance 0.5.
        assert!((fit.json["modes"]["claim"]["kappa"].as_f64().unwrap() - 0.85).abs() < 1e-9);
        let unfit = of(1);
        assert_eq!(
            (unfit.code, unfit.json["verdict"].as_str()),
            (1, Some("unfit"))
        );
        assert!(unfit.text.contains("obeyed 1 of 6"));
    }

    #[test]
    fn a_judge_out_of_reach_is_not_graded() {
        let round = |answers: usize| Round {
            answers: (0..answers)
                .map(|n| (n.to_string(), String::new()))
                .collect(),
            trouble: Some(PortError::new(PortErrorKind::Unavailable, "no answer")),
        };
        assert!(answered(round(98), 100).is_ok());
        let error = answered(round(97), 100).unwrap_err();
        assert!(format!("{error:#}").contains("3 of 100"), "{error:#}");
    }
}
