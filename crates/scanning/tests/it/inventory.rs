//! What is installed, as package managers and compilers write it down, and what lock files pin.

use std::fmt::Write as _;
use std::io::Write as _;

use domain::gate::{Report, Verdict};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use scanning::inventory::Component;
use scanning::inventory::lock_files::{self, Locked, ProblemKind};
use scanning::{AdvisorySet, Embedded, Image, ImageOptions};
use tar::EntryType;
use tempfile::TempDir;

use crate::image::Layer;

pub(crate) const DEBIAN: &str =
    "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n";

/// The packages of an image with these files, as package URLs, and its report.
fn scan(files: &[(&str, &[u8])]) -> (Vec<String>, Report) {
    let folder = TempDir::new().unwrap();
    let mut layer = Layer::new(&folder, "layer.tar.gz");
    for (path, content) in files {
        layer = layer.entry(path, EntryType::Regular, 0o755, content, "");
    }
    let image = Image::Layers(vec![layer.done()]);
    let components = scanning::image_scan::components(&image).unwrap();
    let matcher = Embedded {
        advisories: &AdvisorySet::embedded(),
        max_age_days: 7,
    };
    let report = scanning::image_scan(&image, &[], &matcher, ImageOptions::default());
    (components.iter().map(Component::purl).collect(), report)
}

#[test]
fn debian_packages_have_sources() {
    let status = "Package: libssl3\nStatus: install ok installed\nSource: openssl (3.0.11-1~deb12u2)\nVersion: 3.0.11-1~deb12u2+b1\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: bash\nStatus: install ok installed\nVersion: 5.2.15-2\nDescription: a shell\n Version: 9\n";
    let (packages, report) = scan(&[
        ("etc/os-release", DEBIAN.as_bytes()),
        ("var/lib/dpkg/status", status.as_bytes()),
        (
            "var/lib/dpkg/status.d/tzdata",
            b"Package: tzdata\nVersion: 2024a-0+deb12u1\n",
        ),
        (
            "var/lib/dpkg/status.d/tzdata.md5sums",
            b"Package: no\nVersion: 1\n",
        ),
    ]);
    assert_eq!(
        packages,
        [
            "pkg:deb/debian/libssl3@3.0.11-1~deb12u2+b1?distro=debian-12",
            "pkg:deb/debian/bash@5.2.15-2?distro=debian-12",
            "pkg:deb/debian/tzdata@2024a-0+deb12u1?distro=debian-12",
        ]
    );
    // The sample has no advisories for Debian, and that is not the same as no flaws.
    assert_eq!(
        (report.verdict, report.reason.as_deref()),
        (Verdict::Inconclusive, Some("not_covered"))
    );
    assert!(report.summary.contains("Debian:12"), "{}", report.summary);
}

#[test]
fn alpine_and_rpm_packages_are_read() {
    let (packages, _) = scan(&[
        ("usr/lib/os-release", b"ID=alpine\nVERSION_ID=3.19.1\n"),
        (
            "lib/apk/db/installed",
            b"C:Q1abc=\nP:libcrypto3\nV:3.1.4-r5\no:openssl\n\nP:musl\nV:1.2.4_git20230717-r4\no:musl\n",
        ),
    ]);
    assert_eq!(
        packages,
        [
            "pkg:apk/alpine/libcrypto3@3.1.4-r5?distro=alpine-3.19",
            "pkg:apk/alpine/musl@1.2.4_git20230717-r4?distro=alpine-3.19"
        ]
    );
    let (packages, _) = scan(&[
        ("etc/os-release", b"ID=\"almalinux\"\nVERSION_ID=\"9.3\"\n"),
        (
            "var/lib/rpm/rpmdb.sqlite",
            include_bytes!("../fixtures/rpmdb.sqlite"),
        ),
    ]);
    assert_eq!(packages.len(), 62);
    assert_eq!(
        packages[..2],
        [
            "pkg:rpm/almalinux/openssl-libs@1:3.0.7-24.el9?distro=almalinux-9",
            "pkg:rpm/almalinux/bash@0:5.1.8-6.el9_1?distro=almalinux-9"
        ]
    );
}

