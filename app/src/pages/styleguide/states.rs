//! States, buttons and notices.

use domain::approval::ApprovalState;
use domain::break_glass::PostReviewState;
use domain::deployment::DeploymentState;
use domain::elevation::ElevationState;
use domain::finding::FindingState;
use domain::gate::Verdict;
use domain::identity::IdentityState;
use domain::incident::IncidentState;
use domain::ledger::ResourceState;
use domain::runtime::RuntimeHealth;
use domain::tone::Tone;
use domain::waiver::WaiverState;
use leptos::prelude::*;

use super::{group, spec};
use crate::islands::{Follow, Newer};
use crate::ui::prelude::*;

/// Tone, what it means, and a word of it.
const TONES: [(Tone, &str, &str); 6] = [
    (Tone::Ok, "Good", "Live"),
    (Tone::Run, "Moving", "Gates running"),
    (Tone::Wait, "Needs a person", "Awaiting approval"),
    (Tone::Bad, "Bad", "Gate failed"),
    (Tone::Unknown, "Could not tell", "Errored"),
    (Tone::Idle, "Over", "Superseded"),
];

/// One row: every state of a machine, as its own words and tones say.
fn machine<T: Copy + 'static>(
    name: &'static str,
    all: &'static [T],
    tone: fn(T) -> Tone,
    label: fn(T) -> &'static str,
) -> AnyView {
    let states: Vec<_> = all
        .iter()
        .map(|state| view! { <Status tone=tone(*state) label=label(*state)/> })
        .collect();
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td class="words"><div class="specs">{states}</div></td>
        </tr>
    }
    .into_any()
}

macro_rules! machines {
    ($($name:literal $kind:ident),+ $(,)?) => {
        vec![$(machine($name, $kind::ALL, $kind::tone, $kind::label)),+]
    };
}

pub(super) fn states() -> AnyView {
    let rows: Vec<_> = TONES
        .iter()
        .map(|(tone, means, word)| {
            view! {
                <tr>
                    <th scope="row">{*means}</th>
                    <td><Status tone=*tone label=*word boxed=true/></td>
                    <td><Status tone=*tone label=*word/></td>
                </tr>
            }
        })
        .collect();
    let machines = machines![
        "Deployment" DeploymentState,
        "Approval" ApprovalState,
        "Gate" Verdict,
        "Identity" IdentityState,
        "Ledger" ResourceState,
        "Runtime" RuntimeHealth,
        "Incident" IncidentState,
        "Finding" FindingState,
        "Waiver" WaiverState,
        "Post-review" PostReviewState,
        "Elevation" ElevationState,
    ];
    let lacks = vec!["The image scan is 41 days old; the policy takes 30.".to_owned()];
    group(
        "sg-states",
        vec![
            spec(
                "Status Table",
                "A state: icon and word always, colour third. In a box in the head of a page alone",
                view! {
                    <Table caption="Tones" heads=&["Tone", "Boxed, page head", "In a row"] class="tbl--dense">
                        {rows}
                    </Table>
                }
                .into_any(),
            ),
            spec(
                "Status Table",
                "Every word of every machine",
                view! {
                    <Table caption="States by machine" heads=&["Of", "Words"] class="tbl--top">
                        {machines}
                    </Table>
                }
                .into_any(),
            ),
            spec(
                "Lacking Table",
                "What is live and no longer complies",
                view! {
                    <Table caption="What is live" heads=&["Version"]>
                        <tr>
                            <th scope="row">"v2.3.0" <Lacking lacks=lacks/></th>
                        </tr>
                    </Table>
                }
                .into_any(),
            ),
        ],
    )
}

pub(super) fn buttons() -> AnyView {
    let kinds = view! {
        <div class="bar">
            <LinkButton href="#sg-buttons" label="Approve deployment" kind=Kind::Primary/>
            <LinkButton href="#sg-buttons" label="Compare"/>
            <LinkButton href="#sg-buttons" label="Finish later" kind=Kind::Quiet/>
            <LinkButton href="#sg-buttons" label="Roll back…" kind=Kind::Danger icon="undo-2"/>
            <LinkButton href="#sg-buttons" label="Revoke" kind=Kind::DangerSolid/>
            <LinkButton href="#sg-buttons" label="Small" small=true/>
            <LinkButton href="#sg-buttons" label="Small with icon" small=true icon="plus"/>
        </div>
    };
    let busy = view! {
        <form class="bar" method="get" action="/styleguide" aria-label="Buttons of a form">
            <Submit label="Approve deployment" kind=Kind::Primary/>
            <Submit label="Compare" icon="file-diff"/>
            <Submit label="Approving…" kind=Kind::Primary attr:aria-busy="true" attr:aria-disabled="true"/>
            <Submit label="Comparing…" attr:aria-busy="true" attr:aria-disabled="true"/>
            <Submit label="Revoking…" kind=Kind::DangerSolid attr:aria-busy="true" attr:aria-disabled="true"/>
        </form>
    };
    group(
        "sg-buttons",
        vec![
            spec("LinkButton", "One primary a page; danger apart", kinds.into_any()),
            spec("Submit", "Of a form, at rest and while it works", busy.into_any()),
            spec(
                "Unavailable",
                "Not possible now, with the rule that says so",
                view! {
                    <Unavailable label="Approve deployment" why="You wrote this commit. Somebody who had no part in it approves it."/>
                }
                .into_any(),
            ),
        ],
    )
}

pub(super) fn notices() -> AnyView {
    let see = view! { <a href="#sg-notices">"See the difference"</a> }.into_any();
    let ask =
        view! { <LinkButton href="#sg-notices" label="Ask for a waiver" small=true/> }.into_any();
    let all = view! {
        <NoticeBar tone=Tone::Bad alert=true act=see>
            <p><b>"Your approval was not recorded. "</b>"The manifest changed: config @37 became @38."</p>
        </NoticeBar>
        <NoticeBar tone=Tone::Wait icon="snowflake" act=ask>
            <p><b>"Freeze: renewals. "</b>"No production deployment until 12 Oct 06:00 UTC."</p>
        </NoticeBar>
        <NoticeBar tone=Tone::Unknown>
            <p><b>"The vulnerability feed could not be read. "</b>"What is listed is of 14:40 UTC."</p>
        </NoticeBar>
        <NoticeBar tone=Tone::Run><p>"Rollback started. This page shows each step until it is done."</p></NoticeBar>
        <NoticeBar tone=Tone::Ok>
            <p><b>"Approved #4502. "</b>"The deployment goes on by itself. Event "<a href="#sg-notices">"88413"</a>"."</p>
        </NoticeBar>
        <NoticeBar tone=Tone::Idle><p>"Withdrawn. The deployment ended."</p></NoticeBar>
    };
    let once = view! {
        <Once>
            <NoticeBar tone=Tone::Ok icon="key-round"><p>"The token, shown once: "<Hash value="clr_0a1b2c3d4e5f" kind=HashKind::Id full=true/></p></NoticeBar>
        </Once>
    };
    let live = view! {
        <Live on="deployment:0"/>
        <p>"This page says what it shows, so that the browser brings it up to date; a list counts what is newer, and a log is followed."</p>
        <Newer one="newer event".to_owned() many="newer events".to_owned()/>
        <Follow wanted=false/>
    };
    group(
        "sg-notices",
        vec![
            spec(
                "NoticeBar",
                "One for each tone, above the content",
                view! { <div class="stack stack--3">{all}</div> }.into_any(),
            ),
            spec("Once", "Shown once", once.into_any()),
            spec("Live", "Live", live.into_any()),
        ],
    )
}
