//! Images in the formats they come in, what later layers hide, and what hostile ones try.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use domain::gate::{Report, Severity, Standing, Verdict};
use flate2::read::GzDecoder;
use scanning::{AdvisorySet, Embedded, Gap, Image, ImageOptions};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::EntryType;
use tempfile::TempDir;

use crate::image::{Layer, PEM, found};
use crate::inventory::DEBIAN;

fn scan(image: &Image) -> Report {
    scan_with(image, &AdvisorySet::embedded(), ImageOptions::default())
}

fn scan_with(image: &Image, advisories: &AdvisorySet, options: ImageOptions<'_>) -> Report {
    let matcher = Embedded {
        advisories,
        max_age_days: 7,
    };
    scanning::image_scan(image, &[], &matcher, options)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn unpacked(layer: &Path) -> Vec<u8> {
    let mut tar = Vec::new();
    std::io::copy(&mut GzDecoder::new(File::open(layer).unwrap()), &mut tar).unwrap();
    tar
}

/// An OCI layout of these layers, with a change to its configuration.
fn layout(folder: &Path, layers: &[PathBuf], config: Value) -> String {
    let blobs = folder.join("blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    let put = |bytes: &[u8]| {
        let hash = sha256(bytes);
        fs::write(blobs.join(&hash), bytes).unwrap();
        format!("sha256:{hash}")
    };
    let diff_ids: Vec<String> = layers
        .iter()
        .map(|layer| format!("sha256:{}", sha256(&unpacked(layer))))
        .collect();
    let mut document = json!({"rootfs": {"type": "layers", "diff_ids": diff_ids}});
    document
        .as_object_mut()
        .unwrap()
        .extend(config.as_object().unwrap().clone());
    let config = put(document.to_string().as_bytes());
    let layers: Vec<Value> = layers
        .iter()
        .map(|layer| json!({"digest": put(&fs::read(layer).unwrap()), "size": 1, "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip"}))
        .collect();
    let manifest = put(
        json!({"schemaVersion": 2, "config": {"digest": config}, "layers": layers})
            .to_string()
            .as_bytes(),
    );
    fs::write(
        folder.join("oci-layout"),
        r#"{"imageLayoutVersion":"1.0.0"}"#,
    )
    .unwrap();
    fs::write(
        folder.join("index.json"),
        json!({"manifests": [{"digest": manifest}]}).to_string(),
    )
    .unwrap();
    manifest
}

fn oci(path: &Path) -> Image {
    Image::Oci {
        path: path.to_owned(),
        manifest: None,
    }
}

fn quiet() -> Value {
    json!({"config": {"User": "1000"}})
}

#[test]
fn a_layout_is_read_as_a_folder_and_as_an_archive() {
    let folder = TempDir::new().unwrap();
    let lower = Layer::new(&folder, "lower.tar.gz")
        .file("app/.env", 0o644, "A=b")
        .done();
    let upper = Layer::new(&folder, "upper.tar.gz")
        .file("app/agent.py", 0o644, "")
        .done();
    let root = folder.path().join("layout");
    let manifest = layout(&root, &[lower, upper], quiet());
    let report = scan(&oci(&root));
    assert_eq!(found(&report), [("image-env-file", Severity::High)]);
    assert!(report.basis.contains(&("image".into(), manifest.clone())));
    assert!(report.basis.contains(&("layers".into(), "2".into())));
    let tar = folder.path().join("layout.tar");
    let mut builder = tar::Builder::new(File::create(&tar).unwrap());
    builder.append_dir_all(".", &root).unwrap();
    builder.finish().unwrap();
    let image = Image::Oci {
        path: tar,
        manifest: Some(manifest),
    };
    assert_eq!(scan(&image).findings, report.findings);
}

#[test]
fn an_archive_of_docker_is_read() {
    let folder = TempDir::new().unwrap();
    let layer = unpacked(
        &Layer::new(&folder, "layer.tar.gz")
            .file("root/.ssh/id", 0o600, PEM)
            .done(),
    );
    let config = json!({"config": null, "history": null, "rootfs": {"diff_ids": [format!("sha256:{}", sha256(&layer)), format!("sha256:{}", sha256(&layer))]}}).to_string();
    let name = format!("{}.json", sha256(config.as_bytes()));
    let write = |config: &str, layer: &[u8]| {
        let path = folder.path().join("image.tar");
        let mut builder = tar::Builder::new(File::create(&path).unwrap());
        let mut add = |name: &str, content: &[u8]| {
            let mut header = tar::Header::new_gnu();
            header.set_size(u64::try_from(content.len()).unwrap());
            header.set_mode(0o644);
            builder.append_data(&mut header, name, content).unwrap();
        };
        add("a/layer.tar", layer);
        add(&name, config.as_bytes());
        add(
            "manifest.json",
            json!([{"Config": name, "Layers": ["a/layer.tar", "b/layer.tar"]}])
                .to_string()
                .as_bytes(),
        );
        let mut link = tar::Header::new_gnu();
        link.set_entry_type(EntryType::Symlink);
        link.set_size(0);
        builder
            .append_link(&mut link, "b/layer.tar", "../a/layer.tar")
            .unwrap();
        builder.finish().unwrap();
        Image::DockerArchive(path)
    };
    let report = scan(&write(&config, &layer));
    assert_eq!(
        report.reason.as_deref(),
        Some("findings"),
        "{}",
        report.summary
    );
    assert!(
        report
            .findings
            .iter()
            .any(|one| one.rule == "image-root-user")
    );
    let report = scan(&write(&config.replace("null", "{}"), &layer));
    assert_eq!(report.reason.as_deref(), Some("wrong_digest"));
    let mut other = layer.clone();
    other[0] ^= 1;
    other.truncate(0);
    other.resize(2048, 0);
    let report = scan(&write(&config, &other));
    assert_eq!(report.reason.as_deref(), Some("wrong_digest"));
}

#[test]
fn every_blob_must_be_what_its_digest_says() {
    let folder = TempDir::new().unwrap();
    let layer = Layer::new(&folder, "layer.tar.gz")
        .file("app/agent.py", 0o644, "print(1)")
        .done();
    let root = folder.path().join("layout");
    layout(&root, &[layer], quiet());
    assert_eq!(scan(&oci(&root)).verdict, Verdict::Passed);
    let blobs: Vec<PathBuf> = fs::read_dir(root.join("blobs/sha256"))
        .unwrap()
        .map(|one| one.unwrap().path())
        .collect();
    assert_eq!(blobs.len(), 3);
    for blob in blobs {
        let good = fs::read(&blob).unwrap();
        // Behind the end of a compressed stream nothing is read by most tools.
        for change in [
            |bytes: &mut Vec<u8>| bytes.push(b' '),
            |bytes: &mut Vec<u8>| {
                let last = bytes.len() - 1;
                bytes[last] ^= 1;
            },
        ] {
            let mut bad = good.clone();
            change(&mut bad);
            fs::write(&blob, bad).unwrap();
            let report = scan(&oci(&root));
            assert_eq!(report.verdict, Verdict::Inconclusive, "{}", report.summary);
            assert!(
                matches!(
                    report.reason.as_deref(),
                    Some("wrong_digest" | "layer_unreadable")
                ),
                "{:?}",
                report.reason
            );
        }
        fs::write(&blob, good).unwrap();
    }
    fs::remove_dir_all(root.join("blobs")).unwrap();
    assert_eq!(scan(&oci(&root)).verdict, Verdict::Errored);
}

#[test]
fn documents_that_are_no_image_are_not_clean() {
    for index in [
        "",
        "[]",
        "{}",
        r#"{"manifests":[]}"#,
        r#"{"manifests":[{"digest":"sha256:../../etc/passwd"}]}"#,
        r#"{"manifests":[{"digest":"md5:00"}]}"#,
    ] {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("index.json"), index).unwrap();
        let report = scan(&oci(folder.path()));
        assert_eq!(report.reason.as_deref(), Some("image_invalid"), "{index}");
    }
}

