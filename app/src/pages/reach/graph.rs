//! The drawing: agent, tools and servers, scopes, resources, from left to right. Everything in it stands in the lists below.

use domain::view::reach::{Reach, ReachEdge, ReachKind, ReachNode};
use leptos::prelude::*;

use super::place;

/// Most things in one column; more is a wall, and the lists say it better.
const COLUMN_MAX: usize = 40;
/// Longest name in a box, characters.
const NAME_MAX: usize = 24;
const BOX_WIDTH: usize = 196;
const BOX_HEIGHT: usize = 26;
const STEP_X: usize = 248;
const STEP_Y: usize = 36;

/// Where a thing is drawn: column and place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Spot {
    column: usize,
    row: usize,
}

impl Spot {
    /// Left edge and middle of the box.
    fn at(self, tallest: usize, in_column: usize) -> (usize, usize) {
        // Columns with less stand in the middle of the tallest.
        let top = (tallest - in_column) * STEP_Y / 2;
        (
            self.column * STEP_X + 1,
            top + self.row * STEP_Y + BOX_HEIGHT / 2 + 1,
        )
    }
}

/// What the agent reaches itself, and the agents that it may call.
pub(super) fn draw(found: &Reach) -> AnyView {
    let spots = spots(&found.nodes);
    let mut columns = [0; 4];
    for spot in spots.iter().flatten() {
        columns[spot.column] = columns[spot.column].max(spot.row + 1);
    }
    let tallest = columns.iter().copied().max().unwrap_or(0);
    if tallest > COLUMN_MAX {
        return view! { <p class="soft">"It is too much for a drawing. The lists below have all of it."</p> }.into_any();
    }
    let at = |node: usize| {
        let spot = (*spots.get(node)?)?;
        Some(spot.at(tallest, columns[spot.column]))
    };
    let lines: Vec<_> = found
        .edges
        .iter()
        .filter_map(|edge| line(*edge, &at))
        .collect();
    let boxes: Vec<_> = found
        .nodes
        .iter()
        .enumerate()
        .filter_map(|(index, node)| Some(boxed(node, at(index)?)))
        .collect();
    let (width, height) = (3 * STEP_X + BOX_WIDTH + 2, tallest * STEP_Y);
    view! {
        <div class="reach" tabindex="0" role="region" aria-label="Drawing of what it can reach">
            <svg
                viewBox=format!("0 0 {width} {height}")
                width=width.to_string()
                height=height.to_string()
                role="group"
                aria-label="From the agent on the left over its tools and scopes to resources and other agents on the right. The lists below say the same."
            >
                {lines}
                {boxes}
            </svg>
        </div>
    }
    .into_any()
}

/// The place of each thing; none for what lies behind another agent.
fn spots(nodes: &[ReachNode]) -> Vec<Option<Spot>> {
    let mut columns = [0; 4];
    nodes
        .iter()
        .map(|node| {
            let column = match (node.kind, node.hops) {
                (ReachKind::Agent, 0) => 0,
                (
                    ReachKind::Tool | ReachKind::McpServer | ReachKind::Model | ReachKind::Secret,
                    0,
                ) => 1,
                (ReachKind::Scope, 0) => 2,
                (ReachKind::Resource, 0) | (ReachKind::Agent, 1) => 3,
                _ => return None,
            };
            let row = columns[column];
            columns[column] += 1;
            Some(Spot { column, row })
        })
        .collect()
}

fn line(edge: ReachEdge, at: &impl Fn(usize) -> Option<(usize, usize)>) -> Option<AnyView> {
    let ((left, from_y), (to_x, to_y)) = (at(edge.from)?, at(edge.to)?);
    let from_x = left + BOX_WIDTH;
    // What another agent leads to is drawn on its own page.
    (to_x > from_x).then(|| {
        let middle = from_x + (to_x - from_x) / 2;
        let path = format!("M{from_x} {from_y} C{middle} {from_y} {middle} {to_y} {to_x} {to_y}");
        view! { <path class="reach__line" d=path></path> }.into_any()
    })
}

fn boxed(node: &ReachNode, (x, y): (usize, usize)) -> AnyView {
    let name = domain::text::cut(&node.name, NAME_MAX);
    let class = format!("reach__box reach__box--{}", node.kind);
    let text = view! {
        <title>{format!("{}: {}", node.kind.one(), node.name)}</title>
        <rect
            class=class
            x=x.to_string()
            y=(y - BOX_HEIGHT / 2).to_string()
            width=BOX_WIDTH.to_string()
            height=BOX_HEIGHT.to_string()
            rx="4"
        ></rect>
        <text x=(x + 10).to_string() y=(y + 4).to_string()>
            {name}
        </text>
    };
    match place(node) {
        Some(to) => view! { <a href=to>{text}</a> }.into_any(),
        None => view! { <g>{text}</g> }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(kind: ReachKind, name: &str, hops: u32) -> ReachNode {
        ReachNode {
            kind,
            name: name.to_owned(),
            note: String::new(),
            data_class: None,
            owner: None,
            hops,
        }
    }

    #[test]
    fn what_lies_behind_another_agent_is_not_drawn() {
        let nodes = [
            node(ReachKind::Agent, "a", 0),
            node(ReachKind::Scope, "agent.b:invoke", 0),
            node(ReachKind::Agent, "b", 1),
            node(ReachKind::Scope, "crm:read", 1),
            node(ReachKind::Resource, "crm", 1),
        ];
        let columns: Vec<_> = spots(&nodes)
            .into_iter()
            .map(|spot| spot.map(|spot| (spot.column, spot.row)))
            .collect();
        assert_eq!(
            columns,
            [Some((0, 0)), Some((2, 0)), Some((3, 0)), None, None]
        );
    }

    #[test]
    fn a_short_column_stands_in_the_middle_of_a_tall_one() {
        let first = Spot { column: 1, row: 0 };
        assert_eq!(first.at(5, 5), (STEP_X + 1, BOX_HEIGHT / 2 + 1));
        assert_eq!(first.at(5, 1).1, BOX_HEIGHT / 2 + 1 + 2 * STEP_Y);
    }
}
