//! Who outside keeps the heads of the log: witnesses and anchors, and how far each is.

use domain::tone::Tone;
use domain::view::audit::{Keeper, KeeperKind};
use leptos::prelude::*;

use crate::format::{Now, counted};
use crate::ui::prelude::*;

/// One line each; nothing where nobody is configured.
pub(super) fn table(keepers: &[Keeper], now: Now) -> AnyView {
    if keepers.is_empty() {
        return ().into_any();
    }
    let rows: Vec<_> = keepers.iter().map(|one| line(one, now)).collect();
    view! {
        <Section
            title="Kept outside"
            id="keepers"
            note="Whoever keeps signed heads of this log can show later that it was another one then"
        >
            <Table
                caption="Witnesses and anchors of the log"
                heads=&["Who", "Kind", "Keeps", "Time, UTC", "State"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        </Section>
    }
    .into_any()
}

fn line(one: &Keeper, now: Now) -> AnyView {
    let verb = match one.kind {
        KeeperKind::Witness => "Signed",
        KeeperKind::Git => "Committed",
        KeeperKind::Mail => "Sent",
    };
    let keeps = if one.size == 0 {
        "Nothing yet".to_owned()
    } else {
        format!("{verb} over {}", counted(one.size, "event", "events"))
    };
    let commit = one
        .kept_as
        .clone()
        .map(|id| view! { " " <Hash value=id kind=HashKind::Id/> });
    let at = match &one.at {
        Some(at) => view! { <Time at=at.clone() now=now/> }.into_any(),
        None => "Never".into_any(),
    };
    let state = match &one.trouble {
        Some(trouble) => view! {
            <Status tone=Tone::Bad label="Trouble"/>
            <p class="hint">{trouble.clone()}</p>
        }
        .into_any(),
        None if one.size == 0 => view! { <Status tone=Tone::Wait label="Waiting"/> }.into_any(),
        None => view! { <Status tone=Tone::Ok label="Working"/> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row" class="wrap">{one.name.clone()}</th>
            <td data-label="Kind">{one.kind.label()}</td>
            <td data-label="Keeps">
                {keeps}
                {commit}
            </td>
            <td data-label="Time, UTC">{at}</td>
            <td data-label="State">{state}</td>
        </tr>
    }
    .into_any()
}
