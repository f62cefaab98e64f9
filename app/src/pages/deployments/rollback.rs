//! "What exactly comes back, and is it safe now?"; and, once it was started, how far it is and how long it took.

mod side;

use domain::approval::{REASON_MAX, REASON_MIN};
use domain::rollback::Readiness;
use domain::tone::Tone;
use domain::view::rollback::{RollbackPlan, RollbackSide};
use leptos::prelude::*;

use crate::format::{Now, about};
use crate::rpc::rollbacks::get_rollback;
use crate::ui::prelude::*;

/// The rollback of one deployment.
#[component]
pub(crate) fn RollbackPage() -> impl IntoView {
    load(get_rollback(part("number"), asked("to")), |plan, viewer| {
        body(&plan, viewer.now())
    })
}

fn body(plan: &RollbackPlan, now: Now) -> AnyView {
    let place = plan.environment.label().to_lowercase();
    let agent = plan.agent.clone();
    let title = if plan.live {
        format!("Roll back {agent} in {place}?")
    } else {
        format!("Rollback of {agent} in {place}")
    };
    let badge = if plan.live {
        readiness(plan)
    } else {
        ().into_any()
    };
    let from = plan.from.number;
    let incident = plan.incident.map(|number| {
        let number = domain::incident::quoted(number);
        view! { " Incident " <a href=format!("/incidents/{number}")>{number.clone()}</a> "." }
    });
    let sub = view! {
        <a href=format!("/deployments/{from}")>{format!("#{from}")}</a>
        {format!(" v{}. ", plan.from.version)}
        <a href=format!("/agents/{agent}")>"The agent"</a> "." {incident}
    };
    let run = plan.run.as_ref().map(|run| side::progress(run, now));
    view! {
        <PageHead title=title badges=badge sub=sub.into_any()/>
        <Live on=format!("deployment:{from} agent:{}", plan.agent)/>
        <div class="cols">
            <div class="stack">
                {run}
                {plan.to.as_ref().map(|to| restored(&plan.from, to, plan))}
                {plan.live.then(|| ready(plan, now))}
                {plan.live.then(not_undone)}
                {side::choices(plan, now)}
            </div>
            <div class="stack stack--4">{plan.live.then(|| act(plan))}</div>
        </div>
    }
    .into_any()
}

fn readiness(plan: &RollbackPlan) -> AnyView {
    match plan.readiness {
        Readiness::Ready => {
            let label = format!("Ready{}", about(plan.about_seconds));
            view! { <Status tone=Tone::Ok label=label icon="undo-2" boxed=true/> }.into_any()
        }
        Readiness::NoTarget => {
            view! { <Status tone=Tone::Idle label="No rollback target yet" boxed=true/> }.into_any()
        }
        Readiness::Unchecked => {
            let label = Readiness::Unchecked.label();
            view! { <Status tone=Tone::Unknown label=label boxed=true/> }.into_any()
        }
        bad @ (Readiness::ImageMissing
        | Readiness::ImageDamaged
        | Readiness::SecretMissing
        | Readiness::IdentityLost) => {
            let label = format!("Not ready: {}", bad.label());
            view! { <Status tone=Tone::Bad label=label boxed=true/> }.into_any()
        }
    }
}

/// One part: what it is now, what it will be, and what that means.
fn part_row(name: &'static str, now: AnyView, after: AnyView, how: AnyView) -> AnyView {
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td data-label="Now">{now}</td>
            <td data-label="After">{after}</td>
            <td data-label="How" class="wide">{how}</td>
        </tr>
    }
    .into_any()
}

