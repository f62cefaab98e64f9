//! Reads a pip requirements file, and refuses in it everything that is not a package from the operator's index.
//!
//! pip would follow URLs, paths and editable installs, run their build scripts, switch the index, and expand
//! environment variables. A repository must not be able to ask for any of that, so pip never sees the file itself,
//! only the lines that were understood here.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::error::{At, BuildError};

const MAX_FILE: u64 = 1 << 20;
const MAX_FILES: usize = 32;

/// The requirement and constraint lines of a file and all that it includes.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Requirements {
    pub(crate) lines: Vec<String>,
    pub(crate) constraints: Vec<String>,
    /// Normalised names that some line fixes to one version.
    pinned: BTreeSet<String>,
}

impl Requirements {
    /// Reads `path`, relative to the tree `root`.
    pub(crate) fn read(root: &Path, path: &Path) -> Result<Self, BuildError> {
        if path.components().any(|c| !is_plain(c)) {
            return Err(BuildError::InvalidRequest {
                field: "requirements",
                reason: "must be a path inside the source tree",
            });
        }
        let mut reader = Reader {
            root: fs::canonicalize(root).at(root)?,
            seen: BTreeSet::new(),
            found: Self::default(),
        };
        reader.file(path, false)?;
        Ok(reader.found)
    }

    /// Whether no package is asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.starts_with('-'))
    }

    /// Whether every one of the installed packages was fixed to one version by name.
    pub(crate) fn pin_all<'a>(&self, mut installed: impl Iterator<Item = &'a str>) -> bool {
        installed.all(|name| self.pinned.contains(&normalise(name)))
    }
}

fn is_plain(component: Component<'_>) -> bool {
    matches!(component, Component::Normal(_) | Component::CurDir)
}

/// A package's name as the index compares it.
pub(crate) fn normalise(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            _ => normal.extend(c.to_lowercase()),
        }
    }
    normal
}

struct Reader {
    root: PathBuf,
    seen: BTreeSet<(PathBuf, bool)>,
    found: Requirements,
}

impl Reader {
    fn file(&mut self, path: &Path, constraint: bool) -> Result<(), BuildError> {
        let full = match fs::canonicalize(self.root.join(path)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(BuildError::NotFound(path.to_path_buf()));
            }
            other => other.at(path)?,
        };
        // After links are resolved: a link may not lead out either.
        if !full.starts_with(&self.root) || !full.is_file() {
            return Err(BuildError::NotFound(path.to_path_buf()));
        }
        if !self.seen.insert((full.clone(), constraint)) {
            return Ok(());
        }
        let whole = |reason: &str| refused(path, 0, reason);
        if self.seen.len() > MAX_FILES {
            return Err(whole("too many files are included"));
        }
        if fs::metadata(&full).at(path)?.len() > MAX_FILE {
            return Err(whole("the file is larger than 1 MiB"));
        }
        let bytes = fs::read(&full).at(path)?;
        let text = String::from_utf8(bytes).map_err(|_| whole("the file is not UTF-8 text"))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        if text
            .lines()
            .any(|l| l.trim_start().starts_with("[[package]]") || l.trim() == "[project]")
        {
            return Err(whole(
                "this is not in pip's requirements format; export it to a requirements file",
            ));
        }
        for (line, content) in logical_lines(text) {
            self.line(path, line, &content, constraint)?;
        }
        Ok(())
    }

    fn line(
        &mut self,
        path: &Path,
        line: usize,
        content: &str,
        constraint: bool,
    ) -> Result<(), BuildError> {
        if content.contains("${") {
            return Err(refused(
                path,
                line,
                "environment variables are not expanded; write the value",
            ));
        }
        if content.chars().any(|c| c.is_control() && c != '\t') {
            return Err(refused(path, line, "control characters are not allowed"));
        }
        if content.starts_with('-') {
            return self.option(path, line, content, constraint);
        }
        let parsed = parse(content).map_err(|reason| refused(path, line, reason))?;
        if parsed.pinned {
            self.found.pinned.insert(normalise(parsed.name));
        }
        let lines = if constraint {
            &mut self.found.constraints
        } else {
            &mut self.found.lines
        };
        lines.push(content.to_owned());
        Ok(())
    }

    fn option(
        &mut self,
        path: &Path,
        line: usize,
        content: &str,
        constraint: bool,
    ) -> Result<(), BuildError> {
        for (names, is_constraint) in [
            (["--requirement", "-r"], constraint),
            (["--constraint", "-c"], true),
        ] {
            for name in names {
                let Some(rest) = content.strip_prefix(name) else {
                    continue;
                };
                let included = Path::new(rest.trim_start_matches(['=', ' ', '\t']).trim());
                let near = path.parent().unwrap_or(Path::new("")).join(included);
                if included.is_absolute() || included.as_os_str().is_empty() {
                    return Err(refused(
                        path,
                        line,
                        "includes must be paths inside the source tree",
                    ));
                }
                return self.file(&near, is_constraint);
            }
        }
        let name = content.split(['=', ' ', '\t']).next().unwrap_or(content);
        if ["--require-hashes", "--pre"].contains(&content) {
            self.found.lines.push(content.to_owned());
            return Ok(());
        }
        // Only wheels are taken in any case.
        if ["--prefer-binary", "--only-binary"].contains(&name) {
            return Ok(());
        }
        let reason = format!(
            "the option {} is not allowed in a requirements file; the package index and pip's options are the operator's to configure",
            name.chars().take(40).collect::<String>()
        );
        Err(refused(path, line, &reason))
    }
}

