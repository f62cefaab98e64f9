#![no_main]
//! Lists of packages of dpkg, apk and rpm, and the metadata of Python and npm, in an image whose layer is well-formed.

use libfuzzer_sys::fuzz_target;
use scanning::{AdvisorySet, Embedded, Image, ImageOptions, image_scan};

const FILES: &[&str] = &[
    "var/lib/dpkg/status",
    "lib/apk/db/installed",
    "var/lib/rpm/rpmdb.sqlite",
    "usr/lib/python3/site-packages/a-1.dist-info/METADATA",
    "app/node_modules/a/package.json",
    "etc/os-release",
    "usr/bin/program",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, content)) = bytes.split_first() else { return };
    let name = FILES[usize::from(*first) % FILES.len()];
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut layer = tar::Builder::new(file.reopen().unwrap());
    let os: &[u8] = b"ID=debian\nVERSION_ID=12\n";
    for (name, bytes) in [("etc/os-release", os), (name, content)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(bytes.len()).unwrap());
        header.set_mode(0o755);
        layer.append_data(&mut header, name, bytes).unwrap();
    }
    layer.finish().unwrap();
    let advisories = AdvisorySet::embedded();
    let matcher = Embedded { advisories: &advisories, max_age_days: 7 };
    let _report = image_scan(&Image::Layers(vec![file.path().to_owned()]), &[], &matcher, ImageOptions::default());
});
