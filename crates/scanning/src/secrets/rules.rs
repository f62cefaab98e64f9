//! Rules for secrets in the schema of gitleaks (TOML): keywords first, then the expression, the entropy, the exceptions.

use aho_corasick::AhoCorasick;
use domain::gate::{Finding, Severity};
use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;

use super::{MAX_LINE, entropy};
use crate::report::{beginning, finding, printable};

/// Bytes that one compiled expression may take.
const MAX_REGEX: usize = 64 * 1024 * 1024;
/// Rules of one file.
const MAX_RULES: usize = 5_000;
/// Findings of one file.
const MAX_FINDINGS: usize = 200;

/// A file of rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretRulesError {
    /// It is not TOML of the schema.
    #[error("the rules for secrets are not valid: {0}")]
    Format(String),
    /// An expression is not one of our engine's.
    #[error("the rule {rule} has an expression that cannot be used: {problem}")]
    Expression {
        /// Its id.
        rule: String,
        /// What the engine said.
        problem: String,
    },
    /// An exception looks at something that we do not know.
    #[error(
        "the rule {rule} has an exception with `regexTarget = \"{target}\"`, which is unknown: write secret, match or line"
    )]
    Target {
        /// The id of the rule.
        rule: String,
        /// What is written.
        target: String,
    },
    /// It adds to rules that stand elsewhere, which would all be missing.
    #[error(
        "the rules for secrets extend others ([extend]), which are not read: write every rule into the one file and take [extend] out"
    )]
    Extends,
}

/// Rules that were loaded.
#[derive(Debug)]
pub struct SecretRules {
    name: String,
    rules: Vec<Rule>,
    keywords: AhoCorasick,
    /// The rules of each keyword.
    owners: Vec<usize>,
    allowed: Vec<Allow>,
}

#[derive(Debug)]
struct Rule {
    id: String,
    description: String,
    regex: Option<Regex>,
    path: Option<Regex>,
    group: Option<usize>,
    entropy: f64,
    has_keywords: bool,
    allowed: Vec<Allow>,
}

/// What is no secret.
#[derive(Debug)]
struct Allow {
    regexes: Vec<Regex>,
    paths: Vec<Regex>,
    words: Vec<String>,
    target: Target,
    all: bool,
}

/// What the expressions of an exception look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Secret,
    /// All that the rule's expression matched.
    Match,
    Line,
}

impl Target {
    fn of(name: &str) -> Option<Self> {
        match name {
            "" | "secret" => Some(Self::Secret),
            "match" => Some(Self::Match),
            "line" => Some(Self::Line),
            _ => None,
        }
    }
}

