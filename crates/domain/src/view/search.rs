//! What a search over everything led to.

use serde::{Deserialize, Serialize};

use crate::view::agent::AgentRow;
use crate::view::find::Found;

/// What the words of a search name, of all that the reader may see.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SearchResults {
    /// As it was asked for, without spaces around it; empty where nothing was.
    pub q: String,
    /// Agents that the words are about, the first few of them.
    pub agents: Vec<AgentRow>,
    /// There are more agents than these.
    pub more_agents: bool,
    /// What is called exactly so.
    pub found: Found,
}

impl SearchResults {
    /// The one page that everything which is called exactly so leads to, if there is one.
    #[must_use]
    pub fn only_page(&self) -> Option<&str> {
        let mut pages = self
            .found
            .things
            .iter()
            .filter_map(|one| one.page.as_deref());
        let first = pages.next()?;
        pages.all(|page| page == first).then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::FoundKind;
    use crate::view::find::FoundThing;

    fn results(pages: &[Option<&str>]) -> SearchResults {
        let thing = |page: &Option<&str>| FoundThing {
            kind: FoundKind::Object,
            name: "x".to_owned(),
            state: String::new(),
            agent: None,
            page: page.map(str::to_owned),
        };
        let mut results = SearchResults::default();
        results.found.things = pages.iter().map(thing).collect();
        results
    }

    #[test]
    fn only_what_leads_to_one_page_leads_straight_there() {
        assert_eq!(results(&[]).only_page(), None);
        assert_eq!(results(&[None]).only_page(), None);
        assert_eq!(
            results(&[Some("/a"), None, Some("/a")]).only_page(),
            Some("/a")
        );
        assert_eq!(results(&[Some("/a"), Some("/b")]).only_page(), None);
    }
}
