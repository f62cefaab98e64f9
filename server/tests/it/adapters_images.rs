//! The embedded image builder and the file gates that read what it built.

use std::path::Path;

use control_plane::ports::image_builder::BuildOrder;
use control_plane::ports::scanner::Against;
use control_plane::ports::{LogSink, PortErrorKind, Ports};
use domain::agent::AgentManifest;
use domain::deployment::LogLevel;
use domain::gate::Verdict;
use server::adapters::{AdaptersConfig, ports};
use server::config::Advisories;
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// A small agent's source, and the adapters of a fresh data folder.
struct Bench {
    root: TempDir,
    ports: Ports,
}

impl Bench {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let mut config = AdaptersConfig::new(root.path().join("data"));
        config.advisories = Advisories::Sample;
        let ports = ports(config).unwrap();
        let source = root.path().join("source");
        std::fs::create_dir(&source).unwrap();
        std::fs::write(source.join("agent.py"), "print('hello')\n").unwrap();
        Self { root, ports }
    }

    fn order(&self, reference: &str, requirements: Option<&str>) -> BuildOrder {
        let mut manifest = manifest();
        manifest.runtime.requirements = requirements.map(str::to_owned);
        BuildOrder {
            reference: reference.to_owned(),
            source: self.root.path().join("source"),
            manifest,
            commit: "c".repeat(40),
            version: "1.0.0".to_owned(),
        }
    }
}

pub(crate) fn manifest() -> AgentManifest {
    let text = include_str!("../../../examples/refund-assistant/clearance.yaml");
    AgentManifest::parse(text).unwrap()
}

fn log() -> (LogSink, UnboundedReceiver<(LogLevel, String)>) {
    unbounded_channel()
}

#[tokio::test]
async fn the_same_order_gives_the_same_image_and_is_built_once() {
    let bench = Bench::new();
    let builder = &bench.ports.image_builder;
    let (sink, mut lines) = log();
    let first = builder
        .build(bench.order("bot:one", None), sink.clone())
        .await
        .unwrap();
    assert!(first.digest.starts_with("sha256:") && first.sbom.contains("CycloneDX"));
    assert!(lines.try_recv().is_ok());

    // What is named already is not built again, even from another source.
    std::fs::write(bench.root.path().join("source/agent.py"), "changed").unwrap();
    assert_eq!(
        builder
            .build(bench.order("bot:one", None), sink.clone())
            .await
            .unwrap(),
        first
    );
    let changed = builder
        .build(bench.order("bot:two", None), sink.clone())
        .await
        .unwrap();
    assert_ne!(changed.digest, first.digest);
    std::fs::write(
        bench.root.path().join("source/agent.py"),
        "print('hello')\n",
    )
    .unwrap();
    assert_eq!(
        builder
            .build(bench.order("bot:three", None), sink.clone())
            .await
            .unwrap()
            .digest,
        first.digest
    );
    assert_eq!(
        builder.list().await.unwrap(),
        ["bot:one", "bot:three", "bot:two"]
    );

    // A lost record is made again.
    std::fs::remove_dir_all(bench.root.path().join("data/images-meta")).unwrap();
    assert_eq!(
        builder
            .build(bench.order("bot:one", None), sink)
            .await
            .unwrap(),
        first
    );
}

#[tokio::test]
async fn an_image_is_verified_unpacked_scanned_and_removed() {
    let bench = Bench::new();
    let builder = &bench.ports.image_builder;
    let built = builder
        .build(bench.order("bot:one", None), log().0)
        .await
        .unwrap();
    builder.verify(&built.digest).await.unwrap();
    let into = bench.root.path().join("unpacked");
    for _ in 0..2 {
        builder.unpack(&built.digest, &into).await.unwrap();
    }
    assert!(into.join("app/agent.py").exists());

    let against = Against {
        today: chrono::NaiveDate::from_ymd_opt(2026, 11, 26).unwrap(),
        known: Vec::new(),
    };
    let layout = builder.layout(&built.digest).await.unwrap();
    let scan = async || {
        let scanner = &bench.ports.scanner;
        scanner
            .image_scan(&layout, &built.digest, &built.packages, &against)
            .await
            .unwrap()
    };
    let report = scan().await;
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    let report = bench
        .ports
        .scanner
        .static_analysis(&bench.root.path().join("source"), &against)
        .await
        .unwrap();
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");

    damage(&largest_blob(&layout));
    let report = scan().await;
    assert_eq!(report.verdict, Verdict::Inconclusive, "{report:?}");
    assert_eq!(
        builder.verify(&built.digest).await.unwrap_err().kind,
        PortErrorKind::Rejected
    );
    for _ in 0..2 {
        builder.remove("bot:one").await.unwrap();
    }
    assert!(builder.list().await.unwrap().is_empty());
    assert_eq!(
        builder.verify(&built.digest).await.unwrap_err().kind,
        PortErrorKind::NotFound
    );
}

/// The layer of the source is the largest of the few blobs that are no documents.
fn largest_blob(layout: &Path) -> std::path::PathBuf {
    let blobs = std::fs::read_dir(layout.join("blobs/sha256")).unwrap();
    let blobs = blobs.map(|one| one.unwrap().path());
    let packed =
        |path: &std::path::PathBuf| std::fs::read(path).unwrap().starts_with(&[0x1f, 0x8b]);
    blobs
        .filter(packed)
        .max_by_key(|path| path.metadata().unwrap().len())
        .unwrap()
}

fn damage(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    bytes.truncate(bytes.len() / 2);
    let mut permissions = std::fs::metadata(file).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o644);
    std::fs::set_permissions(file, permissions).unwrap();
    std::fs::write(file, bytes).unwrap();
}

#[tokio::test]
async fn a_bad_source_is_told_from_a_bad_machine() {
    let bench = Bench::new();
    let builder = &bench.ports.image_builder;
    let missing = builder
        .build(bench.order("bot:one", Some("requirements.txt")), log().0)
        .await
        .unwrap_err();
    assert_eq!(missing.kind, PortErrorKind::Rejected, "{missing}");
    assert!(missing.message.contains("requirements.txt"), "{missing}");

    std::fs::write(
        bench.root.path().join("source/requirements.txt"),
        "--index-url http://127.0.0.1:1/simple\nx==1\n",
    )
    .unwrap();
    let refused = builder
        .build(bench.order("bot:one", Some("requirements.txt")), log().0)
        .await
        .unwrap_err();
    assert_eq!(refused.kind, PortErrorKind::Rejected, "{refused}");

    std::fs::remove_dir_all(bench.root.path().join("source")).unwrap();
    let gone = builder
        .build(bench.order("bot:one", None), log().0)
        .await
        .unwrap_err();
    assert_eq!(gone.kind, PortErrorKind::Unavailable, "{gone}");
    assert!(builder.list().await.unwrap().is_empty());
    assert!(builder.verify("latest").await.is_err());
}
