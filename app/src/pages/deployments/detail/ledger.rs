//! The resource ledger: everything this deployment made or uses, in the order of writing, and the receipt of its removal.

use domain::deployment::DeploymentState;
use domain::ledger::{Origin, ResourceKind, ResourceState};
use domain::tone::Tone;
use domain::view::deployment::{DeploymentDetail, LedgerRow};
use leptos::prelude::*;

use crate::format::Now;
use crate::ui::prelude::*;

/// What the column of a row's fate is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    UnderWay,
    Live,
    Ended,
}

impl Phase {
    fn of(state: DeploymentState) -> Self {
        match (state.in_progress(), state) {
            (true, _) => Self::UnderWay,
            (false, DeploymentState::Live) => Self::Live,
            (false, _) => Self::Ended,
        }
    }

    const fn heads(self) -> &'static [&'static str] {
        match self {
            Self::UnderWay => &[
                "#Step",
                "Resource",
                "Name",
                "State",
                "Origin",
                "If the deployment fails",
                "Written, UTC",
            ],
            Self::Live => &[
                "#Step",
                "Resource",
                "Name",
                "State",
                "Origin",
                "When it is replaced",
                "Written, UTC",
            ],
            Self::Ended => &[
                "#Step",
                "Resource",
                "Name",
                "State",
                "Origin",
                "What became of it",
                "Written, UTC",
            ],
        }
    }
}

/// The table and the receipt.
pub(super) fn section(found: &DeploymentDetail, now: Now) -> AnyView {
    let content = if found.ledger.is_empty() {
        view! {
            <p class="soft">"Nothing is written yet. A row appears before each object is made."</p>
        }
        .into_any()
    } else {
        let phase = Phase::of(found.row.state);
        let heads = phase.heads();
        let rows: Vec<_> = found
            .ledger
            .iter()
            .map(|row| line(row, phase, now))
            .collect();
        view! {
            <Table
                caption="Resource ledger, in the order of writing"
                heads=heads
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    let receipt = receipt(found);
    view! {
        <Section
            title="Resource ledger"
            id="ledger"
            note="Written before each call. If this deployment fails, only what it created is removed."
            more=summary(&found.ledger).into_any()
        >
            {content}
            {receipt}
        </Section>
    }
    .into_any()
}

/// "2 created, 1 planned".
fn summary(ledger: &[LedgerRow]) -> String {
    let parts: Vec<String> = ResourceState::ALL
        .iter()
        .filter_map(|state| {
            let count = ledger.iter().filter(|row| row.state == *state).count();
            (count > 0).then(|| format!("{count} {}", state.label().to_lowercase()))
        })
        .collect();
    parts.join(", ")
}

fn line(row: &LedgerRow, phase: Phase, now: Now) -> AnyView {
    let origin = match (row.origin, row.state) {
        (Origin::Created, ResourceState::Planned) => "Will be created",
        (Origin::Created, _) => "Created",
        (Origin::Adopted, _) => "Adopted",
        (Origin::Referenced, _) => "Referenced",
    };
    let error = row
        .last_error
        .clone()
        .map(|text| view! { <span class="sub sub--text">{format!("{text} Tried {} times.", row.attempts)}</span> });
    view! {
        <tr>
            <td class="num muted">{row.sequence.to_string()}</td>
            <th scope="row">{row.kind.label()}</th>
            <td data-label="Name" class="wide wrap">
                <code>{row.name.clone()}</code>
            </td>
            <td data-label="State">
                {state(row)}
                {error}
            </td>
            <td data-label="Origin" class="soft">{origin}</td>
            <td data-label="Clean-up">{fate(row, phase)}</td>
            <td data-label="Written, UTC">
                <TimeExact at=row.written_at.clone() now=now/>
            </td>
        </tr>
    }
    .into_any()
}

fn state(row: &LedgerRow) -> AnyView {
    match (row.state, row.origin) {
        (ResourceState::Retained, _) | (_, Origin::Referenced | Origin::Adopted) => {
            view! { <Status tone=Tone::Idle label=row.state.label() icon="link"/> }.into_any()
        }
        (state, Origin::Created) => {
            view! { <Status tone=state.tone() label=state.label()/> }.into_any()
        }
    }
}

/// What a clean-up does, or did, with it.
const fn fate(row: &LedgerRow, phase: Phase) -> &'static str {
    match (row.origin, row.state, phase, row.kind) {
        (Origin::Adopted | Origin::Referenced, ..) => "Kept, not ours",
        (Origin::Created, ResourceState::Deleted, ..) => "Gone, checked",
        (Origin::Created, ResourceState::Retained, ..) => "Kept, still needed",
        (Origin::Created, ResourceState::Orphaned, ..) => "Left over, tried again",
        (Origin::Created, ResourceState::DeleteRequested, ..) => "Being deleted",
        (Origin::Created, _, Phase::Ended, _) => "Still there",
        (Origin::Created, _, Phase::Live, ResourceKind::Image) => "Kept for a rollback",
        (Origin::Created, _, _, ResourceKind::Identity) => "Revoked first, then deleted",
        (Origin::Created, _, _, ResourceKind::Runtime) => "Stopped, then removed",
        (Origin::Created, _, Phase::UnderWay, ResourceKind::Image) => "Deleted",
    }
}

/// "3 created, 3 gone, 0 left", and by name what is left or kept.
fn receipt(found: &DeploymentDetail) -> AnyView {
    let Some(receipt) = &found.receipt else {
        return ().into_any();
    };
    let tone = if receipt.left.is_empty() {
        Tone::Ok
    } else {
        Tone::Bad
    };
    let mut items = vec![CheckItem::new(
        tone,
        format!("Receipt: {}.", receipt.sentence()),
    )];
    items.extend(
        receipt
            .left
            .iter()
            .map(|text| CheckItem::new(Tone::Bad, format!("Left: {text}"))),
    );
    items.extend(
        receipt
            .kept
            .iter()
            .map(|text| CheckItem::new(Tone::Idle, format!("Kept: {text}"))),
    );
    view! {
        <div class="receipt">
            <Checklist items=items/>
        </div>
    }
    .into_any()
}
