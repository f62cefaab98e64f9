#![no_main]
//! A layer, an archive of Docker and an OCI archive of any bytes.

use libfuzzer_sys::fuzz_target;
use scanning::{AdvisorySet, Embedded, Image, ImageOptions, image_scan};

fuzz_target!(|bytes: &[u8]| {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let path = file.path().to_owned();
    let advisories = AdvisorySet::embedded();
    let matcher = Embedded { advisories: &advisories, max_age_days: 7 };
    for image in [
        Image::Layers(vec![path.clone()]),
        Image::DockerArchive(path.clone()),
        Image::Oci { path, manifest: None },
    ] {
        let _report = image_scan(&image, &[], &matcher, ImageOptions::default());
    }
});
