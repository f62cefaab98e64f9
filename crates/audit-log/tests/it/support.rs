//! Logs to test with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use audit_log::{
    Checkpoint, CheckpointKey, ExportItem, Frontier, Hash, LeafActor, LeafEvent, LeafObject,
    Outcome, Row, VerifierKey, WitnessKey, leaf_hash, projection, write_export,
};
use tempfile::TempDir;

pub(crate) const ORIGIN: &str = "clearance.example/log";

pub(crate) fn key() -> CheckpointKey {
    CheckpointKey::from_seed(ORIGIN, &[7; 32]).unwrap()
}

pub(crate) fn other_key() -> CheckpointKey {
    CheckpointKey::from_seed(ORIGIN, &[8; 32]).unwrap()
}

/// One of the witnesses of these tests.
pub(crate) fn witness(n: u64) -> WitnessKey {
    let seed = [100 + u8::try_from(n).unwrap(); 32];
    WitnessKey::from_seed(&format!("witness.example/w{n}"), &seed).unwrap()
}

pub(crate) fn event(n: u64) -> LeafEvent {
    let optional = |every: u64, value: String| n.is_multiple_of(every).then_some(value);
    LeafEvent {
        v: 1,
        id: format!("01HX{n:022}"),
        time: format!(
            "2026-03-{:02}T10:{:02}:00.{:06}Z",
            n % 28 + 1,
            n % 60,
            n % 1_000_000
        ),
        actor: LeafActor {
            kind: "person".into(),
            id: format!("person-{}", n % 3),
            name: format!("Zoë \"{}\" O’Neill", n % 5),
        },
        action: "approval.decide".into(),
        object: LeafObject {
            kind: "deployment".into(),
            id: n.to_string(),
        },
        agent: optional(2, "sales-qualifier".into()),
        deployment: n.is_multiple_of(3).then_some(n),
        subject_digest: optional(4, format!("sha256:{n:064x}")),
        outcome: if n % 7 == 6 {
            Outcome::Refused
        } else {
            Outcome::Done
        },
        reason: optional(5, format!("line one\nline two\t{n} 😀 \\ /")),
        request_id: format!("req-{n}"),
        detail: BTreeMap::from([
            ("from".into(), "open".into()),
            ("to".into(), format!("approved {n}")),
        ]),
    }
}

pub(crate) fn leaves(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|n| event(n).to_bytes().unwrap()).collect()
}

pub(crate) fn tree_of(leaves: &[Vec<u8>]) -> Frontier {
    let mut tree = Frontier::new();
    for leaf in leaves {
        tree.push(leaf_hash(leaf)).unwrap();
    }
    tree
}

/// The textbook definition of RFC 6962, section 2.1, to compare everything with.
pub(crate) fn textbook_root(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => Hash::EMPTY_TREE,
        [one] => *one,
        many => {
            let (left, right) = many.split_at((many.len() - 1).largest_power_of_two());
            Hash::node(textbook_root(left), textbook_root(right))
        }
    }
}

trait LargestPower {
    /// The largest power of two that is not above.
    fn largest_power_of_two(self) -> Self;
}

impl LargestPower for usize {
    fn largest_power_of_two(self) -> Self {
        1 << self.ilog2()
    }
}

/// A log as a database has it: every part can be altered before it is exported.
#[derive(Clone)]
pub(crate) struct Log {
    pub(crate) leaves: Vec<Vec<u8>>,
    pub(crate) hashes: Vec<Hash>,
    pub(crate) rows: Vec<Row>,
    pub(crate) checkpoint: Checkpoint,
}

impl Log {
    pub(crate) fn new(size: u64) -> Self {
        // Made once: the tests want hundreds of logs, each a prefix of the same events.
        static WHOLE: LazyLock<Vec<(Vec<u8>, Row)>> = LazyLock::new(|| {
            let with_row = |(n, leaf): (u64, Vec<u8>)| (projection(n, &leaf).unwrap(), leaf);
            (0..)
                .zip(leaves(1_000))
                .map(with_row)
                .map(|(row, leaf)| (leaf, row))
                .collect()
        });
        let (leaves, rows): (Vec<_>, Vec<_>) = WHOLE[..usize::try_from(size).unwrap()]
            .iter()
            .cloned()
            .unzip();
        let hashes = rows.iter().map(|row| row.leaf_hash).collect();
        let checkpoint = Checkpoint {
            origin: ORIGIN.into(),
            size,
            root: tree_of(&leaves).root(),
        };
        Self {
            leaves,
            hashes,
            rows,
            checkpoint,
        }
    }

    pub(crate) fn export(&self) -> Export {
        self.export_signed_by(&key())
    }

    pub(crate) fn export_signed_by(&self, key: &CheckpointKey) -> Export {
        let folder = TempDir::new().unwrap();
        let note = self.checkpoint.sign(key).unwrap();
        let parts = self.leaves.iter().zip(&self.hashes).zip(&self.rows);
        let items = (0..).zip(parts).map(|(index, ((leaf, hash), row))| {
            let item = ExportItem {
                index,
                leaf: leaf.clone(),
                leaf_hash: *hash,
                row: row.clone(),
            };
            Ok::<_, std::io::Error>(item)
        });
        write_export(folder.path(), &note, &key.verifier_key(), items).unwrap();
        Export { folder }
    }
}

/// An exported folder, removed at the end of the test.
pub(crate) struct Export {
    folder: TempDir,
}

impl Export {
    pub(crate) fn dir(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(crate) fn edit(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = self.read(name);
        change(&mut bytes);
        self.write(name, &bytes);
    }

    /// Every file, relative to the folder, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.dir().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(
                        path.strip_prefix(self.dir())
                            .unwrap()
                            .to_str()
                            .unwrap()
                            .to_owned(),
                    );
                }
            }
        }
        files.sort();
        files
    }
}

pub(crate) fn trusted() -> VerifierKey {
    key().verifier_key()
}
