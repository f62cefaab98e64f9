//! Writes a package into a folder: the log first, then everything that is worked out from its entries, and the signature last, so
//! that a package that broke off is none.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use audit_log::{ExportSummary, proof_from_tiles, read_bundle};
use domain::controls::{Catalogue, Framework};
use domain::policy::STANDARD;
use domain::view::controls::Scope;
use evidence::package::{
    Collector, FILES, LogHead, Manifest, PACKAGE_FORMAT, Sampled, controls_csv, html, instructions,
    oscal, weigh,
};
use sha2::{Digest as _, Sha256};

use crate::ControlPlane;
use crate::audit::{self, ExportHead};
use crate::controls;
use crate::error::{Error, Source};
use crate::store;
use crate::store::entity::package;

/// Leaves of one bundle of the log.
const BUNDLE: u64 = 256;

fn failed(error: impl Into<Source>) -> Error {
    Error::internal("packages::write", error)
}

/// Where packages are written before they are kept.
pub(crate) fn folder(cp: &ControlPlane) -> PathBuf {
    cp.settings().work_dir.join("packages")
}

/// What a package is made of, beside the log that is in its folder already.
#[derive(Debug)]
pub(crate) struct Contents {
    framework: Framework,
    scope: Scope,
    catalogue: Catalogue,
    /// The text of the policy in force.
    policy: String,
    seed: String,
    sample: usize,
    head: ExportHead,
    log: LogHead,
    made_at: String,
}

/// What was written, to be signed.
#[derive(Debug)]
pub(crate) struct Written {
    /// Of the manifest.
    pub(crate) digest: String,
    pub(crate) log: LogHead,
    /// Events that support evidence for a control.
    pub(crate) events: u64,
    pub(crate) files: u64,
}

impl Contents {
    /// Reads what it takes.
    pub(crate) async fn read(
        cp: &ControlPlane,
        row: &package::Model,
        head: ExportHead,
        summary: &ExportSummary,
    ) -> Result<Self, Error> {
        let active = store::policies::active(cp.reader()).await?;
        Ok(Self {
            framework: row.framework,
            scope: Scope {
                from: audit::spelled(row.from_at),
                to: audit::spelled(row.to_at),
                agent: row.agent.clone(),
            },
            catalogue: controls::catalogue()?,
            policy: active.map_or_else(|| STANDARD.to_owned(), |row| row.text),
            seed: row.seed.clone(),
            sample: usize::try_from(row.sample).unwrap_or_default(),
            head,
            log: LogHead {
                origin: summary.checkpoint.origin.clone(),
                size: summary.checkpoint.size,
                root: summary.checkpoint.root.to_hex(),
            },
            made_at: cp.clock().now().to_rfc3339(),
        })
    }
}

/// Writes everything but the signature. Reads the whole log again, so it is no work for a thread that others wait for.
///
/// # Errors
/// When the disk is full, or an entry of the log is missing.
pub(crate) fn write(dir: &Path, contents: &Contents) -> Result<Written, Error> {
    let (manifest, events) = describe(dir, contents)?;
    let bytes = serde_json::to_vec_pretty(&manifest).map_err(failed)?;
    fs::write(dir.join("manifest.json"), &bytes).map_err(failed)?;
    Ok(Written {
        digest: format!("sha256:{}", hex::encode(Sha256::digest(&bytes))),
        log: manifest.log,
        events,
        // The signature is one more.
        files: count(dir).map_err(failed)? + 1,
    })
}

