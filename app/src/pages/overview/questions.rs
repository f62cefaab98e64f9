//! The five questions.

use domain::event::AuditAction;
use domain::form::query::{Mark, Standing};
use domain::gate::{Gate, Verdict};
use domain::tone::Tone;
use domain::view::overview::{AgentNote, Overview, WentLive};
use leptos::prelude::*;

use crate::format::{address, count, counted, length};
use crate::session::Viewer;
use crate::ui::prelude::*;

const LIVE: &str = "/deployments?environment=production&state=live";
const LIVE_NON_PROD: &str = "/deployments?environment=non_prod&state=live";
const IDENTITIES: &str = "/identities?state=usable";
/// The gates that say how an agent behaves.
const JUDGED: [Gate; 3] = [Gate::ResponsibleAi, Gate::Hallucination, Gate::Relevance];

/// All five, in the order people ask them.
pub(super) fn all(overview: &Overview, viewer: &Viewer) -> AnyView {
    vec![
        running(overview),
        access(overview),
        approved(overview, viewer),
        misbehaving(overview),
        rules(overview),
    ]
    .into_any()
}

/// One row: the question, the reading and its sentence, the evidence.
fn question(
    ask: &'static str,
    href: &str,
    reading: String,
    sentence: AnyView,
    evidence: Vec<AnyView>,
) -> AnyView {
    view! {
        <div class="q">
            <div class="q__a">
                <h2>{ask}</h2>
                <p>
                    <a class="plain" href=href.to_owned()>
                        <span class="reading">{reading}</span>
                    </a>
                </p>
                <p class="soft">{sentence}</p>
            </div>
            <div class="q__e">
                <ul class="ev">{evidence}</ul>
            </div>
        </div>
    }
    .into_any()
}

/// A fact and the number behind it.
fn fact(tone: Option<Tone>, label: &str, value: u64, href: impl Into<String>) -> AnyView {
    line(tone, label, count(value), href.into())
}

/// A fact and what leads to what is behind it.
fn line(tone: Option<Tone>, label: &str, reading: String, href: String) -> AnyView {
    let label = label.to_owned();
    let label = match tone {
        Some(tone) => view! { <Status tone=tone label=label/> }.into_any(),
        None => view! { <span class="lab">{label}</span> }.into_any(),
    };
    view! {
        <li>
            {label}
            <a class="r" href=href>
                {reading}
            </a>
        </li>
    }
    .into_any()
}

/// One agent with its sentence.
fn note(note: &AgentNote) -> AnyView {
    let href = format!("/agents/{}", note.agent);
    view! {
        <li class="small">
            <a href=href>{note.agent.clone()}</a>
            <span class="r muted">{note.note.clone()}</span>
        </li>
    }
    .into_any()
}

/// Good at zero, else as said.
const fn at_zero(value: u64, else_tone: Tone) -> Tone {
    if value == 0 { Tone::Ok } else { else_tone }
}

/// What is live with a mark, in production or anywhere.
fn marked(mark: Mark, production: bool) -> String {
    let environment = if production { "production" } else { "" };
    let parts = [("environment", environment), ("mark", mark.as_str())];
    address("/deployments", &parts)
}

/// The gates that came to this in the last seven days.
fn gates(verdict: Verdict, o: &Overview) -> String {
    let parts = [
        ("action", AuditAction::GateSettled.as_str()),
        ("q", verdict.as_str()),
        ("from", &o.week_from),
    ];
    address("/audit", &parts)
}

fn running(o: &Overview) -> AnyView {
    let sentence = view! {
        "live of " <a href="/agents">{counted(o.agents, "registered agent", "registered agents")}</a> ". In non-prod: "
        <a href=LIVE_NON_PROD>{count(o.live_non_prod)}</a> "."
    };
    let mut evidence = vec![
        fact(
            Some(at_zero(o.unhealthy_count, Tone::Bad)),
            Mark::Unhealthy.label(),
            o.unhealthy_count,
            marked(Mark::Unhealthy, false),
        ),
        fact(
            None,
            Standing::Never.label(),
            o.agents_never_deployed,
            "/agents?status=never",
        ),
    ];
    evidence.extend(o.unhealthy.iter().take(2).map(note));
    let reading = counted(o.live_production, "agent", "agents");
    question(
        "What runs in production now?",
        LIVE,
        reading,
        sentence.into_any(),
        evidence,
    )
}

