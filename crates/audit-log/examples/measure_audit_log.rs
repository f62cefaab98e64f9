//! Writes a seeded export of any size, and measures what verifying one takes; `cargo xtask bench audit-log` runs both. Each
//! is a process of its own, so that the memory at its peak is that of the verifier alone.

use std::io;
use std::path::Path;
use std::time::Instant;

use audit_log::{
    Checkpoint, CheckpointKey, ExportItem, ExportWriter, Frontier, LeafActor, LeafEvent,
    LeafObject, Outcome, leaf_hash, projection, verify_export,
};

type Outcomes = Result<serde_json::Value, Box<dyn std::error::Error>>;

const ORIGIN: &str = "bench.example/log";
const USAGE: &str = "write FOLDER EVENTS SEED, or verify FOLDER";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let told = match words.as_slice() {
        ["write", folder, events, seed] => {
            write(Path::new(folder), events.parse()?, seed.parse()?)?
        }
        ["verify", folder] => verify(Path::new(folder))?,
        _ => return Err(USAGE.into()),
    };
    println!("{told}");
    Ok(())
}

fn write(folder: &Path, events: u64, seed: u64) -> Outcomes {
    let key = key()?;
    let started = Instant::now();
    // The checkpoint comes first, so the events are made twice rather than kept.
    let mut tree = Frontier::new();
    let mut leaf_bytes = 0_u64;
    for index in 0..events {
        let leaf = event(index, seed).to_bytes()?;
        leaf_bytes += u64::try_from(leaf.len())?;
        tree.push(leaf_hash(&leaf))?;
    }
    let checkpoint = Checkpoint {
        origin: ORIGIN.to_owned(),
        size: events,
        root: tree.root(),
    };
    let mut writer = ExportWriter::create(folder, &checkpoint.sign(&key)?, &key.verifier_key())?;
    for index in 0..events {
        let leaf = event(index, seed).to_bytes()?;
        let row = projection(index, &leaf)?;
        writer.push(&ExportItem {
            index,
            leaf_hash: row.leaf_hash,
            leaf,
            row,
        })?;
    }
    writer.finish()?;
    Ok(serde_json::json!({
        "events": events,
        "leaf_bytes": leaf_bytes,
        "milliseconds": started.elapsed().as_secs_f64() * 1_000.0,
    }))
}

fn verify(folder: &Path) -> Outcomes {
    let started = Instant::now();
    let report = verify_export(folder, Some(&key()?.verifier_key()))?;
    Ok(serde_json::json!({
        "events": report.size,
        "milliseconds": started.elapsed().as_secs_f64() * 1_000.0,
        "peak_kilobytes": peak_kilobytes()?,
    }))
}

fn key() -> Result<CheckpointKey, audit_log::KeyError> {
    CheckpointKey::from_seed(ORIGIN, &[7; 32])
}

/// An event as the control plane writes them, of about 400 bytes.
fn event(index: u64, seed: u64) -> LeafEvent {
    let random = mix(index ^ mix(seed));
    let words = [
        "approval.decided",
        "deployment.moved",
        "version.cut",
        "identity.issued",
    ];
    let pick = usize::try_from(random % 4).unwrap_or_default();
    LeafEvent {
        v: 1,
        id: format!("{random:016x}-{index:012}"),
        time: format!(
            "2026-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
            index / 2_419_200 % 12 + 1,
            index / 86_400 % 28 + 1,
            index / 3_600 % 24,
            index / 60 % 60,
            index % 60,
            random % 1_000_000
        ),
        actor: LeafActor {
            kind: "person".to_owned(),
            id: format!("{:032x}", mix(random % 500)),
            name: format!("Approver \"{}\" of team é{}", random % 500, random % 50),
        },
        action: words.get(pick).copied().unwrap_or_default().to_owned(),
        object: LeafObject {
            kind: "deployment".to_owned(),
            id: (index / 12).to_string(),
        },
        agent: Some(format!("agent-{:04}", random % 1_000)),
        deployment: Some(index / 12),
        subject_digest: None,
        outcome: if random.is_multiple_of(50) {
            Outcome::Refused
        } else {
            Outcome::Done
        },
        reason: random
            .is_multiple_of(9)
            .then(|| "The scopes are those of the ticket.\nChecked again.".to_owned()),
        request_id: format!("{:016x}", mix(random)),
        detail: [("from", "checking"), ("to", "awaiting_approval")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
    }
}

/// The finaliser of `SplitMix64`.
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The most memory that this process held at once, as Linux counts it; elsewhere it is not known.
fn peak_kilobytes() -> io::Result<Option<u64>> {
    let status = match std::fs::read_to_string("/proc/self/status") {
        Ok(status) => status,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(line.and_then(|line| line.split_whitespace().next()?.parse().ok()))
}
