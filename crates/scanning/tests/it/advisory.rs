//! Advisories: the embedded sample, OSV ranges, and folders of records.

use std::fs;

use domain::gate::Severity;
use scanning::{AdvisoryError, AdvisorySet};
use tempfile::TempDir;

fn ids(set: &AdvisorySet, package: &str, version: &str) -> Vec<String> {
    set.matches(package, version)
        .into_iter()
        .map(|one| one.id)
        .collect()
}

fn set(records: &[&str]) -> Result<AdvisorySet, AdvisoryError> {
    let folder = TempDir::new().unwrap();
    for (at, record) in records.iter().enumerate() {
        fs::write(folder.path().join(format!("{at}.json")), record).unwrap();
    }
    fs::write(folder.path().join("README.md"), "not a record").unwrap();
    AdvisorySet::load_dir(folder.path())
}

fn record(id: &str, rest: &str, events: &str) -> String {
    format!(
        r#"{{"id":"{id}","modified":"2025-02-03T00:00:00Z",{rest}"affected":[{{"package":{{"ecosystem":"PyPI","name":"Acme.Tool"}},"ranges":[{{"type":"ECOSYSTEM","events":{events}}}]}}]}}"#
    )
}

#[test]
fn every_embedded_record_is_read() {
    let set = AdvisorySet::embedded();
    let files = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/advisories")).unwrap();
    let records = files
        .filter(|file| {
            file.as_ref()
                .unwrap()
                .path()
                .extension()
                .is_some_and(|end| end == "json")
        })
        .count();
    assert_eq!((set.len(), set.len()), (records, 17));
    assert!(!set.is_empty());
    assert_eq!(set.as_of(), "2024-10-01");
}

#[test]
fn the_embedded_ranges_end_where_the_fix_is() {
    let set = AdvisorySet::embedded();
    for (package, vulnerable, fixed, id) in [
        ("PyYAML", "5.3.1", "5.4", "PYSEC-2021-142"),
        ("pyyaml", "5.4b2", "6.0", "PYSEC-2021-142"),
        ("requests", "2.19.1", "2.31.0", "PYSEC-2018-28"),
        ("requests", "2.30.0", "2.31.0", "PYSEC-2023-74"),
        ("urllib3", "1.26.4", "1.26.18", "PYSEC-2021-108"),
        ("urllib3", "2.0.5", "2.0.6", "PYSEC-2023-192"),
        ("urllib3", "1.26.16", "1.26.17", "PYSEC-2023-192"),
        ("Jinja2", "2.11.2", "2.11.3", "PYSEC-2021-66"),
        ("Flask", "2.2.4", "2.2.5", "PYSEC-2023-62"),
        ("Flask", "2.3.1", "2.3.2", "PYSEC-2023-62"),
        ("Werkzeug", "2.2.2", "3.0.1", "PYSEC-2023-58"),
        ("Pillow", "8.4.0", "10.0.1", "PYSEC-2022-10"),
        ("langchain", "0.0.199", "0.0.236", "PYSEC-2023-98"),
        ("certifi", "2022.12.7", "2023.7.22", "PYSEC-2023-135"),
        ("aiohttp", "3.9.1", "3.9.2", "PYSEC-2024-24"),
        ("torch", "1.13.0+cu117", "1.13.1", "PYSEC-2022-43015"),
        ("setuptools", "65.5.0", "65.5.1", "PYSEC-2022-43012"),
    ] {
        assert!(
            ids(&set, package, vulnerable).contains(&id.to_owned()),
            "{package} {vulnerable}"
        );
        assert!(
            !ids(&set, package, fixed).contains(&id.to_owned()),
            "{package} {fixed}"
        );
    }
    assert!(
        ids(&set, "requests", "2.2.0")
            .iter()
            .all(|id| id != "PYSEC-2023-74"),
        "before it was introduced"
    );
    assert!(ids(&set, "flask", "2.2.5").is_empty(), "between two ranges");
    assert_eq!(
        set.matches("pyyaml", "5.3.1")[0].severity,
        Severity::Critical
    );
    assert_eq!(
        set.matches("jinja2", "2.11.2")[0].severity,
        Severity::Medium
    );
    assert_eq!(
        set.matches("flask", "2.3.0")[0].fixed.as_deref(),
        Some("2.3.2")
    );
}