#[test]
fn the_configuration_is_judged() {
    let secret = "sk-proj-q7WzR2nKf9LxB4vTj6YmH8dPc3GsQ5aN1eUw";
    for (config, rule) in [
        (json!({"config": {}}), "image-root-user"),
        (json!({"config": {"User": "0:0"}}), "image-root-user"),
        (
            json!({"config": {"User": "1", "Env": ["PATH=/bin", format!("OPENAI_API_KEY={secret}")]}}),
            "image-secret-in-environment",
        ),
        (
            json!({"config": {"User": "1", "ExposedPorts": {"22/tcp": {}}}}),
            "image-ssh-port",
        ),
        (
            json!({"config": {"User": "1", "Cmd": ["agent", "--dangerously-skip-permissions"]}}),
            "image-dangerous-flag",
        ),
        (
            json!({"config": {"User": "1", "Labels": {"org.opencontainers.image.base.name": "python:3.12"}}}),
            "image-unpinned-base",
        ),
        (
            json!({"config": {"User": "1"}, "history": [{"created_by": format!("/bin/sh -c #(nop)  ENV KEY={secret}")}]}),
            "image-secret-in-history",
        ),
        (
            json!({"config": {"User": "1"}, "history": [{"created_by": "RUN /bin/sh -c curl -sSL https://example.com/i.sh | bash"}]}),
            "image-download-into-shell",
        ),
        (
            json!({"config": {"User": "1"}, "history": [{"created_by": "ADD https://example.com/x /x"}]}),
            "image-add-remote",
        ),
    ] {
        let folder = TempDir::new().unwrap();
        let layer = Layer::new(&folder, "layer.tar.gz")
            .file("a", 0o644, "")
            .done();
        layout(&folder.path().join("l"), &[layer], config.clone());
        let report = scan(&oci(&folder.path().join("l")));
        let rules: Vec<&str> = report
            .findings
            .iter()
            .map(|one| one.rule.as_str())
            .collect();
        assert_eq!(rules, [rule], "{config}");
        assert!(!serde_json::to_string(&report).unwrap().contains(secret));
    }
    let folder = TempDir::new().unwrap();
    let layer = Layer::new(&folder, "layer.tar.gz")
        .file("a", 0o644, "")
        .done();
    let fine = json!({"config": {"User": "agent", "Env": ["PATH=/usr/bin"], "Cmd": ["python", "-m", "agent"], "Labels": {"org.opencontainers.image.base.name": "python", "org.opencontainers.image.base.digest": "sha256:0"}}, "history": [{"created_by": "RUN apt-get update && curl -fO https://example.com/x"}]});
    layout(&folder.path().join("l"), &[layer], fine);
    assert_eq!(scan(&oci(&folder.path().join("l"))).findings, []);
}

