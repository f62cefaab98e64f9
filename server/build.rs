//! Makes sure that the folder of the browser bundle exists, so that a server without a bundle compiles.

use std::path::Path;

#[expect(
    clippy::disallowed_methods,
    reason = "cargo speaks to build scripts by variables"
)]
fn main() -> std::io::Result<()> {
    let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let site = Path::new(&manifest_dir).join("../target/site");
    std::fs::create_dir_all(&site)?;
    println!("cargo:rerun-if-changed=build.rs");
    // A debug build reads the folder at run time; only a release embeds it and must notice a new bundle.
    if std::env::var_os("PROFILE").is_some_and(|profile| profile == "release") {
        println!(
            "cargo:rerun-if-changed={}",
            site.join("manifest.json").display()
        );
    }
    Ok(())
}
