//! `clearance audit verify`: the offline verifier's modes, and what each came to.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use audit_log::{
    Checkpoint, Cosignature, Evidence, Hash, InclusionProof, ProvenEvent, Subject, VerifierKey,
    VerifyError, VerifyOptions, VerifyReport, consistency_from_tiles, parse_hash_lines,
    report_export, verify_consistency, verify_export_with, verify_proof_with, verify_rows,
};
use serde_json::{Value, json};

mod args;

use self::args::{Bare, Consistency, Known, Mode, Report, Rows};
pub(in crate::cli) use self::args::{Verify, Witnesses};
use crate::cli::remote::plain;
use crate::cli::verdict::{Verdict, read, read_key, read_text};

/// Files of an export that are looked at whole.
const SMALL: u64 = 1_000_000;

pub(in crate::cli) fn verify(args: &Verify) -> Result<ExitCode> {
    let (judged, json) = match &args.mode {
        Some(Mode::Bundle(mode)) => (bundle(&mode.path, &mode.known), mode.json),
        Some(Mode::Proof(mode)) => (
            proof(&mode.path, &mode.leaf, &mode.key, &mode.witnesses),
            mode.json,
        ),
        Some(Mode::Consistency(mode)) => (consistency(mode), mode.json),
        Some(Mode::Rows(mode)) => (rows(mode), mode.json),
        Some(Mode::Report(mode)) => (report(mode), mode.json),
        None => (bare(&args.bare), args.bare.json),
    };
    Verdict::print(judged, json)
}

fn bare(args: &Bare) -> Result<Verdict> {
    let path = args.path.as_deref().context("no export was named")?;
    match (&args.leaf, &args.known.key) {
        (Some(leaf), Some(key)) => proof(path, leaf, key, &args.known.witnesses),
        _ => bundle(path, &args.known),
    }
}

fn bundle(path: &Path, known: &Known) -> Result<Verdict> {
    let export = Folder::open(path)?;
    let outcome = known.with(|options| verify_export_with(export.path(), options))?;
    Ok(match outcome {
        Ok(report) => intact(&report),
        Err(error) => faulty(&error),
    })
}

fn proof(path: &Path, leaf: &Path, key: &str, witnesses: &Witnesses) -> Result<Verdict> {
    let key = read_key(key)?;
    let policy = witnesses.policy()?;
    let text = read_text(path, SMALL)?;
    let leaf = read(leaf, SMALL)?;
    InclusionProof::parse(&text).context("this is no proof")?;
    Ok(
        match verify_proof_with(&text, &leaf, &key, policy.as_ref()) {
            Ok(proven) => Verdict {
                code: 0,
                text: format!(
                    "proven: event {} is in the log of {} events{}",
                    proven.index,
                    proven.checkpoint.size,
                    seen_by(&proven.witnesses)
                ),
                json: json!({ "verdict": "intact", "index": proven.index, "size": proven.checkpoint.size,
                "witnesses": as_json(&proven.witnesses) }),
            },
            Err(error) => disproved("not proven", &error),
        },
    )
}

fn consistency(mode: &Consistency) -> Result<Verdict> {
    let key = read_key(&mode.key)?;
    let (older, newer) = (
        read_text(&mode.older, SMALL)?,
        read_text(&mode.newer, SMALL)?,
    );
    let keys = std::slice::from_ref(&key);
    let (old, new) = match (audit_log::open(&older, keys), audit_log::open(&newer, keys)) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(error), _) => return Ok(disproved("the older checkpoint is not acceptable", &error)),
        (_, Err(error)) => return Ok(disproved("the newer checkpoint is not acceptable", &error)),
    };
    let policy = mode.witnesses.policy()?;
    let seen = policy.map(|policy| policy.check(&newer)).transpose();
    let seen = match seen {
        Ok(seen) => seen.unwrap_or_default(),
        Err(error) => return Ok(disproved("the newer checkpoint is not acceptable", &error)),
    };
    let hashes = growth_proof(mode, &old, &new)?;
    Ok(
        match verify_consistency(&hashes, old.size, old.root, new.size, new.root) {
            Ok(()) => Verdict {
                code: 0,
                text: format!(
                    "consistent: the log of {} events begins with the one of {}{}",
                    new.size,
                    old.size,
                    seen_by(&seen)
                ),
                json: json!({ "verdict": "intact", "older": old.size, "newer": new.size, "witnesses": as_json(&seen) }),
            },
            Err(error) => disproved("not consistent", &error),
        },
    )
}

