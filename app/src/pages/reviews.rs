//! "Who has which access, does anybody still need it, and who said so?"

mod detail;
mod items;
mod list;

pub(crate) use detail::ReviewPage;
pub(crate) use list::ReviewsPage;

use domain::tone::Tone;
use domain::view::review::{ReviewMark, ReviewRow};
use leptos::prelude::*;

use crate::format::counted;
use crate::ui::prelude::*;

/// What a review covers.
fn covers(team: Option<&String>) -> String {
    match team {
        Some(team) => format!("Team {team}"),
        None => "Everything".to_owned(),
    }
}

/// "12 of 40 decided".
fn progress(row: &ReviewRow) -> String {
    format!("{} of {} decided", row.decided, row.items)
}

/// The sentence on the overview while a review is open.
pub(crate) fn mark(mark: &ReviewMark) -> AnyView {
    let href = format!("/reviews/{}", mark.number);
    let left = match mark.undecided {
        0 => "everything is decided: it waits for its sign-off.".to_owned(),
        left => format!("{} to decide.", counted(left, "access", "accesses")),
    };
    let title = format!("Access review {}", mark.number);
    let said = format!(" ({}) is open: {left}", covers(mark.team.as_ref()));
    view! {
        <NoticeBar tone=Tone::Wait icon="users">
            <p>
                <a href=href>{title}</a>
                {said}
            </p>
        </NoticeBar>
    }
    .into_any()
}
