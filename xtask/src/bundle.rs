//! The browser bundle: compile for WebAssembly, bind, shrink, and hand the files to [`crate::site`].
//!
//! Each stage is skipped when its input is the one it last worked on. A module that could not be optimised is said to be
//! so, and never judged.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use wasm_bindgen_cli_support::Bindgen;

use crate::proc::{Cmd, detail, say};
use crate::tools::{
    digest, is_fresh, mark_fresh, node, own_dir, read, root, take_turn, wasm, web_target_dir, write,
};
use crate::{site, style};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Compile quickly and do not optimise: a large bundle, for working on pages
    #[arg(long)]
    pub(crate) dev: bool,
}

/// What the bundle is made of, and how large it is.
#[derive(Debug)]
pub(crate) struct Bundle {
    /// False if wasm-opt did not run: sizes then say nothing about a release.
    pub(crate) optimised: bool,
    /// Sizes in bytes of what was written, largest first.
    pub(crate) files: Vec<site::Written>,
}

impl Bundle {
    /// What a browser runs at a first visit, in bytes after brotli.
    pub(crate) fn code_bytes(&self) -> u64 {
        let code = self.files.iter().filter(|file| file.is_code());
        code.filter_map(|file| file.brotli).sum()
    }
}

/// The file name of the browser package, without its extension.
const STEM: &str = "clearance";

/// `--all-features` makes a module that Chromium refuses; these are the features the compiler uses.
const WASM_OPT_FLAGS: [&str; 7] = [
    "-Oz",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-sign-ext",
    "--enable-mutable-globals",
];

pub(crate) fn run(args: &Args) -> Result<()> {
    build(args.dev).map(drop)
}

/// Builds whatever is out of date and prints the sizes.
pub(crate) fn build(dev: bool) -> Result<Bundle> {
    say("bundle: compiling the pages for the browser");
    let _turn = take_turn("bundle")?;
    let module = compile(dev)?;
    let package = bind(&module, dev)?;
    let optimised = if dev { false } else { optimise(&package)? };
    fetch_morph(&package)?;
    say("bundle: style sheet and static files");
    let css = style::bundle(&root().join("style/main.css"))?;
    let files = site::write(
        &package,
        &css,
        if dev {
            site::Effort::Quick
        } else {
            site::Effort::Smallest
        },
    )?;
    print_sizes(&files);
    Ok(Bundle { optimised, files })
}

/// Runs cargo for wasm32. Returns the compiled module.
fn compile(dev: bool) -> Result<PathBuf> {
    let (profile, folder) = if dev {
        ("dev", "debug")
    } else {
        ("wasm-release", "wasm-release")
    };
    wasm::ensure()?
        .cargo()
        .args([
            "build",
            "--package",
            "frontend",
            "--target",
            wasm::TARGET,
            "--profile",
            profile,
        ])
        .run()?;
    Ok(web_target_dir()
        .join(wasm::TARGET)
        .join(folder)
        .join("frontend.wasm"))
}

/// Makes the JavaScript glue. The folder returned holds `clearance.js`, `clearance.wasm` and perhaps `snippets/`.
fn bind(module: &Path, dev: bool) -> Result<PathBuf> {
    let bytes = read(module)?;
    let package = own_dir().join(if dev { "package-dev" } else { "package" });
    let input = digest([&bytes]); // the module names the wasm-bindgen that it was compiled for
    let stamp = if dev { "bind-dev" } else { "bind" };
    let bound = package.join(format!("{STEM}_bound.wasm"));
    if is_fresh(stamp, &input) && bound.is_file() {
        return Ok(package);
    }
    say("bundle: wasm-bindgen");
    if package.exists() {
        fs::remove_dir_all(&package)
            .with_context(|| format!("could not clear {}", package.display()))?;
    }
    generate(&bytes, &package, dev).map_err(|error| anyhow!("wasm-bindgen: {error:#}"))?;
    // The page asks for NAME.wasm; the second copy is what wasm-opt starts from.
    let made = package.join(format!("{STEM}_bg.wasm"));
    fs::copy(&made, package.join(format!("{STEM}.wasm")))
        .with_context(|| format!("{} is missing", made.display()))?;
    fs::rename(&made, &bound).with_context(|| format!("could not rename {}", made.display()))?;
    mark_fresh(stamp, &input)?;
    Ok(package)
}

