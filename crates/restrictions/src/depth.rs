//! How deep a text may be nested. Cedar's parser and evaluator call themselves for each level, so what is too deep would end the
//! whole program; it is refused before it is parsed.

use crate::Problem;

/// Most brackets that are open at a time.
const OPEN_MAX: usize = 24;
/// Longest statement, bytes: a chain of operators is as deep as it is long.
const STATEMENT_MAX: usize = 1_000;

/// Is it flat enough, and is each statement short enough?
///
/// # Errors
/// The first place that is not.
pub(crate) fn check(text: &str) -> Result<(), Problem> {
    let (mut open, mut length, mut line) = (0_usize, 0_usize, 1_u32);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        length += c.len_utf8();
        match c {
            '\n' => line = line.saturating_add(1),
            // A comment ends with its line, and counts for nothing.
            '/' if chars.peek() == Some(&'/') => {
                while chars.peek().is_some_and(|c| *c != '\n') {
                    chars.next();
                }
            }
            '"' => length += string(&mut chars),
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            ';' if open == 0 => length = 0,
            _ => {}
        }
        if open > OPEN_MAX {
            let message = format!("At most {OPEN_MAX} brackets may be open at a time.");
            return Err(Problem { line, message });
        }
        if length > STATEMENT_MAX {
            let message =
                format!("A restriction has at most {STATEMENT_MAX} bytes: write several.");
            return Err(Problem { line, message });
        }
    }
    Ok(())
}

/// Passes over a string, behind its first quote. Answers its bytes.
fn string(chars: &mut impl Iterator<Item = char>) -> usize {
    let mut length = 0;
    while let Some(c) = chars.next() {
        length += c.len_utf8();
        match c {
            '\\' => length += chars.next().map_or(0, char::len_utf8),
            '"' => break,
            _ => {}
        }
    }
    length
}
