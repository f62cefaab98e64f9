//! Of which family a model is, by the names that endpoints give it.

use evaluation::model_judge::{families, shared};

#[test]
fn a_family_is_told_by_the_words_of_a_name() {
    for (name, expected) in [
        ("gpt-4o-mini", "gpt"),
        ("GPT4o", "gpt"),
        ("openai/o3", "gpt"),
        ("claude-sonnet-4-5@20250929", "claude"),
        ("us.anthropic.claude-3-5-sonnet-20240620-v1:0", "claude"),
        ("models/gemini-2.5-pro", "gemini"),
        ("google/gemma-3-27b-it", "gemini"),
        ("meta-llama/Llama-3.1-8B-Instruct", "llama"),
        ("llama3:8b", "llama"),
        ("mistralai/Mixtral-8x7B", "mistral"),
        ("Qwen/Qwen2.5-72B-Instruct", "qwen"),
        ("amazon.nova-pro-v1:0", "nova"),
        ("deepseek-r1-distill-llama-70b", "deepseek llama"),
        ("northwind-chat-2", "northwind"),
        ("house/northwind", "northwind"),
        ("42", ""),
        ("", ""),
        ("\u{1f600}-x", "x"),
    ] {
        let found: Vec<String> = families(name).into_iter().collect();
        assert_eq!(found.join(" "), expected, "{name}");
    }
}

#[test]
fn a_judge_shares_a_family_by_its_model_or_by_what_its_settings_say() {
    let models = |provider: &str, name: &str| vec![(provider.to_owned(), name.to_owned())];
    for (judge, agent, expected) in [
        (("gpt-4o", "gpt"), models("azure", "gpt-4.1"), "gpt"),
        // Said to be of another family; its name says what it is.
        (("gpt-4o", "northwind"), models("azure", "gpt-4.1"), "gpt"),
        // The name of a deployment says nothing; the settings do.
        (("judge-1", "llama"), models("ollama", "llama3"), "llama"),
        (("judge-1", "OpenAI"), models("openai", "prod-chat"), "gpt"),
        (
            ("judge-1", "northwind"),
            models("x", "northwind-7"),
            "northwind",
        ),
        (
            ("qwen3-32b", "qwen"),
            models("local", "deepseek-r1-distill-qwen"),
            "qwen",
        ),
        (("claude-opus", "claude"), models("azure", "gpt-4.1"), ""),
        // A provider runs models of other houses too.
        (("gpt-4o", "gpt"), models("openai", "llama-3"), ""),
        (("gpt-4o", "gpt"), Vec::new(), ""),
    ] {
        let found: Vec<String> = shared(judge, &agent).into_iter().collect();
        assert_eq!(found.join(" "), expected, "{judge:?} {agent:?}");
    }
}