fn access(o: &Overview) -> AnyView {
    let approved = o.live_production.saturating_sub(o.without_approval);
    let sentence = view! {
        "in production trace to a named approval. Together they act with "
        <a href=IDENTITIES>{counted(o.active_identities, "identity", "identities")}</a> " of their own."
    };
    let evidence = vec![
        fact(
            Some(at_zero(o.without_approval, Tone::Bad)),
            Mark::WithoutApproval.label(),
            o.without_approval,
            marked(Mark::WithoutApproval, true),
        ),
        fact(
            None,
            "Identities that can act",
            o.active_identities,
            IDENTITIES,
        ),
        fact(
            None,
            "Different scopes they may use",
            o.distinct_scopes,
            "/scopes",
        ),
    ];
    let reading = format!("{} of {}", count(approved), count(o.live_production));
    question(
        "What can each one access, and who authorised it?",
        LIVE,
        reading,
        sentence.into_any(),
        evidence,
    )
}

fn approved(o: &Overview, viewer: &Viewer) -> AnyView {
    let mut evidence: Vec<_> = o.went_live.iter().map(went_live).collect();
    evidence.push(log(o));
    let (reading, sentence) = match o.went_live.first() {
        None => (
            "Nobody yet".to_owned(),
            view! { "Nothing went live in production." }.into_any(),
        ),
        Some(last) => (by(last), said(last, o, viewer)),
    };
    let href = o.went_live.first().map(under);
    question(
        "Who approved the last deployment?",
        href.as_deref().unwrap_or("/approvals"),
        reading,
        sentence,
        evidence,
    )
}

/// The page of what one acts under.
fn under(one: &WentLive) -> String {
    match one.broken_by {
        Some(_) => format!("/deployments/{}", one.number),
        None => format!("/approvals/{}", one.approval),
    }
}

/// "The first, another and the last".
fn by(one: &WentLive) -> String {
    match (&one.broken_by, one.approvers.as_slice()) {
        (Some(name), _) => format!("{name}, alone"),
        (None, []) => "Nobody had to".to_owned(),
        (None, [name]) => name.clone(),
        (None, [first @ .., last]) => format!("{} and {last}", first.join(", ")),
    }
}

fn said(last: &WentLive, o: &Overview, viewer: &Viewer) -> AnyView {
    let verb = match (&last.broken_by, last.restores) {
        (Some(_), _) => "broke the glass for ",
        (None, true) => "had approved what was put back of ",
        (None, false) => "approved ",
    };
    let version = format!("{} v{}", last.agent, last.version);
    let glass = (o.broken_glass_7d > 0).then(|| {
        let n = count(o.broken_glass_7d);
        view! { ", " <a href="/approvals">{n}</a> " by break-glass" }
    });
    let week = address("/performance", &[("from", &o.week_from)]);
    view! {
        {verb}
        <a href=format!("/deployments/{}", last.number)>{version}</a>
        ", live since "
        <Time at=last.at.clone() now=viewer.now()/>
        ". "
        <a href=week>{counted(o.went_live_7d, "change", "changes")}</a>
        " went live in the last 7 days"
        {glass}
        "."
    }
    .into_any()
}

/// One that went live, with its approval.
fn went_live(one: &WentLive) -> AnyView {
    let (tone, words) = match (&one.broken_by, length(&one.approvers)) {
        (Some(_), _) => (Tone::Wait, "Break-glass".to_owned()),
        (None, 0) => (Tone::Idle, "None needed".to_owned()),
        (None, n) => (Tone::Ok, format!("{} approved", count(n))),
    };
    view! {
        <li class="small">
            <span class="lab">{format!("{} v{}", one.agent, one.version)}</span>
            <Status tone=tone label=words/>
            <a class="r" href=under(one)>{format!("#{}", one.approval)}</a>
        </li>
    }
    .into_any()
}

