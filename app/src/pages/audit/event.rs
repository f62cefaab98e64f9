//! One event: what it says, the exact bytes that were hashed, and the proof that they are in the signed log.

use domain::form::query::AuditQuery;
use domain::tone::Tone;
use domain::view::audit::{AuditDetail, AuditRow, ProofView, Seen};
use leptos::prelude::*;

use super::{action, history, object, query, there, what, who};
use crate::format::{Moment, address, counted, length, pretty, word};
use crate::islands::ProofCheck;
use crate::rpc::audit::get_event;
use crate::ui::prelude::*;

/// One event.
#[component]
pub(crate) fn EventPage() -> impl IntoView {
    let query = query();
    load(get_event(part("seq")), move |found, viewer| {
        body(&found, &query, viewer.frame().chain.size)
    })
}

/// What the proof came to, in tone and words.
fn verdict(found: &AuditDetail) -> (Tone, &'static str) {
    match &found.proof {
        None => (Tone::Run, "Included, not signed yet"),
        Some(proof) if proof.valid => (Tone::Ok, "Included, verified"),
        Some(_) => (Tone::Bad, "Proof does not hold"),
    }
}

fn body(found: &AuditDetail, query: &AuditQuery, size: u64) -> AnyView {
    let row = &found.row;
    let (tone, words) = verdict(found);
    let badges = view! { <Status tone=tone label=words boxed=true/> }.into_any();
    let at = Moment::parse(&row.time).map_or_else(|| row.time.clone(), Moment::exact);
    let sub = format!("{} by {}, {at}.", action(&row.action), row.actor);
    let beside = |index: u64| there(&format!("/audit/{index}"), query);
    let older = row.index.checked_sub(1).map(|index| {
        view! { <LinkButton href=beside(index) label=format!("Event {index}") icon="arrow-left"/> }
    });
    let newer = Some(row.index + 1).filter(|index| *index < size).map(|index| {
        view! { <LinkButton href=beside(index) label=format!("Event {index}") icon="arrow-right"/> }
    });
    let list = there("/audit", query);
    let actions = view! {
        <LinkButton href=list label="Back to the list"/>
        {older}
        {newer}
    }
    .into_any();
    view! {
        <PageHead title=format!("Event {}", row.index) badges=badges sub=sub.into_any() actions=actions/>
        <div class="cols cols--wide">
            <div class="stack">
                {facts(found, at)}
                {detail(found)}
                {bytes(found)}
            </div>
            {proof(found)}
        </div>
    }
    .into_any()
}

fn facts(found: &AuditDetail, at: String) -> AnyView {
    let row = &found.row;
    let mut rows: Vec<(&'static str, AnyView)> = vec![
        ("Who", who(row)),
        ("What", what(row)),
        ("On", on(row)),
        (
            "Time",
            view! { <time class="time" datetime=row.time.clone()>{at}</time> }.into_any(),
        ),
    ];
    if let Some(slug) = row.agent.clone() {
        rows.push((
            "Agent",
            view! {
                <a href=format!("/agents/{slug}")>{slug.clone()}</a>
                ", "
                <a href=address(&format!("/agents/{slug}"), &[("as_of", &row.time)])>"as it was then"</a>
            }
            .into_any(),
        ));
    }
    if let Some(number) = row.deployment {
        rows.push((
            "Under",
            view! { <a href=format!("/deployments/{number}")>{format!("Deployment #{number}")}</a> }.into_any(),
        ));
    }
    if let Some(reason) = &found.reason {
        rows.push(("Reason", format!("“{reason}”").into_any()));
    }
    if let Some(id) = &found.request_id {
        rows.push((
            "Request",
            view! { <Hash value=id.clone() kind=HashKind::Id/> }.into_any(),
        ));
    }
    view! {
        <Panel title="What was recorded" id="facts">
            <div class="panel__b">
                <Facts rows=rows/>
            </div>
        </Panel>
    }
    .into_any()
}

/// What it was done to, with everything else that was done to it.
fn on(row: &AuditRow) -> AnyView {
    let href = history(&row.object_type, &row.object_id);
    view! {
        {object(row)}
        ", "
        <a href=href>"its history"</a>
    }
    .into_any()
}

