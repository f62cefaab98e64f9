//! promptfoo's configuration: its test cases and assertions become rows; its providers do not, because the deployed agent
//! is what is asked.

mod assertion;
mod budget;
pub(super) mod csv;
mod expand;
mod template;

use serde_json::{Map, Value, json};

use super::take::{one_or_many, words};
use super::{Imported, Unreadable, yaml};
use crate::row::{Input, Row};
use assertion::Assertions;
use budget::Budget;
use expand::Test;

/// Where an exported test keeps what promptfoo has no field for.
const OURS: &str = "clearance";
/// Names of the question among the variables, the likeliest first.
const QUESTION: &[&str] = &[
    "input",
    "prompt",
    "question",
    "query",
    "message",
    "user_input",
    "request",
];
/// Parts of a configuration that say how promptfoo runs and not what is tested.
const RUNNING: &[&str] = &[
    "description",
    "evaluateOptions",
    "commandLineOptions",
    "outputPath",
    "sharing",
    "env",
    "tags",
    "metadata",
    "writeLatestResults",
];

pub(super) fn read(text: &str) -> Result<Imported, Unreadable> {
    let Value::Object(mut config) = yaml::read(text)? else {
        return Err(Unreadable::new("file", "expected a map with `tests`"));
    };
    let mut imported = Imported::default();
    let assertions = Assertions::new(config.remove("assertionTemplates"));
    let prompts = prompts(config.remove("prompts"), &mut imported);
    let mut budget = Budget::new();
    let tests = expand::tests(&mut config, &mut imported, &mut budget)?;
    for (name, value) in &config {
        if !RUNNING.contains(&name.as_str()) && !value.is_null() {
            let what = match name.as_str() {
                "providers" | "targets" => "not used: the deployed agent is asked",
                "redteam" => "not read: generated attacks are no test cases",
                "nunjucksFilters" | "extensions" => "not run: it is code",
                _ => "not supported",
            };
            imported.note(name.as_str(), what);
        }
    }
    let mut number = 0_usize;
    for test in tests {
        let several = prompts.len() > 1;
        for (at, prompt) in prompts.iter().enumerate() {
            number += 1;
            let room = (&mut imported, &mut budget);
            let Some(mut row) = row(&test, prompt.as_deref(), &assertions, number, room)? else {
                continue;
            };
            if several && row.cluster_id.is_none() {
                row.cluster_id = Some(test.place.clone());
                row.extra
                    .insert("promptfoo.prompt".to_owned(), json!(at + 1));
            }
            imported.add(&test.place, row)?;
        }
    }
    Ok(imported)
}

/// The prompts that are texts; `None` stands for "the question itself", where there is none.
fn prompts(value: Option<Value>, imported: &mut Imported) -> Vec<Option<String>> {
    let mut found = Vec::new();
    for (at, one) in one_or_many(value).into_iter().enumerate() {
        let place = format!("prompts[{at}]");
        let text = match &one {
            Value::String(text) => Some(text.clone()),
            Value::Object(map) => map.get("raw").and_then(Value::as_str).map(str::to_owned),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
        };
        match text {
            Some(text) if !expand::names_file(&text) => found.push(Some(text)),
            _ => imported.note(
                place,
                "not read: it is another file or code; the question is sent as it is",
            ),
        }
    }
    if found.is_empty() {
        found.push(None);
    }
    found
}

fn row(
    test: &Test,
    prompt: Option<&str>,
    assertions: &Assertions,
    number: usize,
    (imported, budget): (&mut Imported, &mut Budget),
) -> Result<Option<Row>, Unreadable> {
    budget.spend(&test.place, budget::size_of_map(&test.metadata))?;
    let mut metadata = test.metadata.clone();
    let mut row = match metadata.remove(OURS) {
        Some(ours) => serde_json::from_value(ours).map_err(|error| {
            Unreadable::new(format!("{}.metadata.{OURS}", test.place), error.to_string())
        })?,
        None => Row {
            id: number.to_string(),
            weight: 1.0,
            ..Row::default()
        },
    };
    if row.input == Input::default() {
        let Some(input) = input(test, prompt, (&mut *imported, &mut *budget))? else {
            imported.note(
                test.place.as_str(),
                "left out: it is not clear which of its variables is the question; name it `question`, or write the prompt here",
            );
            return Ok(None);
        };
        row.input = Input::Text(input);
    }
    if let Some(description) = &test.description {
        row.extra
            .insert("description".to_owned(), json!(description));
    }
    for (name, value) in metadata {
        row.extra.insert(format!("metadata.{name}"), value);
    }
    row.checks = assertions.read(&test.asserts, &test.vars, (&mut *imported, &mut *budget))?;
    if let Some(transform) = &test.transform {
        for check in &mut row.checks {
            budget.copy(&test.place, transform)?;
            check
                .extra
                .insert("transform".to_owned(), transform.clone());
        }
    }
    if let Some(threshold) = &test.threshold {
        imported.note(
            format!("{}.threshold", test.place),
            "not used: every check of a case must hold",
        );
        row.extra
            .insert("promptfoo.threshold".to_owned(), threshold.clone());
    }
    Ok(Some(row))
}

/// What is sent: the prompt with its variables, or the variable that holds the question.
fn input(
    test: &Test,
    prompt: Option<&str>,
    (imported, budget): (&mut Imported, &mut Budget),
) -> Result<Option<String>, Unreadable> {
    let Some(prompt) = prompt else {
        let named = QUESTION.iter().find_map(|name| test.vars.get(*name));
        let only = (test.vars.len() == 1)
            .then(|| test.vars.values().next())
            .flatten();
        return Ok(named.or(only).map(words));
    };
    let (text, problems) = template::fill(&test.place, prompt, &test.vars, budget)?;
    for problem in problems {
        imported.note(format!("{}, prompt", test.place), problem);
    }
    Ok(Some(text))
}

pub(super) fn write(rows: &[Row]) -> Result<String, Unreadable> {
    let mut tests = Vec::new();
    for row in rows {
        let mut rest = row.clone();
        rest.checks.clear();
        let mut vars = Map::new();
        if let Input::Text(text) = &row.input {
            vars.insert("input".to_owned(), json!(template::escape(text)));
            if template::escape(text) == *text {
                rest.input = Input::default();
            }
        } else {
            vars.insert(
                "input".to_owned(),
                json!(template::escape(&row.input.text())),
            );
        }
        let mut test = Map::from_iter([("vars".to_owned(), Value::Object(vars))]);
        if let Some(Value::String(description)) = rest.extra.remove("description") {
            test.insert("description".to_owned(), json!(description));
        }
        if !row.checks.is_empty() {
            test.insert("assert".to_owned(), assertion::write(&row.checks));
        }
        test.insert("metadata".to_owned(), json!({ OURS: rest }));
        tests.push(Value::Object(test));
    }
    yaml::write(&json!({ "prompts": ["{{input}}"], "tests": tests }))
}
