//! The rows by which a deployment's page shows its evidence, ledger, outgoing work and log. Pure.

use chrono::SecondsFormat;
use domain::environment::Environment;
use domain::view::deployment::{Attestation, GateBox, LedgerRow, LogLine, OutgoingRow};

use crate::error::Error;
use crate::outgoing::Outgoing;
use crate::store;
use crate::store::entity::{deployment, deployment_log, outbox, resource, version};

/// Every digest that stands for this deployment, in the order in which they come to be.
pub(super) fn attestations(
    row: &deployment::Model,
    version: &version::Model,
    gates: &[GateBox],
    let_through: bool,
) -> Vec<Attestation> {
    let line = |label: &str, digest: Option<&String>, pending: &str| Attestation {
        label: label.to_owned(),
        digest: digest.cloned(),
        pending: pending.to_owned(),
    };
    let mut all = vec![
        line("Image", version.image_digest.as_ref(), "After the build"),
        line("SBOM", version.sbom_digest.as_ref(), "After the build"),
    ];
    let evidence = gates.iter().map(|g| {
        line(
            &format!("{} report", g.gate.label()),
            g.evidence_digest.as_ref(),
            "Signed when the gate ends",
        )
    });
    all.extend(evidence);
    all.push(line(
        "Release manifest",
        row.manifest_digest.as_ref(),
        "Sealed after the checks",
    ));
    let pending = match row.environment {
        Environment::NonProd => "Asks nobody",
        Environment::Production => "Signed at approval",
    };
    let authorised = if let_through {
        "Break-glass statement"
    } else {
        "Approval statement"
    };
    all.push(line(
        authorised,
        row.authorised_digest
            .as_ref()
            .filter(|_| row.environment == Environment::Production),
        pending,
    ));
    all
}

/// One row of the ledger.
pub(super) fn ledger(row: resource::Model) -> LedgerRow {
    LedgerRow {
        sequence: row.sequence,
        kind: row.kind,
        name: row.name,
        state: row.state,
        origin: row.origin,
        written_at: store::time::text(row.written_at),
        attempts: row.attempts,
        last_error: row.last_error,
    }
}

/// One git tag, commit status or issue.
pub(super) fn outgoing(row: outbox::Model) -> Result<OutgoingRow, Error> {
    let (what, name) = match store::from_json(&row.payload)? {
        Outgoing::Tag { tag, .. } => ("Git tag", tag),
        Outgoing::Status {
            context,
            description,
            ..
        } => ("Commit status", format!("{context}: {description}")),
        Outgoing::OpenIssue { title, .. } => ("Issue", title),
        Outgoing::CloseIssue { comment, .. } => ("Issue closed", comment),
    };
    let done = row.state == store::outbox::DONE;
    Ok(OutgoingRow {
        what: what.to_owned(),
        name,
        done,
        attempts: row.attempts,
        last_error: row.last_error,
    })
}

/// Up to `limit` lines, oldest first, out of up to `limit + 1` rows that come newest first; with where to page back.
pub(super) fn log(
    mut rows: Vec<deployment_log::Model>,
    limit: usize,
) -> (Vec<LogLine>, Option<i64>) {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let before = more.then(|| rows.last().map(|r| r.id)).flatten();
    let line = |row: deployment_log::Model| LogLine {
        sequence: row.id,
        at: row.at.to_rfc3339_opts(SecondsFormat::Millis, true),
        step: row.step,
        level: row.level,
        text: row.line,
    };
    (rows.into_iter().rev().map(line).collect(), before)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::deployment::{LogLevel, Step};
    use domain::id::{DeploymentId, OutboxId};
    use uuid::Uuid;

    use super::*;

    fn line(id: i64) -> deployment_log::Model {
        let deployment_id = DeploymentId(Uuid::nil());
        deployment_log::Model {
            id,
            deployment_id,
            step: Step::Build,
            level: LogLevel::Text,
            line: id.to_string(),
            at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_log_reads_downwards_and_pages_back() {
        let (lines, before) = log(vec![line(9), line(7), line(4)], 2);
        let ids: Vec<i64> = lines.iter().map(|l| l.sequence).collect();
        assert_eq!((ids.as_slice(), before), ([7, 9].as_slice(), Some(7)));
        assert_eq!(lines[0].at, "1970-01-01T00:00:00.000Z");
        let (lines, before) = log(vec![line(9), line(7)], 2);
        assert_eq!((lines.len(), before), (2, None));
    }

    #[test]
    fn outgoing_work_is_named_in_words() {
        let row = |payload: &str, state: &str| outbox::Model {
            id: OutboxId(Uuid::nil()),
            deployment_id: DeploymentId(Uuid::nil()),
            kind: String::new(),
            dedupe: String::new(),
            payload: payload.to_owned(),
            state: state.to_owned(),
            last_error: None,
            created_at: DateTime::UNIX_EPOCH,
            done_at: None,
            lease_owner: None,
            lease_until: None,
            fence: 0,
            attempts: 1,
            next_attempt_at: DateTime::UNIX_EPOCH,
        };
        let tag = outgoing(row(
            r#"{"kind":"tag","commit":"c","tag":"bot/v1.0.0"}"#,
            "done",
        ))
        .unwrap();
        assert_eq!(
            (tag.what.as_str(), tag.name.as_str(), tag.done),
            ("Git tag", "bot/v1.0.0", true)
        );
        let status = r##"{"kind":"status","commit":"c","context":"clearance/bot/non_prod","state":"success","description":"#1 is live"}"##;
        let status = outgoing(row(status, "failed")).unwrap();
        assert_eq!(
            (status.what.as_str(), status.name.as_str(), status.done),
            ("Commit status", "clearance/bot/non_prod: #1 is live", false)
        );
    }
}
