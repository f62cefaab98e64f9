//! Measures the embedded engines on public data and prints the accuracy card with the speeds: `accuracy_evaluation FOLDER`.
//!
//! The folder holds `claims/wice-dev.jsonl`, `claims/factcheck-gpt.jsonl` and `pii/presidio-synth-v2.json`; what is not there
//! is left out. `cargo xtask bench gates` runs it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a measurement may stop"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use domain::gate::{AccuracyCard, AccuracyFigure, Published};
use evaluation::personal_data::{Kind, find};
use evaluation::verify::{ClaimVerdict, SUPPORTED_FROM, UNSUPPORTED_TO, verify_claim};
use serde_json::{Value, json};

fn main() {
    let folder = std::env::args().nth(1).expect("a folder of data");
    let folder = Path::new(&folder);
    let mut figures = Vec::new();
    let mut speeds = BTreeMap::new();
    let wice = read_lines(&folder.join("claims/wice-dev.jsonl"));
    if let Some(rows) = wice {
        let claims = rows.iter().map(|row| {
            (
                text(row, "claim"),
                texts(row, "evidence"),
                row["label"] == "supported",
            )
        });
        claims_figures(
            &claims.collect::<Vec<_>>(),
            &WICE,
            &mut figures,
            &mut speeds,
        );
    }
    if let Some(rows) = read_lines(&folder.join("claims/factcheck-gpt.jsonl")) {
        let claims = rows.iter().map(|row| {
            (
                text(row, "claim"),
                vec![text(row, "evidence")],
                row["stance"] == "completely-support",
            )
        });
        claims_figures(
            &claims.collect::<Vec<_>>(),
            &FACTCHECK,
            &mut figures,
            &mut speeds,
        );
    }
    if let Ok(file) = std::fs::read_to_string(folder.join("pii/presidio-synth-v2.json")) {
        let rows: Vec<Value> = serde_json::from_str(&file).unwrap();
        personal_figures(&rows, &mut figures, &mut speeds);
    }
    let card = AccuracyCard {
        engine: evaluation::ENGINE.to_owned(),
        figures,
    };
    println!("{:#}", json!({ "card": card, "speeds": speeds }));
}

/// A set of claims, as the card names it.
struct Claims {
    data: &'static str,
    source: &'static str,
    published: &'static [(&'static str, f64)],
}

const TABLE: &str =
    "LLM-AggreFact, https://llm-aggrefact.github.io, on its own selection of this data";
const WICE: Claims = Claims {
    data: "WiCE, dev",
    source: "ryokamoi/wice: annotations ODC-BY, text CC BY-SA",
    published: &[
        ("Bespoke-MiniCheck-7B", 0.819),
        ("Claude-3.5-Sonnet", 0.777),
        ("MiniCheck-Flan-T5-L", 0.722),
        ("AlignScore", 0.660),
    ],
};
const FACTCHECK: Claims = Claims {
    data: "Factcheck-GPT",
    source: "yuxiaw/Factcheck-GPT: Apache-2.0",
    published: &[
        ("Claude-3.5-Sonnet", 0.778),
        ("Bespoke-MiniCheck-7B", 0.770),
        ("MiniCheck-Flan-T5-L", 0.747),
        ("AlignScore", 0.743),
    ],
};

type Case = (String, Vec<String>, bool);

fn claims_figures(
    cases: &[Case],
    set: &Claims,
    figures: &mut Vec<AccuracyFigure>,
    speeds: &mut BTreeMap<String, f64>,
) {
    let began = Instant::now();
    let judged: Vec<_> = cases
        .iter()
        .map(|(claim, truth, _)| verify_claim(claim, truth))
        .collect();
    let took = began.elapsed().as_secs_f64();
    speeds.insert(
        format!("claims a second and core, {}", set.data),
        number(cases.len()) / took,
    );
    let both: Vec<(f64, bool)> = judged
        .iter()
        .zip(cases)
        .map(|(claim, case)| (claim.score, case.2))
        .collect();
    let mut add = |metric: &str, value: f64, of: usize, published: Vec<Published>, note: &str| {
        figures.push(AccuracyFigure {
            check: "claims".to_owned(),
            metric: metric.to_owned(),
            value: rounded(value),
            cases: u32::try_from(of).unwrap(),
            data: set.data.to_owned(),
            source: set.source.to_owned(),
            published,
            note: note.to_owned(),
        });
    };
    let published = set.published.iter().map(|(system, value)| Published {
        system: (*system).to_owned(),
        value: *value,
        source: TABLE.to_owned(),
    });
    add(
        "Balanced accuracy",
        balanced(&both),
        both.len(),
        published.collect(),
        "Every claim, at the score 0.5.",
    );
    let sure: Vec<(f64, bool)> = both
        .iter()
        .copied()
        .filter(|(score, _)| *score >= SUPPORTED_FROM || *score <= UNSUPPORTED_TO)
        .collect();
    let share = number(sure.len()) / number(both.len());
    let note = format!(
        "Claims that are not left uncertain: {:.1} % of all.",
        share * 100.0
    );
    add(
        "Balanced accuracy where it is sure",
        balanced(&sure),
        sure.len(),
        Vec::new(),
        &note,
    );
    let (caught, made) = wrong_numbers(cases);
    add(
        "Wrong numbers not passed",
        number(caught) / number(made.max(1)),
        made,
        Vec::new(),
        "Supported claims in which one number was replaced by one that the document does not have.",
    );
}

