//! Standing roles that nobody used for a month, for administrators.

use domain::elevation::UNUSED_DAYS;
use domain::view::elevation::UnusedGrant;
use leptos::prelude::*;

use crate::format::{Now, counted, length};
use crate::pages::settings::roles;
use crate::ui::prelude::*;

/// One row for each, with the step that takes it away.
pub(super) fn section(rows: Vec<UnusedGrant>, now: Now) -> AnyView {
    let note = counted(length(&rows), "role", "roles");
    let content = if rows.is_empty() {
        let text = format!(
            "Every standing role over production was used in the last {UNUSED_DAYS} days, or was given since."
        );
        view! { <p class="soft">{text}</p> }.into_any()
    } else {
        let step = take_away(&rows);
        let rows: Vec<_> = rows.into_iter().map(|row| line(row, now)).collect();
        view! {
            <p class="soft">
                {format!(
                    "The audit trail of the last {UNUSED_DAYS} days knows no act of these people that needed the role. Who needs it again asks for it above, for some hours.",
                )}
            </p>
            <Table caption="Standing roles that nobody used" heads=&["Person", "Role", "In", "Given, UTC"] class="tbl--stack">
                {rows}
            </Table>
            {step}
        }
        .into_any()
    };
    view! {
        <Section title="Standing roles that nobody used" id="unused" note=note>
            <div class="stack stack--3">
                {content}
            </div>
        </Section>
    }
    .into_any()
}

fn place(row: &UnusedGrant) -> String {
    row.team.clone().unwrap_or_else(|| "every team".to_owned())
}

fn line(row: UnusedGrant, now: Now) -> AnyView {
    let place = place(&row);
    view! {
        <tr>
            <th scope="row">{row.person}</th>
            <td data-label="Role">{row.role.label()}</td>
            <td data-label="In">{place}</td>
            <td data-label="Given, UTC">
                <TimeCell at=row.granted_at now=now/>
            </td>
        </tr>
    }
    .into_any()
}

/// One step for all of them: a role, and why it goes.
fn take_away(rows: &[UnusedGrant]) -> AnyView {
    let options = rows
        .iter()
        .map(|row| {
            let text = format!("{}: {} in {}", row.person, row.role.label(), place(row));
            (row.id.clone(), text)
        })
        .collect();
    roles::take_away(options)
}