fn refused(path: &Path, line: usize, reason: &str) -> BuildError {
    BuildError::RequirementsRefused {
        path: path.to_path_buf(),
        line,
        reason: reason.to_owned(),
    }
}

/// Joins continued lines, drops comments and empty lines; numbers are those of the first physical line.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, physical) in text.lines().enumerate() {
        let (first, mut joined) = open.take().unwrap_or((number + 1, String::new()));
        let comment = physical.trim_start().starts_with('#');
        let continued = !comment && physical.ends_with('\\');
        joined.push_str(if comment {
            ""
        } else {
            physical.strip_suffix('\\').unwrap_or(physical)
        });
        if continued {
            open = Some((first, joined));
        } else {
            lines.push((first, joined));
        }
    }
    lines.extend(open);
    lines
        .into_iter()
        .map(|(number, line)| (number, without_comment(&line).trim().to_owned()))
        .filter(|(_, line)| !line.is_empty())
        .collect()
}

fn without_comment(line: &str) -> &str {
    let mut before = None;
    for (at, c) in line.char_indices() {
        if c == '#' && before.is_none_or(char::is_whitespace) {
            return &line[..at];
        }
        before = Some(c);
    }
    line
}

#[derive(Debug, PartialEq, Eq)]
struct Requirement<'a> {
    name: &'a str,
    pinned: bool,
}

const NOT_A_PACKAGE: &str = "only packages by name and version are allowed, not URLs, paths or version control; publish the package to the index";

fn parse(line: &str) -> Result<Requirement<'_>, &'static str> {
    let end = line
        .find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c)))
        .unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric())
        || !name.ends_with(|c: char| c.is_ascii_alphanumeric())
    {
        return Err(NOT_A_PACKAGE);
    }
    let archive = [".whl", ".zip", ".gz", ".bz2", ".xz", ".tar", ".tgz"];
    if archive.iter().any(|suffix| name.ends_with(suffix)) {
        return Err(NOT_A_PACKAGE);
    }
    let mut rest = rest.trim_start();
    if let Some(extras) = rest.strip_prefix('[') {
        let (inside, after) = extras.split_once(']').ok_or("the extras do not end")?;
        let ok = |c: char| c.is_ascii_alphanumeric() || "._-, ".contains(c);
        if !inside.chars().all(ok) {
            return Err("the extras are not names");
        }
        rest = after.trim_start();
    }
    let (rest, hashes) = match rest.find("--") {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    if !hashes.split_whitespace().all(is_hash) {
        return Err("only the option --hash=algorithm:hex is allowed after a requirement");
    }
    let (specifier, marker) = rest.split_once(';').unwrap_or((rest, ""));
    let ok = |c: char| c.is_ascii_alphanumeric() || " \t<>=!~.,*+-_()".contains(c);
    if !specifier.chars().all(ok) {
        return Err(NOT_A_PACKAGE);
    }
    let ok = |c: char| c.is_ascii_alphanumeric() || " \t<>=!~.,*+-_()'\"".contains(c);
    if !marker.chars().all(ok) {
        return Err("the environment marker cannot be read");
    }
    let specifier = specifier.trim_matches([' ', '\t', '(', ')']);
    let pinned = specifier.starts_with("==") && !specifier.contains([',', '*']);
    Ok(Requirement { name, pinned })
}

fn is_hash(token: &str) -> bool {
    token
        .strip_prefix("--hash=")
        .and_then(|hash| hash.split_once(':'))
        .is_some_and(|(algorithm, hex)| {
            algorithm.chars().all(|c| c.is_ascii_alphanumeric())
                && hex.chars().all(|c| c.is_ascii_hexdigit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_told_from_ranges() {
        for (line, pinned) in [
            ("six==1.17.0", true),
            ("six == 1.17.0 ; python_version >= '3.8'", true),
            (
                "Six[extra-a,b]==1.0 --hash=sha256:00ff --hash=sha256:aa",
                true,
            ),
            ("six", false),
            ("six>=1", false),
            ("six==1.*", false),
            ("six==1.0,!=1.1", false),
        ] {
            assert_eq!(parse(line).map(|r| r.pinned), Ok(pinned), "{line}");
        }
    }

    #[test]
    fn only_packages_from_the_index_are_accepted() {
        for line in [
            "git+https://example.org/x.git",
            "https://example.org/x.whl",
            "x @ https://example.org/x.whl",
            "x @ file:///etc",
            "./local",
            "/etc/passwd",
            "..",
            "local.whl",
            "dir/sub",
            "x==1 --global-option=y",
            "x==1 --hash=sha256:zz/..",
            "x[../y]",
            "x==1\u{a0}y",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn lines_are_joined_and_comments_dropped() {
        let text = "# top\nsix==1 \\\n  --hash=sha256:aa # why\n\n  b>=2#c\n";
        let lines = logical_lines(text);
        assert_eq!(
            lines,
            [
                (2, "six==1   --hash=sha256:aa".to_owned()),
                (5, "b>=2#c".to_owned())
            ]
        );
    }

    #[test]
    fn names_compare_as_in_the_index() {
        assert_eq!(normalise("Foo__Bar.-baz"), "foo-bar-baz");
    }
}
