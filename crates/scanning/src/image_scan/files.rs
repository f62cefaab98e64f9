//! What stands in the image after its layers: findings and packages by path, with what later layers hide.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use domain::gate::{Finding, Severity};

use super::entries::{self, Aggregate, Entry, Verdict};
use crate::inventory::{self, Component, DATABASES, Distribution, Kind, MAX_COMPONENTS};
use crate::report::{Worst, finding};

/// Findings kept before they are ordered, the worst ones: a hostile layer can be unsafe a million times.
const MAX_KEPT: usize = 5_000;
/// Symbolic links kept to see where the lists of packages lead.
const MAX_LINKS: usize = 300_000;
/// Links on the way to one file.
const MAX_HOPS: usize = 40;

/// What a file says is installed.
#[derive(Debug, Default)]
pub(super) struct Found {
    components: Vec<Component>,
    distribution: Option<Distribution>,
    /// Why it could not be read.
    pub(super) unread: Option<String>,
}

impl Found {
    /// Reads a file that says what is installed, or a program.
    pub(super) fn learn(&mut self, kind: Option<Kind>, path: &str, bytes: &[u8]) {
        if kind == Some(Kind::OsRelease) {
            self.distribution = Some(Distribution::parse(&String::from_utf8_lossy(bytes)));
        }
        let read = match kind {
            Some(kind) => kind.read(path, bytes),
            None => inventory::read_binary(path, bytes),
        };
        match read {
            Ok(components) => self.components = components,
            Err(why) => self.unread = Some(why),
        }
    }

    const fn is_empty(&self) -> bool {
        self.components.is_empty() && self.distribution.is_none() && self.unread.is_none()
    }
}

#[derive(Debug)]
struct Node {
    layer: usize,
    findings: Vec<Finding>,
    found: Found,
}

/// The files that matter, by path.
#[derive(Debug)]
pub(super) struct Files {
    standing: BTreeMap<String, Node>,
    /// Where symbolic links lead, and the layer that put them.
    links: BTreeMap<String, (String, usize)>,
    /// Findings of `standing`.
    kept: usize,
    /// Which paths have findings of a severity: the least give way where there are too many.
    by_severity: BTreeMap<Severity, BTreeSet<String>>,
    components: usize,
    /// Secrets that a later layer removed.
    buried: Worst,
    /// Ordinary oddities of base images, counted and not listed.
    aggregates: BTreeMap<Aggregate, (usize, String)>,
    /// True where something was left out because there is too much of it.
    pub(super) overflow: bool,
}

/// What the image holds in the end.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) findings: Vec<Finding>,
    pub(super) components: Vec<Component>,
    pub(super) distribution: Distribution,
    /// What says what is installed and could not be read: path and reason.
    pub(super) unread: Vec<(String, String)>,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            standing: BTreeMap::new(),
            links: BTreeMap::new(),
            kept: 0,
            by_severity: BTreeMap::new(),
            components: 0,
            buried: Worst::new(MAX_KEPT),
            aggregates: BTreeMap::new(),
            overflow: false,
        }
    }
}

impl Files {
    /// Handles `.wh.name` and `.wh..wh..opq`: they hide what the layers below put there.
    pub(super) fn whiteout(&mut self, plain: &str, layer: usize) -> bool {
        let (folder, name) = plain.rsplit_once('/').unwrap_or(("", plain));
        let Some(hidden) = name.strip_prefix(".wh.") else {
            return false;
        };
        match (hidden, folder) {
            (".wh..opq", folder) => self.hide_below(folder, layer),
            // Bookkeeping of old storage drivers, and names that name nothing.
            ("" | "." | "..", _) => {}
            (name, _) if name.starts_with(".wh.") => {}
            (name, "") => self.hide(name, layer),
            (name, folder) => self.hide(&format!("{folder}/{name}"), layer),
        }
        true
    }

