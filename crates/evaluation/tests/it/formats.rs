//! Suites of other tools: what is read, what is listed, and that what is written reads back as the same rows.

mod hostile;
mod promptfoo;
mod rows;

use evaluation::formats::{Format, Imported, export, import};

#[track_caller]
fn read(format: Format, text: &str) -> Imported {
    import(format, text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

/// Reads, writes, reads again: the rows must be the same. Gives the first reading.
#[track_caller]
fn round_trip(format: Format, text: &str) -> Imported {
    let first = read(format, text);
    let written = export(format, &first.rows).unwrap_or_else(|error| panic!("{error}"));
    let second = read(format, &written);
    assert_eq!(second.rows, first.rows, "{written}");
    // The canonical form has a place for everything.
    let canonical = export(Format::Rows, &first.rows).unwrap();
    assert_eq!(read(Format::Rows, &canonical).rows, first.rows);
    first
}

/// True if something is listed whose place and text have these parts.
#[track_caller]
fn lists(imported: &Imported, place: &str, what: &str) {
    let found = imported
        .unsupported
        .iter()
        .any(|one| one.place.contains(place) && one.what.contains(what));
    assert!(
        found,
        "{place}: {what} is not in {:#?}",
        imported.unsupported
    );
}
