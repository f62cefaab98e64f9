//! The example agents, and the part each of them plays.

use anyhow::Result;

/// One example.
#[derive(Debug)]
pub(super) struct DemoAgent {
    /// Its name, and its folder in `examples/`.
    pub(super) slug: &'static str,
    /// Slug of its team.
    pub(super) team: &'static str,
    /// The newest Python 3 that its packages run on; `None` without packages.
    pub(super) packages: Option<Python>,
    pub(super) part: Part,
}

/// The newest minor version of Python 3 that the packages take.
#[derive(Debug, Clone, Copy)]
pub(super) enum Python {
    Any,
    UpTo(u32),
}

/// How far its story goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Approved and live in production.
    Live,
    /// Waits for its approval.
    Waits,
    /// Live; then a push that fails, and one that waits for its approval.
    Pushes,
}

/// Teams: slug and name.
pub(super) const TEAMS: [(&str, &str); 4] = [
    ("customer-care", "Customer care"),
    ("logistics", "Logistics"),
    ("sales", "Sales"),
    ("legal", "Legal"),
];

const AGENTS: [DemoAgent; 5] = [
    DemoAgent {
        slug: "refund-assistant",
        team: "customer-care",
        packages: None,
        part: Part::Pushes,
    },
    DemoAgent {
        slug: "order-tracker",
        team: "logistics",
        packages: Some(Python::Any),
        part: Part::Live,
    },
    DemoAgent {
        slug: "pricing-analyst",
        team: "sales",
        packages: Some(Python::Any),
        part: Part::Waits,
    },
    DemoAgent {
        slug: "contract-summariser",
        team: "legal",
        packages: Some(Python::UpTo(11)),
        part: Part::Live,
    },
    // 835 MB of packages: only by name.
    DemoAgent {
        slug: "travel-planner",
        team: "sales",
        packages: Some(Python::Any),
        part: Part::Live,
    },
];

/// The agents that were asked for: by name, the one without packages, or all that are quick to build.
pub(super) fn choose(names: &[String], quick: bool) -> Result<Vec<&'static DemoAgent>> {
    if quick {
        return Ok(AGENTS.iter().take(1).collect());
    }
    if names.is_empty() {
        return Ok(AGENTS
            .iter()
            .filter(|agent| agent.slug != "travel-planner")
            .collect());
    }
    let find = |name: &String| {
        let known = AGENTS
            .iter()
            .map(|agent| agent.slug)
            .collect::<Vec<_>>()
            .join(", ");
        AGENTS
            .iter()
            .find(|agent| agent.slug == name.trim())
            .ok_or_else(|| anyhow::anyhow!("`{name}` is no example agent; there are {known}"))
    };
    names.iter().map(find).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_chosen_by_name() {
        let names =
            |chosen: Vec<&DemoAgent>| chosen.iter().map(|agent| agent.slug).collect::<Vec<_>>();
        assert_eq!(names(choose(&[], true).unwrap()), ["refund-assistant"]);
        assert_eq!(names(choose(&[], false).unwrap()).len(), 4);
        assert_eq!(
            names(choose(&["travel-planner".to_owned()], false).unwrap()),
            ["travel-planner"]
        );
        assert!(
            choose(&["nobody".to_owned()], false)
                .unwrap_err()
                .to_string()
                .contains("refund-assistant")
        );
    }

    #[test]
    fn every_team_is_there() {
        assert!(
            AGENTS
                .iter()
                .all(|agent| TEAMS.iter().any(|(slug, _)| *slug == agent.team))
        );
    }
}
