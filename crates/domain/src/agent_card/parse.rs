//! Reads a card. What other protocols' fields it has besides is kept in the text and not looked at.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{AgentCard, CARD_MAX_BYTES, CardInterface, CardSignature, CardSkill};
use crate::agent::ManifestProblem;
use crate::text::{cut, visible};

/// Longest text that is shown, characters.
const TEXT_MAX: usize = 2_000;
/// Most skills, interfaces, schemes and signatures of a card.
const PARTS_MAX: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    name: String,
    description: String,
    version: String,
    provider: Option<RawProvider>,
    #[serde(default)]
    supported_interfaces: Vec<RawInterface>,
    // The next four are how cards before 1.0 name addresses.
    url: Option<String>,
    preferred_transport: Option<String>,
    protocol_version: Option<String>,
    #[serde(default)]
    additional_interfaces: Vec<RawOldInterface>,
    #[serde(default)]
    capabilities: RawCapabilities,
    #[serde(default)]
    security_schemes: BTreeMap<String, Value>,
    #[serde(default)]
    skills: Vec<RawSkill>,
    #[serde(default)]
    default_input_modes: Vec<String>,
    #[serde(default)]
    default_output_modes: Vec<String>,
    #[serde(default)]
    signatures: Vec<RawSignature>,
}