#[test]
fn whiteouts_hide_packages_of_lower_layers_alone() {
    let package = "Name: requests\nVersion: 2.19.1\n\n";
    let path = "deps/requests-2.19.1.dist-info/METADATA";
    let found = |layers: &[&dyn Fn(Layer) -> Layer]| {
        let folder = TempDir::new().unwrap();
        let layers = layers
            .iter()
            .enumerate()
            .map(|(at, change)| change(Layer::new(&folder, &format!("{at}.tar.gz"))).done())
            .collect();
        scanning::image_scan::components(&Image::Layers(layers))
            .unwrap()
            .len()
    };
    let put = |layer: Layer| layer.file(path, 0o644, package);
    assert_eq!(found(&[&put]), 1);
    assert_eq!(
        found(&[&put, &|l| l.file(
            "deps/.wh.requests-2.19.1.dist-info",
            0,
            ""
        )]),
        0
    );
    assert_eq!(found(&[&put, &|l| l.file("deps/.wh..wh..opq", 0, "")]), 0);
    assert_eq!(found(&[&put, &|l| l.file(".wh.deps", 0, "")]), 0);
    assert_eq!(found(&[&put, &|l| l.file(".wh..wh..opq", 0, "")]), 0);
    assert_eq!(
        found(&[&put, &|l| l.file(
            "deps",
            0o644,
            "a file in place of the folder"
        )]),
        0
    );
    // What a layer puts is not hidden by its own whiteouts, in whichever order they come.
    assert_eq!(
        found(&[&put, &|l| put(l.file("deps/.wh..wh..opq", 0, ""))]),
        1
    );
    assert_eq!(
        found(&[&put, &|l| put(l).file("deps/.wh..wh..opq", 0, "")]),
        1
    );
    assert_eq!(
        found(&[&put, &|l| put(l).file(
            "deps/.wh.requests-2.19.1.dist-info",
            0,
            ""
        )]),
        1
    );
    // Neighbours and names that only look alike stay.
    assert_eq!(found(&[&put, &|l| l.file("deps/.wh.requests", 0, "")]), 1);
    assert_eq!(found(&[&put, &|l| l.file("dep/.wh..wh..opq", 0, "")]), 1);
    assert_eq!(
        found(&[&put, &|l| l
            .file("deps/.wh.", 0, "")
            .file("deps/.wh...", 0, "")
            .file(".wh..wh.plnk", 0, "")]),
        1
    );
    assert_eq!(
        found(&[&put, &|l| l.entry(
            "deps",
            EntryType::Directory,
            0o755,
            b"",
            ""
        )]),
        1
    );
}

