//! "Do changes reach production often, fast and without harm?" The four measures of a period, for all teams and for each.

mod weeks;

use domain::form::query::performance::PerformanceQuery;
use domain::view::performance::{Failed, Measures, Performance, TeamMeasures};
use leptos::prelude::*;

use crate::format::{Now, address, count, counted, duration, length};
use crate::rpc::performance::get_performance;
use crate::ui::field::FormProblem;
use crate::ui::prelude::*;

/// Failed changes that are shown; the API has them all.
const SHOWN: usize = 50;

/// The measures of the address.
#[component]
pub(crate) fn PerformancePage() -> impl IntoView {
    let query = PerformanceQuery {
        from: asked("from"),
        to: asked("to"),
        team: asked("team"),
    };
    load(get_performance(query.clone()), move |found, viewer| {
        let (error, content, choices, sub) = match found {
            Ok(found) => {
                let sub = sentence(&found);
                let choices = found.choices.clone();
                (None, content(&found, &query, viewer.now()), choices, sub)
            }
            Err(wrong) => (Some(wrong), ().into_any(), Vec::new(), String::new()),
        };
        let error = FormProblem::new(error);
        view! {
            <PageHead title="Delivery performance" sub=sub.into_any()/>
            <FormError error=error fields=PERIOD form="period"/>
            {filters(query, choices, error)}
            {content}
        }
        .into_any()
    })
}

fn sentence(found: &Performance) -> String {
    let day = |time: &str| time.get(..10).unwrap_or(time).to_owned();
    let minute = found.to.get(..16).unwrap_or(&found.to).replace('T', " ");
    let about = found.team.as_ref().map_or_else(
        || "every team you can see".to_owned(),
        |team| format!("team {team}"),
    );
    format!(
        "Changes of agents that went live in production from {} to before {minute} UTC, {about}. The definitions are those of DORA.",
        day(&found.from)
    )
}

fn filters(query: PerformanceQuery, teams: Vec<String>, error: FormProblem) -> AnyView {
    let options = std::iter::once((String::new(), "Every team".to_owned()))
        .chain(teams.into_iter().map(|slug| (slug.clone(), slug)))
        .collect();
    view! {
        <form class="filters" method="get" action="/performance" aria-label="Period and team">
            <Period from=query.from to=query.to error=error/>
            <Select name="team" label="Team" options=options value=query.team plain=true/>
            <button class="btn" type="submit">
                <Icon name="list-filter"/>
                "Apply"
            </button>
        </form>
    }
    .into_any()
}

fn content(found: &Performance, query: &PerformanceQuery, now: Now) -> AnyView {
    if found.all.changes == 0 {
        return view! {
            <Empty icon="gauge" title="No change went live in production in this period">
                <p class="soft">
                    "Changes are counted from the first deployment to production on. "
                    <a href="/deployments?environment=production">"Deployments to production"</a>
                </p>
            </Empty>
        }
        .into_any();
    }
    let mut rows: Vec<_> = found.teams.iter().map(|one| team(one, query)).collect();
    if rows.len() > 1 {
        rows.push(row(view! { "Every team" }.into_any(), &found.all));
    }
    view! {
        <div class="stack">
            <Section title="The four measures" id="measures">
                <div class="stack stack--3">
                <Table
                    caption="The four measures by team"
                    heads=&["Team", "#Changes", "#A week", "#Lead time, median", "#Change failure rate", "#Time to restore, median"]
                    class="tbl--stack"
                >
                    {rows}
                </Table>
                <p class="hint">
                    "A change is a push or a promotion that went live. Lead time begins with the push that made the version. A change failed if it was rolled back, or an incident was opened about it; it is restored when the version before is live again, or somebody says that it does no more harm."
                </p>
                </div>
            </Section>
            {weeks::section(&found.weeks)}
            {failed(&found.failed, now)}
        </div>
    }
    .into_any()
}

fn team(one: &TeamMeasures, query: &PerformanceQuery) -> AnyView {
    let href = address(
        "/performance",
        &[
            ("from", &query.from),
            ("to", &query.to),
            ("team", &one.team),
        ],
    );
    let name = one.team.clone();
    row(view! { <a href=href>{name}</a> }.into_any(), &one.measures)
}

fn row(head: AnyView, of: &Measures) -> AnyView {
    let changes = count(u64::try_from(of.changes).unwrap_or(u64::MAX));
    let took = |seconds: Option<i64>| seconds.map_or_else(|| "None".to_owned(), duration);
    let lasting = (of.not_restored > 0).then(|| {
        view! { <span class="muted">{format!(" {} not restored", of.not_restored)}</span> }
    });
    let rate = format!("{} of {changes}", of.failed);
    view! {
        <tr>
            <th scope="row">{head}</th>
            <td data-label="Changes" class="num">{changes.clone()}</td>
            <td data-label="A week" class="num">{format!("{:.1}", of.a_week)}</td>
            <td data-label="Lead time, median" class="num">{took(of.lead_seconds)}</td>
            <td data-label="Change failure rate" class="num">{rate}</td>
            <td data-label="Time to restore, median" class="num">{took(of.restore_seconds)} {lasting}</td>
        </tr>
    }
    .into_any()
}

fn failed(found: &[Failed], now: Now) -> AnyView {
    let note = counted(length(found), "change", "changes");
    let content = if found.is_empty() {
        view! { <p class="soft">"No change did harm in this period."</p> }.into_any()
    } else {
        let rows: Vec<_> = found.iter().take(SHOWN).map(|one| harm(one, now)).collect();
        let more = (found.len() > SHOWN).then(|| {
            view! { <p class="hint">{format!("The newest {SHOWN} are shown. The API has all of them.")}</p> }
        });
        view! {
            <Table caption="Changes that failed, the newest first" heads=&["Deployment", "Agent", "Team", "Since, UTC", "Restored, UTC"] class="tbl--stack">
                {rows}
            </Table>
            {more}
        }
        .into_any()
    };
    view! {
        <Section title="Changes that failed" id="failed" note=note>
            {content}
        </Section>
    }
    .into_any()
}

fn harm(one: &Failed, now: Now) -> AnyView {
    let restored = match one.restored_at.clone() {
        Some(at) => view! { <TimeCell at=at now=now/> }.into_any(),
        None => view! { <Status tone=domain::tone::Tone::Bad label="Not yet"/> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/deployments/{}", one.number)>{format!("#{}", one.number)}</a>
            </th>
            <td data-label="Agent">
                <a class="plain" href=format!("/agents/{}", one.agent)>{one.agent.clone()}</a>
            </td>
            <td data-label="Team">{one.team.clone()}</td>
            <td data-label="Since, UTC">
                <TimeCell at=one.began_at.clone() now=now/>
            </td>
            <td data-label="Restored, UTC">{restored}</td>
        </tr>
    }
    .into_any()
}
