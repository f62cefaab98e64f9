//! `tests`, `defaultTest` and `scenarios` as a plain list of tests.

use serde_json::{Map, Value};

use super::budget::{self, Budget};
use crate::formats::take::one_or_many;
use crate::formats::{Imported, MAX_ROWS, Unreadable};

/// Settings of a test that say how promptfoo runs it.
const RUNNING: &[&str] = &[
    "options",
    "provider",
    "providers",
    "prompts",
    "assertScoringFunction",
    "providerOutput",
];

/// One test with all that it inherits.
#[derive(Debug, Clone, Default)]
pub(super) struct Test {
    pub(super) place: String,
    pub(super) description: Option<String>,
    pub(super) vars: Map<String, Value>,
    /// Each with its place, because some are inherited.
    pub(super) asserts: Vec<(String, Value)>,
    pub(super) metadata: Map<String, Value>,
    pub(super) threshold: Option<Value>,
    /// Code that changes each answer before it is looked at.
    pub(super) transform: Option<Value>,
}

impl Test {
    /// Roughly the bytes of a copy.
    fn size(&self) -> usize {
        let asserts = self.asserts.iter();
        self.place.len()
            + self.description.as_ref().map_or(0, String::len)
            + budget::size_of_map(&self.vars)
            + asserts
                .map(|(at, one)| at.len() + budget::size(one))
                .sum::<usize>()
            + budget::size_of_map(&self.metadata)
            + self.threshold.as_ref().map_or(0, budget::size)
            + self.transform.as_ref().map_or(0, budget::size)
    }
}

/// True for a reference to another file or to code.
pub(super) fn names_file(text: &str) -> bool {
    let text = text.trim();
    let known = [
        ".txt", ".json", ".yaml", ".yml", ".csv", ".js", ".ts", ".mjs", ".cjs", ".py", ".jsonl",
        ".j2", ".md",
    ];
    !text.contains('\n')
        && ([
            "file://",
            "http://",
            "https://",
            "huggingface://",
            "exec:",
            "package:",
        ]
        .iter()
        .any(|scheme| text.starts_with(scheme))
            || (!text.contains(' ')
                && !text.contains("{{")
                && known.iter().any(|ending| text.ends_with(ending)))
            || (!text.contains(' ') && text.contains('*') && text.contains('/')))
}

/// Every test of a configuration. The parts it reads are taken out of it.
pub(super) fn tests(
    config: &mut Map<String, Value>,
    imported: &mut Imported,
    budget: &mut Budget,
) -> Result<Vec<Test>, Unreadable> {
    let base = match config.remove("defaultTest") {
        None | Some(Value::Null) => Test::default(),
        Some(Value::String(_)) => {
            imported.note("defaultTest", "not read: it is another file");
            Test::default()
        }
        Some(value) => parse(
            "defaultTest",
            value,
            &Test::default(),
            (&mut *imported, &mut *budget),
        )?,
    };
    let mut found = Vec::new();
    for (place, value) in entries("tests", config.remove("tests"), imported) {
        let test = parse(&place, value, &base, (&mut *imported, &mut *budget))?;
        multiply(test, &mut found, budget)?;
    }
    for (place, scenario) in entries("scenarios", config.remove("scenarios"), imported) {
        let Value::Object(mut scenario) = scenario else {
            return Err(Unreadable::new(
                place,
                "expected a map with `config` and `tests`",
            ));
        };
        let configs = entries(
            &format!("{place}.config"),
            scenario.remove("config"),
            imported,
        );
        let tests = entries(
            &format!("{place}.tests"),
            scenario.remove("tests"),
            imported,
        );
        for (config_place, config) in configs {
            let setting = parse(&config_place, config, &base, (&mut *imported, &mut *budget))?;
            for (test_place, test) in &tests {
                budget.copy(test_place, test)?;
                let room = (&mut *imported, &mut *budget);
                let mut test = parse(test_place, test.clone(), &setting, room)?;
                test.place = format!("{test_place} with {config_place}");
                multiply(test, &mut found, budget)?;
            }
        }
    }
    Ok(found)
}