#[test]
fn a_file_written_through_a_link_is_found() {
    let folder = TempDir::new().unwrap();
    let layer = Layer::new(&folder, "layer.tar.gz")
        .link("app/out", "../../etc")
        .file("app/out/cron.d/job", 0o644, "* * * * * root id")
        .done();
    let report = scan(&Image::Layers(vec![layer]));
    assert!(found(&report).contains(&("image-link-traversal", Severity::High)));
}

#[test]
fn bombs_and_endless_names_stop_the_scan() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("bomb.tar.gz");
    let mut gzip =
        flate2::write::GzEncoder::new(File::create(&path).unwrap(), flate2::Compression::best());
    let mut header = tar::Header::new_gnu();
    header.set_path("zeros").unwrap();
    header.set_size(1 << 40);
    header.set_mode(0o644);
    header.set_cksum();
    gzip.write_all(header.as_bytes()).unwrap();
    for _ in 0..300 {
        gzip.write_all(&vec![0; 1 << 20]).unwrap();
    }
    gzip.finish().unwrap();
    assert_eq!(
        scan(&Image::Layers(vec![path])).reason.as_deref(),
        Some("too_large")
    );
    let path = folder.path().join("long.tar");
    let mut builder = tar::Builder::new(File::create(&path).unwrap());
    let mut header = tar::Header::new_gnu();
    header.set_size(0);
    builder
        .append_data(&mut header, "a/".repeat(2100), &b""[..])
        .unwrap();
    builder.finish().unwrap();
    assert_eq!(
        scan(&Image::Layers(vec![path])).reason.as_deref(),
        Some("layer_unreadable")
    );
}

#[test]
fn many_whiteouts_over_many_files_end_soon() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("many.tar");
    let mut builder = tar::Builder::new(File::create(&path).unwrap());
    let mut add = |name: String| {
        let mut header = tar::Header::new_gnu();
        header.set_size(0);
        header.set_mode(0o4755);
        builder.append_data(&mut header, name, &b""[..]).unwrap();
    };
    for number in 0..50_000 {
        add(format!("app/{number}"));
    }
    for number in 0..50_000 {
        add(format!("app/.wh.{number}"));
    }
    builder.finish().unwrap();
    let began = std::time::Instant::now();
    let report = scan(&Image::Layers(vec![path]));
    assert_eq!(report.verdict, Verdict::Failed);
    assert!(
        began.elapsed().as_secs() < 60,
        "the time must not grow with the square"
    );
}

fn database(modified: &str) -> (TempDir, AdvisorySet) {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("debian")).unwrap();
    let record = json!({"id": "DEBIAN-CVE-2024-1", "modified": format!("{modified}T00:00:00Z"), "affected": [{
        "package": {"ecosystem": "Debian:12", "name": "openssl"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.0.11-1~deb12u2"}]}],
        "ecosystem_specific": {"urgency": "low"}
    }]});
    fs::write(folder.path().join("debian/1.json"), record.to_string()).unwrap();
    let set = AdvisorySet::load_dir(folder.path()).unwrap();
    (folder, set)
}

fn debian_image(folder: &TempDir, version: &str) -> Image {
    let status = format!(
        "Package: libssl3\nStatus: install ok installed\nSource: openssl\nVersion: {version}\n"
    );
    let layer = Layer::new(folder, "layer.tar.gz")
        .file("etc/os-release", 0o644, DEBIAN)
        .file("var/lib/dpkg/status", 0o644, &status)
        .done();
    Image::Layers(vec![layer])
}

