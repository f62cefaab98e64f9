//! "Which programs act for our teams without a secret, and whom do they trust?"

use domain::tone::Tone;
use domain::view::service_account::{ServiceAccountList, ServiceAccountRow, TrustRow};
use leptos::prelude::*;

use super::service_account_forms as forms;
use crate::format::{Now, counted, length};
use crate::rpc::service_accounts::{
    DisableServiceAccount, DistrustCi, EnableServiceAccount, RemoveServiceAccount,
    list_service_accounts,
};
use crate::session::Viewer;
use crate::ui::prelude::*;

/// All of it.
#[component]
pub(crate) fn ServiceAccountsPage() -> impl IntoView {
    load(list_service_accounts(), move |found, viewer| {
        body(found, &viewer)
    })
}

fn body(found: ServiceAccountList, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let sub = "Programs of a team, such as its CI. They hold no secret: a token of the CI is exchanged for a short one of ours.";
    let make = forms::make(&found.teams);
    let changeable = found.rows.iter().filter(|row| row.can_change);
    let changeable: Vec<String> = changeable.map(|row| row.slug.clone()).collect();
    let trust = (!changeable.is_empty()).then(|| forms::trust(changeable, &found.issuers));
    let content = if found.rows.is_empty() {
        view! {
            <Empty icon="key-round" title="No service account yet">
                <p class="soft">"With one, a workflow of your CI uses the API without a stored token."</p>
            </Empty>
        }
        .into_any()
    } else {
        let rows = found.rows.into_iter();
        let rows: Vec<_> = rows.map(|row| account(row, now)).collect();
        view! { <div class="stack">{rows}</div> }.into_any()
    };
    view! {
        <PageHead title="Service accounts" sub=sub.into_any()/>
        <FormError error={refused::<DisableServiceAccount>()}/>
        <FormError error={refused::<EnableServiceAccount>()}/>
        <FormError error={refused::<RemoveServiceAccount>()}/>
        <FormError error={refused::<DistrustCi>()}/>
        <div class="cols">
            <div class="stack">{content}</div>
            <div class="stack stack--4">{trust} {make}</div>
        </div>
    }
    .into_any()
}

fn account(row: ServiceAccountRow, now: Now) -> AnyView {
    let id = format!("account-{}", row.slug);
    let heading = format!("{id}-h");
    let labelled = heading.clone();
    let note = counted(length(&row.rules), "trust rule", "trust rules");
    let state = match (row.disabled, row.backed) {
        (true, _) => view! { <Status tone=Tone::Unknown label="Disabled"/> },
        (false, false) => view! { <Status tone=Tone::Wait label="Owner has no role here"/> },
        (false, true) => view! { <Status tone=Tone::Ok label="Enabled"/> },
    };
    let used = match &row.last_used_at {
        Some(at) => view! { <TimeCell at=at.clone() now=now/> }.into_any(),
        None => "Never".into_any(),
    };
    let acts = row.can_change.then(|| acts(&row));
    let can_change = row.can_change;
    let rules: Vec<_> = row
        .rules
        .into_iter()
        .map(|rule| trusted(rule, can_change, now))
        .collect();
    let rules = if rules.is_empty() {
        view! { <p class="soft">"It trusts nobody yet, so it gets no token."</p> }.into_any()
    } else {
        view! {
            <Table caption="Trust rules" heads=&["Issuer", "Claims, exactly", "Last used, UTC", ""] class="tbl--stack tbl--top">
                {rules}
            </Table>
        }
        .into_any()
    };
    view! {
        <section id=id aria-labelledby=labelled>
            <div class="sec">
                <h2 id=heading>{row.slug.clone()}</h2>
                <span class="muted">{note}</span>
            </div>
            <div class="stack stack--3">
                <Table caption="Account" heads=&["State", "Team", "Owner", "May", "Last token, UTC", ""] class="tbl--stack">
                    <tr>
                        <td data-label="State">{state}</td>
                        <td data-label="Team">{row.team}</td>
                        <td data-label="Owner" class="wrap">{row.owner}</td>
                        <td data-label="May"><code>{row.scopes}</code></td>
                        <td data-label="Last token, UTC">{used}</td>
                        <td class="wide">{acts}</td>
                    </tr>
                </Table>
                {rules}
            </div>
        </section>
    }
    .into_any()
}

fn acts(row: &ServiceAccountRow) -> AnyView {
    let (slug, again) = (row.slug.clone(), row.slug.clone());
    let first = if row.disabled {
        view! {
            <Post to={url::<EnableServiceAccount>()}>
                <Hidden name="slug" value=slug/>
                <Submit label="Enable" busy_label="Enabling…"/>
            </Post>
        }
        .into_any()
    } else {
        view! {
            <Post to={url::<DisableServiceAccount>()}>
                <Hidden name="slug" value=slug/>
                <Submit label="Disable" busy_label="Disabling…"/>
            </Post>
        }
        .into_any()
    };
    // What is enabled is disabled first: nobody takes away what is in use by one click.
    let remove = row.disabled.then(|| {
        view! {
            <Post to={url::<RemoveServiceAccount>()}>
                <Hidden name="slug" value=again/>
                <Submit label="Remove" busy_label="Removing…" icon="trash-2"/>
            </Post>
        }
    });
    view! { <div class="bar">{first} {remove}</div> }.into_any()
}

fn trusted(rule: TrustRow, can_change: bool, now: Now) -> AnyView {
    let claims: Vec<_> = rule
        .claims
        .into_iter()
        .map(|(name, value)| view! { <li><code>{format!("{name}={value}")}</code></li> })
        .collect();
    let warnings: Vec<_> = rule
        .warnings
        .into_iter()
        .map(|warning| {
            view! { <li><Status tone=Tone::Wait label="Wide"/> " " {warning.message()}</li> }
        })
        .collect();
    let warnings = (!warnings.is_empty()).then(|| view! { <ul class="paths">{warnings}</ul> });
    let used = match rule.last_used_at {
        Some(at) => view! { <TimeCell at=at now=now/> }.into_any(),
        None => "Never".into_any(),
    };
    let audience = if rule.audience.is_empty() {
        "No longer configured, so it lets nobody in".to_owned()
    } else {
        format!("for {}", rule.audience)
    };
    let act = can_change.then(|| {
        view! {
            <Post to={url::<DistrustCi>()}>
                <Hidden name="id" value=rule.id/>
                <Submit label="Remove rule" busy_label="Removing…"/>
            </Post>
        }
    });
    view! {
        <tr>
            <th scope="row" class="wide wrap">
                {rule.issuer}
                <span class="sub wrap">{audience}</span>
            </th>
            <td data-label="Claims, exactly" class="wide wrap">
                <ul class="paths">{claims}</ul>
                {warnings}
            </td>
            <td data-label="Last used, UTC">{used}</td>
            <td class="wide">{act}</td>
        </tr>
    }
    .into_any()
}
