//! Measures how deep a syntax tree could become, from the tokens alone, before anything recursive touches it.
//!
//! The parser grows its stack as it needs; visiting and dropping a tree does not. A chain such as `a.b.c…` or `1+1+1…` is
//! as deep a tree as nested brackets, so both count.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};

/// Levels that the rules walk. People write fewer than fifty.
const MAX: usize = 1_000;

/// One open bracket, and what stands in it since the last separator.
#[derive(Debug, Default, Clone, Copy)]
struct Level {
    /// Links of the chain since the last comma.
    links: usize,
    /// Parts that a comma does not end: `lambda a, b: lambda c, d: …`.
    lasting: usize,
}

/// True where the code is nested too deeply.
pub(super) fn too_deep(text: &str) -> bool {
    let mut lexer = lexer::lex(text, Mode::Module);
    let mut levels = vec![Level::default()];
    let mut indents = 0_usize;
    // Kept up to date, so that a token costs the same at every depth.
    let mut depth = 0_usize;
    loop {
        let kind = lexer.next_token();
        if kind.is_eof() {
            return false;
        }
        let Some(top) = levels.last_mut() else {
            return true;
        };
        match change(kind) {
            Change::Nothing => {}
            Change::Link => {
                top.links += 1;
                depth += 1;
            }
            Change::Lasting => {
                top.lasting += 1;
                depth += 1;
            }
            Change::Open => {
                top.links += 1;
                depth += 1;
                levels.push(Level::default());
            }
            Change::Close => {
                if levels.len() > 1 {
                    let level = levels.pop().unwrap_or_default();
                    depth = depth.saturating_sub(level.links + level.lasting);
                }
            }
            Change::Separate => depth -= std::mem::take(&mut top.links),
            Change::EndLine => {
                levels.truncate(1);
                if let Some(level) = levels.first_mut() {
                    *level = Level::default();
                }
                depth = 0;
            }
            Change::Indent => indents += 1,
            Change::Dedent => indents = indents.saturating_sub(1),
        }
        if depth + indents > MAX || levels.len() > MAX {
            return true;
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Change {
    Nothing,
    Link,
    Lasting,
    Open,
    Close,
    Separate,
    EndLine,
    Indent,
    Dedent,
}

fn change(kind: TokenKind) -> Change {
    use TokenKind as T;
    if matches!(
        kind,
        T::Lpar | T::Lsqb | T::Lbrace | T::FStringStart | T::TStringStart
    ) {
        Change::Open
    } else if matches!(
        kind,
        T::Rpar | T::Rsqb | T::Rbrace | T::FStringEnd | T::TStringEnd
    ) {
        Change::Close
    } else if matches!(kind, T::Comma) {
        Change::Separate
    } else if matches!(kind, T::Newline | T::Semi) {
        Change::EndLine
    } else if matches!(kind, T::Indent) {
        Change::Indent
    } else if matches!(kind, T::Dedent) {
        Change::Dedent
    } else if matches!(kind, T::Lambda) {
        Change::Lasting
    } else if is_flat(kind) {
        Change::Nothing
    } else {
        Change::Link
    }
}

/// Tokens that never make a tree deeper: names, literals, trivia.
fn is_flat(kind: TokenKind) -> bool {
    use TokenKind as T;
    kind.is_trivia()
        || matches!(
            kind,
            T::Name
                | T::Int
                | T::Float
                | T::Complex
                | T::String
                | T::FStringMiddle
                | T::TStringMiddle
                | T::None
                | T::True
                | T::False
                | T::Ellipsis
                | T::Comment
                | T::NonLogicalNewline
        )
}