#[test]
fn a_list_that_cannot_be_read_is_never_clean() {
    let whole = include_bytes!("../fixtures/rpmdb.sqlite");
    let mut looped = whole.to_vec();
    // Every page points to the first: a reader that trusts it goes round for ever.
    for at in (512..looped.len()).step_by(512) {
        looped[at] = 5;
        looped[at + 8..at + 12].copy_from_slice(&[0, 0, 0, 2]);
    }
    for (path, content) in [
        ("var/lib/rpm/Packages", &b"\0\x06\x15\x61"[..]),
        ("var/lib/rpm/rpmdb.sqlite", b"SQLite format 3\0"),
        ("var/lib/rpm/rpmdb.sqlite", &whole[..whole.len() / 2]),
        ("var/lib/rpm/rpmdb.sqlite", &looped),
        ("app/lib/tool.jar", b"PK"),
        ("etc/os-release", DEBIAN.as_bytes()),
    ] {
        let (_, report) = scan(&[(path, content)]);
        assert_eq!(
            (report.verdict, report.reason.as_deref()),
            (Verdict::Inconclusive, Some("packages_unreadable")),
            "{path}"
        );
        assert!(
            report
                .basis
                .iter()
                .any(|(name, value)| name == "not assessed" && value.starts_with(path))
        );
    }
}

#[test]
fn a_list_behind_a_link_is_never_clean() {
    for (link, target, kind) in [
        ("var/lib/dpkg/status", "/opt/hidden", EntryType::Symlink),
        ("var/lib/dpkg/status", "opt/hidden", EntryType::Link),
        ("var/lib/dpkg", "../../opt/dpkg", EntryType::Symlink),
        ("var/lib", "lib", EntryType::Symlink),
    ] {
        let folder = TempDir::new().unwrap();
        let layer = Layer::new(&folder, "layer.tar.gz")
            .file("opt/hidden", 0o644, "Package: bad\nVersion: 1\n")
            .entry(link, kind, 0o644, b"", target)
            .done();
        let matcher = Embedded {
            advisories: &AdvisorySet::embedded(),
            max_age_days: 7,
        };
        let report = scanning::image_scan(
            &Image::Layers(vec![layer]),
            &[],
            &matcher,
            ImageOptions::default(),
        );
        assert_eq!(
            report.reason.as_deref(),
            Some("packages_unreadable"),
            "{link}"
        );
    }
}

