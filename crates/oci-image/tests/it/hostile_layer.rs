//! Layers made by somebody who wants out of the folder they are unpacked to.

use std::fs;
use std::path::Path;

use oci_image::{ImageStore, StoreError, UnpackLimits};
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

use crate::fixture::{gzip, names, put_image};

/// A tar that does not check what is put into it.
struct Tar(Builder<Vec<u8>>);

impl Tar {
    fn new() -> Self {
        Self(Builder::new(Vec::new()))
    }

    fn with(mut self, kind: EntryType, name: &str, link: &str, mode: u32, content: &[u8]) -> Self {
        let mut header = Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.as_gnu_mut().unwrap().linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(content.len() as u64);
        header.set_cksum();
        self.0.append(&header, content).unwrap();
        self
    }

    fn file(self, name: &str, content: &str) -> Self {
        self.with(EntryType::Regular, name, "", 0o644, content.as_bytes())
    }

    fn symlink(self, name: &str, target: &str) -> Self {
        self.with(EntryType::Symlink, name, target, 0o777, b"")
    }

    fn hard_link(self, name: &str, target: &str) -> Self {
        self.with(EntryType::Link, name, target, 0o644, b"")
    }

    fn layer(self) -> Vec<u8> {
        gzip(&self.0.into_inner().unwrap())
    }
}

async fn unpack(layer: &[u8], limits: UnpackLimits) -> (TempDir, Result<(), StoreError>) {
    let dir = tempfile::tempdir().unwrap();
    let images = dir.path().join("images");
    let image = put_image(&images, layer);
    let store = ImageStore::open(&images).await.unwrap();
    fs::create_dir(dir.path().join("trees")).unwrap();
    let tree = dir.path().join("trees/tree");
    let answer = store.unpack_within(image, &tree, limits).await;
    (dir, answer)
}

async fn assert_refused(what: &str, tar: Tar) {
    let (dir, answer) = unpack(&tar.layer(), UnpackLimits::default()).await;
    assert!(
        matches!(answer, Err(StoreError::UnsafeEntry { .. })),
        "{what}: {answer:?}"
    );
    assert_eq!(
        names(&dir.path().join("trees")),
        Vec::<String>::new(),
        "{what}"
    );
    assert_eq!(names(dir.path()), ["images", "trees"], "{what}");
}

#[tokio::test]
async fn paths_that_leave_the_tree_are_refused() {
    for name in ["/etc/x", "../x", "app/../../x", "app/..", "./../x"] {
        assert_refused(name, Tar::new().file(name, "x")).await;
    }
    assert_refused("the root", Tar::new().file("./", "x")).await;
    assert_refused("whiteout", Tar::new().file("app/.wh.x", "")).await;
    assert_refused("marker", Tar::new().file(".clearance-image", "x")).await;
    assert_refused("below marker", Tar::new().file(".clearance-image/x", "x")).await;
}

#[tokio::test]
async fn links_that_leave_the_tree_are_refused() {
    for (name, target) in [
        ("x", "/etc/passwd"),
        ("x", ".."),
        ("a/x", "../../x"),
        ("a/b/x", "../../../../etc"),
        ("x", ""),
    ] {
        assert_refused(target, Tar::new().symlink(name, target)).await;
    }
    let chained = Tar::new()
        .symlink("a/b/c/root", "../../..")
        .symlink("out", "a/b/c/root/../x");
    assert_refused("chained", chained).await;
    assert_refused("loop", Tar::new().symlink("a", "b").symlink("b", "a")).await;
}

#[tokio::test]
async fn nothing_is_written_through_a_link() {
    let through = |target: &str| Tar::new().symlink("dir", target).file("dir/x", "x");
    assert_refused("absolute", through("/tmp")).await;
    assert_refused("inside", through("app")).await;
    let replaced = Tar::new().file("a/b", "x").file("a", "x");
    assert_refused("file over folder", replaced).await;
    let under_file = Tar::new().file("a", "x").file("a/b", "x");
    assert_refused("file under file", under_file).await;
}