#[test]
fn ranges_follow_the_schema() {
    let cases: [(&str, &[&str], &[&str]); 5] = [
        (
            r#"[{"introduced":"1.0"},{"last_affected":"1.5"}]"#,
            &["1.0", "1.5"],
            &["0.9", "1.5.1", "1.0a1"],
        ),
        (
            r#"[{"fixed":"1.2"},{"introduced":"0"}]"#,
            &["0", "1.1", "1.2rc1", "0.0.dev1"],
            &["1.2"],
        ),
        (r#"[{"introduced":"0"}]"#, &["0", "99"], &[]),
        (
            r#"[{"introduced":"0"},{"limit":"2.0"}]"#,
            &["1.9"],
            &["2.0"],
        ),
        (
            r#"[{"introduced":"2"},{"fixed":"2.6"},{"introduced":"0"},{"fixed":"1.6"}]"#,
            &["1.5", "2", "2.5"],
            &["1.6", "1.9", "2.6"],
        ),
    ];
    for (events, affected, free) in cases {
        let set = set(&[&record("A-1", "", events)]).unwrap();
        for version in affected {
            assert_eq!(
                ids(&set, "acme_tool", version).len(),
                1,
                "{events} {version}"
            );
        }
        for version in free {
            assert!(
                ids(&set, "ACME-tool", version).is_empty(),
                "{events} {version}"
            );
        }
    }
}

#[test]
fn listed_versions_count_without_a_range() {
    let text = r#"{"id":"A-1","modified":"2025-01-01T00:00:00Z","affected":[
        {"package":{"ecosystem":"PyPI","name":"acme"},"versions":["1.0","2.0-odd"],"ranges":[{"type":"GIT","repo":"x","events":[{"introduced":"0"}]}]},
        {"package":{"ecosystem":"npm","name":"acme"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}"#;
    let set = set(&[text]).unwrap();
    assert_eq!(ids(&set, "acme", "1.0.0"), ["A-1"]);
    assert_eq!(ids(&set, "acme", "2.0-odd"), ["A-1"]);
    assert!(
        ids(&set, "acme", "3.0").is_empty(),
        "neither a commit nor another ecosystem says anything"
    );
}

#[test]
fn aliases_are_one_flaw_and_withdrawn_records_none() {
    let open = r#"[{"introduced":"0"}]"#;
    let set = set(&[
        &record("PYSEC-1", r#""aliases":["CVE-1"],"summary":"One.","#, open),
        &record(
            "GHSA-1",
            r#""aliases":["CVE-1"],"database_specific":{"severity":"CRITICAL"},"#,
            open,
        ),
        &record("GHSA-2", r#""withdrawn":"2025-01-01T00:00:00Z","#, open),
    ])
    .unwrap();
    assert_eq!(set.len(), 2);
    let found = set.matches("acme-tool", "1");
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].id.as_str(), found[0].severity),
        ("PYSEC-1", Severity::Critical)
    );
    assert!(found[0].aliases.contains(&"GHSA-1".to_owned()));
    assert_eq!(set.as_of(), "2025-02-03");
}

#[test]
fn a_flaw_of_unknown_weight_is_high() {
    let set = set(&[&record(
        "A-1",
        r#""details":"It breaks. And more.","#,
        r#"[{"introduced":"0"}]"#,
    )])
    .unwrap();
    let found = set.matches("acme-tool", "1").remove(0);
    assert_eq!(
        (found.severity, found.summary.as_str(), found.fixed),
        (Severity::High, "It breaks", None)
    );
}

#[test]
fn what_does_not_load_is_an_error() {
    assert!(matches!(
        set(&["{"]).unwrap_err(),
        AdvisoryError::Format { .. }
    ));
    assert!(matches!(
        set(&["[]"]).unwrap_err(),
        AdvisoryError::Format { .. }
    ));
    assert!(set(&[&record("A", "", r#"[{"introducd":"0"}]"#)]).is_err());
    assert!(set(&[&record("A", "", r#"[{}]"#)]).is_err());
    assert!(matches!(
        AdvisorySet::load_dir(std::path::Path::new("/none/such")).unwrap_err(),
        AdvisoryError::Read { .. }
    ));
    assert!(set(&[]).unwrap().is_empty());
}

#[test]
fn folders_too_deep_are_refused_and_not_skipped() {
    let folder = TempDir::new().unwrap();
    let events = r#"[{"introduced":"0"}]"#;
    let put = |place: &str| {
        let place = folder.path().join(place);
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("1.json"), record("A-1", "", events)).unwrap();
    };
    put("1/2/3/4");
    fs::create_dir_all(folder.path().join(".git/logs/refs/remotes/origin/main")).unwrap();
    assert_eq!(AdvisorySet::load_dir(folder.path()).unwrap().len(), 1);
    put("1/2/3/4/5");
    let refused = AdvisorySet::load_dir(folder.path()).unwrap_err();
    assert!(matches!(refused, AdvisoryError::TooLarge { .. }));
    assert!(
        refused
            .to_string()
            .contains("1/2/3/4/5 is larger than the limit of 4 folders within folders"),
        "{refused}"
    );
}
