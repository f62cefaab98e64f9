//! The same facts for people, spreadsheets and programs. Escapes every word: names and reasons come from outside.

use domain::text::visible;
use domain::view::controls::{ControlView, FrameworkView};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{LogHead, Sampled};
use crate::export::cell::cell;

/// The sentence that every form of a report carries.
const LIMITS: &str = "Recorded events support evidence for these controls. They do not show that a control is met: that is for an auditor to say.";

/// One row for each control. RFC 4180, CRLF.
#[must_use]
pub fn controls_csv(view: &FrameworkView) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .quote_style(csv::QuoteStyle::Always)
        .from_writer(Vec::new());
    // Writing into memory does not fail.
    let _ = writer.write_record(["control", "title", "events", "supports_evidence_by", "gap"]);
    for control in &view.controls {
        let _ = writer.write_record([
            cell(&control.id),
            cell(&control.title),
            control.total.to_string(),
            cell(&kinds(control)),
            cell(control.gap.as_deref().unwrap_or_default()),
        ]);
    }
    writer.into_inner().unwrap_or_default()
}

fn kinds(control: &ControlView) -> String {
    let one =
        |kind: &domain::view::controls::EvidenceCount| format!("{} ({})", kind.title, kind.count);
    let all: Vec<String> = control.evidence.iter().map(one).collect();
    all.join("; ")
}

/// The report as one page without script, style sheets or pictures from elsewhere.
#[must_use]
pub fn html(view: &FrameworkView, log: &LogHead, sample: &Sampled) -> String {
    let rows: String = view.controls.iter().map(row).collect();
    let title = format!("{} evidence", view.framework.label());
    let agent = view.scope.agent.as_deref().unwrap_or("every agent");
    let events: Vec<String> = sample.events.iter().map(u64::to_string).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}}\
         table{{border-collapse:collapse;width:100%}}th,td{{border:1px solid #888;padding:.4rem;text-align:left;vertical-align:top}}.gap{{font-weight:bold}}</style>\n\
         <h1>{title}</h1>\n<p>{limits}</p>\n<dl><dt>Edition</dt><dd>{edition}</dd><dt>Catalogue of controls</dt><dd>{catalogue}</dd>\
         <dt>Period</dt><dd>{from} to {to}</dd><dt>Scope</dt><dd>{agent}</dd><dt>Audit log</dt><dd>{origin}, {size} events, root {root}</dd>\
         <dt>Events that support evidence</dt><dd>{total}</dd><dt>Controls without any</dt><dd>{gaps} of {controls}</dd></dl>\n\
         <table><caption>Controls</caption><thead><tr><th scope=\"col\">Control</th><th scope=\"col\">Title</th><th scope=\"col\">Events</th><th scope=\"col\">By</th><th scope=\"col\">Gap</th></tr></thead>\n<tbody>\n{rows}</tbody></table>\n\
         <h2>Sample</h2>\n<p>Seed {seed}: events {events}. Their bytes and proofs are in the folder sample.</p>\n</html>\n",
        limits = LIMITS,
        edition = escape(&view.edition),
        catalogue = escape(&view.catalogue),
        from = escape(&view.scope.from),
        to = escape(&view.scope.to),
        agent = escape(agent),
        origin = escape(&log.origin),
        size = log.size,
        root = escape(&log.root),
        total = view.events,
        gaps = view.gaps(),
        controls = view.controls.len(),
        seed = escape(&sample.seed),
        events = events.join(", "),
    )
}

fn row(control: &ControlView) -> String {
    let gap = control.gap.as_deref().unwrap_or("");
    format!(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td class=\"gap\">{}</td></tr>\n",
        escape(&control.id),
        escape(&control.title),
        control.total,
        escape(&kinds(control)),
        escape(gap)
    )
}

/// Text for HTML, with nothing in it that hides or reorders.
fn escape(text: &str) -> String {
    visible(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// OSCAL assessment results (NIST OSCAL 1.1.2): an observation for each control, and a finding for each, satisfied by nothing we say.
#[must_use]
pub fn oscal(view: &FrameworkView, log: &LogHead, made_at: &str) -> Value {
    let base = format!(
        "{}:{}:{}:{}",
        log.root, view.framework, view.scope.from, view.scope.to
    );
    let id = |what: &str| uuid(&format!("{base}:{what}"));
    let observations: Vec<Value> = view
        .controls
        .iter()
        .map(|control| {
            let words = match &control.gap {
                Some(gap) => format!("Gap: {gap}."),
                None => format!(
                    "{} events support evidence: {}.",
                    control.total,
                    kinds(control)
                ),
            };
            json!({
                "uuid": id(&control.id),
                "title": visible(&format!("{} {}", control.id, control.title)),
                "description": visible(&words),
                "methods": ["EXAMINE"],
                "types": ["control-objective"],
                "collected": made_at,
            })
        })
        .collect();
    let selected: Vec<Value> = view
        .controls
        .iter()
        .map(|control| json!({ "control-id": token(&control.id) }))
        .collect();
    json!({
        "assessment-results": {
            "uuid": id("results"),
            "metadata": {
                "title": format!("{} evidence", view.framework.label()),
                "last-modified": made_at,
                "version": view.catalogue,
                "oscal-version": "1.1.2",
                "remarks": LIMITS,
            },
            "import-ap": { "href": "#none", "remarks": "Made from an audit log; there is no assessment plan." },
            "results": [{
                "uuid": id("result"),
                "title": format!("Events recorded from {} to {}", view.scope.from, view.scope.to),
                "description": format!("Audit log {} of {} events, root {}.", visible(&log.origin), log.size, log.root),
                "start": view.scope.from,
                "end": view.scope.to,
                "reviewed-controls": { "control-selections": [{ "include-controls": selected }] },
                "observations": observations,
            }],
        }
    })
}

/// An OSCAL token: begins with a letter or underscore, and has no spaces or brackets.
fn token(id: &str) -> String {
    let plain = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '.' | '-' | '_');
    let name: String = id
        .chars()
        .map(|ch| if plain(ch) { ch } else { '_' })
        .collect();
    if name.starts_with(|ch: char| ch.is_ascii_alphabetic()) {
        name
    } else {
        format!("_{name}")
    }
}

/// A UUID that is the same for the same text (its form is that of version 5, from SHA-256).
fn uuid(text: &str) -> String {
    let hex = hex::encode(Sha256::digest(text));
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-5{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}

/// One page for whoever checks the package.
#[must_use]
pub fn instructions(log: &LogHead, key: &str) -> String {
    format!(
        "How to check this package without the server that made it\n\
         =========================================================\n\n\
         You need the public key of the audit log, from somewhere else than this package: ask for it when the log is set up,\n\
         and compare it with the one that this package was signed with:\n\n  {key}\n\n\
         1. clearance evidence verify-package FOLDER --key KEY\n\
            checks the log entry by entry, the signature, every file, and works out counts and sample again.\n\
            With --witness KEY (several times) and --quorum NUMBER it also asks that witnesses have seen the log.\n\n\
         2. python3 verify_package.py FOLDER --key KEY\n\
            checks the same with a second program, which has nothing in common with the first and takes Python alone;\n\
            verify.py beside it checks FOLDER/log in 300 lines.\n\n\
         Exit status 0: intact. 1: changed. 2: cannot be read.\n\n\
         The log is {origin} with {size} events, root {root}.\n\
         The sample was chosen by its seed: the events with the smallest SHA-256 of seed, colon, index. Ask for a package with a\n\
         seed of your own.\n\n\
         {LIMITS}\n",
        origin = visible(&log.origin),
        size = log.size,
        root = log.root,
    )
}
