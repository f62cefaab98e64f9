//! The evidence of what is asked about beside that of what was live when it was asked. Four statements, whatever there is.

use domain::comparison::compare;
use domain::gate::{Gate, Report};
use domain::view::approval::{Attention, AttentionTone};
use domain::view::comparison::EvidenceDiff;
use domain::view::diff::VersionDiff;
use sea_orm::ConnectionTrait;

use crate::error::Error;
use crate::store;
use crate::store::entity::{gate_run, version};

/// Reads and compares.
pub(super) async fn read(
    db: &impl ConnectionTrait,
    diff: &VersionDiff,
    proposed: &version::Model,
    runs: &[gate_run::Model],
) -> Result<EvidenceDiff, Error> {
    let mut old = None;
    let mut old_runs = Vec::new();
    let live = diff.live_number.into_iter().collect();
    if let Some(live) = store::deployments::by_numbers(db, live).await?.pop() {
        old_runs = store::gates::of(db, live.id).await?;
        old = Some(store::versions::get(db, live.version_id).await?);
    }
    let digests = |runs: &[gate_run::Model]| -> Vec<String> {
        runs.iter()
            .filter_map(|run| run.evidence_digest.clone())
            .collect()
    };
    let (mine, theirs) = (digests(runs), digests(&old_runs));
    let rows = store::evidence::many(db, mine.iter().chain(&theirs).cloned().collect()).await?;
    let reports = |digests: &[String]| -> Result<Vec<Report>, Error> {
        rows.iter()
            .filter(|row| digests.contains(&row.digest))
            .map(|row| store::from_json(&row.body))
            .collect()
    };
    let gates: Vec<Gate> = runs
        .iter()
        .map(|run| run.gate)
        .filter(|gate| *gate != Gate::Health)
        .collect();
    let mut found = compare(&reports(&theirs)?, &reports(&mine)?, &gates);
    found.live_number = diff.live_number;
    if old.is_none() {
        // Nothing was live: that nothing can be compared is one sentence, not one for each gate.
        found.missing.retain(|line| line.contains("proposed"));
    }
    if proposed.packages.is_none() {
        found
            .missing
            .push("Packages: the proposed version has no list of packages.".to_owned());
    }
    if old.is_some_and(|old| old.packages.is_none()) {
        found.missing.push(
            "Packages: the live version has no list of packages, so all of them look added."
                .to_owned(),
        );
    }
    Ok(found)
}

/// What of it needs attention.
pub(super) fn attention(found: &EvidenceDiff) -> Vec<Attention> {
    let line = |tone, headline: String, detail: String, anchor: &str| Attention {
        tone,
        headline,
        detail,
        anchor: anchor.to_owned(),
    };
    let mut lines = Vec::new();
    if let Some(scan) = &found.vulnerabilities
        && scan.added_count > 0
    {
        let names: Vec<&str> = scan.added.iter().take(6).map(|f| f.rule.as_str()).collect();
        lines.push(line(
            AttentionTone::Bad,
            format!("{} new in the image scan", scan.added_count),
            names.join(", "),
            "vulnerabilities",
        ));
    }
    if found.newly_failing_count > 0 {
        let names: Vec<&str> = found
            .newly_failing
            .iter()
            .take(6)
            .map(|case| case.id.as_str())
            .collect();
        lines.push(line(
            AttentionTone::Wait,
            format!("{} newly failing", found.newly_failing_count),
            names.join(", "),
            "evaluation",
        ));
    }
    if let Some(first) = found.missing.first() {
        lines.push(line(
            AttentionTone::Unknown,
            "Some evidence cannot be compared".to_owned(),
            first.clone(),
            "evaluation",
        ));
    }
    lines
}
