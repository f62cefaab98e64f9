//! Repositories that try to break out, to run something, or to fill the disk.

use std::io::Write as _;
use std::process::Stdio;

use control_plane::ports::PortErrorKind;
use control_plane::ports::git_host::Repository;
use domain::connection::ConnectionKind;
use server::adapters::AdaptersConfig;

use super::bench::Bench;

fn small(config: &mut AdaptersConfig) {
    config.fetch.max_bytes = 1_000_000;
    config.fetch.max_files = 50;
}

/// Stores an object that git would not make by itself.
fn object(bench: &Bench, kind: &str, content: &[u8]) -> String {
    let mut child = std::process::Command::new("git")
        .current_dir(bench.origin())
        .args(["hash-object", "-w", "--literally", "-t", kind, "--stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(content).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout)
        .unwrap()
        .trim()
        .to_owned()
}

/// A commit of a tree with one entry.
fn commit_of(bench: &Bench, mode: &str, name: &str, id: &str) -> String {
    let mut tree = format!("{mode} {name}\0").into_bytes();
    tree.extend(hex::decode(id).unwrap());
    let tree = object(bench, "tree", &tree);
    let commit = bench.run(&["commit-tree", "-m", "hostile", &tree]);
    bench.run(&["update-ref", "refs/heads/main", &commit]);
    commit
}

#[tokio::test]
async fn links_that_lead_out_are_refused_by_name() {
    for target in ["/etc/passwd", "../../secret", "..", "inner/../../../x"] {
        let bench = Bench::new();
        bench.write("inner/file", "x");
        std::os::unix::fs::symlink(target, bench.origin().join("inner/way-out")).unwrap();
        let commit = bench.commit("a link", "mallory");
        let refused = bench.check_out(&commit, "out").await;
        if target == ".." {
            assert!(refused.is_ok(), "the tree itself is inside");
            continue;
        }
        let refused = refused.unwrap_err();
        assert_eq!(refused.kind, PortErrorKind::Rejected);
        assert!(refused.message.contains("inner/way-out"), "{refused}");
        assert!(!bench.out("out").exists());
    }
}

#[tokio::test]
async fn files_are_never_written_through_a_link() {
    let bench = Bench::new();
    // A tree with a link and a folder of the same name, which no work tree can have.
    let link = object(
        &bench,
        "blob",
        bench.root.path().to_str().unwrap().as_bytes(),
    );
    let file = object(&bench, "blob", b"owned");
    let mut inner = b"100644 marker\0".to_vec();
    inner.extend(hex::decode(&file).unwrap());
    let inner = object(&bench, "tree", &inner);
    let mut tree = b"120000 a\0".to_vec();
    tree.extend(hex::decode(&link).unwrap());
    tree.extend(b"40000 a\0");
    tree.extend(hex::decode(&inner).unwrap());
    let tree = object(&bench, "tree", &tree);
    let commit = bench.run(&["commit-tree", "-m", "hostile", &tree]);
    bench.run(&["update-ref", "refs/heads/main", &commit]);
    let refused = bench.check_out(&commit, "out").await.unwrap_err();
    assert_eq!(refused.kind, PortErrorKind::Rejected, "{refused}");
    assert!(!bench.marker().exists() && !bench.out("out").exists());
}

#[tokio::test]
async fn names_that_belong_to_git_or_lead_out_are_refused() {
    for name in [".git", ".GIT", "..", ".", "a/b"] {
        let bench = Bench::new();
        let blob = object(&bench, "blob", b"[core]\n\tfsmonitor = touch /tmp/x\n");
        let commit = commit_of(&bench, "100644", name, &blob);
        let refused = bench.check_out(&commit, "out").await.unwrap_err();
        assert_eq!(refused.kind, PortErrorKind::Rejected, "{name}: {refused}");
        assert!(!bench.out("out").exists());
    }
}

#[tokio::test]
async fn submodules_are_not_fetched() {
    let bench = Bench::new();
    let marker = bench.marker();
    bench.write(
        ".gitmodules",
        format!(
            "[submodule \"x\"]\n\tpath = x\n\turl = ext::touch {}\n\tupdate = !touch {}\n",
            marker.display(),
            marker.display()
        ),
    );
    bench.run(&[
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("160000,{},x", "1".repeat(40)),
    ]);
    let commit = bench.commit("a submodule", "mallory");
    // Git's own check may refuse it; what counts is that nothing ran.
    let _ = bench.check_out(&commit, "out").await;
    assert!(!marker.exists());

    let plain = Bench::new();
    plain.write("agent.py", "x");
    plain.write(
        ".gitmodules",
        "[submodule \"x\"]\n\tpath = x\n\turl = https://example.com/x\n",
    );
    plain.run(&["add", "--all"]);
    plain.run(&[
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("160000,{},x", "1".repeat(40)),
    ]);
    plain.run(&["commit", "--quiet", "-m", "a submodule"]);
    let commit = plain.run(&["rev-parse", "HEAD"]);
    plain.check_out(&commit, "out").await.unwrap();
    assert!(plain.out("out").join("agent.py").exists());
}

#[tokio::test]
async fn attributes_and_filters_change_nothing() {
    let bench = Bench::new();
    let touch = format!("touch {}; cat", bench.marker().display());
    let content = "$Id$ $Format:%H$\nversion https://git-lfs.github.com/spec/v1\n";
    bench.write("file.txt", content);
    bench.write("hidden.txt", "must be seen");
    bench.write(
        ".gitattributes",
        "* ident export-subst eol=crlf filter=evil\nhidden.txt export-ignore\n",
    );
    let commit = bench.commit("attributes", "mallory");
    bench.run(&["config", "filter.evil.smudge", &touch]);
    bench.run(&["config", "filter.evil.required", "true"]);
    bench.check_out(&commit, "out").await.unwrap();
    assert_eq!(
        std::fs::read_to_string(bench.out("out").join("file.txt")).unwrap(),
        content
    );
    assert!(bench.out("out").join("hidden.txt").exists());
    assert!(!bench.marker().exists());
}

#[tokio::test]
async fn hooks_of_the_repository_do_not_run() {
    let bench = Bench::new();
    let hooks = bench.root.path().join("hooks");
    std::fs::create_dir(&hooks).unwrap();
    for name in [
        "pre-receive",
        "update",
        "post-receive",
        "post-update",
        "reference-transaction",
        "post-checkout",
        "proc-receive",
        "push-to-checkout",
    ] {
        let path = hooks.join(name);
        std::fs::write(
            &path,
            format!("#!/bin/sh\ntouch {}\nexit 1\n", bench.marker().display()),
        )
        .unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
    }
    let commit = bench.commit("one", "mallory");
    bench.run(&["config", "core.hooksPath", hooks.to_str().unwrap()]);
    bench.run(&[
        "config",
        "core.fsmonitor",
        hooks.join("update").to_str().unwrap(),
    ]);
    bench.run(&[
        "config",
        "uploadpack.packObjectsHook",
        hooks.join("update").to_str().unwrap(),
    ]);
    bench.check_out(&commit, "out").await.unwrap();
    bench
        .git
        .write_tag(&bench.repository(), &commit, "v1.0.0")
        .await
        .unwrap();
    assert!(!bench.marker().exists());
}

#[tokio::test]
async fn names_that_look_like_options_are_refused() {
    let bench = Bench::new();
    let touch = format!("--upload-pack=touch {}", bench.marker().display());
    let commit = bench.commit("one", "mallory");
    assert_eq!(
        bench
            .git
            .head(&bench.repository(), &touch)
            .await
            .unwrap_err()
            .kind,
        PortErrorKind::Rejected
    );
    for name in ["--exec=x", "HEAD", "main", "-x", "", "0123", "HEAD~1"] {
        assert_eq!(
            bench.check_out(name, "out").await.unwrap_err().kind,
            PortErrorKind::Rejected,
            "{name}"
        );
        let history = bench
            .git
            .history(&bench.repository(), Some(name), &commit, "", &[])
            .await;
        assert_eq!(history.unwrap_err().kind, PortErrorKind::Rejected, "{name}");
    }
    for tag in ["--force", "-d", "a b", "a..b", "x.lock", ""] {
        assert_eq!(
            bench
                .git
                .write_tag(&bench.repository(), &commit, tag)
                .await
                .unwrap_err()
                .kind,
            PortErrorKind::Rejected,
            "{tag}"
        );
    }
    for url in [
        touch.as_str(),
        "ext::sh -c touch% x",
        "fd::17",
        "/etc/../etc -x",
    ] {
        let repository = Repository {
            url: url.to_owned(),
            kind: ConnectionKind::GitHub,
        };
        assert_eq!(
            bench.git.head(&repository, "main").await.unwrap_err().kind,
            PortErrorKind::Rejected,
            "{url}"
        );
    }
    assert!(!bench.marker().exists());
}

#[tokio::test]
async fn folders_of_this_machine_need_permission() {
    let bench = Bench::with(|config| config.allow_local_repositories = false);
    bench.commit("one", "alice");
    let refused = bench
        .git
        .head(&bench.repository(), "main")
        .await
        .unwrap_err();
    assert_eq!(refused.kind, PortErrorKind::Rejected);
    assert!(
        refused.message.contains("allow_local_repositories"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_repository_beyond_the_limit_is_refused() {
    let bench = Bench::with(small);
    // Incompressible, so it is too large to fetch.
    let mut noise = vec![0; 3_000_000];
    getrandom::fill(&mut noise).unwrap();
    bench.write("noise", &noise);
    let commit = bench.commit("large", "mallory");
    let refused = bench.check_out(&commit, "out").await.unwrap_err();
    assert_eq!(refused.kind, PortErrorKind::Rejected, "{refused}");
    assert!(refused.message.contains("larger than 1 MB"), "{refused}");
    assert!(!bench.out("out").exists());
}

#[tokio::test]
async fn a_file_that_grows_when_unpacked_is_refused() {
    let bench = Bench::with(small);
    bench.write("zeros", vec![0; 50_000_000]);
    let commit = bench.commit("bomb", "mallory");
    let refused = bench.check_out(&commit, "out").await.unwrap_err();
    assert_eq!(refused.kind, PortErrorKind::Rejected, "{refused}");
    assert!(!bench.out("out").exists());
}

#[tokio::test]
async fn a_tree_of_trees_is_refused() {
    let bench = Bench::with(small);
    // Ten entries that are the same tree, ten levels deep: a billion files in ten objects.
    let blob = object(&bench, "blob", b"x");
    let (mut mode, mut id) = ("100644", blob);
    for _ in 0..9 {
        let mut tree = Vec::new();
        for name in 0..10 {
            tree.extend(format!("{mode} f{name}\0").into_bytes());
            tree.extend(hex::decode(&id).unwrap());
        }
        id = object(&bench, "tree", &tree);
        mode = "40000";
    }
    let commit = bench.run(&["commit-tree", "-m", "bomb", &id]);
    bench.run(&["update-ref", "refs/heads/main", &commit]);
    let refused = bench.check_out(&commit, "out").await.unwrap_err();
    assert_eq!(refused.kind, PortErrorKind::Rejected, "{refused}");
}

#[tokio::test]
async fn a_host_that_never_answers_is_given_up() {
    let bench = Bench::with(|config| config.fetch.timeout_seconds = 1);
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/acme/bots", silent.local_addr().unwrap());
    let slow = bench
        .git
        .head(
            &Repository {
                url,
                kind: ConnectionKind::GitHub,
            },
            "main",
        )
        .await
        .unwrap_err();
    assert_eq!(slow.kind, PortErrorKind::Unavailable);
    assert!(slow.message.contains("within 1 second"), "{slow}");
}
