//! "What is missing for the first green deployment?"

mod found;
mod webhook;

use domain::agent::Risk;
use domain::authz::Action;
use domain::detection::{LookState, SetupCheck, SetupItem, SetupState};
use domain::tone::Tone;
use domain::view::setup::{Look, Setup, SetupQuery};
use leptos::prelude::*;

use crate::rpc::agents::{LookAgain, agent_setup};
use crate::session::Viewer;
use crate::ui::prelude::*;

/// What an agent lacks, what its repository holds, and the file that is proposed for it.
#[component]
pub(crate) fn SetupPage() -> impl IntoView {
    let query = SetupQuery {
        risk: asked("risk"),
    };
    load(agent_setup(part("slug"), query), |setup, viewer| {
        body(&setup, &viewer)
    })
}

fn body(setup: &Setup, viewer: &Viewer) -> AnyView {
    let sub = view! {
        <a href=format!("/agents/{}", setup.agent)>{setup.agent.clone()}</a>
        {format!(", branch {} of ", setup.branch)}
        <span class="wrap">{setup.repository.clone()}</span>
    };
    let found = setup.look.as_ref().and_then(|look| look.found.as_ref());
    view! {
        <PageHead
            title="What is missing for the first green deployment?"
            sub=sub.into_any()
            actions=actions(setup, viewer)
        />
        <Live on=format!("agent:{} deployment", setup.agent)/>
        <FormError error={refused::<LookAgain>()}/>
        {setup.look.as_ref().map(|look| standing(look, viewer))}
        <div class="cols cols--wide">
            <div class="stack stack--4">
                {list(setup)}
                {found.map(|found| found::panel(found, setup, viewer.now()))}
                {setup.proposal.as_ref().map(|text| proposal(setup, text))}
            </div>
            <div class="stack stack--4">{webhook::panel(&setup.webhook, viewer.now())}</div>
        </div>
    }
    .into_any()
}

fn actions(setup: &Setup, viewer: &Viewer) -> AnyView {
    let may = viewer.may(Action::Modify, Some(setup.team_id.as_str())) && !setup.decommissioned;
    let under_way = setup
        .look
        .as_ref()
        .is_some_and(|look| look.state == LookState::Ordered);
    let again = (may && !under_way).then(|| {
        let label = if setup.look.is_some() {
            "Look again"
        } else {
            "Look at the repository"
        };
        let agent = setup.agent.clone();
        view! {
            <Post to={url::<LookAgain>()}>
                <Hidden name="agent" value=agent/>
                <Submit label=label busy_label="Ordering…" icon="refresh-cw"/>
            </Post>
        }
    });
    view! { {again} }.into_any()
}

/// A look that is under way, did not work, or is of a commit before the last.
fn standing(look: &Look, viewer: &Viewer) -> AnyView {
    let (tone, text) = match (look.state, look.problem, look.behind) {
        (LookState::Ordered, ..) if look.attempts > 1 => (
            Tone::Run,
            format!(
                "The repository could not be read yet. Clearance tries again; that was try {}.",
                look.attempts
            ),
        ),
        (LookState::Ordered, ..) => (
            Tone::Run,
            "Clearance is looking at the repository. This takes some seconds.".to_owned(),
        ),
        (LookState::Failed, Some(problem), _) => {
            let said = look.detail.clone().unwrap_or_default();
            let said = if said.is_empty() {
                ".".to_owned()
            } else {
                format!(": {said}")
            };
            (Tone::Bad, format!("{}{said}", problem.label()))
        }
        (LookState::Done, _, true) => (
            Tone::Wait,
            "The branch has moved since Clearance looked at it.".to_owned(),
        ),
        (LookState::Failed | LookState::Done, ..) => return ().into_any(),
    };
    let reload = (look.state == LookState::Ordered).then(|| {
        view! { <a href="?">"Refresh"</a> }
    });
    let ordered = (look.state == LookState::Ordered).then(|| {
        view! {
            " Ordered "
            <Time at=look.ordered_at.clone() now=viewer.now()/>
            ". "
        }
    });
    view! {
        <NoticeBar tone=tone>
            <p>{text} {ordered} {reload}</p>
        </NoticeBar>
    }
    .into_any()
}