#[test]
fn the_age_of_the_advisories_decides() {
    let folder = TempDir::new().unwrap();
    let (_kept, set) = database("2026-11-20");
    let on = |day: u32, version: &str, set: &AdvisorySet| {
        let options = ImageOptions {
            today: NaiveDate::from_ymd_opt(2026, 11, day),
            known: &[],
        };
        scan_with(&debian_image(&folder, version), set, options)
    };
    let fresh = on(27, "3.0.11-1~deb12u2", &set);
    assert_eq!(
        (fresh.verdict, fresh.reason.as_deref()),
        (Verdict::Passed, None)
    );
    assert!(
        fresh
            .basis
            .contains(&("age of the advisories in days".into(), "7".into()))
    );
    let old = on(28, "3.0.11-1~deb12u2", &set);
    assert_eq!(
        (old.verdict, old.reason.as_deref()),
        (Verdict::Inconclusive, Some("db_stale"))
    );
    // A date that is yet to come is no date.
    let early = on(19, "3.0.11-1~deb12u2", &set);
    assert_eq!(early.reason.as_deref(), Some("db_stale"));
    let none = on(27, "3.0.11-1~deb12u2", &AdvisorySet::default());
    assert_eq!(
        (none.verdict, none.reason.as_deref()),
        (Verdict::Inconclusive, Some("db_missing"))
    );
    let vulnerable = on(27, "3.0.11-1~deb12u1", &set);
    assert_eq!(found(&vulnerable), [("DEBIAN-CVE-2024-1", Severity::Low)]);
    assert_eq!(vulnerable.findings[0].location, "libssl3 3.0.11-1~deb12u1");
    let ended = scan_with(
        &debian_image(&folder, "9"),
        &set,
        ImageOptions {
            today: NaiveDate::from_ymd_opt(2029, 1, 1),
            known: &[],
        },
    );
    assert!(found(&ended).contains(&("image-distribution-ended", Severity::High)));
}

#[test]
fn a_folder_of_advisories_can_say_how_old_it_is() {
    let (folder, set) = database("2026-01-01");
    assert_eq!(set.as_of(), "2026-01-01");
    fs::write(
        folder.path().join("clearance-database.json"),
        r#"{"as_of":"2026-11-20","source":"osv.dev, Debian"}"#,
    )
    .unwrap();
    let stated = AdvisorySet::load_dir(folder.path()).unwrap();
    assert_eq!(
        (stated.as_of(), stated.name(), stated.len()),
        ("2026-11-20", "osv.dev, Debian", 1)
    );
    assert_eq!(stated.digest(), set.digest());
    assert!(stated.covers("Debian:12") && !stated.covers("Debian:11") && !stated.covers("npm"));
    fs::write(folder.path().join("clearance-database.json"), "{}").unwrap();
    assert!(AdvisorySet::load_dir(folder.path()).is_err());
    assert_eq!(Gap::DatabaseMissing.code(), "db_missing");
}

#[test]
fn what_the_live_version_has_too_does_not_block() {
    let folder = TempDir::new().unwrap();
    let layer = Layer::new(&folder, "a.tar.gz")
        .file("app/tool", 0o4755, "")
        .done();
    let image = Image::Layers(vec![layer]);
    let live = scan(&image);
    assert_eq!(live.verdict, Verdict::Failed);
    let options = ImageOptions {
        today: None,
        known: &live.findings,
    };
    let next = scan_with(&image, &AdvisorySet::embedded(), options);
    assert_eq!(next.verdict, Verdict::Passed);
    assert_eq!(next.findings[0].standing, Standing::Known);
    assert!(next.summary.contains("1 known"), "{}", next.summary);
    assert!(next.failing().is_empty());
    let layer = Layer::new(&folder, "b.tar.gz")
        .file("app/tool", 0o4755, "")
        .file("app/other", 0o4755, "")
        .done();
    let worse = scan_with(
        &Image::Layers(vec![layer]),
        &AdvisorySet::embedded(),
        options,
    );
    assert_eq!((worse.verdict, worse.failing().len()), (Verdict::Failed, 1));
}
