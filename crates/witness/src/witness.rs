//! The decision: is this the log that was seen before, grown? And the memory of what was seen.

use std::collections::BTreeMap;
use std::path::PathBuf;

use audit_log::{
    AddCheckpoint, Checkpoint, CheckpointError, HeadsError, HeadsFile, KeyError, VerifierKey,
    WitnessKey, open, verify_consistency,
};

/// A witness of some logs.
#[derive(Debug)]
pub struct Witness {
    key: WitnessKey,
    /// By origin, which is the name of the log's key.
    logs: BTreeMap<String, VerifierKey>,
    path: PathBuf,
    heads: HeadsFile,
}

/// What a request to sign came to, in the cases of C2SP tlog-witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// 200: the signature line, with its line feed.
    Signed(String),
    /// 400: no request, no checkpoint, or an old size beyond the new one.
    Malformed,
    /// 403: not signed by the log's key.
    NotSigned,
    /// 404: none of the logs that are followed.
    UnknownLog,
    /// 409: another size was seen last; or this size, with another root.
    Seen(u64),
    /// 422: the proof does not lead from what was seen to this.
    NotGrown,
}

/// Why nothing is answered: the memory cannot be used, so nothing is signed.
#[derive(Debug, thiserror::Error)]
pub enum WitnessFault {
    /// The file cannot be read or written.
    #[error(transparent)]
    Heads(#[from] HeadsError),
    /// The file is gone.
    #[error(
        "{} is gone: a witness that forgot what it signed could sign a second history. Begin a new witness with a new key", .path.display()
    )]
    Forgotten {
        /// Which file.
        path: PathBuf,
    },
    /// The key cannot sign.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// How a decision under the lock of the memory ends without a signature.
enum Refused {
    Answer(Answer),
    Fault(WitnessFault),
}

impl From<HeadsError> for Refused {
    fn from(error: HeadsError) -> Self {
        Self::Fault(error.into())
    }
}

impl Witness {
    /// A witness with a memory in the file at `path`, which exists.
    #[must_use]
    pub fn new(key: WitnessKey, logs: Vec<VerifierKey>, path: PathBuf) -> Self {
        let logs = logs
            .into_iter()
            .map(|key| (key.name().to_owned(), key))
            .collect();
        Self {
            key,
            logs,
            heads: HeadsFile::new(&path),
            path,
        }
    }

    /// Judges the body of a request, and signs what it asks for at the time `now`, seconds since 1970 UTC, if it may. What is signed
    /// is on the disk before this returns.
    ///
    /// # Errors
    /// [`WitnessFault`]; nothing was signed then.
    pub fn add_checkpoint(&self, body: &[u8], now: u64) -> Result<Answer, WitnessFault> {
        let Some(asked) = AddCheckpoint::parse(body) else {
            return Ok(Answer::Malformed);
        };
        let origin = asked.note.split('\n').next().unwrap_or_default();
        let Some(key) = self.logs.get(origin) else {
            return Ok(Answer::UnknownLog);
        };
        let checkpoint = match open(&asked.note, std::slice::from_ref(key)) {
            Ok(checkpoint) => checkpoint,
            Err(CheckpointError::UnknownKey | CheckpointError::BadSignature { .. }) => {
                return Ok(Answer::NotSigned);
            }
            Err(_) => return Ok(Answer::Malformed),
        };
        if asked.old > checkpoint.size {
            return Ok(Answer::Malformed);
        }
        let kept = self.heads.update(&checkpoint.origin, |last| {
            self.decide(last, &asked, &checkpoint)?;
            Ok::<_, Refused>((checkpoint.clone(), ()))
        });
        match kept {
            Ok(()) => Ok(Answer::Signed(self.key.cosign(&checkpoint, now)?)),
            Err(Refused::Answer(answer)) => {
                tracing::warn!(log = %checkpoint.origin, size = checkpoint.size, old = asked.old, ?answer, "not signed");
                Ok(answer)
            }
            Err(Refused::Fault(fault)) => Err(fault),
        }
    }

    /// Under the lock of the memory: may `checkpoint` follow what was seen last?
    fn decide(
        &self,
        last: Option<&Checkpoint>,
        asked: &AddCheckpoint,
        checkpoint: &Checkpoint,
    ) -> Result<(), Refused> {
        if !self.path.is_file() {
            let path = self.path.clone();
            return Err(Refused::Fault(WitnessFault::Forgotten { path }));
        }
        let (seen, root) = last.map_or((0, audit_log::Hash::EMPTY_TREE), |head| {
            (head.size, head.root)
        });
        if asked.old > seen {
            // An honest log says what it got a signature for: then this memory is older than the signatures.
            tracing::error!(log = %checkpoint.origin, seen, said = asked.old, "the log says that this witness has seen more than it remembers: was its memory set back?");
        }
        let same_size = seen == checkpoint.size;
        if asked.old != seen || (same_size && root != checkpoint.root) {
            return Err(Refused::Answer(Answer::Seen(seen)));
        }
        verify_consistency(&asked.proof, seen, root, checkpoint.size, checkpoint.root)
            .map_err(|_| Refused::Answer(Answer::NotGrown))
    }
}
