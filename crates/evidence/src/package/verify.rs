//! Checks a package offline: the log in it, the signature, every file, and that counts and sample are what the log's entries say.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use audit_log::{
    VerifierKey, VerifyError, VerifyOptions, VerifyReport, read_bundle, verify_digest,
    verify_export_with, verify_proof,
};
use domain::controls::Catalogue;
use domain::view::controls::FrameworkView;
use sha2::{Digest as _, Sha256};

use super::{Collector, FILES, Manifest, PACKAGE_FORMAT, weigh};

/// Most bytes of a file that is read whole.
const SMALL: u64 = 4_000_000;
/// Leaves of one bundle of the log.
const BUNDLE: u64 = 256;

/// A package that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageReport {
    pub manifest: Manifest,
    pub view: FrameworkView,
    /// What the log in it came to.
    pub log: VerifyReport,
}

/// Why a package does not hold.
#[derive(Debug, thiserror::Error)]
pub enum PackageProblem {
    /// It is none, or a part of it cannot be read.
    #[error("{path} cannot be read: {why}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why not.
        why: String,
    },
    /// The log in it does not hold.
    #[error("the audit log in it: {0}")]
    Log(#[from] VerifyError),
    /// It contradicts its signature or its log.
    #[error("{path} was changed: {what}")]
    Tampered {
        /// The file.
        path: String,
        /// In what way.
        what: String,
    },
}

impl PackageProblem {
    /// The exit status of a program that reports this: 1 tampered, 2 unreadable.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Unreadable { .. } => 2,
            Self::Log(error) => error.exit_code(),
            Self::Tampered { .. } => 1,
        }
    }
}

fn tampered(path: &str, what: impl Into<String>) -> PackageProblem {
    PackageProblem::Tampered {
        path: path.to_owned(),
        what: what.into(),
    }
}

