//! The places of the product and what one does in them: in the sidebar, in the search, and behind the key `g`. One list, so that
//! they never differ.

use domain::authz::Action;

/// A page that one goes to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) href: &'static str,
    pub(crate) label: &'static str,
    pub(crate) icon: &'static str,
    /// Leads here when it is pressed after `g`.
    pub(crate) key: Option<char>,
    /// Other words that people look for it by.
    pub(crate) also: &'static str,
}

/// Places that stand together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group {
    pub(crate) label: &'static str,
    pub(crate) places: &'static [Place],
}

const fn place(href: &'static str, label: &'static str, icon: &'static str) -> Place {
    Place {
        href,
        label,
        icon,
        key: None,
        also: "",
    }
}

impl Place {
    const fn key(self, key: char) -> Self {
        Self {
            key: Some(key),
            ..self
        }
    }

    const fn also(self, also: &'static str) -> Self {
        Self { also, ..self }
    }

    /// Every word that is asked for begins a word of its name, or of those that people look for it by.
    pub(crate) fn is_meant_by(&self, asked: &str) -> bool {
        begins(self.label, self.also, asked)
    }
}

/// What the sidebar shows.
pub(crate) const SIDEBAR: &[Group] = &[
    Group {
        label: "Main",
        places: &[
            place("/", "Overview", "gauge").key('o').also("home start"),
            place("/approvals", "Approvals", "stamp")
                .key('a')
                .also("inbox review waiting decide"),
            place("/deployments", "Deployments", "git-pull-request-arrow")
                .key('d')
                .also("releases pipeline"),
            place("/incidents", "Incidents", "siren")
                .key('n')
                .also("outage"),
        ],
    },
    Group {
        label: "Inventory",
        places: &[
            place("/agents", "Registry", "table-2")
                .key('r')
                .also("agents catalogue"),
            place("/identities", "Identities", "fingerprint")
                .key('i')
                .also("clients principals revoke suspend"),
            place("/tools", "Tools", "cog").also("mcp servers functions used"),
            place("/resources", "Resources", "lock").also("systems access"),
            place("/connections", "Connections", "webhook").also("github azure devops git hosts"),
            place("/policies", "Policies", "scale")
                .key('p')
                .also("rules gates"),
            place("/waivers", "Waivers", "shield-alert").also("exceptions"),
        ],
    },
    Group {
        label: "Assurance",
        places: &[
            place("/audit", "Audit trail", "scroll-text")
                .key('t')
                .also("events log history"),
            place("/compliance", "Compliance", "folder-check")
                .key('e')
                .also("evidence controls frameworks soc iso hipaa pci"),
            place("/reviews", "Access reviews", "users").also("certification"),
            place("/findings", "Findings", "triangle-alert")
                .key('f')
                .also("drift problems"),
            place("/engines", "Engines", "cpu").also("scanners judges"),
        ],
    },
    Group {
        label: "Administration",
        places: &[
            place("/notifications", "Notifications", "send").also("channels mail chat"),
            place("/elevations", "Elevations", "key-round").also("roles break-glass stand-in"),
            place("/settings", "Settings", "settings")
                .key('s')
                .also("people teams roles theme"),
        ],
    },
];

/// Pages that others lead to.
const ELSEWHERE: &[Place] = &[
    place("/registry/similar", "Similar agents", "copy").also("duplicates alike compare"),
    place("/scopes", "Scopes", "lock").also("permissions access who may"),
    place("/find", "Find an id", "search").also("arn client commit digest token"),
    place("/performance", "Delivery performance", "gauge")
        .also("dora lead time frequency failure restore charts"),
    place("/segregation", "Separation of duties", "scale").also("segregation who could approve"),
    place("/policies/calendar", "Freeze calendar", "snowflake").also("windows"),
    place(
        "/engines/coverage",
        "Risks and their checks",
        "shield-check",
    )
    .also("coverage"),
    place("/settings/tokens", "API tokens", "key-round"),
    place("/settings/sessions", "Sessions", "user").also("devices sign out"),
    place("/settings/passkeys", "Passkeys", "fingerprint").also("second factor"),
    place("/settings/service-accounts", "Service accounts", "cog").also("ci federation"),
    place("/settings/directory", "Directory", "users").also("scim okta entra"),
    place("/settings/legal-holds", "Legal holds", "lock").also("retention"),
    place("/keyboard", "Keyboard", "keyboard").also("shortcuts keys"),
];

