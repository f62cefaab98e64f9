//! Writes `target/site`: the browser package and the style sheet under names that carry their content's hash, the
//! files of `public/` as they are, brotli and gzip beside each text, and `manifest.json` with the hashed names.
//!
//! A running server may read the folder meanwhile: new files come first, then the manifest, and old ones go last.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::tools::{digest, is_fresh, mark_fresh, read, root, site_dir, write as write_file};

/// How hard to compress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    Quick,
    Smallest,
}

/// One file of the site.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    /// Relative to the site folder, with forward slashes.
    pub(crate) path: String,
    /// Bytes as they are.
    pub(crate) raw: u64,
    /// Bytes after brotli, where that is worth it.
    pub(crate) brotli: Option<u64>,
    /// Bytes after gzip, where that is worth it.
    pub(crate) gzip: Option<u64>,
}

impl Written {
    /// Is it something the browser runs?
    pub(crate) fn is_code(&self) -> bool {
        self.path.ends_with(".js") || self.path.ends_with(".wasm")
    }
}

/// The library that the glue imports by this name.
const MORPH: &str = "idiomorph.js";

/// A file to be written: its place below the site folder, and its content.
type Planned = BTreeMap<String, Vec<u8>>;

/// Puts everything in place and returns it, largest first.
pub(crate) fn write(package: &Path, css: &str, effort: Effort) -> Result<Vec<Written>> {
    write_into(&site_dir(), &root().join("public"), package, css, effort)
}

/// What a file's name says of its content.
fn hash(content: &[u8]) -> String {
    digest([content]).chars().take(16).collect()
}

fn write_into(
    site: &Path,
    public: &Path,
    package: &Path,
    css: &str,
    effort: Effort,
) -> Result<Vec<Written>> {
    let mut planned = Planned::new();
    let mut manifest = BTreeMap::new();
    let morph = read(&package.join(MORPH))?;
    let hashed_morph = format!("idiomorph.{}.js", hash(&morph));
    // The glue imports it by its name, so it must learn the name that carries the content.
    let glue = String::from_utf8(read(&package.join("clearance.js"))?)?
        .replace(&format!("./{MORPH}"), &format!("./{hashed_morph}"));
    planned.insert(format!("pkg/{hashed_morph}"), morph);
    for (kind, content) in [
        ("css", css.as_bytes().to_vec()),
        ("js", glue.into_bytes()),
        ("wasm", read(&package.join("clearance.wasm"))?),
    ] {
        let path = format!("pkg/clearance.{}.{kind}", hash(&content));
        manifest.insert(kind, format!("/{path}"));
        planned.insert(path, content);
    }
    collect(&package.join("snippets"), "pkg/snippets", &mut planned)?;
    collect(public, "", &mut planned)?;

    let mut written = Vec::new();
    for (path, content) in &planned {
        written.push(place(site, path, content, effort)?);
    }
    write_file(
        &site.join("manifest.json"),
        serde_json::to_string_pretty(&manifest)? + "\n",
    )?;
    remove_others(site, &planned)?;
    written.sort_by_key(|file| std::cmp::Reverse(file.raw));
    Ok(written)
}

/// Adds every file below `folder`; a folder that is not there adds nothing.
fn collect(folder: &Path, prefix: &str, planned: &mut Planned) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries {
        let path = entry
            .with_context(|| format!("could not list {}", folder.display()))?
            .path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let place = if prefix.is_empty() {
            name
        } else {
            format!("{prefix}/{name}")
        };
        if path.is_dir() {
            collect(&path, &place, planned)?;
        } else {
            planned.insert(place, read(&path)?);
        }
    }
    Ok(())
}

/// Writes one file and its compressed forms, unless they are there already.
fn place(site: &Path, path: &str, content: &[u8], effort: Effort) -> Result<Written> {
    let target = site.join(path);
    let unchanged = fs::read(&target).is_ok_and(|there| there == content);
    if !unchanged {
        write_file(&target, content)?;
    }
    let mut written = Written {
        path: path.to_owned(),
        raw: length(content),
        brotli: None,
        gzip: None,
    };
    if is_compressible(path) {
        written.brotli = Some(compressed(&target, content, "br", effort, brotli)?);
        written.gzip = Some(compressed(&target, content, "gz", effort, gzip)?);
    }
    Ok(written)
}

