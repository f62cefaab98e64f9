//! "What does the runtime's own log call it?"

use domain::binding::{BindingProvider, PRINCIPAL_MAX};
use domain::view::identity::{BindingView, IdentityDetail};
use leptos::prelude::*;

use crate::format::Now;
use crate::rpc::identities::{BindIdentity, UnbindIdentity};
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("provider", "Provider"), ("principal", "Name")];

/// What runtimes' providers call it, with the form for whoever may say so. Nothing where there is neither.
pub(super) fn of(found: &IdentityDetail, now: Now) -> Option<AnyView> {
    if found.bindings.is_empty() && !found.can_bind {
        return None;
    }
    let client = found.row.client_id.clone();
    let rows: Vec<_> = found
        .bindings
        .iter()
        .map(|one| line(&client, one, found.can_bind, now))
        .collect();
    let list = (!rows.is_empty()).then(|| {
        view! {
            <Table
                caption="What runtimes' providers call it"
                heads=&["Name", "Provider", "Since, UTC", "Until, UTC"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
    });
    let form = found.can_bind.then(|| form(&client));
    Some(
        view! {
            <Section title="Also known as" id="bindings">
                <p class="hint">
                    "A cloud gives the runtime a workload identity of its own. Reports and questions that name it are about this identity; it gives no right."
                </p>
                <FormError error={refused::<UnbindIdentity>()}/>
                {list}
                {form}
            </Section>
        }
        .into_any(),
    )
}

fn line(client: &str, one: &BindingView, may: bool, now: Now) -> AnyView {
    let until = match (one.released_at.clone(), may) {
        (Some(at), _) => view! { <TimeCell at=at now=now/> }.into_any(),
        (None, true) => {
            let (say, client) = (format!("Release {}", one.principal), client.to_owned());
            let (provider, principal) = (one.provider.as_str().to_owned(), one.principal.clone());
            view! {
                <Post to={url::<UnbindIdentity>()}>
                    <Hidden name="client_id" value=client/>
                    <Hidden name="provider" value=provider/>
                    <Hidden name="principal" value=principal/>
                    <button class="btn btn--sm" type="submit" aria-label=say>
                        "Release"
                    </button>
                </Post>
            }
            .into_any()
        }
        (None, false) => "Now".into_any(),
    };
    view! {
        <tr>
            <th scope="row" class="wide">
                <code>{one.principal.clone()}</code>
            </th>
            <td data-label="Provider">{one.provider.label()}</td>
            <td data-label="Since, UTC">
                <TimeCell at=one.bound_at.clone() now=now/>
            </td>
            <td data-label="Until, UTC">{until}</td>
        </tr>
    }
    .into_any()
}

fn form(client: &str) -> AnyView {
    let providers: Vec<_> = BindingProvider::ALL
        .iter()
        .map(|one| (one.as_str().to_owned(), one.label().to_owned()))
        .collect();
    let hint = format!("Such as {}", BindingProvider::AwsWorkloadIdentity.example());
    let (client, error) = (client.to_owned(), refused::<BindIdentity>());
    view! {
        <details class="more" open=error.is_some()>
            <summary>"Add a name…"</summary>
            <FormError error=error fields=FIELDS form="bind"/>
            <Post to={url::<BindIdentity>()}>
                <div class="form">
                    <Hidden name="client_id" value=client/>
                    <Select name="provider" label="Provider" form="bind" options=providers error=error required=true/>
                    <Field name="principal" label="Name" form="bind" error=error hint=hint required=true max=PRINCIPAL_MAX autocomplete="off"/>
                    <div class="bar">
                        <Submit label="Add name" busy_label="Adding…" icon="plus"/>
                    </div>
                </div>
            </Post>
        </details>
    }
    .into_any()
}
