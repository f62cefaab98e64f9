//! Source trees and requirements files that try to get more than they should.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use oci_image::{BuildError, Fault, Part};

use crate::fixture::Workshop;

#[tokio::test]
async fn links_out_of_the_tree_are_refused_by_name() {
    for (link, target) in [
        ("passwd", "/etc/passwd"),
        ("up", ".."),
        ("sub/up", "../../outside"),
        ("sub/sneaky", "inner/../../.."),
        ("loop", "loop"),
    ] {
        let shop = Workshop::new();
        shop.write("sub/file", "");
        // `inner` leads to the root of the tree, so that `inner/../..` is further up than it looks.
        symlink("..", shop.source().join("sub/inner")).unwrap();
        symlink(target, shop.source().join(link)).unwrap();
        let failed = shop.build(shop.request("agent:1")).await.unwrap_err();
        assert!(
            matches!(&failed, BuildError::EscapingSymlink(path) if path == Path::new(link)),
            "{link}: {failed:?}"
        );
        assert_eq!(failed.fault(), Fault::Source);
    }
}

#[tokio::test]
async fn links_inside_the_tree_are_kept() {
    let shop = Workshop::new();
    symlink("prompts/system.txt", shop.source().join("short")).unwrap();
    symlink("../agent.py", shop.source().join("prompts/agent")).unwrap();
    let built = shop.build(shop.request("agent:1")).await.unwrap();
    let tree = shop.path("tree");
    shop.store()
        .await
        .unpack(built.image_digest, &tree)
        .await
        .unwrap();
    let target = fs::read_link(tree.join("app/prompts/agent")).unwrap();
    assert_eq!(target, Path::new("../agent.py"));
    assert_eq!(
        fs::read_to_string(tree.join("app/short")).unwrap(),
        "Be kind.\n"
    );
}

#[tokio::test]
async fn special_files_and_reserved_names_are_refused() {
    let shop = Workshop::new();
    let fifo = shop.source().join("fifo");
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    let failed = shop.build(shop.request("agent:1")).await.unwrap_err();
    assert!(
        matches!(failed, BuildError::UnsupportedFile { .. }),
        "{failed:?}"
    );
    fs::remove_file(fifo).unwrap();
    shop.write(".wh.agent.py", "");
    let failed = shop.build(shop.request("agent:1")).await.unwrap_err();
    assert!(
        matches!(failed, BuildError::UnsupportedFile { .. }),
        "{failed:?}"
    );
}

#[tokio::test]
async fn sizes_and_numbers_are_limited() {
    let shop = Workshop::new();
    shop.write("big", &"x".repeat(1000));
    let mut request = shop.request("agent:1");
    request.limits.max_source_bytes = 500;
    let failed = shop.build(request).await.unwrap_err();
    let want = (Part::Source, 500);
    assert!(
        matches!(failed, BuildError::TooLarge { part, limit_bytes } if (part, limit_bytes) == want),
        "{failed:?}"
    );
    let mut request = shop.request("agent:1");
    request.limits.max_files = 3;
    let failed = shop.build(request).await.unwrap_err();
    assert!(
        matches!(failed, BuildError::TooManyFiles { limit: 3, .. }),
        "{failed:?}"
    );
}

#[tokio::test]
async fn requirements_must_be_in_the_tree() {
    let shop = Workshop::new();
    fs::write(shop.path("secret.txt"), "password hunter2\n").unwrap();
    for path in ["../secret.txt", "/etc/passwd"] {
        let mut request = shop.request("agent:1");
        request.requirements = Some(path.into());
        let failed = shop.build(request).await.unwrap_err();
        assert!(
            matches!(failed, BuildError::InvalidRequest { .. }),
            "{failed:?}"
        );
    }
    for missing in ["absent.txt", "prompts"] {
        let mut request = shop.request("agent:1");
        request.requirements = Some(missing.into());
        let failed = shop.build(request).await.unwrap_err();
        assert!(
            matches!(&failed, BuildError::NotFound(path) if path == Path::new(missing)),
            "{failed:?}"
        );
    }
    for line in ["-r ../secret.txt", "-r /etc/passwd", "-c ../secret.txt"] {
        let failed = shop.build(shop.request_with(line, "")).await.unwrap_err();
        assert!(!format!("{failed:?}").contains("hunter2"));
        assert_eq!(failed.fault(), Fault::Source, "{failed:?}");
    }
}

#[tokio::test]
async fn requirements_cannot_choose_the_index_run_code_or_read_the_environment() {
    for line in [
        "--index-url https://evil.test/simple",
        "--extra-index-url=https://evil.test/simple",
        "-i https://evil.test/simple",
        "-f /",
        "--find-links /",
        "--trusted-host evil.test",
        "--no-binary :all:",
        "-e .",
        "--editable=.",
        ".",
        "./sub",
        "git+https://evil.test/x.git",
        "x @ https://evil.test/x.whl",
        "x==${SECRET}",
        "x==1 --config-settings=a=b",
        "x==1\u{1b}[2J",
    ] {
        let shop = Workshop::new();
        let request = shop.request_with(&format!("six==1.17.0\n{line}\n"), "mkdir $T");
        let failed = shop.build(request).await.unwrap_err();
        assert!(
            matches!(failed, BuildError::RequirementsRefused { line: 2, .. }),
            "{line}: {failed:?}"
        );
    }
}

#[tokio::test]
async fn a_request_without_a_command_or_with_odd_settings_is_refused() {
    let shop = Workshop::new();
    let mut request = shop.request("agent:1");
    request.entrypoint.clear();
    let failed = shop.build(request).await.unwrap_err();
    assert!(matches!(
        failed,
        BuildError::InvalidRequest {
            field: "entrypoint",
            ..
        }
    ));
    let mut request = shop.request("agent:1");
    request.env.insert("A=B".to_owned(), String::new());
    let failed = shop.build(request).await.unwrap_err();
    assert!(matches!(
        failed,
        BuildError::InvalidRequest { field: "env", .. }
    ));
    let mut request = shop.request("agent:1");
    request.source_dir = shop.path("absent");
    let failed = shop.build(request).await.unwrap_err();
    assert!(matches!(failed, BuildError::SourceMissing(_)));
}
