//! Lines of the audit trail as CSV, safe to open in a spreadsheet.

use domain::view::audit::AuditRow;

use super::cell::cell;

/// One row for each event: its number, time, who, what, to what, agent, deployment, outcome. RFC 4180, CRLF.
#[must_use]
pub fn trail_csv(rows: &[AuditRow]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .quote_style(csv::QuoteStyle::Always)
        .from_writer(Vec::new());
    let head = [
        "event",
        "time",
        "actor_kind",
        "actor",
        "action",
        "object_type",
        "object_id",
        "agent",
        "deployment",
        "outcome",
    ];
    // Writing into memory does not fail.
    let _ = writer.write_record(head);
    for row in rows {
        let number = row.deployment.map(|number| number.to_string());
        let _ = writer.write_record([
            row.index.to_string(),
            cell(&row.time),
            cell(&row.actor_kind),
            cell(&row.actor),
            cell(&row.action),
            cell(&row.object_type),
            cell(&row.object_id),
            cell(row.agent.as_deref().unwrap_or_default()),
            number.unwrap_or_default(),
            cell(&row.outcome),
        ]);
    }
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_hides_anything() {
        let row = AuditRow {
            index: 7,
            time: "2026-01-31T09:05:00.000000Z".to_owned(),
            actor_kind: "user".to_owned(),
            actor: "=cmd|' /C calc'!A0".to_owned(),
            action: "signed_in".to_owned(),
            object_type: "user".to_owned(),
            object_id: "a\u{202e}b".to_owned(),
            agent: None,
            deployment: Some(4_471),
            outcome: "done".to_owned(),
        };
        let csv = String::from_utf8(trail_csv(&[row])).unwrap();
        let lines: Vec<&str> = csv.lines().collect();
        assert!(lines[0].starts_with("\"event\",\"time\""));
        assert_eq!(
            lines[1],
            "\"7\",\"2026-01-31T09:05:00.000000Z\",\"user\",\"'=cmd|' /C calc'!A0\",\"signed_in\",\"user\",\"a\u{fffd}b\",\"\",\"4471\",\"done\""
        );
    }
}