fn growth_proof(mode: &Consistency, old: &Checkpoint, new: &Checkpoint) -> Result<Vec<Hash>> {
    if let Some(file) = &mode.proof {
        return parse_hash_lines(&read_text(file, SMALL)?)
            .with_context(|| format!("{} is no list of hashes in base64", file.display()));
    }
    // A newer log that is shorter is judged without a proof.
    if old.size >= new.size {
        return Ok(Vec::new());
    }
    let folder = mode
        .tiles
        .as_deref()
        .context("--tiles or --proof is needed")?;
    Ok(consistency_from_tiles(folder, old.size, new.size)?)
}

fn rows(mode: &Rows) -> Result<Verdict> {
    let export = Folder::open(&mode.path)?;
    let key = mode.key.as_deref().map(read_key).transpose()?;
    Ok(match verify_rows(export.path(), key.as_ref()) {
        Ok(count) => Verdict {
            code: 0,
            text: format!(
                "{count} rows say what their events say; whether those were signed is for `verify bundle`"
            ),
            json: json!({ "verdict": "intact", "rows": count }),
        },
        Err(error) => faulty(&error),
    })
}

fn report(mode: &Report) -> Result<Verdict> {
    let export = Folder::open(&mode.path)?;
    let about = match (mode.deployment, &mode.agent, mode.entry) {
        (Some(number), _, _) => Subject::Deployment(number),
        (_, Some(slug), _) => Subject::Agent(slug.clone()),
        (_, _, Some(index)) => Subject::Entry(index),
        (None, None, None) => anyhow::bail!("--deployment, --agent or --entry is needed"),
    };
    let outcome = mode
        .known
        .with(|options| report_export(export.path(), options, &about))?;
    let evidence = match outcome {
        Ok(evidence) => evidence,
        Err(error) => return Ok(faulty(&error)),
    };
    if let Some(folder) = &mode.proofs {
        write_proofs(folder, &evidence.events)?;
    }
    Ok(told(&evidence))
}

/// One line an event: people read it in a terminal, so what came from outside cannot move the cursor.
fn told(evidence: &Evidence) -> Verdict {
    let whole = intact(&evidence.report);
    let line = |proven: &ProvenEvent| {
        let event = &proven.event;
        let name = match event.actor.name.as_str() {
            "" => &event.actor.id,
            name => name,
        };
        let reason = match &event.reason {
            Some(reason) => format!(" · {}", plain(reason)),
            None => String::new(),
        };
        format!(
            "#{} {} {} {} · {} {} · {}{reason}",
            proven.index,
            plain(&event.time),
            plain(&event.action),
            event.outcome.as_str(),
            plain(&event.object.kind),
            plain(&event.object.id),
            plain(name),
        )
    };
    let lines: Vec<String> = evidence.events.iter().map(line).collect();
    let count = evidence.events.len();
    let events: Vec<Value> = evidence
        .events
        .iter()
        .map(
            |proven| json!({ "index": proven.index, "event": proven.event, "proof": proven.proof }),
        )
        .collect();
    Verdict {
        code: 0,
        text: format!(
            "{}\n{count} events, each proven:\n{}",
            whole.text,
            lines.join("\n")
        ),
        json: json!({ "verdict": "intact", "log": whole.json, "events": events }),
    }
}

fn write_proofs(folder: &Path, events: &[ProvenEvent]) -> Result<()> {
    let cannot = || format!("{} cannot be written", folder.display());
    fs::create_dir_all(folder).with_context(cannot)?;
    anyhow::ensure!(
        fs::read_dir(folder).with_context(cannot)?.next().is_none(),
        "{} is not empty: choose a new folder for the proofs",
        folder.display()
    );
    for proven in events {
        let stem = format!("event-{}", proven.index);
        fs::write(folder.join(format!("{stem}.json")), &proven.leaf).with_context(cannot)?;
        fs::write(folder.join(format!("{stem}.tlog-proof")), &proven.proof).with_context(cannot)?;
    }
    Ok(())
}

