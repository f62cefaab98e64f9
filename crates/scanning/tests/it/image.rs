//! The image scan, on layers made here.

use std::fs::{self, File};
use std::path::PathBuf;

use domain::gate::{Gate, Report, Severity, Verdict};
use flate2::Compression;
use flate2::write::GzEncoder;
use scanning::{AdvisorySet, Embedded, Image, ImageOptions, Package};
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

pub(crate) const PEM: &str = "-----BEGIN PRIVATE KEY-----\nq7WzR2nKf9LxB4vTj6YmH8dPc3GsQ5aN1eUwXoZk0q7WzR2nKf9L\n-----END PRIVATE KEY-----\n";

pub(crate) struct Layer {
    builder: Builder<GzEncoder<File>>,
    path: PathBuf,
}

impl Layer {
    pub(crate) fn new(folder: &TempDir, name: &str) -> Self {
        let path = folder.path().join(name);
        let file = File::create(&path).unwrap();
        Self {
            builder: Builder::new(GzEncoder::new(file, Compression::fast())),
            path,
        }
    }

    pub(crate) fn entry(
        mut self,
        path: &str,
        kind: EntryType,
        mode: u32,
        content: &[u8],
        target: &str,
    ) -> Self {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(u64::try_from(content.len()).unwrap());
        // Straight into the fields: the library refuses what a hostile image may hold.
        let old = header.as_old_mut();
        old.name[..path.len()].copy_from_slice(path.as_bytes());
        old.linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_cksum();
        self.builder.append(&header, content).unwrap();
        self
    }

    pub(crate) fn file(self, path: &str, mode: u32, content: &str) -> Self {
        self.entry(path, EntryType::Regular, mode, content.as_bytes(), "")
    }

    pub(crate) fn link(self, path: &str, target: &str) -> Self {
        self.entry(path, EntryType::Symlink, 0o777, b"", target)
    }

    pub(crate) fn done(self) -> PathBuf {
        self.builder.into_inner().unwrap().finish().unwrap();
        self.path
    }
}

fn image_scan(layers: &[PathBuf], packages: &[Package], advisories: &AdvisorySet) -> Report {
    let matcher = Embedded {
        advisories,
        max_age_days: 7,
    };
    scanning::image_scan(
        &Image::Layers(layers.to_vec()),
        packages,
        &matcher,
        ImageOptions::default(),
    )
}

fn scan(layers: &[PathBuf]) -> Report {
    image_scan(layers, &[], &AdvisorySet::embedded())
}

pub(crate) fn found(report: &Report) -> Vec<(&str, Severity)> {
    report
        .findings
        .iter()
        .map(|one| (one.rule.as_str(), one.severity))
        .collect()
}

/// The findings of one layer with one change.
fn one(change: impl FnOnce(Layer) -> Layer) -> Vec<(String, Severity)> {
    let folder = TempDir::new().unwrap();
    let report = scan(&[change(Layer::new(&folder, "layer.tar.gz")).done()]);
    report
        .findings
        .into_iter()
        .map(|one| (one.rule, one.severity))
        .collect()
}

fn package(name: &str, version: &str) -> Package {
    Package {
        name: name.into(),
        version: version.into(),
    }
}

#[test]
fn an_ordinary_image_passes() {
    let folder = TempDir::new().unwrap();
    let base = Layer::new(&folder, "base.tar.gz")
        .file("usr/bin/passwd", 0o4755, "")
        .file("usr/bin/su", 0o4755, "")
        .entry("tmp/", EntryType::Directory, 0o1777, b"", "")
        .entry("dev/null", EntryType::Char, 0o666, b"", "")
        .link("etc/alternatives/pager", "/usr/bin/less")
        .link("usr/lib/libz.so", "libz.so.1")
        .done();
    let app = Layer::new(&folder, "app.tar.gz")
        .file("app/agent.py", 0o644, "print('hi')")
        .file("app/.env.example", 0o644, "TOKEN=")
        .link("app/current", "../app/agent.py")
        .done();
    let packages = [package("requests", "2.32.3")];
    let report = image_scan(&[base, app], &packages, &AdvisorySet::embedded());
    assert_eq!(
        (report.gate, report.verdict, report.reason.as_deref()),
        (Gate::ImageScan, Verdict::Passed, None)
    );
    assert_eq!(
        found(&report),
        [
            ("image-absolute-links", Severity::Low),
            ("image-setuid-system", Severity::Low)
        ]
    );
    assert!(
        report
            .basis
            .contains(&("advisories".into(), "17 (embedded sample)".into()))
    );
    assert!(
        report
            .basis
            .contains(&("advisories as of".into(), "2024-10-01".into()))
    );
    assert!(report.basis.contains(&("packages".into(), "1".into())));
}

