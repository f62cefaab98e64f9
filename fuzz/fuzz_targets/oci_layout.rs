#![no_main]
//! OCI layouts: the index, or a blob that the index names by its true digest.

use libfuzzer_sys::fuzz_target;
use scanning::{AdvisorySet, Embedded, Image, ImageOptions, image_scan};
use sha2::{Digest, Sha256};

fuzz_target!(|bytes: &[u8]| {
    let Some((first, content)) = bytes.split_first() else { return };
    let folder = tempfile::tempdir().unwrap();
    let blobs = folder.path().join("blobs/sha256");
    std::fs::create_dir_all(&blobs).unwrap();
    let index = if first % 2 == 0 {
        content.to_vec()
    } else {
        let digest: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        std::fs::write(blobs.join(&digest), content).unwrap();
        let kind = "application/vnd.oci.image.manifest.v1+json";
        format!(r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"{kind}","digest":"sha256:{digest}","size":{}}}]}}"#, content.len()).into_bytes()
    };
    std::fs::write(folder.path().join("index.json"), index).unwrap();
    std::fs::write(folder.path().join("oci-layout"), br#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    let advisories = AdvisorySet::embedded();
    let matcher = Embedded { advisories: &advisories, max_age_days: 7 };
    let image = Image::Oci { path: folder.path().to_owned(), manifest: None };
    let _report = image_scan(&image, &[], &matcher, ImageOptions::default());
});
