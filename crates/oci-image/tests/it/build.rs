//! Builds that need no package index.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use oci_image::{BuildError, Digest, Fault};
use serde_json::Value;

use crate::fixture::{INSTALLS_LEFTPAD, Workshop, names};

#[tokio::test]
async fn the_same_input_gives_the_same_image_elsewhere() {
    let mut digests = Vec::new();
    for order in [["a.py", "b/c.py"], ["b/c.py", "a.py"]] {
        let shop = Workshop::new();
        for name in order {
            shop.write(name, name);
        }
        shop.write(".git/HEAD", &format!("{order:?}"));
        symlink("../a.py", shop.source().join("b/link.py")).unwrap();
        let tool = shop.source().join("a.py");
        // Which of the executable bits are set, and who owns the file, is the machine's business.
        let mode = if order[0] == "a.py" { 0o755 } else { 0o700 };
        fs::set_permissions(tool, fs::Permissions::from_mode(mode)).unwrap();
        let built = shop
            .build(shop.request_with("leftpad==1.2.0\n", INSTALLS_LEFTPAD))
            .await
            .unwrap();
        digests.push((built.image_digest, built.sbom_digest, built.size_bytes));
    }
    assert_eq!(digests[0], digests[1]);
}

#[tokio::test]
async fn a_source_without_requirements_is_one_layer() {
    let shop = Workshop::new();
    shop.write(".git/config", "secret");
    let built = shop.build(shop.request("agent:1")).await.unwrap();
    let store = shop.store().await;
    assert_eq!(
        store.resolve("agent:1").await.unwrap(),
        Some(built.image_digest)
    );
    assert_eq!((built.source_files, built.packages.len()), (2, 0));
    assert!(built.pinned && !built.reused_dependencies);
    let manifest = store.manifest(built.image_digest).await.unwrap();
    assert_eq!(manifest.layers.len(), 1);
    let config = store.config(built.image_digest).await.unwrap();
    assert_eq!(config.created.as_deref(), Some("2023-11-14T22:13:20Z"));
    assert_eq!(config.config.entrypoint, ["python3", "agent.py"]);
    assert_eq!(config.config.working_dir, "/app");
    assert!(config.config.env.contains(&"MODE=test".to_owned()));
    assert!(
        config
            .config
            .env
            .contains(&"PYTHONPATH=/app:/deps".to_owned())
    );
    assert_eq!(config.config.labels["agent"], "refund-assistant");
    let tree = shop.path("tree");
    store.unpack(built.image_digest, &tree).await.unwrap();
    assert_eq!(names(&tree.join("app")), ["agent.py", "prompts"]);
}

#[tokio::test]
async fn dependencies_are_a_layer_of_their_own_and_are_reused() {
    let shop = Workshop::new();
    let request = shop.request_with("# ours\nleftpad==1.2.0\n", INSTALLS_LEFTPAD);
    let built = shop.build(request.clone()).await.unwrap();
    assert!(built.pinned && !built.reused_dependencies);
    let package = &built.packages[0];
    assert_eq!(
        (package.name.as_str(), package.version.as_str()),
        ("LeftPad", "1.2.0")
    );
    assert!(shop.log().contains("installed"), "{}", shop.log());

    let store = shop.store().await;
    let tree = shop.path("tree");
    store.unpack(built.image_digest, &tree).await.unwrap();
    assert_eq!(names(&tree.join("deps/leftpad")), ["__init__.py"]);
    let script = fs::read_to_string(tree.join("deps/bin/leftpad")).unwrap();
    assert_eq!(script, "#!/usr/bin/env python3\nprint()\n");

    // The second build takes the layer from the cache even if the interpreter could not install it again.
    shop.write("agent.py", "print('changed')\n");
    shop.interpreter("exit 9");
    let again = shop.build(request.clone()).await.unwrap();
    assert!(again.reused_dependencies);
    assert_eq!(again.packages, built.packages);
    let layers = |d| {
        let store = store.clone();
        async move { store.manifest(d).await.unwrap().layers }
    };
    let (old, new) = (
        layers(built.image_digest).await,
        layers(again.image_digest).await,
    );
    assert_eq!(old[0], new[0]);
    assert_ne!(old[1], new[1]);

    // A damaged cache is noticed and built anew.
    for name in names(&shop.path("cache/dependencies")) {
        if name.ends_with(".gz") {
            fs::write(shop.path("cache/dependencies").join(name), "x").unwrap();
        }
    }
    shop.interpreter(INSTALLS_LEFTPAD);
    let healed = shop.build(request).await.unwrap();
    assert!(!healed.reused_dependencies);
    assert_eq!(healed.image_digest, again.image_digest);
}