/// Something that one begins on a page of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Act {
    pub(crate) href: &'static str,
    pub(crate) label: &'static str,
    pub(crate) icon: &'static str,
    /// Who may do it in no team is not shown it.
    pub(crate) needs: Action,
}

impl Act {
    pub(crate) fn is_meant_by(&self, asked: &str) -> bool {
        begins(self.label, "", asked)
    }
}

/// What the search offers to begin. Nothing that decides: that is done where it is read.
pub(crate) const ACTS: &[Act] = &[
    Act {
        href: "/agents/new",
        label: "Onboard an agent",
        icon: "plus",
        needs: Action::Create,
    },
    Act {
        href: "/policies/new",
        label: "Propose a policy",
        icon: "scale",
        needs: Action::Administer,
    },
    Act {
        href: "/suites/check",
        label: "Check a suite",
        icon: "flask-conical",
        needs: Action::Read,
    },
];

/// What the page at an address is called, if it is a place.
pub(crate) fn label_of(href: &str) -> Option<&'static str> {
    let found = places().find(|place| place.href == href);
    found.map(|place| place.label)
}

/// Every place.
pub(crate) fn places() -> impl Iterator<Item = &'static Place> {
    SIDEBAR
        .iter()
        .flat_map(|group| group.places)
        .chain(ELSEWHERE)
}

/// The chapter of the documentation about a page, by its path; empty for the first.
pub(crate) fn help_on(path: &str) -> &'static str {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    match (parts.next().unwrap_or_default(), parts.next_back()) {
        ("deployments", Some("evaluation")) => "evidence",
        ("deployments", Some("online")) => "online-evaluation",
        ("deployments" | "suites" | "engines", _) => "gates",
        ("agents", Some("access")) | ("resources", _) => "resources",
        ("agents", Some("new" | "setup")) => "onboarding",
        ("agents", None | Some("versions")) | ("registry" | "tools", _) => "registry",
        ("agents", _) => "agent-manifest",
        ("approvals", _) => "approvals",
        ("audit" | "find", _) => "audit-log",
        ("compliance" | "segregation" | "reviews", _) => "compliance",
        ("connections", _) => "git-hosts",
        ("policies" | "waivers", _) => "policies",
        ("identities" | "scopes", _) => "identities",
        ("incidents" | "findings", _) => "recovery",
        ("performance", _) => "performance",
        ("notifications", _) => "notifications",
        ("elevations", _) => "elevation",
        ("post-reviews", _) => "break-glass",
        ("settings", Some("service-accounts" | "tokens")) => "ci",
        ("settings", Some("directory" | "people" | "groups")) => "directory",
        ("settings", _) => "sign-in",
        _ => "",
    }
}

/// Does every word that is asked for begin a word of a name, or of others for it?
pub(crate) fn begins(label: &str, also: &str, asked: &str) -> bool {
    let (label, also) = (label.to_lowercase(), also.to_lowercase());
    let words = || label.split_whitespace().chain(also.split_whitespace());
    asked
        .to_lowercase()
        .split_whitespace()
        .all(|asked| words().any(|word| word.starts_with(asked)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_key_leads_to_two_places() {
        let keys: Vec<char> = places().filter_map(|place| place.key).collect();
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
        let paths: BTreeSet<&str> = places().map(|place| place.href).collect();
        assert_eq!(paths.len(), places().count());
    }

    #[test]
    fn a_place_is_found_by_the_beginning_of_any_word() {
        let found = |asked: &str| {
            let meant = places().filter(|place| place.is_meant_by(asked));
            meant.map(|place| place.href).collect::<Vec<_>>()
        };
        assert_eq!(found("AUD"), ["/audit"]);
        assert_eq!(found("trail aud"), ["/audit"]);
        assert_eq!(found("scim"), ["/settings/directory"]);
        assert!(found("udit").is_empty());
        assert!(found("audit nothing").is_empty());
    }
}
