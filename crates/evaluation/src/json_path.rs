//! The small part of JSON path that suites use: `$`, `.name` and `[index]`. Wildcards, filters and slices are refused.

use serde_json::Value;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

/// A parsed path such as `$.order.lines[0].status`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonPath {
    steps: Vec<Step>,
}

impl JsonPath {
    /// Parses a path. The error is a sentence for the author of the suite.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text
            .strip_prefix('$')
            .ok_or_else(|| format!("`{text}` must start with `$`"))?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let (key, left) = after.split_at(end);
                if key.is_empty() || key.contains(['*', ']', '?', '@']) {
                    return Err(format!(
                        "`{text}` has a step that is not a plain name: use `.name` and `[index]` only"
                    ));
                }
                steps.push(Step::Key(key.to_owned()));
                rest = left;
            } else if let Some(after) = rest.strip_prefix('[') {
                let (index, left) = after
                    .split_once(']')
                    .ok_or_else(|| format!("`{text}` has a `[` without its `]`"))?;
                let index = index
                    .parse()
                    .map_err(|_| format!("`{text}`: `[{index}]` is not an index"))?;
                steps.push(Step::Index(index));
                rest = left;
            } else {
                return Err(format!(
                    "`{text}`: expected `.name` or `[index]` at `{rest}`"
                ));
            }
        }
        Ok(Self { steps })
    }

    /// The value the path leads to.
    pub(crate) fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.steps.iter().try_fold(value, |at, step| match step {
            Step::Key(key) => at.get(key),
            Step::Index(index) => at.get(index),
        })
    }
}
