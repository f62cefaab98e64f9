//! The icon sprite: `public/icons.svg`, one symbol `i-NAME` for each name in `xtask/icons.txt`.
//!
//! The sprite is committed, so nobody needs Node.js to build. The drawings are Lucide's (ISC).

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::proc::{detail, say};
use crate::tools::{node, read, root, write};

const HEAD: &str = "<!-- Drawn by `cargo xtask icons` from xtask/icons.txt; do not edit.\n\
     Lucide 1.62.0 (https://lucide.dev), ISC License, Copyright (c) Lucide Icons and Contributors; some icons derive from\n\
     Feather, MIT License, Copyright (c) 2013-present Cole Bemis. The texts are in icons-licence.txt beside this file. -->\n";

pub(crate) fn run() -> Result<()> {
    say("icons: fetching the drawings");
    let drawings = node::icon_drawings()?.join("node_modules/lucide-static");
    let list = read(&root().join("xtask/icons.txt"))?;
    let list = String::from_utf8_lossy(&list);
    let names = wanted(&list)?;
    let mut sprite = String::from(HEAD);
    sprite.push_str("<svg xmlns=\"http://www.w3.org/2000/svg\">\n");
    for name in &names {
        sprite.push_str(&symbol(name, &drawing(&drawings, name)?)?);
    }
    sprite.push_str("</svg>\n");
    write(&root().join("public/icons.svg"), &sprite)?;
    write(
        &root().join("public/icons-licence.txt"),
        read(&drawings.join("LICENSE"))?,
    )?;
    detail(format!(
        "public/icons.svg: {} icons, {} bytes",
        names.len(),
        sprite.len()
    ));
    Ok(())
}

fn drawing(folder: &Path, name: &str) -> Result<String> {
    let bytes = read(&folder.join("icons").join(format!("{name}.svg")))
        .with_context(|| format!("Lucide has no icon \"{name}\": correct xtask/icons.txt"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The names of the list: sorted, each once, lower case and dashes only.
fn wanted(list: &str) -> Result<Vec<&str>> {
    let names: Vec<&str> = list
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    for pair in names.windows(2) {
        if let [one, two] = pair
            && one >= two
        {
            bail!("xtask/icons.txt: \"{two}\" must come before \"{one}\", and each name once");
        }
    }
    let well_formed = |name: &&str| {
        name.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    match names.iter().find(|name| !well_formed(name)) {
        Some(name) => bail!("xtask/icons.txt: \"{name}\" is not the name of an icon"),
        None => Ok(names),
    }
}

/// What lies between `<svg …>` and `</svg>`, as a symbol. Colour and stroke come from the style sheet (`.i`).
fn symbol(name: &str, svg: &str) -> Result<String> {
    let inner = svg
        .split_once("<svg")
        .and_then(|(_, rest)| rest.split_once('>'))
        .and_then(|(_, rest)| rest.rsplit_once("</svg>"))
        .map(|(inner, _)| inner)
        .with_context(|| format!("the drawing of \"{name}\" is not an SVG"))?;
    let shapes: String = inner.lines().map(str::trim).collect();
    Ok(format!(
        "<symbol id=\"i-{name}\" viewBox=\"0 0 24 24\">{shapes}</symbol>\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::{symbol, wanted};

    #[test]
    fn the_list_is_sorted_and_clean() {
        assert_eq!(wanted("# head\nban\ncheck\n\n").unwrap(), ["ban", "check"]);
        assert!(wanted("check\nban\n").is_err());
        assert!(wanted("ban\nban\n").is_err());
        assert!(wanted("../ban\n").is_err());
    }

    #[test]
    fn a_drawing_becomes_a_symbol() {
        let svg = "<!-- @license -->\n<svg\n  class=\"x\"\n>\n  <path d=\"M1 1\" />\n</svg>\n";
        let made = symbol("ban", svg).unwrap();
        assert_eq!(
            made,
            "<symbol id=\"i-ban\" viewBox=\"0 0 24 24\"><path d=\"M1 1\" /></symbol>\n"
        );
        assert!(symbol("ban", "no drawing").is_err());
    }
}
