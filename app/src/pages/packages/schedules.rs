//! Which packages are made by themselves, and the form that adds a schedule.

use domain::controls::Framework;
use domain::name::SLUG_MAX;
use domain::package::{Every, ScheduleState};
use domain::view::package::{ScheduleRow, Schedules};
use leptos::prelude::*;

use super::about;
use crate::rpc::packages::{
    AddSchedule, PauseSchedule, RemoveSchedule, ResumeSchedule, list_schedules,
};
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[
    ("framework", "Framework"),
    ("every", "Period"),
    ("agent", "Agent"),
    ("sample", "Events in the sample"),
];

/// All of them.
#[component]
pub(crate) fn SchedulesPage() -> impl IntoView {
    load(list_schedules(), |found, _| body(&found))
}

fn body(found: &Schedules) -> AnyView {
    let sub = "A package of each month or quarter, in UTC, made when it is over. The seed of its sample is the first signed head of the audit log after the period, so that nobody chooses it.";
    let actions =
        view! { <LinkButton href="/compliance/packages" label="Packages" icon="package"/> }
            .into_any();
    let rows = if found.rows.is_empty() {
        view! {
            <Empty icon="clock" title="No schedule">
                <p class="soft">"Add one, and the packages of each period are there when an auditor asks for them."</p>
            </Empty>
        }
        .into_any()
    } else {
        let rows: Vec<_> = found.rows.iter().map(line).collect();
        view! {
            <Table
                caption="Schedules, newest first"
                heads=&["Schedule", "State", "Next period", "Kept by", ""]
                class="tbl--stack"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <PageHead title="Scheduled packages" sub=sub.into_any() actions=actions/>
        <Live on="audit"/>
        <FormError error={refused::<PauseSchedule>()}/>
        <FormError error={refused::<ResumeSchedule>()}/>
        <FormError error={refused::<RemoveSchedule>()}/>
        <div class="stack">
            <Section title="Schedules" id="schedules" note="Newest first">
                {rows}
            </Section>
            {add()}
        </div>
    }
    .into_any()
}

fn line(row: &ScheduleRow) -> AnyView {
    let title = format!(
        "{}: {}",
        row.number,
        about(row.framework, row.agent.as_ref())
    );
    let every = format!("{}, {} events in the sample", row.every.label(), row.sample);
    let day = |time: &str| time.get(..10).unwrap_or(time).to_owned();
    let next = format!("{} to before {}", day(&row.next_from), day(&row.next_to));
    let problem = row.problem.clone();
    let problem = problem.map(|text| view! { <span class="sub">{text}</span> });
    let turn = match row.state {
        ScheduleState::Active => button(url::<PauseSchedule>(), row, "Pause", "circle-pause"),
        ScheduleState::Paused | ScheduleState::Removed => {
            button(url::<ResumeSchedule>(), row, "Resume", "play")
        }
    };
    view! {
        <tr>
            <th scope="row" class="wide">
                {title}
                <span class="sub">{every}</span>
            </th>
            <td data-label="State" class="wrap">
                <Status tone=row.state.tone() label=row.state.label()/>
                {problem}
            </td>
            <td data-label="Next period">{next}</td>
            <td data-label="Kept by">{row.kept_by.clone()}</td>
            <td>
                <div class="bar">
                    {turn}
                    {button(url::<RemoveSchedule>(), row, "Remove", "trash-2")}
                </div>
            </td>
        </tr>
    }
    .into_any()
}

fn button(to: &'static str, row: &ScheduleRow, label: &'static str, icon: &'static str) -> AnyView {
    let number = row.number.to_string();
    view! {
        <Post to=to>
            <Hidden name="number" value=number/>
            <Submit label=label icon=icon/>
        </Post>
    }
    .into_any()
}

fn add() -> AnyView {
    let error = refused::<AddSchedule>();
    let frameworks = Framework::ALL
        .iter()
        .map(|one| (one.to_string(), one.label().to_owned()))
        .collect();
    let periods = Every::ALL
        .iter()
        .map(|one| (one.to_string(), one.label().to_owned()))
        .collect();
    view! {
        <Panel title="Add a schedule" id="add">
            <div class="panel__b stack stack--3">
                <FormError error=error fields=FIELDS form="add"/>
                <Post to={url::<AddSchedule>()}>
                    <div class="form">
                        <Select name="framework" label="Framework" form="add" options=frameworks error=error/>
                        <Select
                            name="every"
                            label="Period"
                            form="add"
                            options=periods
                            error=error
                            hint="The first package is of the period that runs now, and is made when that is over."
                        />
                        <Field name="agent" label="Agent" form="add" error=error hint="Its short name. Empty for every agent." max=SLUG_MAX autocomplete="off"/>
                        <Field name="sample" label="Events in the sample" form="add" error=error kind="number" value="25"/>
                        <div class="bar">
                            <Submit label="Add schedule" busy_label="Adding…" kind=Kind::Primary icon="clock"/>
                        </div>
                    </div>
                </Post>
            </div>
        </Panel>
    }
    .into_any()
}
