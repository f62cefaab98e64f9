//! "What can I press?" The keys, and the switch that turns those off that are one key alone (WCAG 2.1.4).

use leptos::prelude::*;

use crate::layout::places::places;
use crate::session::are_keys_off;
use crate::ui::prelude::*;

/// What a key does, beside those that lead to places.
const KEYS: &[(&[&str], &str)] = &[
    (&["Ctrl", "K"], "Search, from everywhere (Cmd K on a Mac)"),
    (&["/"], "Put the cursor into the search"),
    (&["?"], "Show this list"),
    (&["j"], "Next row"),
    (&["k"], "Row before"),
    (&["Enter"], "Open the row"),
    (&["c"], "Copy the id of the row"),
    (&["."], "Go to what can be done on the page"),
    (&["Esc"], "Close what is open over the page"),
];

/// All keys.
#[component]
pub(crate) fn KeyboardPage() -> impl IntoView {
    load(async { Ok(()) }, |(), _| body())
}

fn body() -> AnyView {
    let off = are_keys_off();
    let keys: Vec<_> = KEYS.iter().map(|(keys, what)| row(keys, what)).collect();
    let places: Vec<_> = places()
        .filter_map(|place| {
            let key = place.key?.to_string();
            Some(row(&["g", &key], &format!("Go to {}", place.label)))
        })
        .collect();
    let (now, word, label) = if off {
        (
            "Single keys are off: Ctrl K alone works.",
            "on",
            "Turn single keys on",
        )
    } else {
        (
            "Single keys do nothing while a field has the cursor.",
            "off",
            "Turn single keys off",
        )
    };
    view! {
        <PageHead title="Keyboard" sub="No key approves, rejects, revokes or rolls back.".into_any()/>
        <div class="over" data-over="">
            <Table caption="Keys" heads=&["Press", "What it does"]>
                {keys}
                {places}
            </Table>
            <form class="bar" method="post" action="/keys">
                <p class="hint">{now}</p>
                <button class="btn btn--sm" type="submit" name="keys" value=word>{label}</button>
            </form>
        </div>
    }
    .into_any()
}

fn row(keys: &[&str], what: &str) -> AnyView {
    let keys: Vec<_> = keys
        .iter()
        .map(|key| {
            view! {
                <kbd>{(*key).to_owned()}</kbd>
                " "
            }
        })
        .collect();
    view! {
        <tr>
            <th scope="row">{keys}</th>
            <td>{what.to_owned()}</td>
        </tr>
    }
    .into_any()
}
