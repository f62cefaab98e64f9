//! The forger: from a seed to an altered export, and what an honest verifier must say of it.

use std::fs;
use std::path::Path;

use audit_log::tile::encode_entries;
use audit_log::{
    Checkpoint, CheckpointKey, Row, TileBuilder, TileKind, TilePath, WitnessKey, WitnessPolicy,
    attach, leaf_hash, projection,
};

use crate::support::{Log, event, key, other_key, tree_of, witness};

/// What the verifier must come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    /// Intact.
    Silence,
    /// Tampered with, and this is the first bad entry.
    At(u64),
    /// Tampered with; what was given does not tell where.
    Alarm,
}

/// The ways to tamper with a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Edit,
    Delete,
    Swap,
    InsertInThePast,
    Truncate,
    EditProjection,
    RollCheckpointBack,
    WrongKey,
    SplitView,
    Renumber,
    RestoreBackup,
    RewriteAndSignAgain,
    RewriteUnderWitnesses,
    SplitViewUnderWitnesses,
}

impl Kind {
    pub(super) const ALL: [Self; 14] = [
        Self::Edit,
        Self::Delete,
        Self::Swap,
        Self::InsertInThePast,
        Self::Truncate,
        Self::EditProjection,
        Self::RollCheckpointBack,
        Self::WrongKey,
        Self::SplitView,
        Self::Renumber,
        Self::RestoreBackup,
        Self::RewriteAndSignAgain,
        Self::RewriteUnderWitnesses,
        Self::SplitViewUnderWitnesses,
    ];
}

/// A log as an auditor gets it, and the checkpoints that the auditor kept.
pub(super) struct Case {
    log: Log,
    /// The size that the folder's files are named after, so that a forger's folder looks right from outside.
    claimed: u64,
    note: String,
    vkey: String,
    pub(super) earlier: Vec<String>,
    /// The witnesses that the auditor asks for.
    pub(super) witnesses: Option<WitnessPolicy>,
    pub(super) expect: Expect,
}

/// Numbers from a seed, with the finaliser of `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn in_(&mut self, range: std::ops::Range<u64>) -> u64 {
        range.start + self.below(range.end - range.start)
    }

    /// The size of a log: mostly small, and now and then around the edges of tiles.
    fn size(&mut self) -> u64 {
        match self.below(20) {
            0 => self.in_(250..262),
            1 => self.in_(500..520),
            _ => self.in_(3..60),
        }
    }
}

fn at(index: u64) -> usize {
    usize::try_from(index).unwrap()
}

fn note_of(log: &Log, key: &CheckpointKey) -> String {
    log.checkpoint.sign(key).unwrap()
}

impl Case {
    /// An honest log; what is forged comes on top.
    fn honest(size: u64) -> Self {
        let log = Log::new(size);
        Self {
            note: note_of(&log, &key()),
            vkey: key().verifier_key().to_string(),
            log,
            claimed: size,
            earlier: Vec::new(),
            witnesses: None,
            expect: Expect::Silence,
        }
    }

    /// Puts another event in the place of entry `index`, with hash and row to fit it.
    fn rewrite(&mut self, index: u64) {
        let mut forged = event(index);
        forged.actor.name = "Somebody Else".into();
        self.log.leaves[at(index)] = forged.to_bytes().unwrap();
        self.refit(index);
    }

    fn refit(&mut self, index: u64) {
        let leaf = &self.log.leaves[at(index)];
        self.log.hashes[at(index)] = leaf_hash(leaf);
        self.log.rows[at(index)] = projection(index, leaf).unwrap();
    }

    fn refit_from(&mut self, index: u64) {
        let end = u64::try_from(self.log.leaves.len()).unwrap();
        (index..end).for_each(|index| self.refit(index));
    }

    fn remove(&mut self, index: u64) {
        self.log.leaves.remove(at(index));
        self.log.hashes.remove(at(index));
        self.log.rows.remove(at(index));
    }

    fn truncate(&mut self, size: u64) {
        self.log.leaves.truncate(at(size));
        self.log.hashes.truncate(at(size));
        self.log.rows.truncate(at(size));
    }

    /// Signs the log as it is now, with the log's own key.
    fn sign_again(&mut self) {
        let size = u64::try_from(self.log.leaves.len()).unwrap();
        self.log.checkpoint = Checkpoint {
            size,
            root: tree_of(&self.log.leaves).root(),
            ..self.log.checkpoint.clone()
        };
        self.claimed = size;
        self.note = note_of(&self.log, &key());
    }

