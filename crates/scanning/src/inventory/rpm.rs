//! The list of rpm: a SQLite table of headers, each a list of tagged values.

use super::{Component, MAX_COMPONENTS, sqlite};

const NAME: u32 = 1000;
const VERSION: u32 = 1001;
const RELEASE: u32 = 1002;
const EPOCH: u32 = 1003;
const SOURCE_RPM: u32 = 1044;
/// Type of a value: a 32-bit number.
const INT32: u32 = 4;

/// The packages of `rpmdb.sqlite`.
pub(super) fn packages(place: &str, bytes: &[u8]) -> Result<Vec<Component>, String> {
    let mut found = Vec::new();
    let mut broken = 0_usize;
    sqlite::rows(bytes, "Packages", |columns| {
        // The columns are a number and the header.
        let header = columns.iter().find_map(|column| match column {
            sqlite::Value::Bytes(bytes) => Some(bytes.as_slice()),
            sqlite::Value::Other => None,
        });
        match header.and_then(|header| package(place, header)) {
            // Keys of whoever signed packages are kept in the same table.
            Some(one) if one.name == "gpg-pubkey" => {}
            Some(one) => found.push(one),
            None => broken += 1,
        }
        found.len() < MAX_COMPONENTS
    })?;
    if broken > 0 {
        return Err(format!(
            "{broken} of the package list of rpm cannot be read"
        ));
    }
    Ok(found)
}

/// One header: the number of entries, the size of the data, the entries, the data.
fn package(place: &str, header: &[u8]) -> Option<Component> {
    let entries = usize::try_from(number(header, 0)?).ok()?;
    let start = 8_usize.checked_add(entries.checked_mul(16)?)?;
    let data = header.get(start..)?;
    let value = |tag: u32| -> Option<(u32, &[u8])> {
        (0..entries).find_map(|at| {
            let entry = header.get(8 + at * 16..24 + at * 16)?;
            if number(entry, 0)? != tag {
                return None;
            }
            let offset = usize::try_from(number(entry, 8)?).ok()?;
            Some((number(entry, 4)?, data.get(offset..)?))
        })
    };
    let text = |tag: u32| -> Option<String> {
        let (_, bytes) = value(tag)?;
        let end = bytes.iter().position(|byte| *byte == 0)?;
        Some(String::from_utf8_lossy(bytes.get(..end)?).into_owned())
    };
    let (name, version, release) = (text(NAME)?, text(VERSION)?, text(RELEASE)?);
    let epoch = value(EPOCH)
        .filter(|(kind, _)| *kind == INT32)
        .and_then(|(_, bytes)| number(bytes, 0))
        .unwrap_or(0);
    let full = format!("{epoch}:{version}-{release}");
    let mut component = Component::new("rpm", &name, &full, place);
    // Advisories of the rpm distributions name the installed package, so the source is for the reader only.
    component.source = None;
    if let Some(source) = text(SOURCE_RPM).filter(|source| source.ends_with(".src.rpm")) {
        component.place = format!("{place} ({source})");
    }
    Some(component)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(u32::from_be_bytes(four))
}
