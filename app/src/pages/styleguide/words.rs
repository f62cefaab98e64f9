//! Identifiers, times and differences of texts.

use domain::lines::LineKind;
use leptos::prelude::*;

use super::{AT, COMMIT, DIGEST, group, spec};
use crate::format::Now;
use crate::ui::diff::changed_line;
use crate::ui::prelude::*;

pub(super) fn words(now: Now) -> AnyView {
    let hashes = vec![
        ("Digest", view! { <Hash value=DIGEST/> }.into_any()),
        (
            "Under sha256",
            view! { <Hash value=DIGEST kind=HashKind::Bare/> }.into_any(),
        ),
        (
            "Commit",
            view! { <Hash value=COMMIT kind=HashKind::Commit/> }.into_any(),
        ),
        (
            "Id",
            view! { <Hash value="agent-0oa7q2kdv1ZtBxY9x697" kind=HashKind::Id/> }.into_any(),
        ),
        (
            "To approve",
            view! { <Hash value=DIGEST full=true/> }.into_any(),
        ),
    ];
    let times = vec![
        ("Sentence", view! { <Time at=AT now=now/> }.into_any()),
        (
            "With its age",
            view! { <Time at=AT now=now ago=true/> }.into_any(),
        ),
        (
            "In a column",
            view! { <TimeCell at=AT now=now/> }.into_any(),
        ),
        (
            "In the trail",
            view! { <TimeExact at=AT now=now/> }.into_any(),
        ),
        ("In a rail", view! { <Ago at=AT now=now/> }.into_any()),
        (
            "Not readable",
            view! { <Time at="some day" now=now/> }.into_any(),
        ),
    ];
    let icons = view! {
        <div class="specs">
            <IconText name="git-branch" text="main"/>
            <IconText name="user" text="An approver"/>
            <Icon name="shield-check"/>
        </div>
    };
    group(
        "sg-words",
        vec![
            spec(
                "Hash Facts",
                "Short for reading, whole for copying",
                view! { <Facts rows=hashes/> }.into_any(),
            ),
            spec(
                "Time TimeCell TimeExact Ago",
                "Times, always UTC",
                view! { <Facts rows=times/> }.into_any(),
            ),
            spec("Icon IconText", "An icon beside its word", icons.into_any()),
        ],
    )
}

pub(super) fn differences() -> AnyView {
    let lines = [
        (LineKind::Same, "Use only facts from the form and the CRM."),
        (
            LineKind::Removed,
            "If consent is empty, ask before any call.",
        ),
        (LineKind::Added, "Prefer a call when the score is above 80."),
        (
            LineKind::Added,
            "A line without a blank in it goes on: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        ),
        (LineKind::Same, "Answer in the language of the lead."),
    ];
    let lines: Vec<_> = lines
        .into_iter()
        .map(|(kind, text)| changed_line(kind, text.to_owned()))
        .collect();
    let diff = view! {
        <div class="diff diff--box" tabindex="0" role="region" aria-label="qualify.system.md">
            {lines}
        </div>
    };
    group(
        "sg-text",
        vec![spec(
            "changed_line",
            "Neutral: an added line is not good",
            diff.into_any(),
        )],
    )
}
