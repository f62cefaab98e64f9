//! `cargo xtask bench gates`: how good and how fast the embedded engines of the gates are, on public data that a path is
//! given to. The figures are written to the accuracy card of an engine that has one, which the program carries.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::proc::{Cmd, say};
use crate::tools;

/// The engines, each a crate with an example `accuracy_` and its name, which measures it.
const ENGINES: [&str; 2] = ["evaluation", "scanning"];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder of the data: claims/wice-dev.jsonl, claims/factcheck-gpt.jsonl, pii/presidio-synth-v2.json,
    /// version-order/*.txt, python-clean/ with packages of Python
    #[arg(value_name = "FOLDER")]
    data: PathBuf,
    /// Write the accuracy cards into the crates that carry one
    #[arg(long)]
    write: bool,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let data = std::path::absolute(&args.data)?;
    anyhow::ensure!(data.is_dir(), "{} is no folder", data.display());
    for engine in ENGINES {
        say(format!("bench: the engine {engine}"));
        let said = Cmd::cargo()
            .args(["run", "--quiet", "--release", "--package", engine])
            .args(["--example", &format!("accuracy_{engine}"), "--"])
            .arg(&data)
            .output()?;
        let told: Value = serde_json::from_str(&said).context("the measurement said no JSON")?;
        let card = told.get("card").context("no card in the measurement")?;
        print(card, told.get("speeds"));
        let file = tools::root()
            .join("crates")
            .join(engine)
            .join("accuracy.json");
        if args.write && file.is_file() {
            let mut text = serde_json::to_string_pretty(card)?;
            text.push('\n');
            tools::write(&file, text)?;
            say(format!("bench: wrote {}", file.display()));
        }
    }
    Ok(())
}

fn print(card: &Value, speeds: Option<&Value>) {
    let text = |value: &Value, name: &str| {
        value
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let share = |value: &Value| {
        value
            .get("value")
            .and_then(Value::as_f64)
            .unwrap_or_default()
            * 100.0
    };
    for figure in card
        .get("figures")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let cases = figure
            .get("cases")
            .and_then(Value::as_u64)
            .unwrap_or_default();
        println!(
            "{:6.1} %  {}, {} ({cases} cases)",
            share(figure),
            text(figure, "metric"),
            text(figure, "data")
        );
        for other in figure
            .get("published")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            println!(
                "{:16.1} %  published: {}",
                share(other),
                text(other, "system")
            );
        }
    }
    for (name, value) in speeds.and_then(Value::as_object).into_iter().flatten() {
        println!("{:10.0}  {name}", value.as_f64().unwrap_or_default());
    }
}
