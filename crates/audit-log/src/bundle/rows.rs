//! Reading `rows.jsonl` line by line and comparing each with what the leaf says.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use super::ROWS_FILE;
use super::conclude::VerifyError;
use super::files::is_absence;
use crate::event::{LeafError, Row};

/// Far longer than any row of an event within its limits.
const MAX_LINE_BYTES: u64 = 65_536;

/// The lines of the rows file; a missing file reads as an empty one.
pub(super) struct Rows {
    reader: Option<BufReader<File>>,
    line: Vec<u8>,
}

impl Rows {
    pub(super) fn open(dir: &Path) -> Result<Self, VerifyError> {
        let path = dir.join(ROWS_FILE);
        let reader = match File::open(&path) {
            // A folder or a device opens too, and then is no file of rows.
            Ok(file) => path.is_file().then(|| BufReader::new(file)),
            Err(error) if is_absence(&error) => None,
            Err(error) => return Err(VerifyError::unreadable(ROWS_FILE, error)),
        };
        Ok(Self {
            reader,
            line: Vec::new(),
        })
    }

    /// The next line with its line feed, or nothing at the end. An overlong line comes back cut, and so fits no row.
    pub(super) fn next_line(&mut self) -> Result<Option<&[u8]>, VerifyError> {
        let Some(reader) = &mut self.reader else {
            return Ok(None);
        };
        self.line.clear();
        let mut bounded = reader.take(MAX_LINE_BYTES);
        bounded
            .read_until(b'\n', &mut self.line)
            .map_err(|error| VerifyError::unreadable(ROWS_FILE, error))?;
        Ok((!self.line.is_empty()).then_some(&self.line))
    }
}

/// What is wrong with `line` as the line of `expected`, if anything: the name of a column, or a word on the whole row.
pub(super) fn difference(
    line: Option<&[u8]>,
    expected: &Row,
) -> Result<Option<&'static str>, LeafError> {
    let Some(line) = line else {
        return Ok(Some("row missing"));
    };
    let mut wanted = expected.to_line()?;
    wanted.push(b'\n');
    if line == wanted {
        return Ok(None);
    }
    let found = serde_json::from_slice::<Row>(line).ok();
    let column = found.map(|row| {
        row.first_difference(expected)
            .unwrap_or("row not canonical")
    });
    Ok(Some(column.unwrap_or("row unreadable")))
}