fn generate(module: &[u8], package: &Path, dev: bool) -> Result<()> {
    Bindgen::new()
        .input_bytes(STEM, module.to_vec())
        .web(true)?
        .typescript(false)
        .debug(dev)
        .demangle(dev)
        .keep_debug(false)
        .remove_name_section(!dev)
        .remove_producers_section(true)
        // The page names the hashed module itself: a default path would only be a second, wrong one.
        .omit_default_module_path(true)
        .generate(package)
}

/// Puts the library that changes one page into another beside the glue, which imports it by this name. Its small form is a
/// plain script, so it gets the export of its large one.
fn fetch_morph(package: &Path) -> Result<()> {
    let script = node::build_tools()?.join("node_modules/idiomorph/dist/idiomorph.min.js");
    let mut module = read(&script)?;
    module.extend_from_slice(b"\nexport{Idiomorph};\n");
    write(&package.join("idiomorph.js"), module)
}

/// Shrinks the module with npm's wasm-opt. Debian's own breaks the page without an error, so `PATH` is never asked.
fn optimise(package: &Path) -> Result<bool> {
    let bound = package.join(format!("{STEM}_bound.wasm"));
    let output = package.join(format!("{STEM}.wasm"));
    let lock = read(&root().join("xtask/npm/package-lock.json"))?;
    let input = digest([read(&bound)?, lock, WASM_OPT_FLAGS.join(" ").into_bytes()]);
    let done = own_dir().join("stamps/wasm-opt-output");
    let current = |path: &Path| read(path).map(|bytes| digest([bytes])).unwrap_or_default();
    if is_fresh("wasm-opt", &input)
        && fs::read_to_string(&done).is_ok_and(|kept| kept == current(&output))
    {
        return Ok(true);
    }
    say("bundle: wasm-opt, a minute or so");
    if let Err(error) = shrink(&bound, &output) {
        detail(format!("the module is NOT optimised: {error:#}"));
        fs::copy(&bound, &output)
            .with_context(|| format!("could not restore {}", output.display()))?;
        return Ok(false);
    }
    mark_fresh("wasm-opt-output", &current(&output))?;
    mark_fresh("wasm-opt", &input)?;
    Ok(true)
}

fn shrink(bound: &Path, output: &Path) -> Result<()> {
    let tools = node::build_tools()?;
    Cmd::new("node")
        .arg(tools.join("node_modules/binaryen/bin/wasm-opt"))
        .args(WASM_OPT_FLAGS)
        .arg(bound)
        .arg("-o")
        .arg(output)
        .output()
        .map(drop)
}

fn print_sizes(files: &[site::Written]) {
    for file in files.iter().filter(|file| file.brotli.is_some()) {
        detail(format!(
            "{:<40} {:>9} bytes, brotli {:>8}, gzip {:>8}",
            file.path,
            file.raw,
            file.brotli.unwrap_or_default(),
            file.gzip.unwrap_or_default()
        ));
    }
}

/// What the browser code of a first visit may weigh at the most, in bytes after brotli.
pub(crate) const BUDGET: u64 = 250_000;

/// Judges the bundle against the budget: the JavaScript and the module, as a browser receives them.
pub(crate) fn judge_budget(bundle: &Bundle) -> Result<crate::report::Counts> {
    let code = bundle.code_bytes();
    let kilobytes = |bytes: u64| format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100);
    let figures = format!(
        "browser code of a first visit: {} (brotli), budget {}",
        kilobytes(code),
        kilobytes(BUDGET)
    );
    if !bundle.optimised {
        detail(format!(
            "{figures}, not judged: the module is not optimised"
        ));
        return Ok(crate::report::Counts::SKIPPED);
    }
    detail(&figures);
    anyhow::ensure!(
        code <= BUDGET,
        "{figures}: over it. Look for a heavy crate with `cargo tree -p frontend`"
    );
    Ok(crate::report::Counts::PASSED)
}
