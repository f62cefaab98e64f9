#![no_main]
//! Suites in every format; what was read and can be written is read again as the same rows.

use evaluation::formats::{Format, export, import};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, content)) = bytes.split_first() else { return };
    let format = Format::ALL[usize::from(*first) % Format::ALL.len()];
    let Ok(imported) = import(format, content) else { return };
    let Ok(text) = export(Format::Rows, &imported.rows) else { return };
    let again = import(Format::Rows, text.as_bytes()).expect("our own rows are readable");
    assert_eq!(again.rows, imported.rows);
});
