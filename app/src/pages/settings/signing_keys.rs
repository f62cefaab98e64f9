//! The keys that sign agents' access tokens, for administrators: which one signs, and changing it by hand.

use domain::approval::REASON_MAX;
use domain::signing_key::{EVERY, LEAD};
use domain::view::signing_key::{SigningKeyList, SigningKeyRow};
use leptos::prelude::*;

use crate::format::Now;
use crate::rpc::signing_keys::RotateSigningKey;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("reason", "Reason")];

/// The list, and the form.
pub(super) fn section(list: SigningKeyList, now: Now) -> AnyView {
    let note = format!("changed every {} days", EVERY.num_days());
    let content = if list.keys.is_empty() {
        view! {
            <Empty icon="lock" title="One key signs">
                <p class="soft">"The first look of the schedule is a minute away. The key of the installation signs meanwhile."</p>
            </Empty>
        }
        .into_any()
    } else {
        let rows: Vec<_> = list.keys.into_iter().map(|key| row(key, now)).collect();
        view! {
            <Table caption="Keys of access tokens, the newest first" heads=&["Number", "State", "Published, UTC", "Signs from, UTC", "Good until, UTC"] class="tbl--stack">
                {rows}
            </Table>
        }
        .into_any()
    };
    let change = list.can_rotate.then(change);
    view! {
        <Section title="Keys of access tokens" id="signing-keys" note=note>
            <div class="stack stack--3">{content} {change}</div>
        </Section>
    }
    .into_any()
}

fn row(key: SigningKeyRow, now: Now) -> AnyView {
    let until = match key.kept_until {
        Some(until) => view! { <Time at=until now=now/> }.into_any(),
        None => "Its successor signs".into_any(),
    };
    view! {
        <tr>
            <th scope="row">{key.number}</th>
            <td data-label="State">
                <Status tone=key.state.tone() label=key.state.label()/>
            </td>
            <td data-label="Published, UTC"><Time at=key.published_at now=now/></td>
            <td data-label="Signs from, UTC"><Time at=key.signs_from now=now/></td>
            <td data-label="Good until, UTC">{until}</td>
        </tr>
    }
    .into_any()
}

fn change() -> AnyView {
    let error = refused::<RotateSigningKey>();
    let words = format!(
        "Another key is published at once and signs after {} minutes; the tokens of this one live to their end.",
        LEAD.num_minutes()
    );
    view! {
        <FormError error=error fields=FIELDS form="signing-key"/>
        <details class="more">
            <summary>
                <Icon name="chevron-right" small=true/>
                "Change the key now"
            </summary>
            <Post to={url::<RotateSigningKey>()}>
                <div class="form">
                    <p class="soft">{words}</p>
                    <Field name="reason" label="Reason" form="signing-key" error=error required=true max=REASON_MAX autocomplete="off"/>
                    <div class="bar">
                        <Submit label="Change key" busy_label="Changing…"/>
                    </div>
                </div>
            </Post>
        </details>
    }
    .into_any()
}
