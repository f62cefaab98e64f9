//! Tables, facets, panels and lists.

use domain::tone::Tone;
use leptos::prelude::*;

use super::{AT, COMMIT, DIGEST, group, spec};
use crate::format::Now;
use crate::ui::facet::{Choice, Facet};
use crate::ui::prelude::*;

/// Longest names that there are, and a number.
const ROWS: [(&str, &str, Tone, &str); 3] = [
    ("refund-assistant", "customer-care", Tone::Ok, "1,204"),
    (
        "a-name-of-forty-eight-letters-is-the-longest-one",
        "procurement",
        Tone::Bad,
        "12",
    ),
    ("sales-qualifier", "revenue-operations", Tone::Unknown, "0"),
];

fn rows(chosen: Option<usize>, now: Now) -> Vec<AnyView> {
    let line = |(at, (name, team, tone, count)): (
        usize,
        &(&'static str, &'static str, Tone, &'static str),
    )| {
        let selected = (chosen == Some(at)).then_some("true");
        let label = match tone {
            Tone::Ok => "Live",
            Tone::Bad => "Gate failed",
            Tone::Run | Tone::Wait | Tone::Unknown | Tone::Idle => "Errored",
        };
        view! {
            <tr aria-selected=selected>
                <th scope="row" class="wide wrap"><a href="#sg-tables">{*name}</a><span class="sub">{*team}</span></th>
                <td data-label="State"><Status tone=*tone label=label/></td>
                <td data-label="Since, UTC"><TimeCell at=AT now=now/></td>
                <td data-label="Image, sha256"><Hash value=DIGEST kind=HashKind::Bare/></td>
                <td data-label="Calls" class="num">{*count}</td>
                <td class="wide"><LinkButton href="#sg-tables" label=format!("Open {name}") small=true/></td>
            </tr>
        }
        .into_any()
    };
    ROWS.iter().enumerate().map(line).collect()
}

const HEADS: &[&str] = &[
    "Agent",
    "State",
    "Since, UTC",
    "Image, sha256",
    "#Calls",
    "",
];

pub(super) fn tables(now: Now) -> AnyView {
    let paged = view! {
        <div class="stack stack--3">
            <Table caption="Agents, one of them chosen" heads=HEADS shown=true>{rows(Some(1), now)}</Table>
            <Pager next=Some("next".to_owned()) here="/styleguide#sg-tables" paged=true/>
        </div>
    };
    let empty = view! {
        <Table caption="No deployment" heads=&["Number", "State"]>
            <tr><td colspan="2"><Empty icon="git-branch" title="Nothing was deployed yet"><p class="soft">"The next push to its branch starts a deployment."</p></Empty></td></tr>
        </Table>
    };
    group(
        "sg-tables",
        vec![
            spec("Table TimeCell Hash Pager", "With its caption, a chosen row and more pages", paged.into_any()),
            spec("Table", "Dense", view! { <Table caption="Agents, dense" heads=HEADS class="tbl--dense">{rows(None, now)}</Table> }.into_any()),
            spec("Table", "Records on a phone", view! { <Table caption="Agents, as records" heads=HEADS class="tbl--stack tbl--top">{rows(None, now)}</Table> }.into_any()),
            spec("Table Empty", "Without rows", empty.into_any()),
        ],
    )
}

pub(super) fn facets() -> AnyView {
    let choice = |value: &str, label: &str, ticked, rows| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        ticked,
        rows,
    };
    let risk = vec![
        choice("low", "Low", false, None),
        choice("high", "High", true, None),
    ];
    let state = vec![
        choice("live", "Live", true, Some(1_204)),
        choice("held", "Held after rollback", false, Some(3)),
        choice("never", "Never deployed", false, Some(17)),
    ];
    let form = view! {
        <form class="facets" method="get" action="/styleguide" aria-label="Facets">
            <Facet name="risk" legend="Risk" choices=risk/>
            <Facet name="state" legend="State" choices=state shown=2/>
        </form>
    };
    let chips = view! {
        <ul class="bar" aria-label="Filters in force">
            <Chip label="Team" shown="claims" href="#sg-facets"/>
            <Chip label="Risk" shown="High" href="#sg-facets"/>
        </ul>
    };
    group(
        "sg-facets",
        vec![
            spec("Facet", "Values to tick", form.into_any()),
            spec("Chip", "Filters in force", chips.into_any()),
        ],
    )
}

pub(super) fn panels(now: Now) -> AnyView {
    let more = view! { <a href="#sg-panels">"All 12"</a> }.into_any();
    let items = vec![
        CheckItem::new(Tone::Ok, "The image is there")
            .detail("sha256:2d711642…4881, checked 4 min ago"),
        CheckItem::new(Tone::Run, "Its scopes are being read"),
        CheckItem::new(Tone::Wait, "The waiver ends soon").detail("On 22 Oct 2026"),
        CheckItem::new(Tone::Bad, "The config bundle is gone"),
        CheckItem::new(Tone::Unknown, "The runtime did not answer"),
        CheckItem::new(Tone::Idle, "Nothing depends on it"),
    ];
    let facts = vec![
        (
            "Covers",
            "One finding, sales-qualifier, production only".into_any(),
        ),
        ("Until", view! { <Time at=AT now=now ago=true/> }.into_any()),
        (
            "Digest",
            view! { <Hash value=DIGEST full=true/> }.into_any(),
        ),
    ];
    let cells = vec![
        (
            "Commit",
            view! { <Hash value=COMMIT kind=HashKind::Commit/> }.into_any(),
        ),
        ("Config", "@37".into_any()),
        ("Image", view! { <Hash value=DIGEST/> }.into_any()),
        ("Target", "Local process".into_any()),
        ("Replaces", "v2.2.4".into_any()),
    ];
    let section = view! {
        <Section title="A section" id="sg-section" note="beside its title" more=view! { <a href="#sg-panels">"More"</a> }.into_any()>
            <p>"Content without a box."</p>
        </Section>
    };
    let panel = view! {
        <Panel title="A panel" id="sg-panel" note="3 of 12" more=more>
            <div class="panel__b"><Facts rows=facts/></div>
        </Panel>
    };
    group(
        "sg-panels",
        vec![
            spec(
                "Panel Facts",
                "A box with a title row, and a list of facts",
                panel.into_any(),
            ),
            spec(
                "Section",
                "A heading above content without a box",
                section.into_any(),
            ),
            spec(
                "Strip",
                "What a deployment is, always in this order",
                view! { <Strip cells=cells/> }.into_any(),
            ),
            spec(
                "Checklist",
                "One fact a line",
                view! { <Checklist items=items/> }.into_any(),
            ),
        ],
    )
}
