//! What an agent is about, in the words of its team.

use serde::{Deserialize, Serialize};

use crate::agent::{AgentManifest, SKILL_MAX, SKILLS_MAX, Tool};
use crate::agent_card::AgentCard;
use crate::search::words;
use crate::state::words as closed;
use crate::text::cut;

/// Most words by which an agent is found.
const WORDS_MAX: usize = 400;

closed! {
    /// Where a word of a search stands.
    Field as "field" {
        Name = "name",
        Skill = "skill",
        Tag = "tag",
        Label = "label",
        Tool = "tool",
        Server = "server",
        Owner = "owner",
        Purpose = "purpose",
    }
}

impl Field {
    /// The words people read before what was found.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Skill => "Skill",
            Self::Tag => "Tag",
            Self::Label => "Label",
            Self::Tool => "Tool",
            Self::Server => "MCP server",
            Self::Owner => "Owner",
            Self::Purpose => "Purpose",
        }
    }
}

/// What an agent is found by and compared by, beside its name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Profile {
    pub purpose: String,
    pub skills: Vec<String>,
    pub tags: Vec<String>,
    /// What people labelled it with in the registry.
    pub labels: Vec<String>,
    pub tools: Vec<Tool>,
    /// Names of MCP servers.
    pub servers: Vec<String>,
    /// Name of who answers for it; empty for nobody.
    pub owner: String,
}

impl Profile {
    /// What a manifest and an A2A card say; they name nobody who answers for the agent, and no labels. Of the card's skills the first
    /// [`SKILLS_MAX`] that the manifest does not name.
    #[must_use]
    pub fn of(manifest: &AgentManifest, card: Option<&AgentCard>) -> Self {
        let config = &manifest.config;
        let mut skills = manifest.skills.clone();
        let told = card.iter().flat_map(|card| &card.skills);
        for skill in told.take(SKILLS_MAX) {
            let name = cut(&skill.name, SKILL_MAX);
            if !skills.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
                skills.push(name);
            }
        }
        Self {
            purpose: manifest.description.clone(),
            skills,
            tags: manifest.tags.clone(),
            tools: config.tools.clone(),
            servers: config.mcp_servers.iter().map(|s| s.name.clone()).collect(),
            owner: String::new(),
            labels: Vec::new(),
        }
    }

    /// Every text of it with its field, the most telling first. What is long counts as a whole.
    #[must_use]
    pub fn texts(&self, slug: &str) -> Vec<(Field, String)> {
        let mut texts = vec![(Field::Name, slug.to_owned())];
        let mut add = |field, all: &[String]| {
            texts.extend(all.iter().map(|text| (field, text.clone())));
        };
        add(Field::Skill, &self.skills);
        add(Field::Tag, &self.tags);
        add(Field::Label, &self.labels);
        let tools: Vec<String> = self.tools.iter().map(told).collect();
        add(Field::Tool, &tools);
        add(Field::Server, &self.servers);
        add(Field::Owner, std::slice::from_ref(&self.owner));
        add(Field::Purpose, std::slice::from_ref(&self.purpose));
        texts.retain(|(_, text)| !text.is_empty());
        texts
    }

    /// The words by which it is found.
    #[must_use]
    pub fn words(&self, slug: &str) -> Vec<String> {
        let texts: Vec<String> = self.texts(slug).into_iter().map(|(_, text)| text).collect();
        words(&texts.join(" "), WORDS_MAX)
    }
}

fn told(tool: &Tool) -> String {
    if tool.description.is_empty() {
        tool.name.clone()
    } else {
        format!("{}: {}", tool.name, tool.description)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_found_by_everything_that_its_team_says_of_it() {
        let profile = Profile {
            purpose: "Matches invoices".to_owned(),
            skills: vec!["reconcile ledgers".to_owned()],
            tags: vec!["finance".to_owned()],
            labels: vec!["pci-scope".to_owned()],
            tools: vec![Tool {
                name: "read_ledger".to_owned(),
                description: "Reads SAP".to_owned(),
                scopes: Vec::new(),
            }],
            servers: vec!["sap-bridge".to_owned()],
            owner: "approver".to_owned(),
        };
        let words = profile.words("invoice-matcher");
        for word in [
            "invoice",
            "reconcile",
            "finance",
            "pci",
            "sap",
            "bridge",
            "approver",
        ] {
            assert!(words.contains(&word.to_owned()), "{word}: {words:?}");
        }
        let kept = serde_json::to_string(&profile).unwrap();
        assert_eq!(serde_json::from_str::<Profile>(&kept).unwrap(), profile);
        // What is kept from before a field was known is read.
        assert_eq!(
            serde_json::from_str::<Profile>("{}").unwrap(),
            Profile::default()
        );
    }
}