#[tokio::test]
async fn hard_links_lead_to_files_of_the_image_only() {
    for target in ["/etc/passwd", "../x", "missing", "dir", "link"] {
        let tar = Tar::new()
            .file("dir/file", "x")
            .symlink("link", "dir/file")
            .hard_link("hard", target);
        assert_refused(target, tar).await;
    }
    let tar = Tar::new()
        .file("a/b", "same")
        .hard_link("c", "a/b")
        .file("c", "other");
    let (dir, answer) = unpack(&tar.layer(), UnpackLimits::default()).await;
    answer.unwrap();
    let read = |name: &str| fs::read_to_string(dir.path().join("trees/tree").join(name)).unwrap();
    assert_eq!(
        (read("a/b"), read("c")),
        ("same".to_owned(), "other".to_owned())
    );
}

#[tokio::test]
async fn devices_and_raised_rights_are_refused() {
    for kind in [
        EntryType::Char,
        EntryType::Block,
        EntryType::Fifo,
        EntryType::GNUSparse,
    ] {
        assert_refused("special", Tar::new().with(kind, "x", "", 0o644, b"")).await;
    }
    for mode in [0o4755, 0o2755, 0o6755] {
        let tar = Tar::new().with(EntryType::Regular, "x", "", mode, b"x");
        assert_refused("set-id", tar).await;
    }
}

#[tokio::test]
async fn headers_that_mislead_or_fill_the_memory_are_refused() {
    let long = vec![b'a'; 100 << 10];
    for kind in [
        EntryType::GNULongName,
        EntryType::GNULongLink,
        EntryType::XHeader,
    ] {
        let tar = Tar::new().with(kind, "x", "", 0o644, &long).file("y", "");
        assert_refused("long header", tar).await;
    }
    let tar = Tar::new().with(EntryType::XHeader, "x", "", 0o644, b"12 size=1000\n");
    assert_refused("size", tar.file("y", "abc")).await;
    let escape = Tar::new()
        .with(EntryType::XHeader, "x", "", 0o644, b"16 path=../../x\n")
        .file("y", "abc");
    assert_refused("path record", escape).await;
    let escape = Tar::new()
        .with(
            EntryType::GNULongName,
            "././@LongLink",
            "",
            0o644,
            b"/tmp/long\0",
        )
        .file("y", "abc");
    assert_refused("long name", escape).await;
}

#[tokio::test]
async fn a_small_layer_cannot_become_a_large_tree() {
    let limits = UnpackLimits {
        max_bytes: 1 << 20,
        max_files: 10,
    };
    let zeros = "0".repeat((1 << 20) + 1);
    let (dir, answer) = unpack(&Tar::new().file("bomb", &zeros).layer(), limits).await;
    assert!(
        matches!(answer, Err(StoreError::TooLarge { unit: "bytes", .. })),
        "{answer:?}"
    );
    assert_eq!(names(&dir.path().join("trees")), Vec::<String>::new());
    let many = (0..11).fold(Tar::new(), |tar, n| tar.file(&format!("f{n}"), ""));
    let (_dir, answer) = unpack(&many.layer(), limits).await;
    assert!(
        matches!(answer, Err(StoreError::TooLarge { unit: "files", .. })),
        "{answer:?}"
    );
}

#[tokio::test]
async fn rubbish_is_not_an_archive() {
    let cut = {
        let mut bytes = Tar::new().file("x", &"y".repeat(5000)).layer();
        bytes.truncate(bytes.len() / 2);
        bytes
    };
    for layer in [b"rubbish".to_vec(), gzip(&[b'x'; 2000]), cut] {
        let (dir, answer) = unpack(&layer, UnpackLimits::default()).await;
        assert!(
            matches!(answer, Err(StoreError::Damaged { .. })),
            "{answer:?}"
        );
        assert_eq!(names(&dir.path().join("trees")), Vec::<String>::new());
    }
}

#[tokio::test]
async fn modes_are_reduced_to_two() {
    use std::os::unix::fs::PermissionsExt;
    let tar = Tar::new()
        .with(EntryType::Directory, "d/", "", 0o1777, b"")
        .with(EntryType::Regular, "d/x", "", 0o777, b"x")
        .with(EntryType::Regular, "d/y", "", 0o666, b"y");
    let (dir, answer) = unpack(&tar.layer(), UnpackLimits::default()).await;
    answer.unwrap();
    let mode = |name: &str| {
        let path = dir.path().join("trees/tree").join(name);
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    };
    assert_eq!(
        (mode(""), mode("d"), mode("d/x"), mode("d/y")),
        (0o755, 0o755, 0o755, 0o644)
    );
    assert!(Path::new(&dir.path().join("trees/tree/.clearance-image")).is_file());
}