/// Writes every file but manifest and signature. Answers the manifest, and how many events support evidence.
fn describe(dir: &Path, contents: &Contents) -> Result<(Manifest, u64), Error> {
    let log = &contents.log;
    let (counts, sample) = collect(dir, contents)?;
    let view = weigh(
        &contents.catalogue,
        contents.framework,
        contents.scope.clone(),
        &counts,
    )
    .ok_or(Error::NotFound { kind: "framework" })?;
    let json = |value: serde_json::Result<serde_json::Value>| {
        value
            .and_then(|value| serde_json::to_vec_pretty(&value))
            .map_err(failed)
    };
    let put = |name: &str, bytes: &[u8]| fs::write(dir.join(name), bytes).map_err(failed);
    let key = contents.head.key.to_string();
    put("INSTRUCTIONS.txt", instructions(log, &key).as_bytes())?;
    put("controls.csv", &controls_csv(&view))?;
    put("report.html", html(&view, log, &sample).as_bytes())?;
    put("package.json", &json(serde_json::to_value(&view))?)?;
    put(
        "catalogue.json",
        &json(serde_json::to_value(&contents.catalogue))?,
    )?;
    put(
        "oscal.json",
        &json(Ok(oscal(&view, log, &contents.made_at)))?,
    )?;
    put("policy.yaml", contents.policy.as_bytes())?;
    prove(dir, log.size, &contents.head.checkpoint_note, &sample)?;
    let manifest = Manifest {
        format: PACKAGE_FORMAT.to_owned(),
        framework: contents.framework,
        catalogue: contents.catalogue.version.clone(),
        scope: contents.scope.clone(),
        log: log.clone(),
        files: digests(dir, &sample).map_err(failed)?,
        sample,
    };
    Ok((manifest, view.events))
}

/// Reads the log entry by entry: writes a row for each event that supports evidence, counts them, and chooses the sample.
fn collect(dir: &Path, contents: &Contents) -> Result<(domain::controls::Counts, Sampled), Error> {
    let (folder, size) = (dir.join("log"), contents.log.size);
    let rows = BufWriter::new(File::create(dir.join("events.csv")).map_err(failed)?);
    let chosen = (contents.seed.as_str(), contents.sample);
    let scope = contents.scope.clone();
    let collector = Collector::new(&contents.catalogue, contents.framework, scope, chosen, rows);
    let mut collector = collector.map_err(failed)?;
    for number in 0..size.div_ceil(BUNDLE) {
        let leaves = read_bundle(&folder, size, number).map_err(failed)?;
        for (index, leaf) in (number * BUNDLE..).zip(leaves) {
            collector.see(index, &leaf).map_err(failed)?;
        }
    }
    let (counts, events) = collector.finish().map_err(failed)?;
    let sample = Sampled {
        seed: contents.seed.clone(),
        asked: contents.sample,
        events,
    };
    Ok((counts, sample))
}

/// Bytes and proof of each event of the sample.
fn prove(dir: &Path, size: u64, note: &str, sample: &Sampled) -> Result<(), Error> {
    let (folder, into) = (dir.join("log"), dir.join("sample"));
    fs::create_dir_all(&into).map_err(failed)?;
    for index in &sample.events {
        let leaves = read_bundle(&folder, size, index / BUNDLE).map_err(failed)?;
        let place = usize::try_from(index % BUNDLE).map_err(failed)?;
        let leaf = leaves
            .get(place)
            .ok_or_else(|| failed("an entry of the log is missing"))?;
        let proof = proof_from_tiles(&folder, (size, note), *index).map_err(failed)?;
        fs::write(into.join(format!("event-{index}.json")), leaf).map_err(failed)?;
        fs::write(into.join(format!("event-{index}.tlog-proof")), proof).map_err(failed)?;
    }
    Ok(())
}

/// The SHA-256 of every file that the manifest names.
fn digests(dir: &Path, sample: &Sampled) -> io::Result<BTreeMap<String, String>> {
    let mut names: Vec<String> = FILES.iter().map(|name| (*name).to_owned()).collect();
    for index in &sample.events {
        names.push(format!("sample/event-{index}.json"));
        names.push(format!("sample/event-{index}.tlog-proof"));
    }
    let mut digests = BTreeMap::new();
    for name in names {
        let mut hash = Sha256::new();
        let mut file = File::open(dir.join(&name))?;
        let mut piece = vec![0; 65_536];
        loop {
            let length = io::Read::read(&mut file, &mut piece)?;
            if length == 0 {
                break;
            }
            hash.update(piece.get(..length).unwrap_or_default());
        }
        digests.insert(name, hex::encode(hash.finalize()));
    }
    Ok(digests)
}

/// Files in a folder and those below.
fn count(dir: &Path) -> io::Result<u64> {
    let mut files = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        files += if entry.file_type()?.is_dir() {
            count(&entry.path())?
        } else {
            1
        };
    }
    Ok(files)
}
