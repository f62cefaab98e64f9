//! Of which family is a model? A judge of the agent's own family is kinder to it than people are, so it may not decide.

use std::collections::BTreeSet;

/// Words of names and vendors, and the family that they stand for. What one house builds counts as one family.
const KNOWN: &[(&str, &str)] = &[
    ("gpt", "gpt"),
    ("chatgpt", "gpt"),
    ("openai", "gpt"),
    ("claude", "claude"),
    ("anthropic", "claude"),
    ("gemini", "gemini"),
    ("gemma", "gemini"),
    ("palm", "gemini"),
    ("llama", "llama"),
    ("codellama", "llama"),
    ("mistral", "mistral"),
    ("mistralai", "mistral"),
    ("mixtral", "mistral"),
    ("ministral", "mistral"),
    ("magistral", "mistral"),
    ("codestral", "mistral"),
    ("devstral", "mistral"),
    ("pixtral", "mistral"),
    ("qwen", "qwen"),
    ("qwq", "qwen"),
    ("deepseek", "deepseek"),
    ("cohere", "command"),
    ("command", "command"),
    ("aya", "command"),
    ("nova", "nova"),
    ("titan", "nova"),
    ("grok", "grok"),
    ("xai", "grok"),
    ("phi", "phi"),
    ("granite", "granite"),
    ("jamba", "jamba"),
    ("nemotron", "nemotron"),
    ("glm", "glm"),
    ("chatglm", "glm"),
    ("kimi", "kimi"),
    ("moonshot", "kimi"),
    ("falcon", "falcon"),
    ("olmo", "olmo"),
    ("yi", "yi"),
];

/// The families that a model belongs to, by its name: every known word in it, each without the digits that follow it. A model
/// that was distilled from another names both and belongs to both. Where no word is known, it is the first word of the last
/// part of the name; nothing where there is none.
#[must_use]
pub fn families(name: &str) -> BTreeSet<String> {
    let name = name.to_lowercase();
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let known: BTreeSet<String> = words(&name).iter().filter_map(|w| known(w)).collect();
    if !known.is_empty() {
        return known;
    }
    let last = name.rsplit('/').next().unwrap_or_default();
    let first = words(last).first().map(|word| letters(word));
    first.filter(|word| !word.is_empty()).into_iter().collect()
}

/// The families that a judge shares with the models of an agent. A judge is known by its model and by the family that its
/// settings name; a model of an agent by its name, and by its provider where the name is of no known family.
#[must_use]
pub fn shared(judge: (&str, &str), models: &[(String, String)]) -> BTreeSet<String> {
    let (model, family) = judge;
    let mut its = families(model);
    its.extend(families(family));
    let mut agents = BTreeSet::new();
    for (provider, name) in models {
        let found = families(name);
        if !found.iter().any(|one| is_known(one)) {
            agents.extend(families(provider).into_iter().filter(|one| is_known(one)));
        }
        agents.extend(found);
    }
    its.intersection(&agents).cloned().collect()
}

fn known(word: &str) -> Option<String> {
    // The models that are called o1, o3 and o4 have no other word.
    if matches!(word, "o1" | "o3" | "o4") {
        return Some("gpt".to_owned());
    }
    let letters = letters(word);
    let found = KNOWN.iter().find(|(name, _)| *name == letters);
    found.map(|(_, family)| (*family).to_owned())
}

fn is_known(family: &str) -> bool {
    KNOWN.iter().any(|(_, known)| *known == family)
}

/// The word up to its first digit.
fn letters(word: &str) -> String {
    word.chars().take_while(|c| !c.is_numeric()).collect()
}
