//! Measures the embedded engines of the file gates and prints the accuracy card with the speeds: `accuracy_scanning FOLDER [MEGABYTES]`.
//!
//! The folder holds `version-order/*.txt`, lines of `one < two`; what is not there is left out. The image is made here, of so
//! many megabytes (500 unless said), and so is the source tree. `cargo xtask bench gates` runs it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::as_conversions,
    reason = "a measurement may stop, and its figures need no digit more"
)]

mod flows;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Instant;

use flate2::Compression;
use flate2::write::GzEncoder;
use scanning::version::Scheme;
use scanning::{AdvisorySet, Embedded, Image, ImageOptions, Options};
use serde_json::{Value, json};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder of data"));
    let megabytes: usize = arguments
        .next()
        .map_or(500, |text| text.parse().expect("megabytes"));
    let mut figures = version_order(&folder.join("version-order"));
    figures.extend(flows::figures(&folder));
    let mut speeds = BTreeMap::new();
    static_rules(&mut speeds);
    image(megabytes, &mut speeds);
    let card = json!({
        "engine": concat!("clearance-scanning ", env!("CARGO_PKG_VERSION")),
        "figures": figures,
    });
    println!("{:#}", json!({ "card": card, "speeds": speeds }));
}

/// The files of the public test, by the rule that they are about.
const ORDERS: &[(&str, Scheme, &[&str])] = &[
    (
        "Debian",
        Scheme::Debian,
        &["debian-versions.txt", "debian-generated-odd.txt"],
    ),
    (
        "Alpine",
        Scheme::Alpine,
        &["alpine-versions.txt", "alpine-generated-odd.txt"],
    ),
    (
        "PyPI",
        Scheme::Pep440,
        &["pypi-versions.txt", "pypi-generated-odd.txt"],
    ),
    ("Red Hat", Scheme::RedHat, &["redhat-versions.txt"]),
    ("SemVer", Scheme::Semver, &["semver-versions.txt"]),
    (
        "RubyGems",
        Scheme::RubyGems,
        &["rubygems-versions.txt", "rubygems-generated-odd.txt"],
    ),
    ("NuGet", Scheme::NuGet, &["nuget-versions.txt"]),
    ("Maven", Scheme::Maven, &["maven-versions.txt"]),
    ("Packagist", Scheme::Packagist, &["packagist-versions.txt"]),
];

fn version_order(folder: &Path) -> Vec<Value> {
    let mut figures = Vec::new();
    for (name, scheme, files) in ORDERS {
        let mut right = 0_u32;
        let mut all = 0_u32;
        for file in *files {
            let Ok(text) = fs::read_to_string(folder.join(file)) else {
                continue;
            };
            for line in text.lines() {
                let words: Vec<&str> = line.split(' ').collect();
                let [one, sign, two] = words[..] else {
                    continue;
                };
                let wanted = match sign {
                    "<" => Ordering::Less,
                    ">" => Ordering::Greater,
                    "=" => Ordering::Equal,
                    _ => continue,
                };
                if one.starts_with(['#', '/']) {
                    continue;
                }
                all += 1;
                let holds = scheme.compare(one, two) == wanted
                    && scheme.compare(two, one) == wanted.reverse();
                if holds {
                    right += 1;
                } else {
                    eprintln!("{name}: {line}");
                }
            }
        }
        if all > 0 {
            figures.push(json!({
                "check": "version_order",
                "metric": "Pairs in the right order",
                "value": f64::from(right) / f64::from(all),
                "cases": all,
                "data": format!("osv-scalibr version order, {name}"),
                "source": "google/osv-scalibr, semantic/testdata: Apache-2.0",
                "published": [],
                "note": "The files that were at hand: every pair is compared in both directions.",
            }));
        }
    }
    figures
}

/// An agent as people write one: every construct that the rules look at, and none that they find.
const SOURCE: &str = r#"
"""Answers questions about orders."""
import json
import os
from dataclasses import dataclass

import requests
from langchain_core.tools import tool

TIMEOUT = 10
QUERY = "SELECT id, total FROM orders WHERE customer = ? ORDER BY placed_at DESC LIMIT 20"


@dataclass(frozen=True)
class Order:
    """One order of a customer."""

    number: int
    total: float
    lines: tuple[str, ...] = ()

    def summary(self) -> str:
        parts = [f"order {self.number}", f"total {self.total:.2f}"]
        parts.extend(f"- {line}" for line in self.lines)
        return "\n".join(parts)