impl Known {
    fn with<T>(&self, judge: impl FnOnce(&VerifyOptions<'_>) -> T) -> Result<T> {
        let key = self.key.as_deref().map(read_key).transpose()?;
        let earlier = self
            .earlier
            .iter()
            .map(|path| read_checkpoint(path, key.as_ref()))
            .collect::<Result<Vec<_>>>()?;
        let witnesses = self.witnesses.policy()?;
        Ok(judge(&VerifyOptions {
            trusted: key.as_ref(),
            earlier: &earlier,
            witnesses: witnesses.as_ref(),
        }))
    }
}

fn intact(report: &VerifyReport) -> Verdict {
    let trust = if report.key_is_trusted {
        ""
    } else {
        "\nThe key came with the export: compare it with one you got elsewhere (--key)."
    };
    let root = report.root.to_hex();
    Verdict {
        code: 0,
        text: format!(
            "intact: {} events of {}, root {root}\nkey {}{trust}{}",
            report.size,
            report.origin,
            report.key,
            seen_by(&report.witnesses)
        ),
        json: json!({ "verdict": "intact", "origin": report.origin, "size": report.size, "root": root, "key": report.key,
            "key_is_trusted": report.key_is_trusted, "earlier_checkpoints": report.earlier_checkpoints,
            "quorum": report.quorum, "witnesses": as_json(&report.witnesses) }),
    }
}

/// Who has seen the checkpoint, one a line; nothing where nobody was asked for.
pub(in crate::cli) fn seen_by(witnesses: &[Cosignature]) -> String {
    let line =
        |one: &Cosignature| format!("\nseen by {} at {}", plain(&one.witness), time(one.time));
    witnesses.iter().map(line).collect()
}

fn as_json(witnesses: &[Cosignature]) -> Vec<Value> {
    witnesses
        .iter()
        .map(|one| json!({ "name": one.witness, "time": time(one.time) }))
        .collect()
}

/// A witness's time; its seconds as they are where they are no time.
fn time(seconds: u64) -> String {
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0))
        .map_or_else(
            || format!("{seconds} s"),
            |time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
        )
}

fn faulty(error: &VerifyError) -> Verdict {
    let word = if error.exit_code() == 1 {
        "tampered"
    } else {
        "unreadable"
    };
    let problem = chain(error);
    Verdict {
        code: error.exit_code(),
        text: format!("{word}: {}", plain(&problem)),
        json: json!({ "verdict": word, "problem": problem, "index": error.index() }),
    }
}

fn disproved(what: &str, error: &dyn std::error::Error) -> Verdict {
    let problem = format!("{what}: {}", chain(error));
    Verdict {
        code: 1,
        text: plain(&problem),
        json: json!({ "verdict": "tampered", "problem": problem }),
    }
}

fn read_checkpoint(path: &Path, key: Option<&VerifierKey>) -> Result<Checkpoint> {
    let keys: Vec<VerifierKey> = key.into_iter().cloned().collect();
    audit_log::open(&read_text(path, SMALL)?, &keys)
        .with_context(|| format!("{} is no checkpoint of this key", path.display()))
}

/// An export as a folder: the one that was named, or a tar file unpacked for as long as this lives.
pub(in crate::cli) enum Folder {
    Named(PathBuf),
    Unpacked(tempfile::TempDir),
}

impl Folder {
    pub(in crate::cli) fn open(path: &Path) -> Result<Self> {
        if path.is_dir() {
            return Ok(Self::Named(path.to_owned()));
        }
        unpack(path).map(Self::Unpacked)
    }

    pub(in crate::cli) fn path(&self) -> &Path {
        match self {
            Self::Named(path) => path,
            Self::Unpacked(dir) => dir.path(),
        }
    }
}

/// Unpacks a tar file. Only plain files and folders inside it are taken, and nothing leaves the new folder.
fn unpack(file: &Path) -> Result<tempfile::TempDir> {
    let cannot = || {
        format!(
            "{} is neither a folder nor a tar file of an export",
            file.display()
        )
    };
    let dir = tempfile::tempdir().context("no temporary folder")?;
    let mut archive = tar::Archive::new(fs::File::open(file).with_context(cannot)?);
    for entry in archive.entries().with_context(cannot)? {
        let mut entry = entry.with_context(cannot)?;
        let kind = entry.header().entry_type();
        anyhow::ensure!(
            kind.is_file() || kind.is_dir(),
            "the export holds something that is no plain file"
        );
        anyhow::ensure!(
            entry.unpack_in(dir.path()).with_context(cannot)?,
            "the export names a file outside itself"
        );
    }
    Ok(dir)
}

pub(in crate::cli) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}
