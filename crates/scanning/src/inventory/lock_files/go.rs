//! `go.mod`: since Go 1.17 it lists every module that is built in.

use super::{Locked, ProblemKind};

pub(super) fn module(place: &str, text: &str) -> Locked {
    let mut locked = Locked::default();
    let mut block = "";
    let mut replaced: Vec<String> = Vec::new();
    let mut instead: Vec<(&str, &str)> = Vec::new();
    for (number, line) in (1_u32..).zip(text.lines()) {
        let line = line.split("//").next().unwrap_or_default().trim();
        if line == ")" {
            block = "";
            continue;
        }
        if let Some(name) = line.strip_suffix('(') {
            block = name.trim();
            continue;
        }
        let (kind, rest) = match block {
            "" => line.split_once(' ').unwrap_or((line, "")),
            block => (block, line),
        };
        let words: Vec<&str> = rest.split_whitespace().collect();
        match (kind, words.as_slice()) {
            ("require", [name, version, ..]) => locked.add("Go", name, version, place),
            ("go" | "toolchain", [version]) => {
                locked.components.retain(|one| one.name != "stdlib");
                locked.add("Go", "stdlib", version.trim_start_matches("go"), place);
            }
            ("replace", words) => {
                let arrow = words.iter().position(|word| *word == "=>");
                let (Some(arrow), Some(from)) = (arrow, words.first()) else {
                    continue;
                };
                replaced.push((*from).to_owned());
                match words.get(arrow + 1..).unwrap_or_default() {
                    [name, version] => instead.push((name, version)),
                    // A folder: part of the tree itself, if it is in there.
                    [folder] if !folder.starts_with('.') => {
                        locked.problem(ProblemKind::FromUrl, from, Some(number));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    locked
        .components
        .retain(|one| !replaced.contains(&one.name));
    for (name, version) in instead {
        locked.add("Go", name, version, place);
    }
    locked
}
