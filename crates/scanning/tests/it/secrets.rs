//! Secrets in text. The values here are made up; they are put together at run time so that no scanner takes them for real.

use domain::gate::{Severity, Verdict};
use scanning::{SecretRules, SecretRulesError};

fn random(length: usize) -> String {
    // A fixed sequence without repetition for a while, which looks random to a scanner.
    let alphabet: Vec<char> = "q7WzR2nKf9LxB4vTj6YmH8dPc3GsQ5aN1eUwXoZk0"
        .chars()
        .collect();
    (0..length)
        .map(|n| alphabet[(n * 7) % alphabet.len()])
        .collect()
}

#[test]
fn kinds_are_recognised() {
    let key = random(40);
    let upper: String = random(40).to_uppercase().chars().take(16).collect();
    let pem = format!("-----BEGIN {}PRIVATE KEY-----\n{}\n", "", random(40));
    for (rule, name, text) in [
        (
            "secret-api-key",
            "agent.py",
            format!("client = OpenAI(api_key='sk-proj-{key}')"),
        ),
        (
            "secret-api-key",
            "prompts/system.md",
            format!("Use sk-{key} to call."),
        ),
        (
            "secret-aws-access-key",
            "a.yaml",
            format!("id: AKIA{upper}"),
        ),
        ("secret-github-token", "a.txt", format!("ghp_{key}")),
        ("secret-stripe-key", "a.txt", format!("sk_live_{key}")),
        ("secret-private-key", "a.txt", pem.clone()),
        (
            "secret-private-key",
            "agent.py",
            format!("KEY = \"{}\"", pem.replace('\n', "\\n")),
        ),
        (
            "secret-in-url",
            "a.py",
            format!("DB = 'postgres://app:{}@db.example/app'", random(16)),
        ),
        (
            "secret-assignment",
            "a.py",
            format!("DB_PASSWORD = '{}'", random(20)),
        ),
        (
            "secret-assignment",
            "a.json",
            format!("{{\"client_secret\": \"{}\"}}", random(24)),
        ),
        (
            "secret-assignment",
            ".env",
            format!("SERVICE_TOKEN={}", random(24)),
        ),
        (
            "secret-assignment",
            "a.yaml",
            format!("  apiKey: {}", random(24)),
        ),
    ] {
        let report = super::analyse(&[(name, text.as_bytes())]);
        let rules: Vec<&str> = report
            .findings
            .iter()
            .map(|one| one.rule.as_str())
            .collect();
        assert!(rules.contains(&rule), "{rule} in {text}: {rules:?}");
        assert_eq!(report.verdict, Verdict::Failed);
        let evidence = serde_json::to_string(&report).unwrap();
        assert!(
            !evidence.contains(&key) && !evidence.contains(&random(16)),
            "the value is repeated: {evidence}"
        );
    }
}

#[test]
fn placeholders_and_references_are_left_alone() {
    for (name, text) in [
        ("a.py", "api_key = os.environ['OPENAI_API_KEY']".to_owned()),
        ("a.py", "token = 'your-token-goes-here-1'".to_owned()),
        ("a.py", "password = 'hunter2'".to_owned()),
        (
            "a.py",
            "secret_name = 'projects/refunds/secrets'".to_owned(),
        ),
        ("a.py", format!("sk = 'sk-{}'", "x".repeat(40))),
        (
            "a.md",
            "Set `OPENAI_API_KEY=sk-your-key-here-0123456789`.".to_owned(),
        ),
        ("a.md", "AKIAIOSFODNN7EXAMPLE".to_owned()),
        ("a.yaml", "api_key: ${API_KEY_FROM_VAULT_1}".to_owned()),
        ("a.yaml", "token: vault://kv/refunds#token1".to_owned()),
        ("a.yaml", "max_tokens: 4096".to_owned()),
        (
            "a.py",
            "if '-----BEGIN PRIVATE KEY-----' in text: refuse()".to_owned(),
        ),
        ("a.py", "url = 'https://user:password@host'".to_owned()),
        (
            "package-lock.json",
            format!("{{\"integrity\": \"sha512-{}\"}}", random(60)),
        ),
    ] {
        let found = super::rules(name, &text);
        assert!(found.is_empty(), "{name}: {text}: {found:?}");
    }
}

#[test]
fn lines_are_numbered_and_long_lines_are_bounded() {
    let text = format!("a: 1\r\n\r\ntoken: {}\r\n", random(24));
    let report = super::analyse(&[("a.yaml", text.as_bytes())]);
    assert_eq!(
        (report.findings[0].line, report.findings[0].severity),
        (Some(3), Severity::High)
    );
    let long = "é".repeat(400_000);
    assert!(super::rules("a.js.txt", &long).is_empty());
}

/// Rules with one exception, whose expressions look at `target`.
fn with_exception(target: &str, expression: &str) -> Result<SecretRules, SecretRulesError> {
    SecretRules::parse(&format!(
        "[[rules]]\nid = 'acme'\nregex = 'acme_key=([a-z0-9]{{8}})'\n[[rules.allowlists]]\nregexTarget = '{target}'\nregexes = ['{expression}']\n"
    ))
}

#[test]
fn an_exception_looks_at_what_it_says() {
    let text = "test acme_key=abcd1234 of the demo\n";
    for (target, expression, allowed) in [
        ("", "^abcd1234$", true),
        ("secret", "^abcd1234$", true),
        ("secret", "acme_key", false),
        ("match", "^acme_key=abcd1234$", true),
        ("match", "^abcd1234$", false),
        ("match", "demo", false),
        ("line", "demo$", true),
        ("line", "^acme_key", false),
    ] {
        let rules = with_exception(target, expression).unwrap();
        let found = rules.scan("a.txt", text);
        assert_eq!(found.is_empty(), allowed, "{target}: {expression}");
    }
    assert_eq!(
        with_exception("lines", "demo").unwrap_err().to_string(),
        "the rule acme has an exception with `regexTarget = \"lines\"`, which is unknown: write secret, match or line"
    );
}

#[test]
fn rules_that_extend_others_are_refused() {
    let rules = "[[rules]]\nid = 'acme'\nregex = 'acme_[a-z0-9]{8}'\n";
    for extend in ["useDefault = true", "path = 'base.toml'"] {
        let refused = SecretRules::parse(&format!("[extend]\n{extend}\n{rules}"));
        assert_eq!(
            refused.unwrap_err().to_string(),
            "the rules for secrets extend others ([extend]), which are not read: write every rule into the one file and take [extend] out"
        );
    }
    let nothing = SecretRules::parse(&format!("[extend]\nuseDefault = false\n{rules}"));
    assert_eq!(nothing.unwrap().len(), 1);
}