#[test]
fn unsafe_entries_are_found() {
    type Change = fn(Layer) -> Layer;
    let cases: [(&str, Severity, Change); 16] = [
        ("image-setuid", Severity::High, |l| {
            l.file("app/tool", 0o4755, "")
        }),
        ("image-setuid", Severity::High, |l| {
            l.file("app/tool", 0o2755, "")
        }),
        ("image-world-writable", Severity::Medium, |l| {
            l.file("app/agent.py", 0o666, "")
        }),
        ("image-world-writable", Severity::Medium, |l| {
            l.entry("app/data/", EntryType::Directory, 0o777, b"", "")
        }),
        ("image-link-escape", Severity::High, |l| {
            l.link("app/x", "../../etc/passwd")
        }),
        ("image-link-escape", Severity::High, |l| {
            l.link("app/x", "/../etc/passwd")
        }),
        ("image-link-escape", Severity::High, |l| {
            l.entry("app/x", EntryType::Link, 0o644, b"", "../../etc/passwd")
        }),
        ("image-link-sensitive", Severity::High, |l| {
            l.link("app/sock", "/var/run/docker.sock")
        }),
        ("image-link-sensitive", Severity::High, |l| {
            l.link("app/x", "//proc//1/root")
        }),
        ("image-absolute-link", Severity::Low, |l| {
            l.link("app/x", "/app/y")
        }),
        ("image-path-escape", Severity::High, |l| {
            l.file("../../root/.bashrc", 0o644, "")
        }),
        ("image-device-node", Severity::High, |l| {
            l.entry("app/disk", EntryType::Block, 0o644, b"", "")
        }),
        ("image-private-key", Severity::Critical, |l| {
            l.file("app/id_rsa", 0o600, PEM)
        }),
        ("image-private-key", Severity::Low, |l| {
            l.file("usr/lib/python3/test/key.pem", 0o600, PEM)
        }),
        ("image-env-file", Severity::High, |l| {
            l.file("app/.env", 0o644, "TOKEN=x")
        }),
        ("image-fifo", Severity::Low, |l| {
            l.entry("app/pipe", EntryType::Fifo, 0o644, b"", "")
        }),
    ];
    for (rule, severity, change) in cases {
        assert_eq!(one(change), [(rule.to_owned(), severity)], "{rule}");
    }
    assert!(
        one(|l| l.link("app/x", "/procedure/y"))
            .iter()
            .all(|(rule, _)| rule == "image-absolute-link")
    );
}

#[test]
fn what_a_later_layer_removes_is_gone_but_for_secrets() {
    let folder = TempDir::new().unwrap();
    let first = Layer::new(&folder, "1.tar.gz")
        .file("app/tool", 0o4755, "")
        .file("app/keys/id_rsa", 0o600, PEM)
        .file("app/other", 0o4755, "")
        .file("app/fixed", 0o4755, "")
        .done();
    let second = Layer::new(&folder, "2.tar.gz")
        .file("app/.wh.tool", 0o644, "")
        .file("app/.wh.keys", 0o644, "")
        .file("app/fixed", 0o755, "")
        .done();
    let report = scan(&[first.clone(), second]);
    assert_eq!(
        found(&report),
        [
            ("image-private-key", Severity::Critical),
            ("image-setuid", Severity::High)
        ]
    );
    assert!(
        report.findings[0]
            .message
            .contains("A later layer hides it")
    );
    assert_eq!(report.findings[1].location, "app/other");

    let opaque = Layer::new(&folder, "3.tar.gz")
        .file("app/new", 0o4755, "")
        .file("app/.wh..wh..opq", 0o644, "")
        .done();
    let report = scan(&[first, opaque]);
    let setuid: Vec<&str> = report
        .findings
        .iter()
        .filter(|one| one.rule == "image-setuid")
        .map(|one| one.location.as_str())
        .collect();
    assert_eq!(
        setuid,
        ["app/new"],
        "what stands in the same layer is not hidden"
    );
}

#[test]
fn vulnerable_packages_fail_and_say_what_to_do() {
    let packages = [
        package("PyYAML", "5.3.1"),
        package("jinja2", "2.11.2"),
        package("acme", ""),
    ];
    let report = image_scan(&[], &packages, &AdvisorySet::embedded());
    assert_eq!(
        (report.verdict, report.reason.as_deref()),
        (Verdict::Failed, Some("findings"))
    );
    assert_eq!(
        found(&report),
        [
            ("PYSEC-2021-142", Severity::Critical),
            ("package-without-version", Severity::Medium),
            ("PYSEC-2021-66", Severity::Medium),
        ]
    );
    let first = &report.findings[0];
    assert_eq!(first.location, "PyYAML 5.3.1");
    assert!(
        first.message.contains("CVE-2020-14343") && first.message.contains("Upgrade to 5.4"),
        "{}",
        first.message
    );
    assert!(
        report
            .summary
            .starts_with("3 findings (1 critical, 2 medium) in 3 packages"),
        "{}",
        report.summary
    );
}