/// How much of it can be proven.
fn log(o: &Overview) -> AnyView {
    let (tone, words) = if o.chain.intact {
        (Tone::Ok, "Events in an intact log")
    } else {
        (Tone::Bad, "Chain broken, events in the log")
    };
    fact(Some(tone), words, o.chain.size, "/audit")
}

fn misbehaving(o: &Overview) -> AnyView {
    let reading = if o.unhealthy_count == 0 {
        "Nothing".to_owned()
    } else {
        counted(o.unhealthy_count, "agent", "agents")
    };
    let ready = marked(Mark::RollbackReady, true);
    let sentence = view! {
        "If one does, " <a href=ready.clone()>{count(o.rollback_ready)}</a>
        " can go back to their last verified version as one unit: code, config, image and scopes."
    };
    let not_ready = o.rollback_not_ready_count;
    let mut evidence = vec![
        fact(
            (o.rollback_ready > 0).then_some(Tone::Ok),
            Mark::RollbackReady.label(),
            o.rollback_ready,
            ready,
        ),
        fact(
            Some(at_zero(not_ready, Tone::Bad)),
            Mark::RollbackNotReady.label(),
            not_ready,
            marked(Mark::RollbackNotReady, true),
        ),
        fact(
            Some(at_zero(o.cleanup_incomplete, Tone::Bad)),
            "Clean-up incomplete",
            o.cleanup_incomplete,
            "/deployments?state=cleanup_incomplete",
        ),
    ];
    if o.rollback_unchecked > 0 {
        evidence.push(fact(
            Some(Tone::Unknown),
            Mark::RollbackUnchecked.label(),
            o.rollback_unchecked,
            marked(Mark::RollbackUnchecked, true),
        ));
    }
    evidence.extend(o.rollback_not_ready.iter().take(2).map(note));
    question(
        "What is misbehaving, and can we get back?",
        &marked(Mark::Unhealthy, false),
        reading,
        sentence.into_any(),
        evidence,
    )
}

fn rules(o: &Overview) -> AnyView {
    let wrong = &o.teams_not_complying;
    let complying = o.teams_live.saturating_sub(length(wrong));
    let reading = format!(
        "{} of {}",
        count(complying),
        counted(o.teams_live, "team", "teams")
    );
    let named: Vec<_> = wrong
        .iter()
        .take(3)
        .map(|team| {
            view! { <a href=address("/agents", &[("team", team)])>{team.clone()}</a> " " }
                .into_any()
        })
        .collect();
    let named = (!named.is_empty()).then(|| view! { "Not in " {named} "." });
    let could_not = counted(o.gates_inconclusive_7d, "gate run", "gate runs");
    let sentence = view! {
        "keep the policy in all that they have live in production. "
        {named}
        " In the last 7 days " <a href=gates(Verdict::Inconclusive, o)>{could_not}</a> " could not tell, which never counts as passed."
    };
    let mut evidence = vec![fact(
        Some(at_zero(o.non_compliant_count, Tone::Bad)),
        Mark::NotComplying.label(),
        o.non_compliant_count,
        marked(Mark::NotComplying, false),
    )];
    let passed = o.gates_passed.iter();
    let judged = passed.filter(|(gate, _)| JUDGED.contains(gate));
    evidence.extend(judged.map(|(gate, passed)| coverage(*gate, *passed, o.live_production)));
    evidence.push(fact(
        None,
        "Gates failed, 7 days",
        o.gates_failed_7d,
        gates(Verdict::Failed, o),
    ));
    evidence.extend(o.non_compliant.iter().take(2).map(note));
    question(
        "Are Responsible-AI policies enforced in every team?",
        LIVE,
        reading,
        sentence.into_any(),
        evidence,
    )
}

/// How much of what is live passed a gate. What did not was let through by a waiver or a policy that does not ask for it.
fn coverage(gate: Gate, passed: u64, live: u64) -> AnyView {
    let tone = if passed >= live {
        Tone::Ok
    } else {
        Tone::Unknown
    };
    let reading = format!("{} of {}", count(passed), count(live));
    let parts = [
        ("environment", "production"),
        ("state", "live"),
        ("passed", gate.as_str()),
    ];
    line(
        Some(tone),
        gate.label(),
        reading,
        address("/deployments", &parts),
    )
}
