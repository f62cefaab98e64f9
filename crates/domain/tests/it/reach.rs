//! What an agent can reach.

use std::collections::BTreeMap;

use domain::agent::{ConfigSection, McpServer, Model, Tool};
use domain::config_bundle::ConfigBundle;
use domain::reach::{self, Described, Footing, HOPS_MAX, Known, NODES_MAX};
use domain::view::reach::ReachKind;

fn footing(slug: &str, scopes: &[&str], config: &ConfigSection) -> Footing {
    Footing {
        slug: slug.to_owned(),
        team: "customer-care".to_owned(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        config: ConfigBundle::new(config, BTreeMap::new(), None),
    }
}

fn known(footings: Vec<Footing>) -> Known {
    let footings = footings.into_iter().map(|one| (one.slug.clone(), one));
    let orders = Described {
        description: "What customers ordered".to_owned(),
        owner: Some("orders".to_owned()),
        data_class: "personal".to_owned(),
    };
    Known {
        footings: footings.collect(),
        resources: BTreeMap::from([("orders".to_owned(), orders)]),
    }
}

/// "tool lookup > scope orders:read" for each edge.
fn edges(graph: &reach::Graph) -> Vec<String> {
    let name = |at: usize| format!("{} {}", graph.nodes[at].kind, graph.nodes[at].name);
    let edges = graph.edges.iter();
    edges
        .map(|edge| format!("{} > {}", name(edge.from), name(edge.to)))
        .collect()
}

#[test]
fn tools_lead_to_their_scopes_and_scopes_to_resources_and_agents() {
    let config = ConfigSection {
        model: Some(Model {
            provider: "offline".to_owned(),
            name: "policy-lookup-1".to_owned(),
        }),
        tools: vec![Tool {
            name: "lookup".to_owned(),
            description: "Reads one order.".to_owned(),
            scopes: vec!["orders:read".to_owned()],
        }],
        mcp_servers: vec![McpServer {
            name: "files".to_owned(),
            transport: "http".to_owned(),
            url: Some("https://mcp.example/files".to_owned()),
            package: None,
            version: None,
        }],
        secrets: BTreeMap::from([("CRM_TOKEN".to_owned(), "env:CRM_TOKEN".to_owned())]),
        ..ConfigSection::default()
    };
    let first = footing(
        "refunds",
        &["orders:read", "mail:send", "agent.stock:invoke"],
        &config,
    );
    let second = footing("stock", &["warehouse:read"], &ConfigSection::default());
    let graph = reach::of("refunds", &known(vec![first, second]));
    assert_eq!(
        edges(&graph),
        [
            "agent refunds > tool lookup",
            "tool lookup > scope orders:read",
            "scope orders:read > resource orders",
            "agent refunds > scope mail:send",
            "scope mail:send > resource mail",
            "agent refunds > scope agent.stock:invoke",
            "scope agent.stock:invoke > agent stock",
            "agent refunds > mcp_server files",
            "agent refunds > model policy-lookup-1",
            "agent refunds > secret CRM_TOKEN",
            "agent stock > scope warehouse:read",
            "scope warehouse:read > resource warehouse",
        ]
    );
    let orders = graph
        .nodes
        .iter()
        .find(|node| node.name == "orders")
        .unwrap();
    assert_eq!(orders.data_class.as_deref(), Some("personal"));
    assert_eq!(orders.owner.as_deref(), Some("orders"));
    let warehouse = graph
        .nodes
        .iter()
        .find(|node| node.name == "warehouse")
        .unwrap();
    assert_eq!(
        (warehouse.hops, warehouse.note.as_str()),
        (1, "not in the catalogue")
    );
    assert_eq!(graph.left_out, 0);
}

#[test]
fn agents_that_call_each_other_are_told_once() {
    let none = ConfigSection::default();
    let circle = vec![
        footing("a", &["agent.b:invoke", "agent.a:invoke"], &none),
        footing("b", &["agent.a:invoke", "agent.unseen:invoke"], &none),
    ];
    let graph = reach::of("a", &known(circle));
    let agents: Vec<_> = graph
        .nodes
        .iter()
        .filter(|node| node.kind == ReachKind::Agent)
        .map(|node| (node.name.as_str(), node.hops))
        .collect();
    assert_eq!(agents, [("a", 0), ("b", 1), ("unseen", 2)]);
    assert_eq!(graph.nodes[0].name, "a");
}

#[test]
fn a_chain_ends_after_so_many_agents_and_a_crowd_is_counted() {
    let none = ConfigSection::default();
    let chain = (0..6).map(|n| {
        let next = format!("agent.bot-{}:invoke", n + 1);
        footing(&format!("bot-{n}"), &[&next, "orders:read"], &none)
    });
    let graph = reach::of("bot-0", &known(chain.collect()));
    let farthest = graph.nodes.iter().map(|node| node.hops).max();
    // The last one is named, and what it reaches is not told.
    assert_eq!(farthest, Some(HOPS_MAX + 1));
    let scopes: Vec<String> = (0..500).map(|n| format!("thing-{n}:read")).collect();
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    let crowd = reach::of("crowd", &known(vec![footing("crowd", &scopes, &none)]));
    assert_eq!(crowd.nodes.len(), NODES_MAX);
    assert_eq!(usize::try_from(crowd.left_out).unwrap(), 1_001 - NODES_MAX);
    assert!(
        crowd
            .edges
            .iter()
            .all(|edge| edge.to < NODES_MAX && edge.from < NODES_MAX)
    );
}

#[test]
fn nothing_live_reaches_nothing() {
    let graph = reach::of("asleep", &Known::default());
    assert_eq!((graph.nodes.len(), graph.edges.len()), (1, 0));
}
