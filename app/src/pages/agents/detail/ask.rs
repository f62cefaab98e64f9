//! Asking the running agent something from the console. An act like any other: it is in the audit log.

use domain::authz::ASK;
use domain::form::agent::PROMPT_MAX;
use domain::view::agent::{AgentDetail, AskAnswer};
use leptos::prelude::*;

use crate::format::milliseconds;
use crate::outcome::{Shown, shown};
use crate::rpc::agents::AskAgent;
use crate::session::Viewer;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("environment", "Environment"), ("prompt", "Question")];

/// The form and its answer; nothing while nothing is live.
pub(super) fn panel(agent: &AgentDetail, viewer: &Viewer) -> AnyView {
    let live: Vec<_> = agent
        .environments
        .iter()
        .filter_map(|card| card.live.as_ref().map(|live| (card.environment, live)))
        .map(|(environment, live)| {
            (
                environment.as_str().to_owned(),
                format!("{}, v{}", environment.label(), live.version),
            )
        })
        .collect();
    if live.is_empty() {
        return ().into_any();
    }
    if !viewer.may(ASK, Some(&agent.team_id)) {
        let roles: Vec<_> = ASK
            .roles()
            .iter()
            .map(|role| role.label().to_lowercase())
            .collect();
        let text = format!(
            "Asking this agent something needs the {} role in {}.",
            roles.join(" or "),
            agent.team
        );
        return view! { <p class="hint">{text}</p> }.into_any();
    }
    let error = refused::<AskAgent>();
    let slug = agent.slug.clone();
    view! {
        <Panel title="Ask this agent" id="ask" note="Recorded in the audit trail">
            <div class="panel__b stack stack--3">
                    <FormError error=error fields=FIELDS form="ask"/>
                    <Post to={url::<AskAgent>()}>
                        <div class="form">
                            <Hidden name="agent" value=slug/>
                            <Select name="environment" label="Environment" form="ask" options=live error=error required=true/>
                            <TextArea name="prompt" label="Question" form="ask" error=error required=true max=PROMPT_MAX rows=2/>
                            <div class="bar">
                                <Submit label="Ask" busy_label="Asking…" icon="send"/>
                            </div>
                        </div>
                    </Post>
                    <div role="status">{answer()}</div>
            </div>
        </Panel>
    }
    .into_any()
}

/// What the agent said to the form that this page answers.
fn answer() -> Option<AnyView> {
    let Some(Shown::Asked(AskAnswer {
        status,
        body,
        latency_ms,
        attribution,
    })) = shown()
    else {
        return None;
    };
    Some(
        view! {
            <Once><div class="quote stack stack--3">
                <p class="muted small">{format!("Answered {status} in {}", milliseconds(latency_ms))}</p>
                <pre class="code code--wrap">{body}</pre>
                <p class="small">{attribution}</p>
            </div></Once>
        }
        .into_any(),
    )
}