#[tokio::test]
async fn what_the_requirements_do_not_fix_is_not_called_pinned() {
    for (requirements, pinned) in [
        ("leftpad\n", false),
        ("leftpad>=1\n", false),
        ("other==1.0\n", false),
        ("leftpad>=1\n-c fixed.txt\n", true),
        ("-r nested/more.txt\n", true),
    ] {
        let shop = Workshop::new();
        shop.write("fixed.txt", "Left.Pad==2\nLEFTPAD==1.2.0\n");
        shop.write("nested/more.txt", "-r same.txt\n");
        shop.write("nested/same.txt", "leftpad == 1.2.0\n-r more.txt\n");
        let request = shop.request_with(requirements, INSTALLS_LEFTPAD);
        let built = shop.build(request).await.unwrap();
        assert_eq!(built.pinned, pinned, "{requirements}");
    }
}

#[tokio::test]
async fn the_sbom_lists_the_packages_and_names_the_image() {
    let shop = Workshop::new();
    let built = shop
        .build(shop.request_with("leftpad==1.2.0\n", INSTALLS_LEFTPAD))
        .await
        .unwrap();
    assert_eq!(built.sbom_digest, Digest::of(built.sbom.as_bytes()));
    let sbom: Value = serde_json::from_str(&built.sbom).unwrap();
    assert_eq!(sbom["specVersion"], "1.5");
    assert_eq!(
        sbom["metadata"]["component"]["version"],
        built.image_digest.to_string()
    );
    assert_eq!(sbom["metadata"].get("timestamp"), None);
    let component = &sbom["components"][0];
    assert_eq!(component["purl"], "pkg:pypi/leftpad@1.2.0");
    assert_eq!(component["licenses"][0]["expression"], "MIT");
    let parsed = cyclonedx_bom::prelude::Bom::parse_from_json(built.sbom.as_bytes()).unwrap();
    use cyclonedx_bom::prelude::Validate;
    let valid = parsed.validate_version(cyclonedx_bom::prelude::SpecVersion::V1_5);
    assert!(valid.passed(), "{valid:?}");
}

#[tokio::test]
async fn a_failed_install_shows_its_last_lines_and_leaves_nothing() {
    let shop = Workshop::new();
    let pip = "echo 'Looking in https://me:secret@index.test/simple'
echo 'ERROR: No matching distribution found for nosuch==1' >&2
exit 1";
    let failed = shop
        .build(shop.request_with("nosuch==1\n", pip))
        .await
        .unwrap_err();
    assert_eq!(failed.fault(), Fault::Source);
    let BuildError::InstallFailed { exit, last_lines } = failed else {
        panic!("{failed:?}")
    };
    assert_eq!(exit, Some(1));
    let all = last_lines.join("\n");
    assert!(all.contains("No matching distribution"), "{all}");
    assert!(!all.contains("secret") && !shop.log().contains("secret"));
    assert_eq!(shop.store().await.list().await.unwrap(), []);
    assert_eq!(shop.blobs(), Vec::<String>::new());
    assert_eq!(names(&shop.path("images/tmp")), Vec::<String>::new());
    assert_eq!(names(&shop.path("cache/work")), Vec::<String>::new());
}

