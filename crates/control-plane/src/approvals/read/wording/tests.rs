//! The attention list: its order, its bound, and its words.

use domain::gate::Gate;
use domain::rollback::Readiness;

use super::*;

fn diff(live: Option<&str>) -> VersionDiff {
    VersionDiff {
        live_version: live.map(str::to_owned),
        live_number: live.map(|_| 4),
        proposed_version: "1.1.0".to_owned(),
        added_scopes: Vec::new(),
        removed_scopes: Vec::new(),
        kept_scopes: Vec::new(),
        config: Vec::new(),
        live_commit: None,
        proposed_commit: String::new(),
        commits: Vec::new(),
        files: Vec::new(),
        live_image: None,
        proposed_image: String::new(),
        packages: Vec::new(),
    }
}

fn changed(part: &str, name: &str, kind: ChangeKind) -> Change {
    Change {
        part: part.to_owned(),
        name: name.to_owned(),
        kind,
        before: Some("a".to_owned()),
        after: Some("b".to_owned()),
    }
}

fn gate(gate: Gate, verdict: Verdict) -> GateBox {
    GateBox {
        gate,
        verdict: Some(verdict),
        running: false,
        summary: "summary".to_owned(),
        reason: None,
        seconds: None,
        evidence_digest: None,
        carried_from: None,
    }
}

fn headlines(lines: &[Attention]) -> Vec<&str> {
    lines.iter().map(|l| l.headline.as_str()).collect()
}

const READY: fn() -> RollbackBadge = || RollbackBadge::Ready {
    number: 4,
    version: "1.0.0".to_owned(),
    about_seconds: Some(4),
};

#[test]
fn no_change_still_says_how_to_get_back() {
    let lines = attention(
        &diff(Some("1.0.0")),
        &[gate(Gate::ImageScan, Verdict::Passed)],
        Vec::new(),
        &READY(),
    );
    assert_eq!(headlines(&lines), ["Rollback to 1.0.0 is ready"]);
}

#[test]
fn added_scopes_come_first_and_rollback_readiness_is_never_cut() {
    let mut diff = diff(Some("1.0.0"));
    diff.added_scopes = vec!["crm.write".to_owned()];
    diff.config = vec![
        changed("Scope", "crm.write", ChangeKind::Added),
        changed("Tool", "crm.update", ChangeKind::Added),
        changed("Setting", "temperature", ChangeKind::Changed),
    ];
    diff.packages = vec![changed("Package", "left-pad", ChangeKind::Added)];
    let gates = [
        gate(Gate::StaticAnalysis, Verdict::Waived),
        gate(Gate::Relevance, Verdict::Failed),
    ];
    let lines = attention(&diff, &gates, Vec::new(), &READY());
    assert_eq!(
        headlines(&lines),
        [
            "1 scope added",
            "Relevance and quality is failed",
            "Static analysis is waived",
            "Tool added",
            "Rollback to 1.0.0 is ready"
        ]
    );
}

#[test]
fn a_rollback_that_is_not_ready_is_as_bad_as_it_gets() {
    let mut diff = diff(Some("1.0.0"));
    diff.config = vec![changed("Model", "model", ChangeKind::Changed)];
    let badge = RollbackBadge::NotReady {
        number: 4,
        version: "1.0.0".to_owned(),
        reason: Readiness::ImageMissing,
    };
    let lines = attention(&diff, &[], Vec::new(), &badge);
    assert_eq!(headlines(&lines), ["Rollback not ready", "Model changed"]);
    assert_eq!(lines[1].detail, "Model a to b");
}

#[test]
fn a_first_version_is_one_line_and_has_nothing_to_go_back_to() {
    let mut diff = diff(None);
    diff.added_scopes = vec!["crm.read".to_owned(), "crm.write".to_owned()];
    diff.config = vec![changed("Tool", "crm.update", ChangeKind::Added)];
    diff.packages = vec![changed("Package", "left-pad", ChangeKind::Added)];
    let lines = attention(&diff, &[], Vec::new(), &RollbackBadge::NoTarget);
    assert_eq!(
        headlines(&lines),
        [
            "First version in production, with 2 scopes",
            "No rollback target yet"
        ]
    );
    assert_eq!(
        if_nobody_acts(ApprovalState::Open, None, &diff),
        "Nothing goes live, and what was made for 1.1.0 is removed."
    );
}

#[test]
fn long_lists_of_names_are_counted() {
    assert_eq!(names(["a", "b"].into_iter()), "a, b");
    assert_eq!(
        names(["a", "b", "c", "d", "e", "f", "g", "h"].into_iter()),
        "a, b, c, d, e, f and 2 more"
    );
}