fn restored(from: &RollbackSide, to: &RollbackSide, plan: &RollbackPlan) -> AnyView {
    let digest =
        |value: &str| view! { <Hash value=value.to_owned() kind=HashKind::Bare/> }.into_any();
    let same = |a: &str, b: &str, else_: &'static str| if a == b { "No change" } else { else_ };
    let (lost, back) = (plan.removed_scopes(), plan.restored_scopes());
    let scopes = match (lost.as_slice(), back.as_slice()) {
        ([], []) => "No change".to_owned(),
        (lost, []) => format!("Removed: {}", lost.join(" ")),
        ([], back) => format!("Back: {}", back.join(" ")),
        (lost, back) => format!("Removed: {}; back: {}", lost.join(" "), back.join(" ")),
    };
    let counted = |side: &RollbackSide| {
        crate::format::counted(crate::format::length(&side.scopes), "scope", "scopes")
    };
    let image = same(
        &from.image_digest,
        &to.image_digest,
        "Started anew from the kept image",
    );
    let config = same(
        &from.config_digest,
        &to.config_digest,
        "The bundle that was approved then",
    );
    let under = match to.approval {
        Some(number) => format!("Under approval #{number}, as it was approved then"),
        None => "No approval is needed there".to_owned(),
    };
    let held = "Rolled back, held: a new push of it cannot go live";
    let rows = vec![
        part_row(
            "Runtime",
            format!("v{}, #{}", from.version, from.number).into_any(),
            format!("v{}, as in #{}", to.version, to.number).into_any(),
            "A new runtime is started and checked before the old one is stopped".into_any(),
        ),
        part_row(
            "Image",
            digest(&from.image_digest),
            digest(&to.image_digest),
            image.into_any(),
        ),
        part_row(
            "Config bundle",
            digest(&from.config_digest),
            digest(&to.config_digest),
            config.into_any(),
        ),
        part_row(
            "Identity scopes",
            counted(from).into_any(),
            counted(to).into_any(),
            scopes.into_any(),
        ),
        part_row(
            "Registry",
            view! { <Status tone=Tone::Ok label="Live"/> }.into_any(),
            view! { <Status tone=Tone::Bad label="Held after rollback" icon="lock"/> }.into_any(),
            format!("{held}. {under}").into_any(),
        ),
    ];
    view! {
        <Section title="What is restored, as one unit" id="parts" note="All five, or none">
            <Table
                caption="Parts that are restored together"
                heads=&["Part", "Now", "After", "How"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        </Section>
    }
    .into_any()
}

fn ready(plan: &RollbackPlan, now: Now) -> AnyView {
    let items = match &plan.to {
        None => vec![
            CheckItem::new(Tone::Idle, "No earlier version was verified live here")
                .detail("A version becomes a target when a newer one goes live after it."),
        ],
        Some(to) => checks(plan, to),
    };
    let at = plan.checked_at.clone();
    let more = view! { "Checked " <Time at=at now=now/> }.into_any();
    view! {
        <Panel title="Is it ready?" id="ready" more=more>
            <div class="panel__b">
                <Checklist items=items/>
            </div>
        </Panel>
    }
    .into_any()
}

/// The parts in the order in which they are asked: what comes after one that is not well was not asked.
fn checks(plan: &RollbackPlan, to: &RollbackSide) -> Vec<CheckItem> {
    let verified = CheckItem::new(
        Tone::Ok,
        format!("v{} was verified live as #{}", to.version, to.number),
    );
    let mut items = vec![verified];
    match plan.readiness {
        Readiness::Ready | Readiness::NoTarget => {
            items.push(CheckItem::new(
                Tone::Ok,
                "Its image is whole, digest by digest",
            ));
            items.push(CheckItem::new(Tone::Ok, "Its secrets can be read"));
            items.push(CheckItem::new(
                Tone::Ok,
                "Its identity can be made again with the scopes it had",
            ));
        }
        Readiness::Unchecked => {
            items.push(CheckItem::new(
                Tone::Unknown,
                "A part did not answer just now",
            ));
        }
        bad @ (Readiness::ImageMissing
        | Readiness::ImageDamaged
        | Readiness::SecretMissing
        | Readiness::IdentityLost) => {
            items.push(CheckItem::new(
                Tone::Bad,
                format!("It cannot be restored: {}", bad.label()),
            ));
        }
    }
    items
}

fn not_undone() -> AnyView {
    let items = vec![
        CheckItem::new(Tone::Wait, "What the agent did to other systems stays done"),
        CheckItem::new(
            Tone::Wait,
            "Tokens already issued end within 5 minutes; introspection refuses them at once",
        ),
        CheckItem::new(Tone::Wait, "Open conversations with the agent end"),
    ];
    view! {
        <Panel title="What this does not undo" id="not-undone">
            <div class="panel__b">
                <Checklist items=items/>
            </div>
        </Panel>
    }
    .into_any()
}

fn act(plan: &RollbackPlan) -> AnyView {
    let error = refused::<crate::rpc::deployments::StartRollback>();
    let (Some(to), Readiness::Ready) = (&plan.to, plan.readiness) else {
        return ().into_any();
    };
    if !plan.can_roll_back {
        return view! { <p class="hint">"Rolling back needs the operator role in the team of the agent."</p> }
            .into_any();
    }
    if plan.run.as_ref().is_some_and(|run| run.state.in_progress()) {
        return ().into_any();
    }
    let (from, number) = (plan.from.version.clone(), plan.from.number);
    let (version, target) = (to.version.clone(), to.number.to_string());
    let label = format!("Roll back to v{version}");
    let keep = format!("Keep v{from} live");
    let then = side::then(plan);
    view! {
        <Panel title="Roll back now" id="act">
            <div class="panel__b stack stack--3">
                <Facts rows=vec![
                    ("From", format!("v{from}").into_any()),
                    ("To", format!("v{version}, verified live").into_any()),
                ]/>
                <FormError error=error fields=&[("reason", "Reason")] form="back"/>
                <Post to={url::<crate::rpc::deployments::StartRollback>()}>
                    <div class="form">
                        <Hidden name="number" value=number.to_string()/>
                        <Hidden name="target" value=target/>
                        <TextArea
                            name="reason"
                            label="Reason"
                            form="back"
                            error=error
                            hint="Goes to the team and the audit trail."
                            required=true
                            min=REASON_MIN
                            max=REASON_MAX
                        />
                        <Submit label=label busy_label="Rolling back…" kind=Kind::DangerSolid icon="undo-2"/>
                    </div>
                </Post>
                <LinkButton href=format!("/deployments/{number}") label=keep kind=Kind::Quiet/>
                {then}
            </div>
        </Panel>
    }
    .into_any()
}
