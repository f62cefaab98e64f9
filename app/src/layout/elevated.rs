//! "You are operator in payments until 14:32 UTC. End it": on every page, while it is so.

use domain::tone::Tone;
use domain::view::elevation::ActiveElevation;
use leptos::prelude::*;

use crate::format::Now;
use crate::rpc::elevations::EndElevation;
use crate::session::{Viewer, use_session};
use crate::ui::prelude::*;

/// One notice for each role that the person holds for now.
#[component]
pub(crate) fn Elevated() -> impl IntoView {
    let session = use_session();
    Suspend::new(async move {
        let Ok(session) = session.await else {
            return ().into_any();
        };
        let viewer = Viewer::new(session);
        let now = viewer.now();
        let rows: Vec<_> = viewer
            .frame()
            .elevations
            .iter()
            .map(|held| notice(held, now))
            .collect();
        rows.into_any()
    })
}

fn notice(held: &ActiveElevation, now: Now) -> AnyView {
    let words = format!(
        "You are {} in {} until ",
        held.role.label().to_lowercase(),
        held.team
    );
    let (until, number) = (held.until.clone(), held.number.to_string());
    let end = view! {
        <Post to={url::<EndElevation>()}>
            <Hidden name="number" value=number/>
            <Submit label="End it" busy_label="Ending…"/>
        </Post>
    };
    view! {
        <NoticeBar tone=Tone::Wait icon="key-round" act=end.into_any()>
            <p>
                {words} <Time at=until now=now/> "."
            </p>
        </NoticeBar>
    }
    .into_any()
}
