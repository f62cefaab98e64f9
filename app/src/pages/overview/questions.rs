//! The five questions.

use domain::tone::Tone;
use domain::view::overview::{AgentNote, Overview};
use leptos::prelude::*;

use crate::format::{count, counted, length};
use crate::session::Viewer;
use crate::ui::prelude::*;

const LIVE: &str = "/deployments?environment=production&state=live";
const LIVE_NON_PROD: &str = "/deployments?environment=non_prod&state=live";
const GATES: &str = "/audit?action=gate_settled";

/// All five, in the order people ask them.
pub(super) fn all(overview: &Overview, viewer: &Viewer) -> AnyView {
    vec![
        running(overview),
        access(overview),
        trail(overview, viewer),
        misbehaving(overview),
        rules(overview),
    ]
    .into_any()
}

/// One row: the question, the reading and its sentence, the evidence.
fn question(
    ask: &'static str,
    href: &'static str,
    reading: String,
    sentence: AnyView,
    evidence: Vec<AnyView>,
) -> AnyView {
    view! {
        <div class="q">
            <div class="q__a">
                <h2>{ask}</h2>
                <p>
                    <a class="plain" href=href>
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
fn fact(tone: Option<Tone>, label: &str, value: u64, href: &'static str) -> AnyView {
    let label = label.to_owned();
    let label = match tone {
        Some(tone) => view! { <Status tone=tone label=label/> }.into_any(),
        None => view! { <span class="lab">{label}</span> }.into_any(),
    };
    view! {
        <li>
            {label}
            <a class="r" href=href>
                {count(value)}
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

fn running(o: &Overview) -> AnyView {
    let sentence = view! {
        "live of " <a href="/agents">{counted(o.agents, "registered agent", "registered agents")}</a> ". In non-prod: "
        <a href=LIVE_NON_PROD>{count(o.live_non_prod)}</a> "."
    };
    let unhealthy = length(&o.unhealthy);
    let mut evidence = vec![
        fact(
            Some(at_zero(unhealthy, Tone::Bad)),
            "Not healthy",
            unhealthy,
            "/agents",
        ),
        fact(None, "Never live anywhere", o.agents_never_live, "/agents"),
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
        <a href=LIVE>{counted(o.active_identities, "identity", "identities")}</a> " of their own."
    };
    let evidence = vec![
        fact(
            Some(at_zero(o.without_approval, Tone::Bad)),
            "Live without an approval",
            o.without_approval,
            LIVE,
        ),
        fact(None, "Active identities", o.active_identities, LIVE),
        fact(
            None,
            "Different scopes they may use",
            o.distinct_scopes,
            LIVE,
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

fn trail(o: &Overview, viewer: &Viewer) -> AnyView {
    let chain = &o.chain;
    let signed = chain.checkpoint_at.clone().map(|at| {
        view! { " The last signed checkpoint is of " <Time at=at now=viewer.now()/> "." }
    });
    let sentence = if chain.intact {
        view! { "in an intact, tamper-evident log." {signed} }.into_any()
    } else {
        view! { "in a log whose self-check failed." {signed} }.into_any()
    };
    let unsigned = chain.size.saturating_sub(chain.checkpoint_size);
    let (tone, words) = if chain.intact {
        (Tone::Ok, "Events in the log")
    } else {
        (Tone::Bad, "Chain broken, events in the log")
    };
    let evidence = vec![
        fact(Some(tone), words, chain.size, "/audit"),
        fact(
            None,
            "Covered by the signed checkpoint",
            chain.checkpoint_size,
            "/audit",
        ),
        fact(None, "Waiting for the next checkpoint", unsigned, "/audit"),
    ];
    question(
        "Who did what, and can we prove it?",
        "/audit",
        counted(chain.size, "event", "events"),
        sentence.into_any(),
        evidence,
    )
}

fn misbehaving(o: &Overview) -> AnyView {
    let sick = length(&o.unhealthy);
    let not_ready = length(&o.rollback_not_ready);
    let reading = if sick == 0 {
        "Nothing".to_owned()
    } else {
        counted(sick, "agent", "agents")
    };
    let sentence = view! {
        "If one does, " <a href=LIVE>{count(o.rollback_ready)}</a>
        " can go back to their last verified version as one unit: code, config, image and scopes."
    };
    let mut evidence = vec![
        fact(Some(Tone::Ok), "Rollback ready", o.rollback_ready, LIVE),
        fact(
            Some(at_zero(not_ready, Tone::Bad)),
            "Rollback not ready",
            not_ready,
            "/agents",
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
            "Way back not looked at yet",
            o.rollback_unchecked,
            LIVE,
        ));
    }
    evidence.extend(o.rollback_not_ready.iter().take(2).map(note));
    question(
        "What is misbehaving, and can we get back?",
        "/agents",
        reading,
        sentence.into_any(),
        evidence,
    )
}

fn rules(o: &Overview) -> AnyView {
    let sentence = view! {
        "in the last 7 days, each stopped before it could go on. "
        <a href=GATES>{counted(o.gates_inconclusive_7d, "gate run", "gate runs")}</a>
        " could not tell, which never counts as passed."
    };
    let mut evidence = vec![
        fact(
            Some(at_zero(o.non_compliant_count, Tone::Bad)),
            "Live and no longer complying",
            o.non_compliant_count,
            "/agents",
        ),
        fact(None, "Gates failed, 7 days", o.gates_failed_7d, GATES),
        fact(
            Some(if o.gates_inconclusive_7d == 0 {
                Tone::Ok
            } else {
                Tone::Unknown
            }),
            "Could not tell, 7 days",
            o.gates_inconclusive_7d,
            GATES,
        ),
        fact(
            None,
            "Waiting for an approval by others",
            o.waiting_for_others,
            "/approvals",
        ),
    ];
    evidence.extend(o.non_compliant.iter().take(2).map(note));
    let reading = counted(o.gates_failed_7d, "gate failed", "gates failed");
    question(
        "Are the rules applied to every team?",
        GATES,
        reading,
        sentence.into_any(),
        evidence,
    )
}
