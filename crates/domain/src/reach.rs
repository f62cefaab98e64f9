//! What an agent can reach: its tools and servers, the scopes of its identity, the resources that these open, and the other
//! agents that it may call, with what those can reach in turn.

use std::collections::{BTreeMap, BTreeSet};

use crate::config_bundle::ConfigBundle;
use crate::name::resource_of;
use crate::view::reach::{ReachEdge, ReachKind, ReachNode};

/// What scopes that let an agent call another begin with: `agent.order-lookup:invoke`.
pub const AGENT_PREFIX: &str = "agent.";
/// How many agents one leads to another through, at the most.
pub const HOPS_MAX: u32 = 3;
/// Most things of one reach; what is beyond is counted as left out.
pub const NODES_MAX: usize = 400;

/// The agent that a scope lets call, by its slug.
#[must_use]
pub fn called_agent(scope: &str) -> Option<&str> {
    resource_of(scope).strip_prefix(AGENT_PREFIX)
}

/// What is live of one agent, as far as its reach goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Footing {
    pub slug: String,
    /// Slug of the team that owns it.
    pub team: String,
    /// The scopes of its identity.
    pub scopes: Vec<String>,
    pub config: ConfigBundle,
}

/// What the catalogue says of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Described {
    pub description: String,
    /// Slug of the team that looks after it.
    pub owner: Option<String>,
    /// Empty where nobody said.
    pub data_class: String,
}

/// Everything there is to know before the reach of an agent can be told.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Known {
    /// What is live, by slug: of the agent itself, and of those that it can call, as far as the reader may see them.
    pub footings: BTreeMap<String, Footing>,
    /// The catalogue, by resource.
    pub resources: BTreeMap<String, Described>,
}

/// The nodes, the agent itself first, and what leads to what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Graph {
    pub nodes: Vec<ReachNode>,
    pub edges: Vec<ReachEdge>,
    /// How many things are not in it, because there are too many.
    pub left_out: u32,
    seen: BTreeMap<(ReachKind, String), usize>,
    /// Whose things are being told.
    whose: String,
}

/// The reach of an agent. An agent that calls itself, or two that call each other, are told once.
#[must_use]
pub fn of(slug: &str, known: &Known) -> Graph {
    let mut graph = Graph::default();
    let mut waiting = vec![(slug.to_owned(), 0)];
    let mut told = BTreeSet::new();
    while let Some((slug, hops)) = waiting.pop() {
        if !told.insert(slug.clone()) {
            continue;
        }
        let footing = known.footings.get(&slug);
        let root = graph.agent(&slug, footing, hops);
        let (Some(root), Some(footing)) = (root, footing) else {
            continue;
        };
        graph.tell(root, footing, hops, known);
        if hops < HOPS_MAX {
            let next = footing
                .scopes
                .iter()
                .filter_map(|scope| called_agent(scope));
            // The nearest first: each is told with the fewest agents between.
            waiting.splice(0..0, next.map(|slug| (slug.to_owned(), hops + 1)));
        }
    }
    graph
}

impl Graph {
    fn agent(&mut self, slug: &str, footing: Option<&Footing>, hops: u32) -> Option<usize> {
        let note = match footing {
            Some(footing) => footing.team.clone(),
            None => "nothing of it is live, or another team's".to_owned(),
        };
        self.node(ReachKind::Agent, slug, &note, hops, None)
    }

    /// Everything of one agent, and what leads to what.
    fn tell(&mut self, root: usize, footing: &Footing, hops: u32, known: &Known) {
        let config = &footing.config;
        self.whose.clone_from(&footing.slug);
        let mut tools = Vec::new();
        for tool in &config.tools {
            let node = self.node(ReachKind::Tool, &tool.name, &tool.description, hops, None);
            self.edge(Some(root), node);
            tools.push((node, &tool.scopes));
        }
        for scope in &footing.scopes {
            let node = self.node(ReachKind::Scope, scope, "", hops, None);
            let mut by_tool = false;
            for (tool, _) in tools.iter().filter(|(_, scopes)| scopes.contains(scope)) {
                self.edge(*tool, node);
                by_tool = true;
            }
            if !by_tool {
                self.edge(Some(root), node);
            }
            let opened = self.opened(scope, hops, known);
            self.edge(node, opened);
        }
        for server in &config.mcp_servers {
            let place = server.url.as_deref().or(server.package.as_deref());
            let place = place.unwrap_or_default();
            let node = self.node(ReachKind::McpServer, &server.name, place, hops, None);
            self.edge(Some(root), node);
        }
        if let Some(model) = &config.model {
            let node = self.node(ReachKind::Model, &model.name, &model.provider, hops, None);
            self.edge(Some(root), node);
        }
        for (name, reference) in &config.secrets {
            let node = self.node(ReachKind::Secret, name, reference, hops, None);
            self.edge(Some(root), node);
        }
    }

    /// What a scope opens: another agent, or a resource.
    fn opened(&mut self, scope: &str, hops: u32, known: &Known) -> Option<usize> {
        if let Some(slug) = called_agent(scope) {
            return self.agent(slug, known.footings.get(slug), hops + 1);
        }
        let resource = resource_of(scope);
        let described = known.resources.get(resource);
        let note = match described {
            Some(one) => one.description.clone(),
            None => "not in the catalogue".to_owned(),
        };
        self.node(ReachKind::Resource, resource, &note, hops, described)
    }

    /// A thing, once; `None` where there is no room for it.
    fn node(
        &mut self,
        kind: ReachKind,
        name: &str,
        note: &str,
        hops: u32,
        described: Option<&Described>,
    ) -> Option<usize> {
        // Tools, servers and secrets of two agents with the same name are two things.
        let key = match kind {
            ReachKind::Tool | ReachKind::McpServer | ReachKind::Secret => {
                format!("{} {name}", self.whose)
            }
            ReachKind::Agent | ReachKind::Scope | ReachKind::Resource | ReachKind::Model => {
                name.to_owned()
            }
        };
        if let Some(there) = self.seen.get(&(kind, key.clone())) {
            return Some(*there);
        }
        if self.nodes.len() >= NODES_MAX {
            self.left_out = self.left_out.saturating_add(1);
            return None;
        }
        let data_class = described.map(|one| one.data_class.clone());
        self.nodes.push(ReachNode {
            kind,
            name: name.to_owned(),
            note: note.to_owned(),
            data_class: data_class.filter(|class| !class.is_empty()),
            owner: described.and_then(|one| one.owner.clone()),
            hops,
        });
        let at = self.nodes.len() - 1;
        self.seen.insert((kind, key), at);
        Some(at)
    }

    fn edge(&mut self, from: Option<usize>, to: Option<usize>) {
        if let (Some(from), Some(to)) = (from, to) {
            let edge = ReachEdge { from, to };
            if from != to && !self.edges.contains(&edge) {
                self.edges.push(edge);
            }
        }
    }
}
