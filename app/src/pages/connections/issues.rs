//! Whether failed deployments become issues on the git host: said, and switched by administrators.

use domain::view::connection::ConnectionRow;
use leptos::prelude::*;

use crate::rpc::connections::ChangeConnection;
use crate::ui::prelude::*;

/// The switch of one connection.
pub(super) fn cell(row: &ConnectionRow, administers: bool) -> AnyView {
    let (word, label, value) = if row.opens_issues {
        ("On", "Switch off", "")
    } else {
        ("Off", "Switch on", "on")
    };
    let slug = row.slug.clone();
    let switch = administers.then(|| {
        view! {
            <Post to={url::<ChangeConnection>()}>
                <Hidden name="slug" value=slug/>
                <Hidden name="opens_issues" value=value/>
                <Submit label=label busy_label="Switching…" kind=Kind::Quiet/>
            </Post>
        }
    });
    view! {
        {word}
        {switch}
    }
    .into_any()
}