    fn hide(&mut self, path: &str, layer: usize) {
        if self
            .standing
            .get(path)
            .is_some_and(|node| node.layer < layer)
        {
            self.bury(path);
        }
        if self.links.get(path).is_some_and(|(_, put)| *put < layer) {
            self.links.remove(path);
        }
        self.hide_below(path, layer);
    }

    /// Hides what lower layers put into a folder.
    fn hide_below(&mut self, folder: &str, layer: usize) {
        let prefix = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        let from = (Bound::Included(prefix.clone()), Bound::Unbounded);
        let gone: Vec<String> = self
            .standing
            .range::<String, _>(from.clone())
            .take_while(|(path, _)| path.starts_with(&prefix))
            .filter(|(_, node)| node.layer < layer)
            .map(|(path, _)| path.clone())
            .collect();
        for path in gone {
            self.bury(&path);
        }
        let gone: Vec<String> = self
            .links
            .range::<String, _>(from)
            .take_while(|(path, _)| path.starts_with(&prefix))
            .filter(|(_, (_, put))| *put < layer)
            .map(|(path, _)| path.clone())
            .collect();
        for path in gone {
            self.links.remove(&path);
        }
    }

    fn bury(&mut self, path: &str) {
        let Some(node) = self.standing.remove(path) else {
            return;
        };
        self.kept -= node.findings.len();
        for mut one in node.findings {
            self.unlist(one.severity, path);
            if entries::is_secret(&one.rule) {
                one.message
                    .push_str(" A later layer hides it, and the layer still holds it.");
                self.buried.keep(one.severity, || one);
            }
        }
    }

    /// Puts an entry of a layer in its place.
    pub(super) fn put(&mut self, entry: &Entry, found: Found, layer: usize) {
        let path = entry.plain.as_str();
        // A path that comes again stands for its newest content, and only a folder keeps what is in it.
        self.bury(path);
        self.links.remove(path);
        if !entry.kind.is_dir() {
            self.hide_below(path, layer);
        }
        let mut verdicts = entries::judge(entry);
        verdicts.extend(self.through_link(path, layer));
        if entry.kind.is_symlink() {
            if self.links.len() < MAX_LINKS {
                let target = entry.target.clone().unwrap_or_default();
                self.links.insert(path.to_owned(), (target, layer));
            } else {
                self.overflow = true;
            }
        }
        let mut found = found;
        if entry.kind.is_hard_link() && Kind::of(path).is_some_and(|kind| kind != Kind::Java) {
            found.unread = Some("it is a hard link, so its content was not read here".to_owned());
        }
        self.keep(entry, verdicts, found, layer);
    }

    fn keep(&mut self, entry: &Entry, verdicts: Vec<Verdict>, found: Found, layer: usize) {
        let mut findings = Vec::new();
        for verdict in verdicts {
            match verdict {
                Verdict::Unsafe {
                    rule,
                    severity,
                    message,
                } => {
                    findings.push(finding(rule, severity, message, &entry.plain, None));
                }
                Verdict::Ordinary(aggregate) => {
                    let counted = self
                        .aggregates
                        .entry(aggregate)
                        .or_insert_with(|| (0, entry.plain.clone()));
                    counted.0 += 1;
                }
            }
        }
        self.components += found.components.len();
        if self.components > MAX_COMPONENTS {
            self.overflow = true;
            return;
        }
        // The worst first, so that none has to give way to one of the same entry.
        findings.sort_by_key(|one| Reverse(one.severity));
        findings.retain(|one| self.list(one.severity, &entry.plain));
        if !findings.is_empty() || !found.is_empty() {
            let node = Node {
                layer,
                findings,
                found,
            };
            self.standing.insert(entry.plain.clone(), node);
        }
    }

    /// Counts a finding of a path; false where there are too many, and none of lesser severity elsewhere to give way.
    fn list(&mut self, severity: Severity, path: &str) -> bool {
        if self.kept >= MAX_KEPT && !self.drop_lesser(severity) {
            return false;
        }
        self.kept += 1;
        let paths = self.by_severity.entry(severity).or_default();
        paths.insert(path.to_owned());
        true
    }

