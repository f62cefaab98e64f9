//! An agent to push: its source, and files that make a valid version of it.

use crate::fakes::Files;

/// An agent and where its source is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestAgent {
    pub slug: String,
    /// Address of the repository.
    pub repository: String,
    pub branch: String,
    /// Folder in the repository; empty for the root.
    pub path: String,
}

impl TestAgent {
    /// An agent in the root of a repository of its own.
    #[must_use]
    pub fn new(slug: &str) -> Self {
        Self {
            slug: slug.to_owned(),
            repository: format!("https://git.example.com/acme/{slug}"),
            branch: "main".to_owned(),
            path: String::new(),
        }
    }

    /// Files of a valid version: manifest, code, prompt and suites.
    #[must_use]
    pub fn files(&self) -> Files {
        let manifest = self.manifest(&["orders:read"]);
        let files = [
            ("clearance.yaml", manifest.as_str()),
            ("agent.py", "print('hello')\n"),
            ("requirements.txt", "httpx==0.28.1\n"),
            ("prompts/system.md", "You help with refunds.\n"),
            ("evaluation/relevance.jsonl", "{\"ask\":\"one\"}\n"),
            ("evaluation/hallucination.jsonl", "{\"ask\":\"two\"}\n"),
            ("evaluation/responsible_ai.jsonl", "{\"ask\":\"three\"}\n"),
        ];
        let inside = |path: &str| match self.path.as_str() {
            "" => path.to_owned(),
            folder => format!("{folder}/{path}"),
        };
        files
            .into_iter()
            .map(|(path, text)| (inside(path), text.to_owned()))
            .collect()
    }

    /// The same with one more or one other file, its path inside the agent's folder.
    #[must_use]
    pub fn files_with(&self, path: &str, text: &str) -> Files {
        let mut files = self.files();
        let path = match self.path.as_str() {
            "" => path.to_owned(),
            folder => format!("{folder}/{path}"),
        };
        files.insert(path, text.to_owned());
        files
    }

    /// A valid manifest that asks for these scopes.
    #[must_use]
    pub fn manifest(&self, scopes: &[&str]) -> String {
        format!(
            r#"schema: 1
agent: {slug}
description: Helps with refunds.
version: "2.3"
framework: custom
risk: low
data_classes: [order]
scopes: [{scopes}]
runtime:
  entrypoint: agent.py
  requirements: requirements.txt
  memory_mb: 128
  start_timeout_seconds: 1
  invoke_timeout_seconds: 1
config:
  model: {{provider: offline, name: refund-1}}
  prompts: {{system: prompts/system.md}}
  settings: {{temperature: 0.5}}
  secrets: {{CRM_TOKEN: "env:CRM_TOKEN"}}
  bindings:
    non_prod: {{CRM_URL: "https://crm.test.example"}}
    production: {{CRM_URL: "https://crm.example"}}
evaluation:
  suites:
    - {{gate: relevance, file: evaluation/relevance.jsonl}}
    - {{gate: hallucination, file: evaluation/hallucination.jsonl}}
    - {{gate: responsible_ai, file: evaluation/responsible_ai.jsonl}}
"#,
            slug = self.slug,
            scopes = scopes.join(", "),
        )
    }
}