/// The entries of a list with their places; what is a reference to a file is listed.
fn entries(name: &str, value: Option<Value>, imported: &mut Imported) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (at, one) in one_or_many(value).into_iter().enumerate() {
        let place = format!("{name}[{at}]");
        let generated = one.get("path").is_some_and(Value::is_string) && one.get("vars").is_none();
        if one.is_string() || generated {
            imported.note(
                place,
                "not read: import that file by itself; code is not run",
            );
        } else {
            found.push((place, one));
        }
    }
    found
}

fn parse(
    place: &str,
    value: Value,
    base: &Test,
    (imported, budget): (&mut Imported, &mut Budget),
) -> Result<Test, Unreadable> {
    let Value::Object(mut map) = value else {
        return Err(Unreadable::new(
            place,
            "expected a test: a map with `vars` and `assert`",
        ));
    };
    budget.spend(place, base.size())?;
    let mut test = Test {
        place: place.to_owned(),
        ..base.clone()
    };
    if let Some(Value::String(description)) = map.remove("description") {
        test.description = Some(description);
    }
    match map.remove("vars") {
        None | Some(Value::Null) => {}
        Some(Value::Object(vars)) => {
            for (name, value) in vars {
                if value.as_str().is_some_and(names_file) {
                    imported.note(
                        format!("{place}.vars.{name}"),
                        "the file is not read: its name is sent",
                    );
                }
                test.vars.insert(name, value);
            }
        }
        Some(_) => imported.note(
            format!("{place}.vars"),
            "not read: variables from files or code",
        ),
    }
    // What a test inherits comes first, as promptfoo has it.
    test.asserts.extend(
        one_or_many(map.remove("assert"))
            .into_iter()
            .enumerate()
            .map(|(at, one)| (format!("{place}.assert[{at}]"), one)),
    );
    if let Some(Value::Object(metadata)) = map.remove("metadata") {
        test.metadata.extend(metadata);
    }
    if let Some(threshold) = map.remove("threshold").filter(|value| !value.is_null()) {
        test.threshold = Some(threshold);
    }
    let transform = map
        .get("options")
        .and_then(|options| options.get("transform"));
    if let Some(transform) = transform.filter(|value| !value.is_null()) {
        test.transform = Some(transform.clone());
    }
    for (name, value) in map {
        if !value.is_null() {
            let what = if RUNNING.contains(&name.as_str()) {
                "not used: it says how promptfoo runs the test"
            } else {
                "not supported"
            };
            imported.note(format!("{place}.{name}"), what);
        }
    }
    Ok(test)
}

/// A variable with several values stands for as many tests.
fn multiply(test: Test, found: &mut Vec<Test>, budget: &mut Budget) -> Result<(), Unreadable> {
    let mut all = vec![test];
    let several = |all: &[Test]| {
        let vars = &all.first()?.vars;
        let found = vars.iter().find(|(_, value)| value.is_array())?;
        Some(found.0.clone())
    };
    while let Some(name) = several(&all) {
        let mut next = Vec::new();
        for test in all {
            let Some(Value::Array(values)) = test.vars.get(&name).cloned() else {
                continue;
            };
            let size = test.size();
            for (at, value) in values.into_iter().enumerate() {
                budget.spend(&test.place, size)?;
                let mut one = test.clone();
                one.place = format!("{} ({name} {})", test.place, at + 1);
                // A list in a list is a value.
                let value = if value.is_array() {
                    Value::String(value.to_string())
                } else {
                    value
                };
                one.vars.insert(name.clone(), value);
                next.push(one);
                if next.len() + found.len() > MAX_ROWS {
                    return Err(Unreadable::new(
                        test.place,
                        format!("more than {MAX_ROWS} rows: its variables multiply"),
                    ));
                }
            }
        }
        all = next;
    }
    found.extend(all);
    Ok(())
}