@tool
def orders_of(customer: str) -> list[dict]:
    """Lists the latest orders of a customer."""
    if not customer.isalnum():
        raise ValueError("a customer is letters and digits")
    with connection() as db:
        rows = db.execute(QUERY, [customer]).fetchall()
    return [{"id": row[0], "total": row[1]} for row in rows]


def post(url: str, body: dict) -> dict:
    answer = requests.post(url, json=body, timeout=TIMEOUT, headers={"accept": "application/json"})
    answer.raise_for_status()
    return json.loads(answer.text)


def answer(llm, question: str, rounds: int = 5) -> str:
    messages = [{"role": "user", "content": question}]
    for _ in range(rounds):
        reply = llm.invoke(messages)
        if not reply.tool_calls:
            return reply.content
        for call in reply.tool_calls:
            messages.append({"role": "tool", "content": json.dumps(orders_of(call["args"]["customer"]))})
    return os.environ.get("FALLBACK", "I do not know.")

"#;

fn static_rules(speeds: &mut BTreeMap<String, f64>) {
    let folder = tempfile::tempdir().unwrap();
    let text = SOURCE.repeat(10);
    let files = 600;
    for number in 0..files {
        fs::write(folder.path().join(format!("module_{number}.py")), &text).unwrap();
    }
    let lines = text.lines().count() * files;
    let began = Instant::now();
    let before = processor_seconds();
    let report = scanning::static_analysis(folder.path(), Options::default());
    let seconds = began.elapsed().as_secs_f64();
    assert!(report.verdict.satisfies(), "{}", report.summary);
    speeds.insert(
        "lines of Python a second by the clock".to_owned(),
        lines as f64 / seconds,
    );
    // What else the machine does counts by the clock and not here.
    if let (Some(before), Some(after)) = (before, processor_seconds()) {
        speeds.insert(
            "lines of Python a second of one core, goal 200,000".to_owned(),
            lines as f64 / (after - before),
        );
    }
}

/// Seconds of all cores that this process has taken, in hundredths, where the system says so.
fn processor_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / 100.0)
}

/// Bytes that do not compress and bytes that do, in files as images hold them.
fn content(number: usize, size: usize) -> Vec<u8> {
    let mut seed = number as u64 | 1;
    let random = number.is_multiple_of(2);
    let mut bytes = Vec::with_capacity(size);
    while bytes.len() < size {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        if random {
            bytes.extend_from_slice(&seed.to_le_bytes());
        } else {
            bytes.extend_from_slice(format!("value {} of {}\n", seed % 1000, number).as_bytes());
        }
    }
    bytes.truncate(size);
    bytes
}

fn image(megabytes: usize, speeds: &mut BTreeMap<String, f64>) {
    let folder = tempfile::tempdir().unwrap();
    let size = 50_000;
    let mut layers = Vec::new();
    let mut number = 0;
    for layer in 0..5 {
        let path = folder.path().join(format!("{layer}.tar.gz"));
        let gzip = GzEncoder::new(File::create(&path).unwrap(), Compression::fast());
        let mut builder = tar::Builder::new(gzip);
        for _ in 0..megabytes * 1_000_000 / 5 / size {
            number += 1;
            let bytes = content(number, size);
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            let name = format!("usr/lib/part{layer}/file{number}.dat");
            builder.append_data(&mut header, name, &bytes[..]).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap();
        layers.push(path);
    }
    let advisories = AdvisorySet::embedded();
    let matcher = Embedded {
        advisories: &advisories,
        max_age_days: 7,
    };
    let before = peak();
    let began = Instant::now();
    let report = scanning::image_scan(
        &Image::Layers(layers),
        &[],
        &matcher,
        ImageOptions::default(),
    );
    let seconds = began.elapsed().as_secs_f64();
    assert!(report.verdict.satisfies(), "{}", report.summary);
    speeds.insert(
        format!("seconds for an image of {megabytes} MB, goal 10 for 500 MB"),
        seconds,
    );
    if let Some(after) = peak() {
        speeds.insert(
            "MB of memory at its peak while scanning, goal 300".to_owned(),
            after,
        );
        // The peak is that of the whole run, so what came before is told beside it.
        speeds.insert(
            "MB of memory at its peak before".to_owned(),
            before.unwrap_or_default(),
        );
    }
}

/// Megabytes that this process has taken at its peak, where the system says so.
fn peak() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1_000.0)
}
