//! Lines of the registry as CSV, safe to open in a spreadsheet.

use domain::view::agent::{AgentRow, LiveCell};

use super::cell::cell;

/// One row for each agent: its name, team, purpose, framework, risk, what is live where and since when, its newest deployment, its
/// source, whether it has ended, who answers for it, and its labels. RFC 4180, CRLF.
#[must_use]
pub fn registry_csv(rows: &[AgentRow]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .quote_style(csv::QuoteStyle::Always)
        .from_writer(Vec::new());
    let head = [
        "agent",
        "team",
        "purpose",
        "framework",
        "risk",
        "production",
        "production_since",
        "non_prod",
        "non_prod_since",
        "last_deployment",
        "last_state",
        "repository",
        "branch",
        "decommissioned",
        "owner",
        "labels",
    ];
    // Writing into memory does not fail.
    let _ = writer.write_record(head);
    for row in rows {
        let [production, since] = live(row.production.as_ref());
        let [non_prod, non_prod_since] = live(row.non_prod.as_ref());
        let last = row.last.as_ref();
        let _ = writer.write_record([
            cell(&row.slug),
            cell(&row.team),
            cell(&row.description),
            row.framework
                .map_or("", domain::agent::Framework::as_str)
                .to_owned(),
            row.risk.map_or("", domain::agent::Risk::as_str).to_owned(),
            production,
            since,
            non_prod,
            non_prod_since,
            last.map(|last| last.number.to_string()).unwrap_or_default(),
            last.map(|last| last.state.to_string()).unwrap_or_default(),
            cell(&row.repository),
            cell(&row.branch),
            row.decommissioned.to_string(),
            cell(&row.owner),
            cell(&row.labels.join(", ")),
        ]);
    }
    writer.into_inner().unwrap_or_default()
}

/// Version and since when.
fn live(one: Option<&LiveCell>) -> [String; 2] {
    one.map_or_else(<[String; 2]>::default, |live| {
        [cell(&live.version), cell(&live.since)]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_hides_anything() {
        let row = AgentRow {
            slug: "refund-assistant".to_owned(),
            description: "=cmd|' /C calc'!A0".to_owned(),
            team: "care".to_owned(),
            framework: None,
            risk: None,
            repository: "a\u{202e}b".to_owned(),
            branch: "main".to_owned(),
            non_prod: None,
            production: Some(LiveCell {
                number: 4,
                version: "1.0.0".to_owned(),
                since: "2026-01-31T09:05:00Z".to_owned(),
                lacks: Vec::new(),
            }),
            last: None,
            decommissioned: false,
            owner: "@SUM(1)".to_owned(),
            labels: vec!["pci".to_owned(), "eu".to_owned()],
            why: None,
        };
        let csv = String::from_utf8(registry_csv(&[row])).unwrap();
        let line = csv.lines().nth(1).unwrap();
        assert!(
            line.starts_with("\"refund-assistant\",\"care\",\"'=cmd"),
            "{line}"
        );
        assert!(!line.contains('\u{202e}'), "{line}");
        assert!(
            line.contains("\"1.0.0\",\"2026-01-31T09:05:00Z\",\"\",\"\""),
            "{line}"
        );
        assert!(line.ends_with("\"'@SUM(1)\",\"pci, eu\""), "{line}");
    }
}
