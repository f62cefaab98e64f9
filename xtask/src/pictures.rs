//! `cargo xtask pictures`: the pictures of README and docs, taken of the demo in a real browser.
//!
//! They are committed, so that nobody needs a browser to build; which pages they show is in `end2end/pictures`.

use anyhow::{Result, ensure};

use crate::test::{browser, server};
use crate::{bundle, proc};

pub(crate) fn run() -> Result<()> {
    proc::say("pictures: building what they are taken of");
    bundle::build(false)?;
    server("--bins")?;
    let said = browser(&["--config", "pictures.config.ts"])?.tee()?;
    ensure!(said.success, "not every picture was taken: see above");
    Ok(())
}