    /// The auditor knows some witnesses, and how many of them it takes. Answers both numbers.
    fn ask_for_witnesses(&mut self, random: &mut Random) -> (u64, u64) {
        let witnesses = random.in_(1..4);
        let quorum = random.in_(1..witnesses + 1);
        let keys = (0..witnesses).map(|n| witness(n).verifier_key()).collect();
        self.witnesses = Some(WitnessPolicy::new(keys, at(quorum)).unwrap());
        (witnesses, quorum)
    }

    /// These witnesses have seen the checkpoint as it is now.
    fn cosign(&mut self, random: &mut Random, who: std::ops::Range<u64>) {
        for n in who {
            self.cosign_with(random, &witness(n));
        }
    }

    fn cosign_with(&mut self, random: &mut Random, key: &WitnessKey) {
        let time = random.in_(1_700_000_000..1_800_000_000);
        let line = key.cosign(&self.log.checkpoint, time).unwrap();
        self.note = attach(&self.note, [line.as_str()]);
    }

    /// Writes the folder as the forger would: every file where the signed size says.
    pub(super) fn write(&self, dir: &Path) {
        let put = |name: &str, bytes: &[u8]| {
            let path = dir.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        put("format", b"clearance-audit-export/1\n");
        put("vkey", format!("{}\n", self.vkey).as_bytes());
        put("checkpoint", self.note.as_bytes());
        let lines: Vec<Vec<u8>> = self.log.rows.iter().map(line).collect();
        put("rows.jsonl", &lines.concat());
        for (number, leaves) in (0..).zip(self.log.leaves.chunks(256)) {
            let bundle = encode_entries(leaves.iter().map(Vec::as_slice)).unwrap();
            let (name, _) = self.named(TileKind::Entries, number, leaves.len());
            put(&name, &bundle);
        }
        let mut tree = TileBuilder::new();
        let full: Vec<_> = self
            .log
            .hashes
            .iter()
            .flat_map(|hash| tree.push(*hash).unwrap())
            .collect();
        for (path, mut bytes) in full.into_iter().chain(tree.finish().unwrap()) {
            let (name, width) = self.named(path.kind(), path.number(), bytes.len() / 32);
            bytes.truncate(width * 32);
            put(&name, &bytes);
        }
    }

    /// The name and width that a tile has in a log of the claimed size, or its own if that log has none there.
    fn named(&self, kind: TileKind, number: u64, width: usize) -> (String, usize) {
        let level = match kind {
            TileKind::Hashes { level } => u32::from(level),
            TileKind::Entries => 0,
        };
        let there = (self.claimed >> (8 * level))
            .saturating_sub(number * 256)
            .min(256);
        let width = if there == 0 { width } else { at(there) };
        let path = TilePath::new(kind, number, u16::try_from(width).unwrap()).unwrap();
        (path.to_string(), width)
    }
}

fn line(row: &Row) -> Vec<u8> {
    let mut line = row.to_line().unwrap();
    line.push(b'\n');
    line
}

/// An honest log with checkpoints that were kept on the way.
pub(super) fn clean(seed: u64) -> Case {
    let mut random = Random(seed);
    let size = random.size();
    let mut case = Case::honest(size);
    for _ in 0..random.below(3) {
        let earlier = Log::new(random.below(size + 1));
        case.earlier.push(note_of(&earlier, &key()));
    }
    if random.below(2) == 0 {
        let (witnesses, quorum) = case.ask_for_witnesses(&mut random);
        let seen = random.in_(quorum..witnesses + 1);
        case.cosign(&mut random, 0..seen);
    }
    case
}

/// The seed's case of one kind.
pub(super) fn tampered(seed: u64, kind: Kind) -> Case {
    let mut random = Random(seed);
    let size = random.size();
    let mut case = Case::honest(size);
    case.expect = match kind {
        Kind::Edit => edit(&mut case, &mut random),
        Kind::Delete => delete(&mut case, &mut random),
        Kind::Swap => swap(&mut case, &mut random),
        Kind::InsertInThePast => insert(&mut case, &mut random),
        Kind::Truncate => truncate(&mut case, &mut random),
        Kind::EditProjection => edit_projection(&mut case, &mut random),
        Kind::RollCheckpointBack => roll_back(&mut case, &mut random),
        Kind::WrongKey => wrong_key(&mut case, &mut random),
        Kind::SplitView => split_view(&mut case, &mut random),
        Kind::Renumber => renumber(&mut case, &mut random),
        Kind::RestoreBackup => restore(&mut case, &mut random),
        Kind::RewriteAndSignAgain => rewrite_and_sign(&mut case, &mut random),
        Kind::RewriteUnderWitnesses => rewrite_under_witnesses(&mut case, &mut random),
        Kind::SplitViewUnderWitnesses => split_view_under_witnesses(&mut case, &mut random),
    };
    case
}

fn edit(case: &mut Case, random: &mut Random) -> Expect {
    let index = random.below(case.claimed);
    let (hash, row) = (case.log.hashes[at(index)], case.log.rows[at(index)].clone());
    match random.below(4) {
        // One bit anywhere in the leaf.
        0 => {
            let leaf = &mut case.log.leaves[at(index)];
            let place = at(random.below(u64::try_from(leaf.len()).unwrap()));
            leaf[place] ^= 1 << random.below(8);
        }
        // The leaf, and then also its row, and not the hash.
        1 => {
            case.rewrite(index);
            (case.log.hashes[at(index)], case.log.rows[at(index)]) = (hash, row);
        }
        2 => {
            case.rewrite(index);
            case.log.hashes[at(index)] = hash;
        }
        // All of it: what is left to disagree is the signature, and it covers everything at once.
        _ => {
            case.rewrite(index);
            return Expect::Alarm;
        }
    }
    Expect::At(index)
}

fn delete(case: &mut Case, random: &mut Random) -> Expect {
    let index = random.below(case.claimed);
    case.remove(index);
    // The next row still has its old number, and after the last entry there is none.
    Expect::At(index)
}

fn swap(case: &mut Case, random: &mut Random) -> Expect {
    let first = random.below(case.claimed - 1);
    let second = random.in_(first + 1..case.claimed);
    case.log.leaves.swap(at(first), at(second));
    match random.below(3) {
        0 => Expect::At(first),
        1 => {
            case.log.hashes.swap(at(first), at(second));
            case.log.rows.swap(at(first), at(second));
            Expect::At(first)
        }
        _ => {
            case.refit_from(first);
            Expect::Alarm
        }
    }
}

fn insert(case: &mut Case, random: &mut Random) -> Expect {
    let index = random.below(case.claimed);
    let mut forged = event(index);
    forged.reason = Some("It was like this all along.".into());
    let leaf = forged.to_bytes().unwrap();
    let hash = leaf_hash(&leaf);
    let row = projection(index, &leaf).unwrap();
    case.log.leaves.insert(at(index), leaf);
    case.log.rows.insert(at(index), row);
    if random.below(3) == 0 {
        // The hash of what was there before stays in its place.
        let stale = case.log.hashes[at(index)];
        case.log.hashes.insert(at(index), stale);
        return Expect::At(index);
    }
    case.log.hashes.insert(at(index), hash);
    if random.below(2) == 0 {
        // The new entry fits itself; the one that it pushed aside has the wrong number.
        return Expect::At(index + 1);
    }
    case.refit_from(index);
    Expect::At(case.claimed)
}

fn truncate(case: &mut Case, random: &mut Random) -> Expect {
    let left = random.below(case.claimed);
    let rows = case.log.rows.clone();
    case.truncate(left);
    if random.below(2) == 0 {
        case.log.rows = rows;
    }
    Expect::At(left)
}

fn edit_projection(case: &mut Case, random: &mut Random) -> Expect {
    let index = random.below(case.claimed);
    let row = &mut case.log.rows[at(index)];
    match random.below(9) {
        0 => row.time.replace_range(0..4, "2025"),
        1 => row.actor_kind.push('x'),
        2 => row.actor_id.push('x'),
        3 => row.actor_name = "Somebody Else".into(),
        4 => row.action = "approval.open".into(),
        5 => row.object_id.push('0'),
        6 => row.agent = Some("another-agent".into()),
        7 => row.deployment = Some(4_472_000),
        _ => row.leaf_hash = leaf_hash(b"forged"),
    }
    Expect::At(index)
}

/// An older checkpoint, which is genuine.
fn roll_back(case: &mut Case, random: &mut Random) -> Expect {
    let before = Log::new(random.below(case.claimed));
    let size = before.checkpoint.size;
    if random.below(2) == 0 {
        // In front of the entries of today: the next row is one too many.
        case.note = note_of(&before, &key());
        case.claimed = size;
        return Expect::At(size);
    }
    // With the entries of that time: only what somebody kept shows that there were more.
    let kept = case.note.clone();
    *case = Case::honest(size);
    case.earlier = vec![kept];
    Expect::At(size)
}

fn wrong_key(case: &mut Case, random: &mut Random) -> Expect {
    case.note = note_of(&case.log, &other_key());
    if random.below(2) == 0 {
        case.vkey = other_key().verifier_key().to_string();
    }
    Expect::Alarm
}

/// The log's owner shows the auditor another tree than the one that was signed before.
fn split_view(case: &mut Case, random: &mut Random) -> Expect {
    let fork = random.below(case.claimed);
    let seen = Log::new(random.in_(fork + 1..case.claimed + 1));
    case.earlier = vec![note_of(&seen, &key())];
    case.rewrite(fork);
    for later in fork + 1..case.claimed {
        if random.below(2) == 0 {
            case.rewrite(later);
        }
    }
    case.sign_again();
    Expect::Alarm
}

fn renumber(case: &mut Case, random: &mut Random) -> Expect {
    let index = random.below(case.claimed);
    if random.below(2) == 0 {
        case.log.rows[at(index)..]
            .iter_mut()
            .for_each(|row| row.index += 1);
        return Expect::At(index);
    }
    // An entry is gone and all behind it move up, hashes and rows too: they end too early.
    case.remove(index);
    case.refit_from(index);
    Expect::At(case.claimed - 1)
}

/// Yesterday's backup, which went on with other events.
fn restore(case: &mut Case, random: &mut Random) -> Expect {
    let signed = case.note.clone();
    let backup = random.below(case.claimed);
    let grown = random.in_(backup..case.claimed + 20);
    *case = Case::honest(grown);
    case.earlier = vec![signed.clone()];
    let before = audit_log::open(&signed, &[key().verifier_key()])
        .unwrap()
        .size;
    for later in backup..grown {
        case.rewrite(later);
    }
    case.sign_again();
    if grown < before {
        return Expect::At(grown);
    }
    Expect::Alarm
}

/// The key was stolen with the database.
fn rewrite_and_sign(case: &mut Case, random: &mut Random) -> Expect {
    let index = random.below(case.claimed);
    let kept = Log::new(random.in_(index + 1..case.claimed + 1));
    case.earlier = vec![note_of(&kept, &key())];
    case.rewrite(index);
    case.sign_again();
    Expect::Alarm
}

/// The key was stolen with the database, and nobody kept a checkpoint: but witnesses saw the true history, and sign no other.
fn rewrite_under_witnesses(case: &mut Case, random: &mut Random) -> Expect {
    let (witnesses, quorum) = case.ask_for_witnesses(random);
    case.cosign(random, 0..witnesses);
    let seen = case.note.split_once("\n\n").unwrap().1.to_owned();
    let index = random.below(case.claimed);
    case.rewrite(index);
    case.sign_again();
    match random.below(4) {
        // Nobody saw it.
        0 => {}
        // What they said of the true history, beside the new signature.
        1 => {
            let lines = seen.split_inclusive('\n').skip(1);
            case.note = attach(&case.note, lines);
        }
        // Some of them are in it, and they are too few.
        2 => case.cosign(random, 0..quorum - 1),
        // Keys of the forger's own under the names of the witnesses.
        _ => {
            for n in 0..witnesses {
                let name = witness(n).verifier_key().name().to_owned();
                let forged = WitnessKey::from_seed(&name, &[200; 32]).unwrap();
                case.cosign_with(random, &forged);
            }
        }
    }
    Expect::Alarm
}

/// Two histories from one key: the witnesses saw one of them, the auditor is shown the other.
fn split_view_under_witnesses(case: &mut Case, random: &mut Random) -> Expect {
    let (_, quorum) = case.ask_for_witnesses(random);
    let fork = random.below(case.claimed);
    for later in fork..case.claimed {
        case.rewrite(later);
    }
    case.sign_again();
    // Each witness signs one history alone, so a quorum that is more than half cannot be met twice; one line counts once.
    for _ in 1..quorum {
        case.cosign(random, 0..1);
    }
    Expect::Alarm
}