fn detail(found: &AuditDetail) -> AnyView {
    if found.detail.is_empty() {
        return ().into_any();
    }
    let rows: Vec<_> = found
        .detail
        .iter()
        .map(|(name, value)| {
            let value = if value.starts_with("sha256:") {
                view! { <Hash value=value.clone()/> }.into_any()
            } else {
                value.clone().into_any()
            };
            view! {
                <tr>
                    <th scope="row">{word(name)}</th>
                    <td class="wrap">{value}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <Section title="Details" id="detail">
            <Table caption="Details of the event" heads=&["Name", "Value"] class="tbl--dense">
                {rows}
            </Table>
        </Section>
    }
    .into_any()
}

/// Readable first, exact below: only the latter is what the hash is of.
fn bytes(found: &AuditDetail) -> AnyView {
    let readable = pretty(&found.leaf);
    let exact = found.leaf.clone();
    view! {
        <Section title="Leaf" id="leaf" note="The event as it stands in the log, indented for reading">
            <pre class="code" tabindex="0" role="region" aria-label="Leaf, indented">{readable}</pre>
            <details class="bytes">
                <summary>
                    <Icon name="chevron-right" small=true/>
                    "Exact bytes, which the leaf hash is of"
                </summary>
                <pre class="code code--wrap" tabindex="0" role="region" id="leaf-bytes" aria-label="Exact bytes">{exact}</pre>
            </details>
        </Section>
    }
    .into_any()
}

fn proof(found: &AuditDetail) -> AnyView {
    let leaf_hash = found.leaf_hash.clone();
    let (tone, words) = verdict(found);
    let content = match &found.proof {
        None => view! {
            <div class="panel__b stack stack--3">
                <p>
                    "The event is in the log. The next signed checkpoint covers it, usually within a minute; then this page shows its proof."
                </p>
                <Facts rows=vec![("Leaf hash", view! { <Hash value=leaf_hash kind=HashKind::Bare/> }.into_any())]/>
            </div>
        }
        .into_any(),
        Some(proof) => steps(proof, leaf_hash, found.row.index),
    };
    view! {
        <Panel title="Proof of inclusion" id="proof" more=view! { <Status tone=tone label=words/> }.into_any()>
            {content}
        </Panel>
    }
    .into_any()
}

fn step(text: String, hash: Option<&str>, tone: Tone) -> AnyView {
    let hash = hash.map(|hash| view! { <Hash value=hash.to_owned() kind=HashKind::Bare/> });
    view! {
        <li class=tone.class()>
            <Icon name=tone.icon()/>
            <span>{text}</span>
            {hash}
        </li>
    }
    .into_any()
}

/// How many witnesses have seen the checkpoint, and which, each with its time; nothing where nobody is asked.
fn witnesses(proof: &ProofView) -> (Option<AnyView>, AnyView) {
    let Some(asked) = proof.witnessing else {
        return (None, ().into_any());
    };
    let tone = if proof.is_witnessed() {
        Tone::Ok
    } else {
        Tone::Wait
    };
    let text = format!(
        "Checkpoint witnessed by {} of {}; {} needed",
        proof.seen.len(),
        asked.witnesses,
        asked.quorum
    );
    let lines: Vec<_> = proof.seen.iter().map(seen).collect();
    let list = (!lines.is_empty()).then(|| view! { <ul>{lines}</ul> });
    (Some(step(text, None, tone)), list.into_any())
}

fn seen(one: &Seen) -> AnyView {
    let at = one.at.as_deref().map_or_else(String::new, |at| {
        Moment::parse(at).map_or_else(|| at.to_owned(), Moment::exact)
    });
    view! {
        <li>
            <code class="wrap">{one.name.clone()}</code>
            {format!(" {at}")}
        </li>
    }
    .into_any()
}

fn steps(proof: &ProofView, leaf_hash: String, index: u64) -> AnyView {
    let tone = if proof.valid { Tone::Ok } else { Tone::Bad };
    let path = counted(length(&proof.path), "hash", "hashes");
    let mut items = vec![
        step("Leaf hash recomputed".to_owned(), Some(&leaf_hash), tone),
        step(
            format!("Path of {path} to the root"),
            Some(&proof.root),
            tone,
        ),
        step(
            format!(
                "Root signed in the checkpoint over {}",
                counted(proof.tree_size, "event", "events")
            ),
            None,
            tone,
        ),
    ];
    let (of_witnesses, seen) = witnesses(proof);
    items.extend(of_witnesses);
    let hashes: Vec<_> = proof
        .path
        .iter()
        .map(|hash| view! { <li><code class="wrap">{hash.clone()}</code></li> })
        .collect();
    let (checkpoint, key) = (proof.checkpoint.clone(), proof.public_key.clone());
    let said = if proof.valid {
        format!("Checked on the server: event {index} is in the log that the checkpoint signs.")
    } else {
        "Checked on the server: the hashes do not lead to the signed root. Keep a copy of the data as it is, and compare it with an earlier export.".to_owned()
    };
    view! {
        <div class="panel__b stack stack--3">
            <p>{said}</p>
            <ul class="checks">{items}</ul>
            <ProofCheck index=index file=proof.file.clone() key=proof.public_key.clone()/>
            {seen}
            <details>
                <summary>
                    <Icon name="chevron-right" small=true/>
                    "Hashes from the leaf to the root"
                </summary>
                <ol class="hashes">{hashes}</ol>
            </details>
            <div>
                <h3>"Signed checkpoint"</h3>
                <pre class="code code--wrap" tabindex="0" role="region" aria-label="Signed checkpoint">{checkpoint}</pre>
            </div>
            <Facts rows=vec![("Public key", view! { <Hash value=key full=true/> }.into_any())]/>
            <p class="hint">
                "To check it without this server: "
                <a href="/audit#verify">"verify it yourself"</a>
                "."
            </p>
        </div>
    }
    .into_any()
}