#[derive(Deserialize)]
struct RawProvider {
    organization: String,
    #[serde(default)]
    url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawInterface {
    url: String,
    protocol_binding: String,
    protocol_version: String,
}

#[derive(Deserialize)]
struct RawOldInterface {
    url: String,
    transport: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RawCapabilities {
    streaming: bool,
    push_notifications: bool,
    extended_agent_card: bool,
    extensions: Vec<RawExtension>,
}

#[derive(Deserialize)]
struct RawExtension {
    uri: String,
    #[serde(default)]
    required: bool,
}

#[derive(Deserialize)]
struct RawSkill {
    id: String,
    name: String,
    description: String,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    examples: Vec<String>,
}

#[derive(Deserialize)]
struct RawSignature {
    protected: String,
}

impl AgentCard {
    /// Parses and checks a card; `file` is its name, for the problems.
    ///
    /// # Errors
    /// Everything that is wrong with it, in words for its team.
    pub fn parse(text: &str, file: &str) -> Result<Self, Vec<ManifestProblem>> {
        let problem = |line: usize, column: usize, message: String| ManifestProblem {
            file: file.to_owned(),
            line: u32::try_from(line).unwrap_or(0),
            column: u32::try_from(column).unwrap_or(0),
            message,
        };
        if text.len() > CARD_MAX_BYTES {
            let large = "The agent card is larger than 100 KiB.".to_owned();
            return Err(vec![problem(0, 0, large)]);
        }
        let raw: Raw = serde_json::from_str(text).map_err(|error| {
            let said = format!(
                "This is no A2A agent card: {}.",
                cut(&error.to_string(), 300)
            );
            vec![problem(error.line(), error.column(), said)]
        })?;
        let card = read(raw);
        let found = faults(&card);
        if found.is_empty() {
            Ok(card)
        } else {
            Err(found.into_iter().map(|said| problem(0, 0, said)).collect())
        }
    }
}

/// A text as it may be shown: what would reorder or hide other text is written out.
fn plain(text: &str) -> String {
    cut(&visible(text), TEXT_MAX)
}

fn plain_all(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| plain(text)).collect()
}

fn read(raw: Raw) -> AgentCard {
    let capabilities = &raw.capabilities;
    let can = [
        ("streaming", capabilities.streaming),
        ("push notifications", capabilities.push_notifications),
        ("extended card", capabilities.extended_agent_card),
    ];
    let extensions = capabilities.extensions.iter().map(|one| {
        let must = if one.required { " (required)" } else { "" };
        format!("{}{must}", plain(&one.uri))
    });
    let skills = raw.skills.into_iter().map(|skill| CardSkill {
        id: plain(&skill.id),
        name: plain(&skill.name),
        description: plain(&skill.description),
        tags: plain_all(&skill.tags),
        examples: plain_all(&skill.examples),
    });
    AgentCard {
        capabilities: can
            .iter()
            .filter(|(_, has)| *has)
            .map(|(name, _)| (*name).to_owned())
            .collect(),
        extensions: extensions.collect(),
        provider: raw
            .provider
            .map(|one| plain(format!("{} {}", one.organization, one.url).trim())),
        interfaces: interfaces(
            raw.supported_interfaces,
            (raw.url, raw.preferred_transport, raw.protocol_version),
            raw.additional_interfaces,
        ),
        security: raw
            .security_schemes
            .iter()
            .map(|(name, scheme)| (plain(name), plain(&scheme_words(scheme))))
            .collect(),
        skills: skills.collect(),
        signatures: raw.signatures.iter().map(signature).collect(),
        name: plain(&raw.name),
        description: plain(&raw.description),
        version: plain(&raw.version),
        input_modes: plain_all(&raw.default_input_modes),
        output_modes: plain_all(&raw.default_output_modes),
    }
}

/// Address, transport and version of a card before 1.0.
type Old = (Option<String>, Option<String>, Option<String>);

fn interfaces(
    new: Vec<RawInterface>,
    (url, transport, version): Old,
    more: Vec<RawOldInterface>,
) -> Vec<CardInterface> {
    let protocol = version.unwrap_or_else(|| "0.2".to_owned());
    let first = url.map(|url| CardInterface {
        url,
        binding: transport.unwrap_or_else(|| "JSONRPC".to_owned()),
        protocol: protocol.clone(),
    });
    let more = more.into_iter().map(|one| CardInterface {
        url: one.url,
        binding: one.transport,
        protocol: protocol.clone(),
    });
    let new = new.into_iter().map(|one| CardInterface {
        url: one.url,
        binding: one.protocol_binding,
        protocol: one.protocol_version,
    });
    let mut all: Vec<CardInterface> = Vec::new();
    for one in new.chain(first).chain(more) {
        // Cards before 1.0 name their first address twice.
        let one = CardInterface {
            url: plain(&one.url),
            binding: plain(&one.binding),
            protocol: plain(&one.protocol),
        };
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}

/// The words of a security scheme: in 1.0 the kind is the only key, before it was a field.
fn scheme_words(scheme: &Value) -> String {
    let old = scheme.get("type").and_then(Value::as_str);
    let new = scheme.as_object().and_then(|keys| keys.iter().next());
    let (kind, inner) = match (old, new) {
        (Some(kind), _) => (kind, scheme),
        (None, Some((kind, inner))) => (kind.as_str(), inner),
        (None, None) => return "no kind is named".to_owned(),
    };
    let text = |name: &str| inner.get(name).and_then(Value::as_str).unwrap_or("");
    let told = match kind {
        "apiKey" | "apiKeySecurityScheme" => {
            let place = [text("in"), text("location")].concat();
            format!("API key in {place} {}", text("name"))
        }
        "http" | "httpAuthSecurityScheme" => format!("HTTP {}", text("scheme")),
        "oauth2" | "oauth2SecurityScheme" => {
            let flows = inner.get("flows").and_then(Value::as_object);
            let names = flows.map(|flows| flows.keys().cloned().collect::<Vec<_>>());
            format!("OAuth 2.0 {}", names.unwrap_or_default().join(", "))
        }
        "openIdConnect" | "openIdConnectSecurityScheme" => {
            format!("OpenID Connect {}", text("openIdConnectUrl"))
        }
        "mutualTLS" | "mtlsSecurityScheme" => "mutual TLS".to_owned(),
        other => other.to_owned(),
    };
    told.trim().to_owned()
}

fn signature(raw: &RawSignature) -> CardSignature {
    let header = super::signing::header(&raw.protected);
    let text = |name: &str| {
        let value = header.as_ref().and_then(|header| header.get(name));
        plain(value.and_then(Value::as_str).unwrap_or(""))
    };
    CardSignature {
        algorithm: text("alg"),
        key: text("kid"),
    }
}

/// What a reader of the card would stumble over.
fn faults(card: &AgentCard) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in [
        ("name", &card.name),
        ("description", &card.description),
        ("version", &card.version),
    ] {
        if text.trim().is_empty() {
            found.push(format!("The agent card's `{name}` is empty."));
        }
    }
    if card.interfaces.is_empty() {
        found.push("The agent card names no address: write `supportedInterfaces`.".to_owned());
    }
    for one in &card.interfaces {
        let web = one.url.starts_with("https://") || one.url.starts_with("http://");
        if !web && !one.binding.eq_ignore_ascii_case("grpc") {
            let url = cut(&one.url, 80);
            found.push(format!(
                "`{url}` is no web address: begin it with https://."
            ));
        }
    }
    let many = [
        ("skills", card.skills.len()),
        ("addresses", card.interfaces.len()),
        ("security schemes", card.security.len()),
        ("signatures", card.signatures.len()),
    ];
    for (what, _) in many.iter().filter(|(_, count)| *count > PARTS_MAX) {
        found.push(format!("The agent card has more than 100 {what}."));
    }
    let mut ids: Vec<&str> = card.skills.iter().map(|skill| skill.id.as_str()).collect();
    ids.sort_unstable();
    if let Some(twice) = ids.windows(2).find(|pair| pair.first() == pair.last()) {
        let id = cut(twice.first().copied().unwrap_or_default(), 80);
        found.push(format!("The agent card has two skills with the id `{id}`."));
    }
    found
}
