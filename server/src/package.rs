//! Writes an evidence package into a folder: the log first, then everything that is worked out from its entries, and the signature
//! last, so that a package that broke off is none.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::Path;

use audit_log::{proof_from_tiles, read_bundle};
use control_plane::{ControlPlane, Error, OpCtx, controls};
use domain::controls::Framework;
use domain::form::query::ControlsQuery;
use evidence::package::{
    Collector, LogHead, Manifest, PACKAGE_FORMAT, SAMPLE_MAX, SEED_MAX, Sampled, controls_csv,
    html, instructions, oscal, weigh,
};
use sha2::{Digest as _, Sha256};

/// Leaves of one bundle of the log.
const BUNDLE: u64 = 256;

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) framework: Framework,
    pub(crate) asked: ControlsQuery,
    /// By which the sample is chosen.
    pub(crate) seed: String,
    /// How many events it has.
    pub(crate) sample: usize,
}

impl Order {
    /// The seed is one that can be told over the telephone, and the sample is bounded.
    pub(crate) fn is_possible(&self) -> bool {
        let printable = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
        self.seed.len() <= SEED_MAX && self.seed.bytes().all(printable) && self.sample <= SAMPLE_MAX
    }
}

fn failed(error: impl Into<control_plane::error::Source>) -> Error {
    Error::internal("package", error)
}

/// Writes the package that is ordered.
///
/// # Errors
/// When the actor may not export, the disk is full, or the database does not answer.
pub(crate) async fn write(
    cp: &ControlPlane,
    ctx: &OpCtx,
    order: &Order,
    dir: &Path,
) -> Result<(), Error> {
    let head = controls::begin_package(cp, ctx, &order.asked).await?;
    let summary = crate::http::export_log(cp, ctx, &head.export, &dir.join("log")).await?;
    let log = LogHead {
        origin: summary.checkpoint.origin.clone(),
        size: summary.checkpoint.size,
        root: summary.checkpoint.root.to_hex(),
    };
    let made_at = ctx.now().to_rfc3339();
    let (dir, order) = (dir.to_owned(), order.clone());
    let key = head.export.key.to_string();
    let work = move || -> Result<(Vec<u8>, std::path::PathBuf), Error> {
        let manifest = describe(&dir, &order, &head, &log, (&key, &made_at))?;
        let bytes = serde_json::to_vec_pretty(&manifest).map_err(failed)?;
        fs::write(dir.join("manifest.json"), &bytes).map_err(failed)?;
        Ok((bytes, dir))
    };
    // It reads the whole log again.
    let (manifest, dir) = tokio::task::spawn_blocking(work).await.map_err(failed)??;
    let digest = format!("sha256:{}", hex::encode(Sha256::digest(&manifest)));
    let signature = controls::sign_package(cp, ctx, &digest)?;
    fs::write(dir.join("manifest.sig"), signature).map_err(failed)
}

/// Writes every file but manifest and signature, and answers the manifest.
fn describe(
    dir: &Path,
    order: &Order,
    head: &controls::PackageHead,
    log: &LogHead,
    (key, made_at): (&str, &str),
) -> Result<Manifest, Error> {
    let folder = dir.join("log");
    let rows = BufWriter::new(File::create(dir.join("events.csv")).map_err(failed)?);
    let mut collector = Collector::new(
        &head.catalogue,
        order.framework,
        head.scope.clone(),
        (&order.seed, order.sample),
        rows,
    )
    .map_err(failed)?;
    for number in 0..log.size.div_ceil(BUNDLE) {
        let leaves = read_bundle(&folder, log.size, number).map_err(failed)?;
        for (index, leaf) in (number * BUNDLE..).zip(leaves) {
            collector.see(index, &leaf).map_err(failed)?;
        }
    }
    let (counts, events) = collector.finish().map_err(failed)?;
    let sample = Sampled {
        seed: order.seed.clone(),
        asked: order.sample,
        events,
    };
    let view = weigh(
        &head.catalogue,
        order.framework,
        head.scope.clone(),
        &counts,
    )
    .ok_or(Error::NotFound { kind: "framework" })?;
    let json = |value: &serde_json::Value| serde_json::to_vec_pretty(value).map_err(failed);
    let as_value = |value: Result<serde_json::Value, serde_json::Error>| value.map_err(failed);
    let put = |name: &str, bytes: &[u8]| fs::write(dir.join(name), bytes).map_err(failed);
    put("INSTRUCTIONS.txt", instructions(log, key).as_bytes())?;
    put("controls.csv", &controls_csv(&view))?;
    put("report.html", html(&view, log, &sample).as_bytes())?;
    put(
        "package.json",
        &json(&as_value(serde_json::to_value(&view))?)?,
    )?;
    put(
        "catalogue.json",
        &json(&as_value(serde_json::to_value(&head.catalogue))?)?,
    )?;
    put("oscal.json", &json(&oscal(&view, log, made_at))?)?;
    put("policy.yaml", head.policy.as_bytes())?;
    prove(dir, log.size, &head.export.checkpoint_note, &sample)?;
    Ok(Manifest {
        format: PACKAGE_FORMAT.to_owned(),
        framework: order.framework,
        catalogue: head.catalogue.version.clone(),
        scope: head.scope.clone(),
        log: log.clone(),
        files: digests(dir, &sample).map_err(failed)?,
        sample,
    })
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
    let mut names: Vec<String> = evidence::package::FILES
        .iter()
        .map(|name| (*name).to_owned())
        .collect();
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