fn list(setup: &Setup) -> AnyView {
    let items: Vec<_> = setup.checklist.iter().map(|one| line(one, setup)).collect();
    let met = setup
        .checklist
        .iter()
        .filter(|one| one.state == SetupState::Met)
        .count();
    let note = format!("{met} of {} done", setup.checklist.len());
    view! {
        <Panel title="Checklist" id="checklist" note=note>
            <div class="panel__b">
                <ul class="checks">{items}</ul>
            </div>
        </Panel>
    }
    .into_any()
}

/// What is so, where to go, and under it what to do.
fn line(item: &SetupItem, setup: &Setup) -> AnyView {
    let tone = item.state.tone();
    let link = leads_to(item, setup).map(|(href, label)| view! { <a href=href>{label}</a> });
    let next =
        (!item.next.is_empty()).then(|| view! { <span class="sub">{item.next.clone()}</span> });
    view! {
        <li class=tone.class()>
            <Icon name=tone.icon()/>
            <span>
                <span class="vh">{item.state.label()} ": "</span>
                {item.text.clone()}
            </span>
            {link}
            {next}
        </li>
    }
    .into_any()
}

/// The page on which the next step is taken.
fn leads_to(item: &SetupItem, setup: &Setup) -> Option<(String, String)> {
    let agent = format!("/agents/{}", setup.agent);
    if let (SetupCheck::Deployment, Some(number)) = (item.check, setup.deployment) {
        return Some((format!("/deployments/{number}"), format!("#{number}")));
    }
    if item.state == SetupState::Met {
        return None;
    }
    let (href, label) = match item.check {
        SetupCheck::WebhookSecret => ("/connections".to_owned(), "Connections"),
        SetupCheck::Delivery => ("#webhook".to_owned(), "Settings"),
        SetupCheck::Manifest if setup.proposal.is_some() => ("#proposal".to_owned(), "Proposal"),
        SetupCheck::Suites => ("/suites/check".to_owned(), "Check a suite"),
        SetupCheck::Owner => (agent, "Name an owner"),
        SetupCheck::Repository
        | SetupCheck::Branch
        | SetupCheck::EntryPoint
        | SetupCheck::Requirements
        | SetupCheck::Manifest
        | SetupCheck::Deployment => return None,
    };
    Some((href, label.to_owned()))
}

/// The proposed file, for one of three tiers.
fn proposal(setup: &Setup, text: &str) -> AnyView {
    let tiers: Vec<_> = Risk::ALL
        .iter()
        .map(|risk| {
            let to = format!("/agents/{}/setup?risk={risk}#proposal", setup.agent);
            let current = (*risk == setup.risk).then_some("page");
            view! { <a href=to aria-current=current>{risk.label()}</a> }
        })
        .collect();
    let download = format!(
        "/api/v1/agents/{}/setup/manifest?risk={}",
        setup.agent, setup.risk
    );
    let folder = if setup.path.is_empty() {
        "the root of the repository".to_owned()
    } else {
        format!("the folder {}", setup.path)
    };
    let says = format!(
        "Put it into {folder}, read it, and push it. Comments say what only its team knows. Nothing is sent to the repository by Clearance."
    );
    let label = format!("Copy {}", domain::agent::MANIFEST_FILE);
    let text = text.to_owned();
    view! {
        <Panel title="Proposed clearance.yaml" id="proposal">
            <nav class="tabs" aria-label="Risk">
                {tiers}
            </nav>
            <div class="panel__b stack stack--2">
                <p class="soft">{says}</p>
                <pre class="code" tabindex="0" role="region" aria-label="Its text">{text.clone()}</pre>
                <div class="bar">
                    <a class="btn" rel="external" href=download download>
                        <Icon name="download"/>
                        "Download"
                    </a>
                    <span>
                        <button class="copy" type="button" aria-label=label data-copy=text>
                            <Icon name="copy"/>
                        </button>
                    </span>
                </div>
            </div>
        </Panel>
    }
    .into_any()
}
