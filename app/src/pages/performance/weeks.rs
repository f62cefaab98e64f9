//! Changes a week as bars, and the same as a table.

use domain::view::performance::Week;
use leptos::prelude::*;

use crate::format::counted;
use crate::ui::prelude::*;

/// Height of the drawing and width of a week, in its own units.
const HEIGHT: usize = 96;
const STEP: usize = 16;
const BAR: usize = 12;

/// The drawing with its table.
pub(super) fn section(weeks: &[Week]) -> AnyView {
    let most = weeks
        .iter()
        .map(|week| week.changes)
        .max()
        .unwrap_or(0)
        .max(1);
    let total: usize = weeks.iter().map(|week| week.changes).sum();
    let label = format!(
        "{} in {}, at most {most} in one. The table below has each week.",
        counted(
            u64::try_from(total).unwrap_or(u64::MAX),
            "change",
            "changes"
        ),
        counted(
            u64::try_from(weeks.len()).unwrap_or(u64::MAX),
            "week",
            "weeks"
        ),
    );
    let bars: Vec<_> = weeks
        .iter()
        .enumerate()
        .map(|(at, week)| bar(at, week, most))
        .collect();
    let rows: Vec<_> = weeks.iter().rev().map(row).collect();
    let width = (weeks.len() * STEP).max(STEP);
    view! {
        <Section title="Changes a week" id="weeks">
            <div class="stack stack--3">
            <div class="chart">
                <svg class="bars" preserveAspectRatio="none" viewBox=format!("0 0 {width} {HEIGHT}") role="img" aria-label=label>
                    {bars}
                </svg>
                <p class="hint">
                    "Each bar is a week; its upper part is the changes that went well, the red foot those that failed. The highest is "
                    {most.to_string()} "."
                </p>
            </div>
            <details class="more">
                <summary>"As a table"</summary>
                <Table caption="Changes a week, the newest first" heads=&["Week of Monday", "#Changes", "#Of these failed"]>
                    {rows}
                </Table>
            </details>
            </div>
        </Section>
    }
    .into_any()
}

fn bar(at: usize, week: &Week, most: usize) -> AnyView {
    let x = at * STEP + (STEP - BAR) / 2;
    let height = |count: usize| count * HEIGHT / most;
    let (all, failed) = (height(week.changes), height(week.failed.min(week.changes)));
    let said = format!(
        "Week of {}: {} changes, {} failed",
        week.monday, week.changes, week.failed
    );
    view! {
        <g>
            <title>{said}</title>
            <rect class="bars__ok" x=x.to_string() y=(HEIGHT - all).to_string() width=BAR.to_string() height=(all - failed).to_string()></rect>
            <rect class="bars__bad" x=x.to_string() y=(HEIGHT - failed).to_string() width=BAR.to_string() height=failed.to_string()></rect>
        </g>
    }
    .into_any()
}

fn row(week: &Week) -> AnyView {
    view! {
        <tr>
            <th scope="row">{week.monday.clone()}</th>
            <td class="num">{week.changes.to_string()}</td>
            <td class="num">{week.failed.to_string()}</td>
        </tr>
    }
    .into_any()
}