/// Compresses through a cache keyed by content, so that an unchanged module costs nothing. Returns the size.
fn compressed(
    target: &Path,
    content: &[u8],
    extension: &str,
    effort: Effort,
    compress: fn(&[u8], Effort) -> Result<Vec<u8>>,
) -> Result<u64> {
    let mut name = target.as_os_str().to_owned();
    name.push(format!(".{extension}"));
    let output = PathBuf::from(name);
    let input = digest([content, format!("{effort:?}").as_bytes()]);
    let stamp = format!(
        "compressed/{}.{extension}",
        digest([target.to_string_lossy().as_bytes()])
    );
    if is_fresh(&stamp, &input)
        && let Ok(there) = fs::metadata(&output)
    {
        return Ok(there.len());
    }
    let bytes =
        compress(content, effort).with_context(|| format!("compressing {}", target.display()))?;
    write_file(&output, &bytes)?;
    mark_fresh(&stamp, &input)?;
    Ok(length(&bytes))
}

fn brotli(content: &[u8], effort: Effort) -> Result<Vec<u8>> {
    let quality = if effort == Effort::Quick { 4 } else { 11 };
    let parameters = brotli::enc::BrotliEncoderParams {
        quality,
        lgwin: 22,
        ..Default::default()
    };
    let mut output = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut output, &parameters)?;
    Ok(output)
}

fn gzip(content: &[u8], effort: Effort) -> Result<Vec<u8>> {
    let level = if effort == Effort::Quick {
        flate2::Compression::fast()
    } else {
        flate2::Compression::best()
    };
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

fn is_compressible(path: &str) -> bool {
    [".js", ".wasm", ".css", ".svg", ".txt", ".json"]
        .iter()
        .any(|extension| path.ends_with(extension))
}

/// Removes what an earlier bundle left: nothing that the manifest does not lead to stays.
fn remove_others(site: &Path, planned: &Planned) -> Result<()> {
    let mut there = Planned::new();
    collect_names(site, "", &mut there)?;
    for path in there.keys() {
        let plain = path
            .strip_suffix(".br")
            .or_else(|| path.strip_suffix(".gz"))
            .unwrap_or(path);
        if plain != "manifest.json" && !planned.contains_key(plain) {
            fs::remove_file(site.join(path)).with_context(|| format!("could not remove {path}"))?;
        }
    }
    Ok(())
}

fn collect_names(folder: &Path, prefix: &str, there: &mut Planned) -> Result<()> {
    for entry in
        fs::read_dir(folder).with_context(|| format!("could not list {}", folder.display()))?
    {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let place = if prefix.is_empty() {
            name
        } else {
            format!("{prefix}/{name}")
        };
        if path.is_dir() {
            collect_names(&path, &place, there)?;
        } else {
            there.insert(place, Vec::new());
        }
    }
    Ok(())
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Effort, write_into};
    use crate::tools;

    #[test]
    fn names_carry_the_content_and_old_files_go() {
        let folder = tools::own_dir().join("test-site");
        let _ = fs::remove_dir_all(&folder);
        let (site, public, package) = (
            folder.join("site"),
            folder.join("public"),
            folder.join("package"),
        );
        tools::write(&package.join("clearance.js"), "import './idiomorph.js'").unwrap();
        tools::write(&package.join("idiomorph.js"), "export {}").unwrap();
        tools::write(&package.join("clearance.wasm"), "\0asm").unwrap();
        tools::write(&package.join("snippets/a/inline0.js"), "1").unwrap();
        tools::write(&public.join("fonts/x.woff2"), "font").unwrap();
        let write = |css: &str| write_into(&site, &public, &package, css, Effort::Quick).unwrap();
        let manifest = || fs::read_to_string(site.join("manifest.json")).unwrap();

        let files = write("a{}");
        let first = manifest();
        assert_eq!(files.len(), 6);
        assert_eq!(files.iter().filter(|file| file.is_code()).count(), 4);
        let module = files
            .iter()
            .find(|file| file.path.starts_with("pkg/idiomorph."));
        let imported = module.unwrap().path.replace("pkg/", "./");
        assert!(files.iter().any(|file| {
            file.path.starts_with("pkg/clearance.")
                && fs::read_to_string(site.join(&file.path))
                    .is_ok_and(|text| text.contains(&imported))
        }));
        for file in &files {
            assert_eq!(
                site.join(format!("{}.br", file.path)).is_file(),
                file.brotli.is_some()
            );
            assert_eq!(file.brotli.is_some(), !file.path.ends_with(".woff2"));
        }

        write("b{}");
        assert_ne!(manifest(), first);
        let sheets = |ending: &str| {
            let names = fs::read_dir(site.join("pkg"))
                .unwrap()
                .map(|entry| entry.unwrap().file_name());
            names
                .filter(|name| name.to_string_lossy().ends_with(ending))
                .count()
        };
        assert_eq!(
            (sheets(".css"), sheets(".css.br"), sheets(".css.gz")),
            (1, 1, 1)
        );

        write("a{}");
        assert_eq!(manifest(), first);
    }
}
