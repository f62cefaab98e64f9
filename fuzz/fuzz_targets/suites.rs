#![no_main]
//! Suites in every format; what was read and can be written is read again as the same rows. And our own lines, and those of BBQ.

use domain::gate::Gate;
use evaluation::Suite;
use evaluation::formats::{Format, export, import};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, content)) = bytes.split_first() else { return };
    let own = ["x.jsonl", "x.bbq.jsonl"];
    let number = usize::from(*first) % (Format::ALL.len() + own.len());
    let Some(format) = Format::ALL.get(number).copied() else {
        let (Some(name), Ok(text)) = (own.get(number - Format::ALL.len()), std::str::from_utf8(content)) else { return };
        if let Ok(suite) = Suite::parse(Gate::ResponsibleAi, name, text) {
            let _ = suite.requests();
        }
        return;
    };
    let Ok(imported) = import(format, content) else { return };
    let Ok(text) = export(Format::Rows, &imported.rows) else { return };
    let again = import(Format::Rows, text.as_bytes()).expect("our own rows are readable");
    assert_eq!(again.rows, imported.rows);
});
