//! What a browser downloads to run at the first visit.

use anyhow::Result;

use super::figures::{Figures, number};
use crate::bundle;

pub(super) fn measure(figures: &mut Figures) -> Result<()> {
    let built = bundle::build(false)?;
    let goal = number(bundle::BUDGET) / 1_000.0;
    let note = if built.optimised {
        "JavaScript and module, brotli"
    } else {
        "JavaScript and module, brotli; NOT optimised, so it says nothing about a release"
    };
    let kilobytes = number(built.code_bytes()) / 1_000.0;
    figures.add(
        "browser code of a first visit",
        kilobytes,
        "kB",
        Some(goal),
        note,
    );
    Ok(())
}
