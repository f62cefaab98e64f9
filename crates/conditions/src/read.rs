//! Reading a condition: its size, the functions it calls, and its grammar. Runs nothing of it.

use std::num::NonZeroUsize;

use regorus::Engine;
use regorus::utils::limits::PolicyLengthConfig;

use crate::Problem;

/// Largest text of a condition.
pub const SOURCE_MAX_BYTES: usize = 8 * 1024;
/// Most lines of it.
const LINES_MAX: usize = 400;
/// Deepest brackets in brackets.
const DEPTH_MAX: usize = 24;

/// Functions that answer with much more than they were given, so that a few lines could fill the memory.
const MULTIPLYING: &[&str] = &[
    "array.concat",
    "bits.lsh",
    "concat",
    "format_int",
    "json.marshal",
    "json.marshal_with_options",
    "json.unmarshal",
    "numbers.range",
    "numbers.range_step",
    "print",
    "product",
    "rand.intn",
    "regex.replace",
    "replace",
    "sprintf",
    "strings.render_template",
    "strings.replace_n",
    "trace",
];

/// Reads a condition as it will be run.
///
/// # Errors
/// What is wrong, with its place in the text.
pub fn check(source: &str) -> Result<(), Problem> {
    load(source).map(|_| ())
}

/// An engine that holds the condition and nothing else.
pub(crate) fn load(source: &str) -> Result<Engine, Problem> {
    bounds(source)?;
    calls(source)?;
    let mut engine = Engine::new();
    engine.set_policy_length_config(PolicyLengthConfig {
        max_file_bytes: NonZeroUsize::new(SOURCE_MAX_BYTES).unwrap_or(NonZeroUsize::MIN),
        max_lines: NonZeroUsize::new(LINES_MAX).unwrap_or(NonZeroUsize::MIN),
        ..PolicyLengthConfig::default()
    });
    let package = engine
        .add_policy("condition".to_owned(), source.to_owned())
        .map_err(|error| located(&error.to_string()))?;
    if package != "data.clearance" {
        return Err(Problem {
            line: 1,
            column: 1,
            message: "A condition begins with `package clearance`.".to_owned(),
        });
    }
    let declared = engine.has_declared_rule_rooted_at("condition", "allow");
    if !declared.unwrap_or(false) {
        return Err(Problem {
            line: 1,
            column: 1,
            message: "A condition has a rule `allow`, which is true or false.".to_owned(),
        });
    }
    Ok(engine)
}

fn bounds(source: &str) -> Result<(), Problem> {
    let whole = |message: String| Problem {
        line: 0,
        column: 0,
        message,
    };
    if source.len() > SOURCE_MAX_BYTES || source.lines().count() > LINES_MAX {
        return Err(whole(format!(
            "A condition has at most {SOURCE_MAX_BYTES} bytes and {LINES_MAX} lines."
        )));
    }
    let (mut line, mut column, mut depth) = (1_u32, 0_u32, 0_usize);
    for letter in source.chars() {
        column += 1;
        match letter {
            '\n' => (line, column) = (line + 1, 0),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            let message = format!("Brackets stand at most {DEPTH_MAX} deep in each other.");
            return Err(Problem {
                line,
                column,
                message,
            });
        }
    }
    Ok(())
}

/// Refuses calls of what multiplies.
fn calls(source: &str) -> Result<(), Problem> {
    for (at, text) in source.lines().enumerate() {
        for name in MULTIPLYING {
            let Some(found) = call(text, name) else {
                continue;
            };
            return Err(Problem {
                line: u32::try_from(at + 1).unwrap_or(0),
                column: u32::try_from(found + 1).unwrap_or(0),
                message: format!("A condition may not call {name}."),
            });
        }
    }
    Ok(())
}

/// Where a line calls a function, in characters.
fn call(line: &str, name: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = line.get(from..)?.find(name) {
        let at = from + found;
        let before = line.get(..at)?.chars().next_back();
        let after = line.get(at + name.len()..)?.trim_start().chars().next();
        let word = before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.');
        if !word && after == Some('(') {
            return Some(line.get(..at)?.chars().count());
        }
        from = at + name.len();
    }
    None
}

/// The place and the sentence out of an error such as `--> condition:3:7 … error: expecting …`.
pub(crate) fn located(text: &str) -> Problem {
    let place = text
        .split_once("--> condition:")
        .and_then(|(_, rest)| rest.lines().next());
    let mut numbers = place
        .unwrap_or_default()
        .split(':')
        .filter_map(|n| n.trim().parse().ok());
    let (line, column) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let message = text
        .rsplit_once("error: ")
        .map_or(text, |(_, sentence)| sentence);
    let first = message.trim().lines().next().unwrap_or("This is not Rego.");
    Problem {
        line,
        column,
        message: format!("Rego: {}", first.chars().take(200).collect::<String>()),
    }
}
