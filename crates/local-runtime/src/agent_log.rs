//! The agent's output. Owns `agent.log` (what the agent wrote, byte for byte, in two files of bounded size) and the
//! reading of its end; refuses to hand out a control character or an endless line.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A file that reaches this size becomes `agent.log.1`, so at most twice this is on disk.
const MAX_FILE: u64 = 4 * 1024 * 1024;
/// Never more than this is read to answer a question.
const MAX_READ: u64 = 1024 * 1024;
/// Lines that one question may ask for.
const MAX_LINES: usize = 1000;
/// Characters of a line that are shown.
const MAX_CHARS: usize = 2000;

/// The writing side, in the supervisor.
#[derive(Debug)]
pub(crate) struct AgentLog {
    path: PathBuf,
    file: File,
    size: u64,
}

impl AgentLog {
    pub(crate) fn open(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&path)?;
        let size = file.metadata()?.len();
        Ok(Self { path, file, size })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.size >= MAX_FILE {
            fs::rename(&self.path, rotated(&self.path))?;
            *self = Self::open(self.path.clone())?;
        }
        self.file.write_all(bytes)?;
        self.size = self
            .size
            .saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(())
    }
}

fn rotated(path: &Path) -> PathBuf {
    path.with_extension("log.1")
}

/// The last `lines` lines (at most 1000), oldest first, printable. No file means no lines.
pub(crate) fn tail(path: &Path, lines: usize) -> io::Result<Vec<String>> {
    let wanted = lines.min(MAX_LINES);
    let mut bytes = end_of(path, MAX_READ)?;
    if bytes.iter().filter(|byte| **byte == b'\n').count() < wanted {
        let room = MAX_READ.saturating_sub(u64::try_from(bytes.len()).unwrap_or(MAX_READ));
        let mut older = end_of(&rotated(path), room)?;
        older.append(&mut bytes);
        bytes = older;
    }
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    Ok(all
        .iter()
        .skip(all.len().saturating_sub(wanted))
        .map(|line| printable(line, MAX_CHARS))
        .collect())
}

fn end_of(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(most)))?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text with every control character and every character that changes the direction of writing shown as its
/// code, cut after `most` characters.
pub(crate) fn printable(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for (count, character) in text.trim_end_matches('\r').chars().enumerate() {
        if count == most {
            shown.push('…');
            break;
        }
        match character {
            '\t' => shown.push(' '),
            '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}' => {
                shown.extend(character.escape_unicode());
            }
            _ if character.is_control() => shown.extend(character.escape_default()),
            _ => shown.push(character),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_as_codes() {
        assert_eq!(
            printable("a\x1b[31mb\u{202e}c\td\r", 100),
            "a\\u{1b}[31mb\\u{202e}c d"
        );
        assert_eq!(printable("abcdef", 3), "abc…");
    }

    #[test]
    fn the_log_stays_bounded_and_its_end_is_readable() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.log");
        let mut log = AgentLog::open(path.clone()).unwrap();
        let block = vec![b'x'; 1024 * 1024];
        for _ in 0..20 {
            log.write(&block).unwrap();
        }
        log.write(b"\nthe end\n").unwrap();
        let on_disk: u64 = fs::read_dir(folder.path())
            .unwrap()
            .map(|e| e.unwrap().metadata().unwrap().len())
            .sum();
        assert!(on_disk <= 2 * (MAX_FILE + 1024 * 1024), "{on_disk}");
        assert_eq!(tail(&path, 1).unwrap(), ["the end"]);
        assert!(
            tail(&path, 10)
                .unwrap()
                .iter()
                .all(|line| line.chars().count() <= MAX_CHARS + 1)
        );
    }

    #[test]
    fn a_missing_log_has_no_lines() {
        assert_eq!(
            tail(Path::new("/nowhere/agent.log"), 5).unwrap(),
            Vec::<String>::new()
        );
    }

    #[test]
    fn lines_before_a_rotation_are_still_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.log");
        fs::write(rotated(&path), "one\ntwo\n").unwrap();
        fs::write(&path, "three\n").unwrap();
        assert_eq!(tail(&path, 2).unwrap(), ["two", "three"]);
    }
}