    fn unlist(&mut self, severity: Severity, path: &str) {
        if let Some(paths) = self.by_severity.get_mut(&severity) {
            paths.remove(path);
            if paths.is_empty() {
                self.by_severity.remove(&severity);
            }
        }
    }

    /// Drops the findings of the least severity of one path, where it is less than `severity`.
    fn drop_lesser(&mut self, severity: Severity) -> bool {
        let least = self.by_severity.range(..severity).next();
        let Some((least, other)) =
            least.and_then(|(least, paths)| Some((*least, paths.first()?.clone())))
        else {
            return false;
        };
        self.unlist(least, &other);
        let Some(node) = self.standing.get_mut(&other) else {
            return false;
        };
        let before = node.findings.len();
        node.findings.retain(|one| one.severity != least);
        self.kept -= before - node.findings.len();
        if node.findings.is_empty() && node.found.is_empty() {
            self.standing.remove(&other);
        }
        true
    }

    /// A file that is written through a link of the same layer lands where the link leads, in whatever unpacks it naively.
    fn through_link(&self, path: &str, layer: usize) -> Option<Verdict> {
        if self.links.is_empty() {
            return None;
        }
        let through = path.match_indices('/').any(|(at, _)| {
            let folder = path.get(..at).unwrap_or_default();
            self.links.get(folder).is_some_and(|(_, put)| *put == layer)
        });
        through.then(|| Verdict::Unsafe {
            rule: "image-link-traversal",
            severity: Severity::High,
            message: "A file is written through a symbolic link of the same layer, so it may land elsewhere: rebuild it with a tool you trust.".to_owned(),
        })
    }

    /// Where a path leads; `None` for a circle.
    fn resolve(&self, path: &str) -> Option<String> {
        let mut path = path.to_owned();
        for _ in 0..MAX_HOPS {
            let link = path
                .match_indices('/')
                .map(|(at, _)| at)
                .chain([path.len()])
                .find(|at| self.links.contains_key(path.get(..*at).unwrap_or_default()));
            let Some(at) = link else {
                return Some(path);
            };
            let (head, tail) = path.split_at(at);
            let (target, _) = self.links.get(head)?;
            let base = if target.starts_with('/') {
                ""
            } else {
                head.rsplit_once('/').map_or("", |(folder, _)| folder)
            };
            path = joined(base, &format!("{target}{tail}"));
        }
        None
    }

    /// Everything unsafe, and everything installed.
    pub(super) fn into_contents(self) -> Contents {
        let mut contents = Contents::default();
        for (database, kind) in DATABASES {
            let leads = self.resolve(database);
            let known = leads
                .as_deref()
                .is_some_and(|leads| Kind::of(leads) == Some(*kind));
            // A link to nothing hides nothing that we could know of, and is still no list that was read.
            if !known {
                contents.unread.push((
                    (*database).to_owned(),
                    "the list of packages is reached through a link to another place".to_owned(),
                ));
            }
        }
        let mut distributions = BTreeMap::new();
        for (path, node) in self.standing {
            contents.findings.extend(node.findings);
            contents.components.extend(node.found.components);
            if let Some(why) = node.found.unread {
                contents.unread.push((path.clone(), why));
            }
            if let Some(distribution) = node.found.distribution {
                distributions.insert(path, distribution);
            }
        }
        // `etc` comes first, as for everyone else who asks.
        contents.distribution = distributions.into_values().next().unwrap_or_default();
        contents.findings.extend(self.buried.into_findings());
        for (aggregate, (number, example)) in self.aggregates {
            let (rule, message) = aggregate.describe(number);
            contents
                .findings
                .push(finding(rule, Severity::Low, message, &example, None));
        }
        contents
    }
}

/// A path in the image, with its steps up taken.
fn joined(base: &str, path: &str) -> String {
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}