#[tokio::test]
async fn an_unreachable_index_is_not_the_source_s_fault() {
    let shop = Workshop::new();
    let pip = "echo 'WARNING: Retrying (Retry(total=0)) after connection broken'; exit 1";
    let failed = shop
        .build(shop.request_with("x==1\n", pip))
        .await
        .unwrap_err();
    assert_eq!(failed.fault(), Fault::Environment);
}

#[tokio::test]
async fn an_install_that_takes_too_long_is_stopped_with_its_children() {
    let shop = Workshop::new();
    let pids = shop.path("pids");
    let pip = format!(
        "sleep 600 & echo $! > {0}; echo $$ >> {0}; wait",
        pids.display()
    );
    let mut request = shop.request_with("x==1\n", &pip);
    request.limits.install_seconds = 1;
    let failed = shop.build(request).await.unwrap_err();
    assert!(
        matches!(failed, BuildError::TimedOut { limit_seconds: 1 }),
        "{failed:?}"
    );
    for pid in fs::read_to_string(pids).unwrap().lines() {
        assert!(is_gone(pid), "{pid} still runs");
    }
}

/// Absent, or dead and waiting for its parent to look.
fn is_gone(pid: &str) -> bool {
    let stat = || fs::read_to_string(format!("/proc/{pid}/stat"));
    let dead = || {
        stat().map_or(true, |s| {
            s.rsplit(") ").next().unwrap_or("").starts_with('Z')
        })
    };
    // A killed process disappears a moment after the signal.
    (0..1_000_000).any(|_| {
        std::thread::yield_now();
        dead()
    })
}

#[tokio::test]
async fn dependencies_that_grow_too_large_are_refused() {
    let shop = Workshop::new();
    let pip = "mkdir -p $T; head -c 5000 /dev/zero > $T/big";
    let mut request = shop.request_with("x==1\n", pip);
    request.limits.max_dependency_bytes = 4000;
    let failed = shop.build(request).await.unwrap_err();
    assert!(
        matches!(
            failed,
            BuildError::TooLarge {
                limit_bytes: 4000,
                ..
            }
        ),
        "{failed:?}"
    );

    // One that would fill the disk is stopped while it runs.
    let pip = "mkdir -p $T; truncate -s 200M $T/big; sleep 600";
    let mut request = shop.request_with("y==1\n", pip);
    request.limits.max_dependency_bytes = 4000;
    let failed = shop.build(request).await.unwrap_err();
    assert!(matches!(failed, BuildError::TooLarge { .. }), "{failed:?}");
}

#[tokio::test]
async fn pip_sees_no_secret_of_the_server_and_an_empty_home() {
    let shop = Workshop::new();
    let pip = "mkdir -p $T; env; pwd; ls -A $HOME; echo \"args: $*\"";
    shop.build(shop.request_with("x==1\n", pip)).await.unwrap();
    let log = shop.log();
    // Cargo's variables stand for the server's own.
    assert!(!log.contains("CARGO_MANIFEST_DIR"), "{log}");
    assert!(log.contains("--only-binary :all:"), "{log}");
    assert!(
        log.contains(&format!("HOME={}", shop.path("cache").display())),
        "{log}"
    );
}

#[tokio::test]
async fn a_missing_or_broken_interpreter_says_what_to_do() {
    let shop = Workshop::new();
    let mut request = shop.request_with("x==1\n", "");
    request.python = "no-such-python".to_owned();
    let failed = shop.build(request.clone()).await.unwrap_err();
    assert!(failed.to_string().contains("install Python 3"), "{failed}");
    assert!(matches!(failed, BuildError::InterpreterMissing { .. }));
    request.python = "true".to_owned();
    let failed = shop.build(request).await.unwrap_err();
    assert!(
        matches!(failed, BuildError::InterpreterBroken { .. }),
        "{failed:?}"
    );
    let missing = oci_image::python_available("no-such-python").await;
    assert!(matches!(
        missing,
        Err(BuildError::InterpreterMissing { .. })
    ));
}
