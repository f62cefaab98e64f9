//! Runs the file gates by hand: `scan FOLDER` analyses a source tree, `scan IMAGE` an OCI layout or an archive of Docker, each
//! with the sample of advisories. Prints the report as JSON, or as SARIF with `--sarif`.
#![allow(clippy::expect_used, reason = "a tool for people who read its source")]

use std::path::PathBuf;

use scanning::{AdvisorySet, Embedded, Image, ImageOptions, Options, sarif};

fn main() {
    let mut paths: Vec<String> = std::env::args().skip(1).collect();
    let as_sarif = paths.iter().any(|word| word == "--sarif");
    paths.retain(|word| word != "--sarif");
    let path = PathBuf::from(paths.first().expect("a folder or an image"));
    let advisories = AdvisorySet::embedded();
    let matcher = Embedded {
        advisories: &advisories,
        max_age_days: 7,
    };
    let image = if path.join("oci-layout").is_file() {
        Some(Image::Oci {
            path: path.clone(),
            manifest: None,
        })
    } else if path.is_file() {
        Some(Image::DockerArchive(path.clone()))
    } else {
        None
    };
    let report = match image {
        Some(image) => scanning::image_scan(&image, &[], &matcher, ImageOptions::default()),
        None => scanning::static_analysis(&path, Options::default()),
    };
    let document = if as_sarif {
        sarif::write(&report)
    } else {
        serde_json::to_value(&report).expect("a report is JSON")
    };
    println!("{document:#}");
}
