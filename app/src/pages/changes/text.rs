//! Long texts that change, mostly prompts, line by line. Neutral on purpose: an added line is not good, a removed line
//! is not bad.

use domain::lines::{LineKind, lines};
use domain::text::visible;
use domain::view::diff::{Change, ChangeKind, VersionDiff};
use leptos::prelude::*;

use crate::format::counted;
use crate::ui::diff::changed_line;
use crate::ui::prelude::*;

/// Longest value that a cell of the table shows.
const CELL: usize = 120;
/// Unchanged lines that are shown around a change.
const AROUND: usize = 2;

/// Is a value of this change too long for a cell?
pub(super) fn is_long(change: &Change) -> bool {
    [&change.before, &change.after]
        .into_iter()
        .flatten()
        .any(|value| value.contains('\n') || value.chars().count() > CELL)
}

/// Where the page shows it.
pub(super) fn anchor(change: &Change) -> String {
    let name: String = format!("{}-{}", change.part, change.name)
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    format!("text-{name}")
}

/// "47 lines".
pub(super) fn size(value: Option<&String>) -> String {
    value.map_or_else(
        || "None".to_owned(),
        |text| {
            let lines = u64::try_from(text.lines().count()).unwrap_or(u64::MAX);
            counted(lines, "line", "lines")
        },
    )
}

/// "+18 −7".
pub(super) fn balance(change: &Change) -> String {
    let lines = compare(change);
    let of = |kind| {
        let is = |line: &&(Mark, String)| line.0 == Mark::Line(kind);
        lines.iter().filter(is).count()
    };
    format!("+{} −{}", of(LineKind::Added), of(LineKind::Removed))
}

/// Every long text, open where it changed.
pub(crate) fn section(diff: &VersionDiff) -> AnyView {
    let texts: Vec<_> = diff
        .config
        .iter()
        .filter(|change| is_long(change))
        .map(text)
        .collect();
    texts.into_any()
}

fn text(change: &Change) -> AnyView {
    let summary = format!("{} {}", change.part, change.name);
    let note = format!(
        "{}, {}",
        change.kind.label().to_lowercase(),
        balance(change)
    );
    let lines: Vec<_> = folded(compare(change)).into_iter().map(show).collect();
    let label = format!("Difference of {summary}");
    view! {
        <details class="more" id=anchor(change) open=change.kind == ChangeKind::Changed>
            <summary>
                <Icon name="chevron-right" small=true/>
                {summary}
                <span class="muted">{note}</span>
            </summary>
            <div class="diff diff--box" tabindex="0" role="region" aria-label=label>
                {lines}
            </div>
        </details>
    }
    .into_any()
}

fn show((mark, text): (Mark, String)) -> AnyView {
    match mark {
        Mark::Line(kind) => changed_line(kind, text),
        Mark::Fold => view! { <span class="c">{text}</span> }.into_any(),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Line(LineKind),
    Fold,
}

/// The lines of both texts in reading order.
fn compare(change: &Change) -> Vec<(Mark, String)> {
    let shown = |value: &Option<String>| visible(value.as_deref().unwrap_or_default());
    lines(&shown(&change.before), &shown(&change.after))
        .into_iter()
        .map(|line| (Mark::Line(line.kind), line.text))
        .collect()
}

/// Long runs of unchanged lines become one line that counts them.
fn folded(lines: Vec<(Mark, String)>) -> Vec<(Mark, String)> {
    let near = |at: usize| {
        let from = at.saturating_sub(AROUND);
        lines
            .iter()
            .skip(from)
            .take(at - from + AROUND + 1)
            .any(|line| line.0 != Mark::Line(LineKind::Same))
    };
    let keep: Vec<bool> = (0..lines.len()).map(near).collect();
    let mut out = Vec::new();
    let mut hidden = 0_u64;
    for (line, keep) in lines.into_iter().zip(keep) {
        if keep {
            fold(&mut out, &mut hidden);
            out.push(line);
        } else {
            hidden += 1;
        }
    }
    fold(&mut out, &mut hidden);
    out
}

fn fold(out: &mut Vec<(Mark, String)>, hidden: &mut u64) {
    if *hidden > 0 {
        let words = counted(*hidden, "line without a change", "lines without a change");
        out.push((Mark::Fold, words));
        *hidden = 0;
    }
}

#[cfg(test)]
mod tests {
    use domain::lines::LineKind;
    use domain::view::diff::{Change, ChangeKind};

    use super::{Mark, anchor, balance, compare, folded, is_long};

    fn change(before: Option<&str>, after: Option<&str>) -> Change {
        Change {
            part: "Prompt".to_owned(),
            name: "system.md".to_owned(),
            kind: ChangeKind::Changed,
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        }
    }

    fn marks(change: &Change) -> String {
        compare(change)
            .iter()
            .map(|(mark, text)| match mark {
                Mark::Line(LineKind::Same) => format!(" {text}"),
                Mark::Line(LineKind::Added) => format!("+{text}"),
                Mark::Line(LineKind::Removed) => format!("-{text}"),
                Mark::Fold => "~".to_owned(),
            })
            .collect()
    }

    #[test]
    fn common_lines_stay_and_the_others_are_told_apart() {
        let edited = change(Some("a\nb\nc\nd"), Some("a\nx\nc\ny\nd"));
        assert_eq!(marks(&edited), " a-b+x c+y d");
        assert_eq!(balance(&edited), "+2 −1");
        assert_eq!(marks(&change(None, Some("a\nb"))), "+a+b");
        assert_eq!(marks(&change(Some("a\nb"), None)), "-a-b");
        assert_eq!(marks(&change(Some("a\na"), Some("a"))), " a-a");
        assert_eq!(marks(&change(Some("same"), Some("same"))), " same");
    }

    #[test]
    fn long_texts_are_still_whole() {
        let many = |word: &str| (0..500).map(|n| format!("{word}{n}\n")).collect::<String>();
        let long = change(Some(&many("a")), Some(&many("b")));
        assert_eq!(balance(&long), "+500 −500");
    }

    #[test]
    fn unchanged_runs_are_counted() {
        let text = |last: &str| format!("1\n2\n3\n4\n5\n{last}");
        let lines = folded(compare(&change(Some(&text("a")), Some(&text("b")))));
        let words: Vec<&str> = lines.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(words, ["3 lines without a change", "4", "5", "a", "b"]);
    }

    #[test]
    fn hidden_characters_are_shown() {
        assert_eq!(marks(&change(None, Some("a\u{202e}b"))), "+a\u{fffd}b");
        assert!(is_long(&change(None, Some(&"x".repeat(121)))));
        assert_eq!(anchor(&change(None, None)), "text-prompt-system-md");
    }
}
