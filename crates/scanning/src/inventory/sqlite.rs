//! Reads the rows of one table of a SQLite file (sqlite.org/fileformat.html). Written here because the file comes from an
//! image: no SQL of its schema is run, no page is read twice, and every offset is checked.

/// A column's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// A blob or a text.
    Bytes(Vec<u8>),
    /// A number or nothing.
    Other,
}

/// Bytes of one row.
const MAX_ROW: u64 = 32 * 1024 * 1024;
/// Levels of a tree: five billion rows need fewer.
const MAX_DEPTH: usize = 20;

/// Calls `row` with the columns of every row of `table`, until it says no.
///
/// # Errors
/// Says why the file is not a database that can be read whole.
pub(crate) fn rows(
    bytes: &[u8],
    table: &str,
    mut row: impl FnMut(Vec<Value>) -> bool,
) -> Result<(), String> {
    let mut file = File::open(bytes).ok_or("the file is not a SQLite database")?;
    let mut root = None;
    file.walk(1, 0, &mut |columns| {
        // type, name, tbl_name, rootpage, sql
        let is = |at: usize, text: &str| {
            columns
                .get(at)
                .is_some_and(|(value, _)| *value == Value::Bytes(text.as_bytes().to_vec()))
        };
        if is(0, "table") && is(1, table) {
            root = columns.get(3).map(|(_, number)| *number);
        }
        root.is_none()
    })?;
    let root = root
        .and_then(|root| usize::try_from(root).ok())
        .ok_or_else(|| format!("the database has no table {table}"))?;
    file.left = file.pages();
    file.walk(root, 0, &mut |columns| {
        row(columns.into_iter().map(|(value, _)| value).collect())
    })?;
    Ok(())
}

/// A value with its number, where it is one.
type Column = (Value, u64);

struct File<'a> {
    bytes: &'a [u8],
    page: usize,
    usable: usize,
    /// Pages that may still be read: a tree that visits more has a loop.
    left: usize,
}

impl<'a> File<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        if !bytes.starts_with(b"SQLite format 3\0") {
            return None;
        }
        let page = match u16::from_be_bytes(bytes.get(16..18)?.try_into().ok()?) {
            1 => 65_536,
            size => usize::from(size),
        };
        if page < 512 || !page.is_power_of_two() {
            return None;
        }
        let usable = page.checked_sub(usize::from(*bytes.get(20)?))?;
        let mut file = Self {
            bytes,
            page,
            usable,
            left: 0,
        };
        file.left = file.pages();
        (usable >= 480).then_some(file)
    }

    fn pages(&self) -> usize {
        self.bytes.len() / self.page + 1
    }

    fn page(&mut self, number: usize) -> Result<&'a [u8], String> {
        self.left = self
            .left
            .checked_sub(1)
            .ok_or("the pages of the database go round in a circle")?;
        let start = number
            .checked_sub(1)
            .and_then(|before| before.checked_mul(self.page));
        start
            .and_then(|start| self.bytes.get(start..start.checked_add(self.page)?))
            .ok_or_else(|| "the database is cut off".to_owned())
    }

    /// Every row below a page. False where the caller has seen enough.
    fn walk(
        &mut self,
        number: usize,
        depth: usize,
        row: &mut dyn FnMut(Vec<Column>) -> bool,
    ) -> Result<bool, String> {
        if depth > MAX_DEPTH {
            return Err("the tree of the database is too deep".to_owned());
        }
        let page = self.page(number)?;
        // The first page begins with the header of the file.
        let header = if number == 1 { 100 } else { 0 };
        let damaged = || "a page of the database is damaged".to_owned();
        let kind = *page.get(header).ok_or_else(damaged)?;
        let cells = usize::from(short(page, header + 3).ok_or_else(damaged)?);
        let interior = match kind {
            0x05 => true,
            0x0d => false,
            _ => return Err(damaged()),
        };
        let pointers = header + if interior { 12 } else { 8 };
        for at in 0..cells {
            let cell = usize::from(short(page, pointers + 2 * at).ok_or_else(damaged)?);
            let going_on = if interior {
                let child = long(page, cell).ok_or_else(damaged)?;
                self.walk(child, depth + 1, row)?
            } else {
                let payload = self.payload(page, cell)?;
                row(columns(&payload).ok_or_else(damaged)?)
            };
            if !going_on {
                return Ok(false);
            }
        }
        if interior {
            let last = long(page, header + 8).ok_or_else(damaged)?;
            return self.walk(last, depth + 1, row);
        }
        Ok(true)
    }

    /// The content of a cell of a leaf, with the pages that it flows over to.
    fn payload(&mut self, page: &[u8], cell: usize) -> Result<Vec<u8>, String> {
        let damaged = || "a row of the database is damaged".to_owned();
        let (size, after) = varint(page, cell).ok_or_else(damaged)?;
        let (_row, start) = varint(page, after).ok_or_else(damaged)?;
        if size > MAX_ROW {
            return Err("a row of the database is too large".to_owned());
        }
        let size = usize::try_from(size).map_err(|_| damaged())?;
        let most = self.usable - 35;
        let here = if size <= most {
            size
        } else {
            let least = (self.usable - 12) * 32 / 255 - 23;
            let wanted = least + (size - least) % (self.usable - 4);
            if wanted <= most { wanted } else { least }
        };
        let mut payload = page.get(start..start + here).ok_or_else(damaged)?.to_vec();
        let mut next = if here < size {
            long(page, start + here).ok_or_else(damaged)?
        } else {
            0
        };
        while payload.len() < size {
            let usable = self.usable;
            let page = self.page(next)?;
            next = long(page, 0).ok_or_else(damaged)?;
            let take = (size - payload.len()).min(usable - 4);
            payload.extend_from_slice(page.get(4..4 + take).ok_or_else(damaged)?);
        }
        Ok(payload)
    }
}

/// The columns of a row: the length of the header, a type for each column, the values.
fn columns(payload: &[u8]) -> Option<Vec<Column>> {
    let (header, mut at) = varint(payload, 0)?;
    let header = usize::try_from(header).ok()?;
    let mut values = header;
    let mut found = Vec::new();
    while at < header {
        let (kind, after) = varint(payload, at)?;
        at = after;
        let size = match kind {
            0 | 8 | 9 => 0,
            1..=4 => usize::try_from(kind).ok()?,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            text_or_blob => usize::try_from((text_or_blob - 12) / 2).ok()?,
        };
        let bytes = payload.get(values..values.checked_add(size)?)?;
        values += size;
        found.push(if kind >= 12 {
            (Value::Bytes(bytes.to_vec()), 0)
        } else {
            let number = bytes
                .iter()
                .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
            (Value::Other, if kind == 9 { 1 } else { number })
        });
    }
    Some(found)
}

/// A number of one to nine bytes, and where it ends.
fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for step in 0..9 {
        let byte = *bytes.get(at + step)?;
        if step == 8 {
            return Some(((value << 8) | u64::from(byte), at + 9));
        }
        value = (value << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at + step + 1));
        }
    }
    None
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    let number = u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?);
    usize::try_from(number).ok()
}