fn unreadable(path: &str, why: impl ToString) -> PackageProblem {
    PackageProblem::Unreadable {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

/// Checks the package in `dir`. `options` name the log's key, which is also the one that it must be signed with.
///
/// # Errors
/// [`PackageProblem`] for the first thing that does not hold.
pub fn verify_package(
    dir: &Path,
    key: &VerifierKey,
    options: &VerifyOptions<'_>,
) -> Result<PackageReport, PackageProblem> {
    let manifest = signed_manifest(dir, key)?;
    check_files(dir, &manifest)?;
    let folder = dir.join("log");
    let log = verify_export_with(&folder, options)?;
    let said = &manifest.log;
    let same = said.origin == log.origin && said.size == log.size && said.root == log.root.to_hex();
    if !same {
        return Err(tampered("log", "it is not the log that the manifest names"));
    }
    let view = recount(dir, &folder, &manifest)?;
    check_sample(dir, &manifest, key)?;
    Ok(PackageReport {
        manifest,
        view,
        log,
    })
}

fn signed_manifest(dir: &Path, key: &VerifierKey) -> Result<Manifest, PackageProblem> {
    let bytes = small(dir, "manifest.json")?;
    let signature = String::from_utf8(small(dir, "manifest.sig")?);
    let signature = signature.map_err(|error| unreadable("manifest.sig", error))?;
    let manifest: Manifest =
        serde_json::from_slice(&bytes).map_err(|error| unreadable("manifest.json", error))?;
    if manifest.format != PACKAGE_FORMAT {
        let why = format!("it is no {PACKAGE_FORMAT}");
        return Err(unreadable("manifest.json", why));
    }
    let digest = format!("sha256:{}", hex::encode(Sha256::digest(&bytes)));
    if !verify_digest(&signature, &digest, key) {
        let what = "the signature by the installation's key does not hold";
        return Err(tampered("manifest.json", what));
    }
    Ok(manifest)
}

/// Every file is the one that was signed, and there are no others.
fn check_files(dir: &Path, manifest: &Manifest) -> Result<(), PackageProblem> {
    for name in FILES {
        if !manifest.files.contains_key(name) {
            return Err(tampered(name, "the manifest does not name it"));
        }
    }
    for (path, digest) in &manifest.files {
        let plain = |part: &str| !part.is_empty() && !part.starts_with('.');
        if !path.split('/').all(plain) || path.contains('\\') {
            return Err(tampered(
                "manifest.json",
                "it names a file outside the package",
            ));
        }
        let found = digest_of(&dir.join(path)).map_err(|error| unreadable(path, error))?;
        if found != *digest {
            return Err(tampered(path, "it is not the file that was signed"));
        }
    }
    let mut known: BTreeSet<&str> = manifest.files.keys().map(String::as_str).collect();
    known.extend(["manifest.json", "manifest.sig"]);
    for folder in ["", "sample"] {
        for name in names(&dir.join(folder)).map_err(|error| unreadable(folder, error))? {
            let path = match folder {
                "" => name,
                folder => format!("{folder}/{name}"),
            };
            if !known.contains(path.as_str()) && path != "log" && path != "sample" {
                return Err(tampered(&path, "nobody signed it"));
            }
        }
    }
    Ok(())
}

/// Works out counts, rows and sample again from the entries of the log.
fn recount(
    dir: &Path,
    folder: &Path,
    manifest: &Manifest,
) -> Result<FrameworkView, PackageProblem> {
    let parsed = |path: &str| small(dir, path);
    let catalogue: Catalogue = serde_json::from_slice(&parsed("catalogue.json")?)
        .map_err(|error| unreadable("catalogue.json", error))?;
    let said: FrameworkView = serde_json::from_slice(&parsed("package.json")?)
        .map_err(|error| unreadable("package.json", error))?;
    let chosen = (manifest.sample.seed.as_str(), manifest.sample.asked);
    let mut rows = Hashed(Sha256::new());
    let failed = |error: io::Error| unreadable("log", error);
    let scope = manifest.scope.clone();
    let mut collector =
        Collector::new(&catalogue, manifest.framework, scope, chosen, &mut rows).map_err(failed)?;
    let size = manifest.log.size;
    for number in 0..size.div_ceil(BUNDLE) {
        for (index, leaf) in (number * BUNDLE..).zip(read_bundle(folder, size, number)?) {
            collector.see(index, &leaf).map_err(failed)?;
        }
    }
    let (counts, sample) = collector.finish().map_err(failed)?;
    let view = weigh(
        &catalogue,
        manifest.framework,
        manifest.scope.clone(),
        &counts,
    )
    .ok_or_else(|| unreadable("catalogue.json", "it lacks the framework"))?;
    if view != said {
        let what = "its counts are not those of the log's entries";
        return Err(tampered("package.json", what));
    }
    if sample != manifest.sample.events {
        return Err(tampered(
            "manifest.json",
            "its sample is not the one of its seed",
        ));
    }
    if manifest.files.get("events.csv") != Some(&hex::encode(rows.0.finalize())) {
        return Err(tampered(
            "events.csv",
            "its rows are not those of the log's entries",
        ));
    }
    Ok(view)
}

/// Each event of the sample is proven by itself.
fn check_sample(dir: &Path, manifest: &Manifest, key: &VerifierKey) -> Result<(), PackageProblem> {
    for index in &manifest.sample.events {
        let path = format!("sample/event-{index}.tlog-proof");
        let leaf = small(dir, &format!("sample/event-{index}.json"))?;
        let proof = String::from_utf8(small(dir, &path)?);
        let proof = proof.map_err(|error| unreadable(&path, error))?;
        let proven = verify_proof(&proof, &leaf, key);
        if !proven.is_ok_and(|proven| proven.index == *index) {
            return Err(tampered(&path, "it does not prove its event"));
        }
    }
    Ok(())
}

/// A hash that is written to.
struct Hashed(Sha256);

impl io::Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The SHA-256 of a file, piece by piece.
fn digest_of(path: &Path) -> io::Result<String> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::other("not a file"));
    }
    let mut file = File::open(path)?;
    let mut hash = Hashed(Sha256::new());
    io::copy(&mut file, &mut hash)?;
    Ok(hex::encode(hash.0.finalize()))
}

fn small(dir: &Path, path: &str) -> Result<Vec<u8>, PackageProblem> {
    let read = || -> io::Result<Vec<u8>> {
        let full = dir.join(path);
        if !fs::symlink_metadata(&full)?.is_file() {
            return Err(io::Error::other("not a file"));
        }
        let mut bytes = Vec::new();
        File::open(full)?.take(SMALL + 1).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > SMALL {
            return Err(io::Error::other("far too long"));
        }
        Ok(bytes)
    };
    read().map_err(|error| unreadable(path, error))
}