#[test]
fn without_advisories_or_input_nothing_passes() {
    let folder = TempDir::new().unwrap();
    let layer = Layer::new(&folder, "a.tar.gz")
        .file("app/a", 0o644, "")
        .done();
    let empty = AdvisorySet::default();
    let report = image_scan(&[layer], &[package("requests", "1.0")], &empty);
    assert_eq!(
        (report.verdict, report.reason.as_deref()),
        (Verdict::Inconclusive, Some("db_missing"))
    );
    assert_eq!(scan(&[]).reason.as_deref(), Some("nothing_to_check"));
    let setuid = Layer::new(&folder, "b.tar.gz")
        .file("app/a", 0o4755, "")
        .done();
    assert_eq!(
        image_scan(&[setuid], &[], &empty).verdict,
        Verdict::Failed,
        "what is found counts all the same"
    );
}

#[test]
fn broken_layers_are_never_clean() {
    let folder = TempDir::new().unwrap();
    let good = Layer::new(&folder, "good.tar.gz")
        .file("app/a", 0o644, &"x".repeat(100_000))
        .done();
    let bytes = fs::read(&good).unwrap();
    let path = folder.path().join("bad.tar.gz");
    let reason = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let report = scan(std::slice::from_ref(&path));
        (report.verdict, report.reason.unwrap_or_default())
    };
    let unreadable = (Verdict::Inconclusive, "layer_unreadable".to_owned());
    assert_eq!(reason(&bytes[..bytes.len() / 2]), unreadable);
    assert_eq!(reason(&[0x1f, 0x8b, 1, 2, 3]), unreadable);
    assert_eq!(reason(&b"not an archive".repeat(100)), unreadable);
    let mut changed = bytes.clone();
    changed[40] ^= 0xff;
    assert_eq!(reason(&changed), unreadable);
    let report = scan(&[folder.path().join("none.tar.gz")]);
    assert_eq!(
        (report.verdict, report.reason.as_deref()),
        (Verdict::Errored, Some("layer_missing"))
    );
}

#[test]
fn long_names_are_read_with_a_limit() {
    let long = format!("app/{}/.env", "d".repeat(150));
    let mut named = long.clone().into_bytes();
    named.push(0);
    let gnu = one(|l| {
        l.entry("././@LongLink", EntryType::GNULongName, 0o644, &named, "")
            .file("short", 0o644, "")
    });
    assert_eq!(gnu, [("image-env-file".to_owned(), Severity::High)]);
    let record = |key: &str, value: &str| {
        let body = format!(" {key}={value}\n");
        let length = (1..)
            .find(|n: &usize| n.to_string().len() + body.len() == *n)
            .unwrap();
        format!("{length}{body}").into_bytes()
    };
    let pax = one(|l| {
        l.entry("pax", EntryType::XHeader, 0o644, &record("path", &long), "")
            .file("short", 0o644, "")
    });
    assert_eq!(pax, [("image-env-file".to_owned(), Severity::High)]);

    let refused = |content: &[u8], kind| {
        let folder = TempDir::new().unwrap();
        let layer = Layer::new(&folder, "a.tar.gz")
            .entry("x", kind, 0o644, content, "")
            .file("short", 0o644, "abc")
            .done();
        scan(&[layer]).reason.unwrap_or_default()
    };
    assert_eq!(
        refused(&vec![b'a'; 2 * 1024 * 1024], EntryType::GNULongName),
        "layer_unreadable"
    );
    assert_eq!(
        refused(&record("size", "999"), EntryType::XHeader),
        "layer_unreadable"
    );
    assert_eq!(refused(b"nonsense", EntryType::XHeader), "layer_unreadable");
    assert_eq!(refused(b"", EntryType::GNUSparse), "layer_unreadable");
    assert_eq!(refused(&record("size", "3"), EntryType::XHeader), "");
}

#[test]
fn a_plain_tar_is_read_too() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("layer.tar");
    let mut builder = Builder::new(File::create(&path).unwrap());
    let mut header = Header::new_gnu();
    header.set_size(0);
    header.set_mode(0o4755);
    builder
        .append_data(&mut header, "app/tool", std::io::empty())
        .unwrap();
    builder.finish().unwrap();
    assert_eq!(found(&scan(&[path])), [("image-setuid", Severity::High)]);
}

#[test]
fn a_contiguous_entry_is_read_as_a_file() {
    let found =
        one(|layer| layer.entry("app/key", EntryType::Continuous, 0o644, PEM.as_bytes(), ""));
    assert_eq!(
        found,
        [("image-private-key".to_owned(), Severity::Critical)]
    );
}