/// Replaces the first number of each supported claim by one that is not in the document; counts what is not supported then.
fn wrong_numbers(cases: &[Case]) -> (usize, usize) {
    let (mut caught, mut made) = (0, 0);
    for (claim, truth, _) in cases.iter().filter(|case| case.2) {
        let Some(start) = claim.find(|c: char| c.is_ascii_digit()) else {
            continue;
        };
        let rest = &claim[start..];
        let length = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let all = truth.join(" ");
        let Some(other) = (0..100)
            .map(|n| (7_301 + 17 * n).to_string())
            .find(|n| !all.contains(n.as_str()))
        else {
            continue;
        };
        let wrong = format!("{}{other}{}", &claim[..start], &rest[length..]);
        made += 1;
        caught += usize::from(verify_claim(&wrong, truth).verdict != ClaimVerdict::Supported);
    }
    (caught, made)
}

/// The mean of the shares right among supported and unsupported claims.
fn balanced(cases: &[(f64, bool)]) -> f64 {
    let share = |wanted: bool| {
        let of: Vec<_> = cases.iter().filter(|case| case.1 == wanted).collect();
        number(of.iter().filter(|case| (case.0 >= 0.5) == wanted).count()) / number(of.len().max(1))
    };
    f64::midpoint(share(true), share(false))
}

fn personal_figures(
    rows: &[Value],
    figures: &mut Vec<AccuracyFigure>,
    speeds: &mut BTreeMap<String, f64>,
) {
    let began = Instant::now();
    let mut counts: BTreeMap<Option<Kind>, [usize; 3]> = BTreeMap::new();
    let mut bytes = 0;
    for row in rows {
        let full = text(row, "full_text");
        bytes += full.len();
        let wanted: Vec<(Kind, usize, usize)> = row["spans"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|span| {
                let at = |name: &str| usize::try_from(span[name].as_u64().unwrap()).unwrap();
                Some((
                    kind(span["entity_type"].as_str().unwrap())?,
                    at("start_position"),
                    at("end_position"),
                ))
            })
            .collect();
        // The data count characters, the engine bytes.
        let characters = |byte: usize| full[..byte].chars().count();
        let found: Vec<(Kind, usize, usize)> = find(&full)
            .into_iter()
            .map(|one| {
                (
                    one.kind,
                    characters(one.span.start),
                    characters(one.span.end),
                )
            })
            .collect();
        let meets = |one: &(Kind, usize, usize), two: &(Kind, usize, usize)| {
            one.0 == two.0 && one.1 < two.2 && two.1 < one.2
        };
        for one in &found {
            let hit = wanted.iter().any(|two| meets(one, two));
            for key in [None, Some(one.0)] {
                counts.entry(key).or_default()[usize::from(!hit)] += 1;
            }
        }
        for two in &wanted {
            if !found.iter().any(|one| meets(one, two)) {
                for key in [None, Some(two.0)] {
                    counts.entry(key).or_default()[2] += 1;
                }
            }
        }
    }
    speeds.insert(
        "personal data, MB a second and core".to_owned(),
        number(bytes) / 1e6 / began.elapsed().as_secs_f64(),
    );
    for (key, [hits, wrong, missed]) in counts {
        let value = 2.0 * number(hits) / number(2 * hits + wrong + missed);
        let of = key.map_or("all kinds", Kind::label);
        figures.push(AccuracyFigure {
            check: "personal-data".to_owned(),
            metric: format!("F1, {of}"),
            value: rounded(value),
            cases: u32::try_from(hits + missed).unwrap(),
            data: "presidio-research, synth_dataset_v2".to_owned(),
            source: "microsoft/presidio-research: MIT".to_owned(),
            published: Vec::new(),
            note: format!("{hits} found, {wrong} found that are none, {missed} missed. The rules for telephone numbers were made with this data at hand."),
        });
    }
}

fn kind(name: &str) -> Option<Kind> {
    Some(match name {
        "EMAIL_ADDRESS" => Kind::Email,
        "CREDIT_CARD" => Kind::Card,
        "IBAN_CODE" => Kind::Iban,
        "PHONE_NUMBER" => Kind::Phone,
        "US_SSN" => Kind::SocialSecurity,
        "IP_ADDRESS" => Kind::Ip,
        "DOMAIN_NAME" => Kind::WebAddress,
        _ => return None,
    })
}

fn read_lines(file: &Path) -> Option<Vec<Value>> {
    let text = std::fs::read_to_string(file).ok()?;
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

fn text(row: &Value, name: &str) -> String {
    row[name].as_str().unwrap().to_owned()
}

fn texts(row: &Value, name: &str) -> Vec<String> {
    row[name]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap().to_owned())
        .collect()
}

fn number(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap())
}

/// Four decimals: what is beyond is noise, and the card is compared.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}
