//! Figures beside their goals, as a table and as JSON.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use crate::proc::say;

/// Everything that was measured, and on what.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    machine: Machine,
    profile: String,
    database: &'static str,
    figures: Vec<Figure>,
}

#[derive(Debug, Serialize)]
struct Machine {
    cpu: String,
    cores: usize,
    system: &'static str,
}

/// One measure.
#[derive(Debug, Serialize)]
struct Figure {
    measure: String,
    figure: f64,
    unit: &'static str,
    goal: Option<f64>,
    /// The figure as a part of its goal: up to 1 is reached.
    ratio: Option<f64>,
    note: String,
}

impl Figures {
    pub(super) fn new(profile: &str) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            machine: Machine {
                cpu: cpu(),
                cores,
                system: std::env::consts::OS,
            },
            profile: profile.to_owned(),
            database: "SQLite",
            figures: Vec::new(),
        }
    }

    pub(super) fn add(
        &mut self,
        measure: impl Into<String>,
        figure: f64,
        unit: &'static str,
        goal: Option<f64>,
        note: impl Into<String>,
    ) {
        self.figures.push(Figure {
            measure: measure.into(),
            figure,
            unit,
            goal,
            ratio: goal.filter(|goal| *goal > 0.0).map(|goal| figure / goal),
            note: note.into(),
        });
    }

    /// The middle and the slow end of some times, in milliseconds; the goal is for the slow end.
    pub(super) fn add_times(&mut self, name: &str, times: &[Duration], goal: f64, note: &str) {
        let note = |more: &str| match note {
            "" => more.to_owned(),
            note => format!("{note}, {more}"),
        };
        let count = format!("{} requests", times.len());
        self.add(
            format!("{name}, p50"),
            percentile(times, 50),
            "ms",
            None,
            note(&count),
        );
        self.add(
            format!("{name}, p99"),
            percentile(times, 99),
            "ms",
            Some(goal),
            note(&count),
        );
    }

    pub(super) fn print(&self) {
        println!();
        say("figures");
        let Machine { cpu, cores, system } = &self.machine;
        println!(
            "{cpu}, {cores} cores, {system}; profile {}; {}\n",
            self.profile, self.database
        );
        println!(
            "{:<44} {:>10} {:<10} {:>8} {:>6}  on",
            "measure", "figure", "", "goal", "ratio"
        );
        for one in &self.figures {
            let text = |value: Option<f64>| value.map_or_else(String::new, decimal);
            println!(
                "{:<44} {:>10} {:<10} {:>8} {:>6}  {}",
                one.measure,
                decimal(one.figure),
                one.unit,
                text(one.goal),
                one.ratio
                    .map_or_else(String::new, |ratio| format!("{ratio:.2}")),
                one.note
            );
        }
    }

    pub(super) fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// One decimal where it says something.
fn decimal(value: f64) -> String {
    if value.fract() == 0.0 || value.abs() >= 1_000.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    }
}

/// The time that so many per cent of all are at or below, in milliseconds: the nearest rank.
fn percentile(times: &[Duration], percent: usize) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted
        .get(rank - 1)
        .map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
}

/// A count as a figure.
pub(super) fn number(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn cpu() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .and_then(|rest| rest.split_once(':'));
    model.map_or_else(
        || std::env::consts::ARCH.to_owned(),
        |(_, name)| name.trim().to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_nearest_rank() {
        let times: Vec<Duration> = (1..=200).rev().map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 50).to_bits(), 100.0_f64.to_bits());
        assert_eq!(percentile(&times, 99).to_bits(), 198.0_f64.to_bits());
        let one = [Duration::from_millis(7)];
        assert_eq!(percentile(&one, 50).to_bits(), 7.0_f64.to_bits());
        assert_eq!(percentile(&[], 99).to_bits(), 0.0_f64.to_bits());
    }
}