#[derive(Debug, Deserialize)]
struct RawFile {
    #[serde(default)]
    title: String,
    #[serde(default)]
    extend: RawExtend,
    #[serde(default)]
    rules: Vec<RawRule>,
    allowlist: Option<RawAllow>,
    #[serde(default)]
    allowlists: Vec<RawAllow>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawExtend {
    #[serde(default)]
    use_default: bool,
    path: Option<String>,
    url: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRule {
    id: String,
    #[serde(default)]
    description: String,
    regex: Option<String>,
    path: Option<String>,
    secret_group: Option<usize>,
    #[serde(default)]
    entropy: f64,
    #[serde(default)]
    keywords: Vec<String>,
    allowlist: Option<RawAllow>,
    #[serde(default)]
    allowlists: Vec<RawAllow>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawAllow {
    #[serde(default)]
    regexes: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    stopwords: Vec<String>,
    #[serde(default)]
    regex_target: String,
    #[serde(default)]
    condition: String,
}

impl SecretRules {
    /// Reads a file of rules. Every expression must compile: a rule that is left out would be a secret that is not found.
    ///
    /// # Errors
    /// [`SecretRulesError`] names what cannot be used.
    pub fn parse(text: &str) -> Result<Self, SecretRulesError> {
        let file: RawFile = toml::from_str(text)
            .map_err(|error| SecretRulesError::Format(error.message().to_owned()))?;
        let extend = &file.extend;
        if extend.use_default || extend.path.is_some() || extend.url.is_some() {
            return Err(SecretRulesError::Extends);
        }
        if file.rules.is_empty() || file.rules.len() > MAX_RULES {
            return Err(SecretRulesError::Format(format!(
                "{} rules, and there must be between 1 and {MAX_RULES}",
                file.rules.len()
            )));
        }
        let mut words: Vec<String> = Vec::new();
        let mut owners = Vec::new();
        let mut rules = Vec::new();
        for (at, raw) in file.rules.into_iter().enumerate() {
            owners.extend(raw.keywords.iter().map(|_| at));
            words.extend(raw.keywords.iter().cloned());
            rules.push(Rule::of(raw)?);
        }
        let keywords = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(&words)
            .map_err(|error| SecretRulesError::Format(error.to_string()))?;
        Ok(Self {
            name: printable(&file.title),
            rules,
            keywords,
            owners,
            allowed: allows("allowlist", file.allowlist, file.allowlists)?,
        })
    }

    /// How many rules there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rules.len()
    }

    /// True without rules; a file without any is refused.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// What the file calls itself.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Scans a text file.
    #[must_use]
    pub fn scan(&self, name: &str, text: &str) -> Vec<Finding> {
        if self.allowed.iter().any(|one| one.path(name)) {
            return Vec::new();
        }
        let mut wanted: Vec<bool> = self.rules.iter().map(|rule| !rule.has_keywords).collect();
        for hit in self.keywords.find_overlapping_iter(text) {
            let owner = self.owners.get(hit.pattern().as_usize());
            if let Some(wanted) = owner.and_then(|owner| wanted.get_mut(*owner)) {
                *wanted = true;
            }
        }
        let mut found = Vec::new();
        let rules = self
            .rules
            .iter()
            .zip(&wanted)
            .filter(|(_, wanted)| **wanted);
        for (rule, _) in rules {
            if found.len() < MAX_FINDINGS {
                rule.scan(name, text, &self.allowed, &mut found);
            }
        }
        found
    }
}

impl Rule {
    fn of(raw: RawRule) -> Result<Self, SecretRulesError> {
        let compile =
            |text: &Option<String>| text.as_deref().map(|text| regex(&raw.id, text)).transpose();
        Ok(Self {
            regex: compile(&raw.regex)?,
            path: compile(&raw.path)?,
            group: raw.secret_group,
            entropy: raw.entropy,
            has_keywords: !raw.keywords.is_empty(),
            allowed: allows(&raw.id, raw.allowlist, raw.allowlists)?,
            description: printable(&raw.description),
            id: raw.id,
        })
    }

    fn scan(&self, name: &str, text: &str, global: &[Allow], found: &mut Vec<Finding>) {
        if self
            .path
            .as_ref()
            .is_some_and(|path| !path.is_match(name.as_bytes()))
            || self.allowed.iter().any(|one| one.path(name))
        {
            return;
        }
        let Some(regex) = &self.regex else {
            found.push(self.finding(name, None));
            return;
        };
        for (number, line) in (1_u32..).zip(text.split('\n')) {
            let line = beginning(line.trim_end_matches('\r'), MAX_LINE);
            let secret = regex.captures_iter(line.as_bytes()).find_map(|captures| {
                let group = match self.group {
                    Some(group) => captures.get(group),
                    // Without a group the first one that is there, else the whole.
                    None => (1..captures.len())
                        .find_map(|at| captures.get(at))
                        .or_else(|| captures.get(0)),
                }?;
                let secret = std::str::from_utf8(group.as_bytes()).ok()?;
                let whole = captures
                    .get(0)
                    .map(|one| one.as_bytes())
                    .unwrap_or_default();
                let random = self.entropy <= 0.0 || entropy(secret) > self.entropy;
                let allowed = self
                    .allowed
                    .iter()
                    .chain(global)
                    .any(|one| one.matches(secret, whole, line));
                (random && !allowed).then_some(())
            });
            if secret.is_some() && found.len() < MAX_FINDINGS {
                found.push(self.finding(name, Some(number)));
            }
        }
    }

    fn finding(&self, name: &str, line: Option<u32>) -> Finding {
        let message = format!(
            "{} Revoke it, and use a secret reference.",
            if self.description.is_empty() {
                "This looks like a secret."
            } else {
                &self.description
            }
        );
        finding(
            &format!("secret-{}", self.id),
            Severity::High,
            message,
            name,
            line,
        )
    }
}

impl Allow {
    fn path(&self, name: &str) -> bool {
        // With `AND` a path alone decides nothing.
        !(self.all && !(self.regexes.is_empty() && self.words.is_empty()))
            && self.paths.iter().any(|path| path.is_match(name.as_bytes()))
    }

    fn matches(&self, secret: &str, whole: &[u8], line: &str) -> bool {
        let target = match self.target {
            Target::Secret => secret.as_bytes(),
            Target::Match => whole,
            Target::Line => line.as_bytes(),
        };
        let lower = secret.to_lowercase();
        let by_regex = self.regexes.iter().any(|one| one.is_match(target));
        let by_word = self.words.iter().any(|word| lower.contains(word));
        if self.all {
            (self.regexes.is_empty() || by_regex)
                && (self.words.is_empty() || by_word)
                && !(self.regexes.is_empty() && self.words.is_empty())
                && self.paths.is_empty()
        } else {
            by_regex || by_word
        }
    }
}

fn allows(
    rule: &str,
    one: Option<RawAllow>,
    many: Vec<RawAllow>,
) -> Result<Vec<Allow>, SecretRulesError> {
    let all = |texts: &[String]| {
        texts
            .iter()
            .map(|text| regex(rule, text))
            .collect::<Result<Vec<_>, _>>()
    };
    one.into_iter()
        .chain(many)
        .map(|raw| {
            let target = Target::of(&raw.regex_target).ok_or_else(|| SecretRulesError::Target {
                rule: printable(rule),
                target: printable(&raw.regex_target),
            })?;
            Ok(Allow {
                regexes: all(&raw.regexes)?,
                paths: all(&raw.paths)?,
                words: raw
                    .stopwords
                    .iter()
                    .map(|word| word.to_lowercase())
                    .collect(),
                target,
                all: raw.condition.eq_ignore_ascii_case("and"),
            })
        })
        .collect()
}

/// Go's expressions see bytes, and its classes are those of ASCII.
fn regex(rule: &str, text: &str) -> Result<Regex, SecretRulesError> {
    RegexBuilder::new(text)
        .unicode(false)
        .size_limit(MAX_REGEX)
        .build()
        .map_err(|error| SecretRulesError::Expression {
            rule: printable(rule),
            problem: error.to_string().chars().take(300).collect(),
        })
}
