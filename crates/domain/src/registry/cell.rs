//! Agents that are alike in everything the registry can be narrowed to are counted together. There are far fewer such cells than
//! agents, so the counts beside the filters cost the same for a hundred agents and for a hundred thousand.

use crate::agent::{Framework, Risk};
use crate::form::query::{AgentFilter, Facet, Standing};
use crate::id::TeamId;

/// What runs of an agent, as the facts say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that hold independently of each other"
)]
pub struct Running {
    /// Live in production.
    pub production: bool,
    /// Live in non-prod.
    pub non_prod: bool,
    /// Something that is live is held in quarantine.
    pub quarantined: bool,
    /// A deployment was asked for, once.
    pub deployed: bool,
    pub decommissioned: bool,
}

/// Every standing that holds of an agent, as one number that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Standings(i32);

impl Standings {
    /// What follows from the facts.
    #[must_use]
    pub fn of(running: Running) -> Self {
        let held = Standing::ALL.iter().filter(|one| match one {
            Standing::Production => running.production,
            Standing::NonProdOnly => running.non_prod && !running.production,
            Standing::Quarantined => running.quarantined,
            Standing::Never => !running.deployed,
            Standing::Decommissioned => running.decommissioned,
        });
        Self(held.fold(0, |bits, one| bits | bit(*one)))
    }

    /// As it was kept.
    #[must_use]
    pub const fn from_bits(bits: i32) -> Self {
        Self(bits)
    }

    /// As it is kept.
    #[must_use]
    pub const fn bits(self) -> i32 {
        self.0
    }

    /// Does one of them hold?
    #[must_use]
    pub const fn holds(self, standing: Standing) -> bool {
        self.0 & bit(standing) != 0
    }
}

/// Never changed for a standing that there is: these numbers are kept.
const fn bit(standing: Standing) -> i32 {
    match standing {
        Standing::Production => 1,
        Standing::NonProdOnly => 2,
        Standing::Quarantined => 4,
        Standing::Never => 8,
        Standing::Decommissioned => 16,
    }
}

/// Agents of one team, framework, risk and standing, with the same labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub id: i64,
    pub team: TeamId,
    /// `None` before the first version.
    pub framework: Option<Framework>,
    pub risk: Option<Risk>,
    pub standings: Standings,
    /// Sorted, each once.
    pub labels: Vec<String>,
    /// How many there are.
    pub agents: u64,
}

impl Cell {
    /// Its values of a filter, as they stand in addresses; of a team the id.
    #[must_use]
    pub fn values(&self, facet: Facet) -> Vec<String> {
        let unknown = || Facet::UNKNOWN.to_owned();
        match facet {
            Facet::Team => vec![self.team.to_string()],
            Facet::Framework => vec![self.framework.map_or_else(unknown, |f| f.to_string())],
            Facet::Risk => vec![self.risk.map_or_else(unknown, |r| r.to_string())],
            Facet::Label => self.labels.clone(),
            Facet::Status => {
                let held = Standing::ALL
                    .iter()
                    .filter(|one| self.standings.holds(**one));
                held.map(ToString::to_string).collect()
            }
        }
    }

    /// Do its agents fit, but for what one of the filters asks? `teams`: the teams that are asked for, `None` for all.
    #[must_use]
    pub fn fits(&self, filter: &AgentFilter, teams: Option<&[TeamId]>, but: Option<Facet>) -> bool {
        let one_of =
            |facet, holds: bool, none_asked: bool| but == Some(facet) || none_asked || holds;
        let standing = filter
            .standings
            .iter()
            .any(|one| self.standings.holds(*one));
        let team = teams.is_none_or(|teams| teams.contains(&self.team));
        one_of(Facet::Status, standing, filter.standings.is_empty())
            && one_of(Facet::Team, team, false)
            && one_of(
                Facet::Framework,
                filter.frameworks.contains(&self.framework),
                filter.frameworks.is_empty(),
            )
            && one_of(
                Facet::Risk,
                filter.risks.contains(&self.risk),
                filter.risks.is_empty(),
            )
            && one_of(
                Facet::Label,
                self.labels.iter().any(|one| filter.labels.contains(one)),
                filter.labels.is_empty(),
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::query::AgentQuery;
    use uuid::Uuid;

    fn cell(running: Running, framework: Option<Framework>) -> Cell {
        Cell {
            id: 1,
            team: TeamId(Uuid::nil()),
            framework,
            risk: Some(Risk::High),
            standings: Standings::of(running),
            labels: vec!["eu".to_owned(), "pci".to_owned()],
            agents: 3,
        }
    }

    #[test]
    fn standings_follow_from_the_facts_and_several_can_hold() {
        let fresh = Standings::of(Running::default());
        assert!(fresh.holds(Standing::Never) && !fresh.holds(Standing::Production));
        let both = Standings::of(Running {
            production: true,
            non_prod: true,
            quarantined: true,
            deployed: true,
            decommissioned: false,
        });
        assert!(both.holds(Standing::Production) && both.holds(Standing::Quarantined));
        assert!(!both.holds(Standing::NonProdOnly) && !both.holds(Standing::Never));
        assert_eq!(Standings::from_bits(both.bits()), both);
        let bits: std::collections::BTreeSet<_> = Standing::ALL.iter().map(|s| bit(*s)).collect();
        assert_eq!(bits.len(), Standing::ALL.len());
    }

    #[test]
    fn a_cell_fits_what_every_filter_asks_and_is_counted_beside_each_without_it() {
        let running = Running {
            production: true,
            deployed: true,
            ..Running::default()
        };
        let cell = cell(running, Some(Framework::CrewAi));
        let fits = |parts: &[(&str, &str)], but| {
            let filter = AgentQuery::read(parts.iter().copied()).parse().unwrap();
            cell.fits(&filter, None, but)
        };
        assert!(fits(&[], None));
        assert!(fits(
            &[("framework", "crewai,strands"), ("risk", "high")],
            None
        ));
        assert!(!fits(&[("framework", "strands")], None));
        assert!(fits(&[("framework", "strands")], Some(Facet::Framework)));
        assert!(!fits(
            &[("framework", "strands"), ("risk", "low")],
            Some(Facet::Risk)
        ));
        assert!(fits(&[("status", "production,never")], None));
        assert!(fits(&[("label", "pci,us")], None) && !fits(&[("label", "us")], None));
        let nobodys = [TeamId(Uuid::max())];
        let filter = AgentQuery::default().parse().unwrap();
        assert!(!cell.fits(&filter, Some(&nobodys), None));
        assert!(cell.fits(&filter, Some(&nobodys), Some(Facet::Team)));
    }
}
