//! Every reader of foreign bytes takes any bytes, comes to an end, and never takes them for a clean image or tree. The folder
//! `fuzz` looks for what these miss, for longer.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use scanning::inventory::lock_files;
use scanning::{AdvisorySet, Embedded, Image, ImageOptions, SecretRules, sarif};
use tempfile::TempDir;

use crate::image::Layer;
use crate::inventory::program;

const LOCKS: &[&str] = &[
    "requirements.txt",
    "poetry.lock",
    "uv.lock",
    "Pipfile.lock",
    "Cargo.lock",
    "package-lock.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "go.mod",
];

fn scan(image: &Image) -> domain::gate::Report {
    let matcher = Embedded {
        advisories: &AdvisorySet::embedded(),
        max_age_days: 7,
    };
    scanning::image_scan(image, &[], &matcher, ImageOptions::default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn lock_files(text in "\\PC{0,300}|[\\[\\]{}\"':=@/,a-z0-9. \n-]{0,300}") {
        for name in LOCKS {
            let _any = lock_files::read(name, &text);
        }
    }

    #[test]
    fn sarif_documents(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in "\\{\"version\":\"2.1.0\",\"runs\":[\\[\\]{}\":a-z0-9,]{0,100}") {
        let _any = sarif::read(&bytes);
        let _any = sarif::read(text.as_bytes());
    }

    #[test]
    fn rules_for_secrets(text in "\\PC{0,200}|\\[\\[rules\\]\\]\nid = \"a\"\nregex = '''[\\\\a-z()\\[\\]{}0-9*+?|.^$]{0,40}'''") {
        if let Ok(rules) = SecretRules::parse(&text) {
            let _any = rules.scan("a", &text);
        }
    }

    #[test]
    fn documents_of_an_image(index in "\\PC{0,200}|\\{\"manifests\":[\\[\\]{}\":a-z0-9,]{0,100}") {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("index.json"), &index).unwrap();
        let report = scan(&Image::Oci { path: folder.path().to_owned(), manifest: None });
        prop_assert!(!report.verdict.satisfies());
    }

    #[test]
    fn layers(bytes in proptest::collection::vec(any::<u8>(), 1..2048), zipped in any::<bool>()) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("layer");
        let content = if zipped {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            gzip.write_all(&bytes).unwrap();
            gzip.finish().unwrap()
        } else {
            bytes
        };
        std::fs::write(&path, content).unwrap();
        let _report = scan(&Image::Layers(vec![path.clone()]));
        let _report = scan(&Image::DockerArchive(path.clone()));
        let _report = scan(&Image::Oci { path, manifest: None });
    }

    #[test]
    fn files_that_say_what_is_installed(bytes in proptest::collection::vec(any::<u8>(), 0..600), at in 0_usize..14848) {
        let folder = TempDir::new().unwrap();
        let mut database = include_bytes!("../fixtures/rpmdb.sqlite").to_vec();
        let end = (at + bytes.len()).min(database.len());
        let size = end - at;
        database[at..end].copy_from_slice(&bytes[..size]);
        let mut layer = Layer::new(&folder, "layer");
        for (path, content) in [
            ("var/lib/dpkg/status", bytes.clone()),
            ("lib/apk/db/installed", bytes.clone()),
            ("etc/os-release", bytes.clone()),
            ("var/lib/rpm/rpmdb.sqlite", database),
            ("a.dist-info/METADATA", bytes.clone()),
            ("node_modules/a/package.json", bytes.clone()),
            ("app/go", program(".go.buildinfo", &[b"\xff Go buildinf:\x08\x02".as_slice(), &bytes].concat())),
            ("app/rust", program(".dep-v0", &bytes)),
            ("app/elf", [b"\x7fELF".as_slice(), &bytes].concat()),
        ] {
            layer = layer.entry(path, tar::EntryType::Regular, 0o644, &content, "");
        }
        let _report = scan(&Image::Layers(vec![layer.done()]));
    }
}