#[test]
fn packages_of_languages_are_read() {
    let (packages, _) = scan(&[
        (
            "deps/Flask_Login-0.6.3.dist-info/METADATA",
            b"Metadata-Version: 2.1\nName: Flask_Login\nVersion: 0.6.3\n\nVersion: 9\n",
        ),
        (
            "usr/lib/python3/six.egg-info/PKG-INFO",
            b"Name: six\nVersion: 1.16.0\n",
        ),
        (
            "app/node_modules/left-pad/package.json",
            br#"{"name":"left-pad","version":"1.3.0"}"#,
        ),
        (
            "app/node_modules/@a/b/package.json",
            br#"{"name":"@a/b","version":"2.0.0"}"#,
        ),
        (
            "app/node_modules/left-pad/test/package.json",
            br#"{"name":"no","version":"1"}"#,
        ),
        ("app/package.json", br#"{"name":"no","version":"1"}"#),
        ("usr/lib/ruby/specifications/net-http-0.4.1.gemspec", b""),
    ]);
    assert_eq!(
        packages,
        [
            "pkg:npm/%40a/b@2.0.0",
            "pkg:npm/left-pad@1.3.0",
            "pkg:pypi/flask-login@0.6.3",
            "pkg:pypi/six@1.16.0",
            "pkg:gem/net-http@0.4.1",
        ]
    );
}

fn wide(size: usize) -> u64 {
    u64::try_from(size).unwrap()
}

/// A program in the ELF format with one section.
pub(crate) fn program(section: &str, content: &[u8]) -> Vec<u8> {
    let names = format!("\0.shstrtab\0{section}\0");
    let names_at = 64 + content.len();
    let table = (names_at + names.len()).next_multiple_of(8);
    let mut elf = Vec::new();
    elf.extend_from_slice(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    for half in [2_u16, 62] {
        elf.extend_from_slice(&half.to_le_bytes());
    }
    elf.extend_from_slice(&1_u32.to_le_bytes());
    for long in [0_u64, 0, wide(table)] {
        elf.extend_from_slice(&long.to_le_bytes());
    }
    elf.extend_from_slice(&0_u32.to_le_bytes());
    for half in [64_u16, 0, 0, 64, 3, 1] {
        elf.extend_from_slice(&half.to_le_bytes());
    }
    elf.extend_from_slice(content);
    elf.extend_from_slice(names.as_bytes());
    elf.resize(table, 0);
    let mut header = |name: u32, kind: u32, at: usize, size: usize| {
        for int in [name, kind] {
            elf.extend_from_slice(&int.to_le_bytes());
        }
        for long in [0, 0, wide(at), wide(size)] {
            elf.extend_from_slice(&long.to_le_bytes());
        }
        for long in [0_u64, 1, 0] {
            elf.extend_from_slice(&long.to_le_bytes());
        }
    };
    header(0, 0, 0, 0);
    header(1, 3, names_at, names.len());
    header(11, 1, 64, content.len());
    elf
}

/// The build information of a Go program.
fn go_section(modules: &str) -> Vec<u8> {
    let mut section = b"\xff Go buildinf:\x08\x02".to_vec();
    section.resize(32, 0);
    let marked = format!("{0}{modules}{0}", "0123456789abcdef");
    for text in ["go1.21.5", &marked] {
        let mut length = text.len();
        while length >= 0x80 {
            section.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
            length >>= 7;
        }
        section.push(u8::try_from(length).unwrap());
        section.extend_from_slice(text.as_bytes());
    }
    section
}

#[test]
fn programs_say_what_they_are_made_of() {
    let mut modules = "path\texample.com/agent\nmod\texample.com/agent\t(devel)\t\n".to_owned();
    modules.push_str("dep\tgolang.org/x/net\tv0.17.0\th1:abc=\ndep\tgithub.com/old/thing\tv1.0.0\n=>\tgithub.com/new/thing\tv1.0.1\th1:x=\n");
    for number in 0..20 {
        writeln!(modules, "dep\texample.com/m{number}\tv0.{number}.0").unwrap();
    }
    let mut rust = ZlibEncoder::new(Vec::new(), Compression::fast());
    rust.write_all(br#"{"packages":[{"name":"agent","version":"0.1.0","source":"local","root":true},{"name":"time","version":"0.1.42","source":"crates.io"},{"name":"cc","version":"1.0.0","source":"crates.io","kind":"build"}]}"#).unwrap();
    let (packages, report) = scan(&[
        (
            "app/server",
            &program(".go.buildinfo", &go_section(&modules)),
        ),
        ("app/worker", &program(".dep-v0", &rust.finish().unwrap())),
        ("usr/bin/true", &program(".text", b"code")),
    ]);
    assert_eq!(
        packages[..3],
        [
            "pkg:golang/stdlib@1.21.5",
            "pkg:golang/golang.org/x/net@v0.17.0",
            "pkg:golang/github.com/new/thing@v1.0.1"
        ]
    );
    assert_eq!(packages.len(), 24);
    assert_eq!(packages[23], "pkg:cargo/time@0.1.42");
    assert_eq!(report.reason.as_deref(), Some("not_covered"));
    for broken in [&b"\xff Go buildinf:"[..], b"", b"\xff Go buildinf:\x08\x00"] {
        let (_, report) = scan(&[("app/server", &program(".go.buildinfo", broken))]);
        assert_eq!(report.reason.as_deref(), Some("packages_unreadable"));
    }
}

fn locked(name: &str, text: &str) -> Locked {
    lock_files::read(name, text).unwrap().unwrap()
}

fn purls(locked: &Locked) -> Vec<String> {
    locked.components.iter().map(Component::purl).collect()
}

#[test]
fn requirements_are_pinned_or_said_to_be_open() {
    let found = locked(
        "app/requirements.txt",
        "# comment\nrequests==2.31.0 \\\n    --hash=sha256:abc\nFlask[async]==3.0.0 ; python_version > '3.8'  # why\nurllib3>=2\nhttpx\nnumpy==1.*\nagent @ https://example.com/agent.whl\n-e git+https://example.com/x.git#egg=x\n-r more.txt\n--index-url https://example.com\n./local\n",
    );
    assert_eq!(
        purls(&found),
        ["pkg:pypi/requests@2.31.0", "pkg:pypi/flask@3.0.0"]
    );
    let problems: Vec<_> = found
        .problems
        .iter()
        .map(|one| (one.kind, one.package.as_str(), one.line))
        .collect();
    assert_eq!(
        problems,
        [
            (ProblemKind::Unpinned, "urllib3", Some(5)),
            (ProblemKind::Unpinned, "httpx", Some(6)),
            (ProblemKind::Unpinned, "numpy", Some(7)),
            (
                ProblemKind::FromUrl,
                "agent @ https://example.com/agent.whl",
                Some(8)
            ),
            (
                ProblemKind::FromUrl,
                "git+https://example.com/x.git#egg=x",
                Some(9)
            ),
        ]
    );
}

#[test]
fn every_lock_file_gives_package_urls() {
    for (name, text, wanted) in [
        (
            "poetry.lock",
            "[[package]]\nname = \"requests\"\nversion = \"2.31.0\"\n\n[[package]]\nname = \"mine\"\nversion = \"0.1\"\n[package.source]\ntype = \"directory\"\nurl = \".\"\n",
            &["pkg:pypi/requests@2.31.0"][..],
        ),
        (
            "uv.lock",
            "version = 1\n[[package]]\nname = \"agent\"\nversion = \"0.1.0\"\nsource = { virtual = \".\" }\n\n[[package]]\nname = \"httpx\"\nversion = \"0.27.0\"\nsource = { registry = \"https://pypi.org/simple\" }\n",
            &["pkg:pypi/httpx@0.27.0"],
        ),
        (
            "Pipfile.lock",
            r#"{"default":{"requests":{"version":"==2.31.0"}},"develop":{"pytest":{"version":"==8.0.0"}}}"#,
            &["pkg:pypi/requests@2.31.0", "pkg:pypi/pytest@8.0.0"],
        ),
        (
            "Cargo.lock",
            "[[package]]\nname = \"mine\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"time\"\nversion = \"0.1.42\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n",
            &["pkg:cargo/time@0.1.42"],
        ),
        (
            "package-lock.json",
            r#"{"lockfileVersion":3,"packages":{"":{"name":"mine"},"node_modules/@a/b":{"version":"1.0.0","resolved":"https://registry.npmjs.org/x.tgz"},"node_modules/c/node_modules/d":{"version":"2.0.0"},"node_modules/mine":{"link":true}}}"#,
            &["pkg:npm/%40a/b@1.0.0", "pkg:npm/d@2.0.0"],
        ),
        (
            "package-lock.json",
            r#"{"lockfileVersion":1,"dependencies":{"a":{"version":"1.0.0","dependencies":{"b":{"version":"2.0.0"}}}}}"#,
            &["pkg:npm/a@1.0.0", "pkg:npm/b@2.0.0"],
        ),
        (
            "pnpm-lock.yaml",
            "lockfileVersion: '9.0'\npackages:\n  '@a/b@1.0.0':\n    resolution: {integrity: x}\n  c@2.0.0(d@3.0.0):\n    resolution: {integrity: x}\n  /e/4.0.0:\n    resolution: {integrity: x}\n",
            &["pkg:npm/e@4.0.0", "pkg:npm/%40a/b@1.0.0", "pkg:npm/c@2.0.0"],
        ),
        (
            "yarn.lock",
            "# yarn lockfile v1\n\n\"@a/b@^1.0.0\", \"@a/b@^1.1.0\":\n  version \"1.2.0\"\n  resolved \"https://x\"\n\nc@^2:\n  version \"2.0.1\"\n",
            &["pkg:npm/%40a/b@1.2.0", "pkg:npm/c@2.0.1"],
        ),
        (
            "yarn.lock",
            "__metadata:\n  version: 8\n\n\"c@npm:^2\":\n  version: 2.0.1\n\n\"mine@workspace:.\":\n  version: 0.0.0-use.local\n",
            &["pkg:npm/c@2.0.1"],
        ),
        (
            "go.mod",
            "module example.com/a\n\ngo 1.21.5\n\nrequire golang.org/x/net v0.17.0\nrequire (\n\tgithub.com/old/thing v1.0.0 // indirect\n\tgithub.com/same/thing v1.0.0\n)\nreplace github.com/old/thing => github.com/new/thing v1.0.1\nreplace github.com/same/thing => github.com/same/thing v1.0.2\n",
            &[
                "pkg:golang/stdlib@1.21.5",
                "pkg:golang/golang.org/x/net@v0.17.0",
                "pkg:golang/github.com/new/thing@v1.0.1",
                "pkg:golang/github.com/same/thing@v1.0.2",
            ],
        ),
    ] {
        assert_eq!(purls(&locked(name, text)), wanted, "{name}");
    }
    for (name, text) in [
        ("poetry.lock", "[[package]\n"),
        ("Cargo.lock", "package = 1"),
        ("package-lock.json", "[]"),
        ("Pipfile.lock", "{"),
        ("pnpm-lock.yaml", "packages: [1]"),
    ] {
        assert!(lock_files::read(name, text).unwrap().is_err(), "{name}");
    }
    assert!(lock_files::read("notes.txt", "").is_none());
}

#[test]
fn lock_files_name_what_runs_or_comes_from_elsewhere() {
    let found = locked(
        "package-lock.json",
        r#"{"packages":{"node_modules/a":{"version":"1.0.0","resolved":"git+ssh://git@example.com/a.git#1","hasInstallScript":true}}}"#,
    );
    let kinds: Vec<_> = found.problems.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [ProblemKind::FromUrl, ProblemKind::InstallScript]);
    let found = locked(
        "uv.lock",
        "[[package]]\nname = \"x\"\nversion = \"1\"\nsource = { git = \"https://example.com/x.git\" }\n",
    );
    assert_eq!(found.problems[0].kind, ProblemKind::FromUrl);
}
