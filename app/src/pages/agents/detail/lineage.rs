//! Version lineage: a rail with nodes, newest first; the State column says the same in words.

use domain::deployment::DeploymentState;
use domain::tone::Tone;
use domain::view::agent::{AgentDetail, DeploymentCell, LineageRow, RollbackBadge};
use leptos::prelude::*;

use super::super::versions::beside;
use crate::format::Now;
use crate::ui::prelude::*;

/// The versions that were cut, or how the first one is.
pub(super) fn table(agent: &AgentDetail, now: Now) -> AnyView {
    let targets: Vec<i64> = agent
        .environments
        .iter()
        .filter_map(|card| target(&card.rollback))
        .collect();
    let content = if agent.lineage.is_empty() {
        empty(agent)
    } else {
        // Each beside the one before it, which stands below.
        let before = agent.lineage.iter().skip(1).map(Some).chain([None]);
        let rows: Vec<_> = agent
            .lineage
            .iter()
            .zip(before)
            .map(|(row, before)| line(agent, row, before, (&targets, now)))
            .collect();
        view! {
            <Table
                caption="Version lineage, newest first"
                heads=&["Version", "State", "Commit", "Change", "Deployments", "Cut, UTC"]
                class="lin"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <Section title="Version lineage" id="lineage" note="Newest first">
            {content}
        </Section>
    }
    .into_any()
}

const fn target(badge: &RollbackBadge) -> Option<i64> {
    match badge {
        RollbackBadge::Ready { number, .. } => Some(*number),
        RollbackBadge::NotReady { .. } | RollbackBadge::NoTarget => None,
    }
}

fn empty(agent: &AgentDetail) -> AnyView {
    let push = format!("git push origin {}", agent.branch);
    let setup = format!("/agents/{}/setup", agent.slug);
    let (branch, connection) = (agent.branch.clone(), agent.connection.clone());
    view! {
        <Empty icon="git-commit-horizontal" title="No version yet">
            <p class="soft">
                "The next push to " <b>{branch}</b> " cuts the first version. The webhook of the repository must point at the connection "
                <a href="/connections">{connection}</a> "."
            </p>
            <code class="code">{push}</code>
            <LinkButton href=setup label="What is missing for the first deployment"/>
        </Empty>
    }
    .into_any()
}

/// Class of the node, tone, icon and word of the state.
fn state(
    row: &LineageRow,
    targets: &[i64],
) -> (&'static str, Tone, Option<&'static str>, &'static str) {
    let live = row
        .deployments
        .iter()
        .any(|cell| cell.state == DeploymentState::Live);
    let target = row
        .deployments
        .iter()
        .any(|cell| targets.contains(&cell.number));
    let newest = row.deployments.first().map(|cell| cell.state);
    match (row.held, live, target, newest) {
        (true, ..) => (
            "node node--bad",
            Tone::Bad,
            Some("lock"),
            "Held after rollback",
        ),
        (false, true, ..) => ("node node--live", Tone::Ok, None, "Live"),
        (false, false, true, _) => (
            "node node--safe",
            Tone::Ok,
            Some("undo-2"),
            "Rollback target",
        ),
        (false, false, false, Some(state)) => {
            let class = match state.tone() {
                Tone::Wait | Tone::Run => "node node--wait",
                Tone::Bad => "node node--bad",
                Tone::Ok | Tone::Unknown | Tone::Idle => "node",
            };
            (class, state.tone(), None, state.label())
        }
        (false, false, false, None) => ("node", Tone::Idle, None, "Not deployed"),
    }
}

fn line(
    agent: &AgentDetail,
    row: &LineageRow,
    before: Option<&LineageRow>,
    (targets, now): (&[i64], Now),
) -> AnyView {
    let (node, tone, icon, label) = state(row, targets);
    let status = match icon {
        Some(icon) => view! { <Status tone=tone label=label icon=icon/> }.into_any(),
        None => view! { <Status tone=tone label=label/> }.into_any(),
    };
    let deployments: Vec<_> = row.deployments.iter().take(4).map(deployment).collect();
    let more = row.deployments.len().saturating_sub(4);
    let compare = before.map(|before| {
        let href = beside(&agent.slug, &before.version, &row.version);
        let label = format!("What differs from v{} to v{}", before.version, row.version);
        view! {
            <span class="sub">
                <a href=href aria-label=label>{format!("since v{}", before.version)}</a>
            </span>
        }
    });
    view! {
        <tr>
            <th scope="row">
                <span class=node></span>
                {format!("v{}", row.version)}
                {compare}
            </th>
            <td>{status}</td>
            <td>
                <Hash value=row.commit.clone() kind=HashKind::Commit/>
            </td>
            <td class="trunc" title=row.subject.clone()>
                {row.subject.clone()}
                <span class="sub">{row.author.clone()}</span>
            </td>
            <td>
                {deployments}
                {(more > 0).then(|| view! { <span class="muted">{format!("+{more}")}</span> })}
            </td>
            <td>
                <TimeCell at=row.cut_at.clone() now=now/>
            </td>
        </tr>
    }
    .into_any()
}

fn deployment(cell: &DeploymentCell) -> AnyView {
    let title = format!(
        "{} to {}: {}",
        cell.kind.label(),
        cell.environment.label(),
        cell.state.label()
    );
    view! {
        <a class="nowrap" href=format!("/deployments/{}", cell.number) title=title>
            {format!("#{}", cell.number)}
        </a>
        " "
    }
    .into_any()
}
