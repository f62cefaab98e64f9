//! "How does it do in production?": what the last scored exchanges of each gate came to, and every one of them.

use domain::form::query::OnlineQuery;
use domain::gate::Verdict;
use domain::online::{ExchangeOrigin, ONLINE_GATES};
use domain::view::online::{OnlineEvaluation, OnlineExchange, OnlineWindow};
use leptos::prelude::*;

use crate::format::{Now, address, count, interval, milliseconds, score};
use crate::rpc::evaluation::get_online;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// The page, with the exchanges that the address asks for.
#[component]
pub(crate) fn OnlinePage() -> impl IntoView {
    let query = OnlineQuery {
        gate: asked("gate"),
        origin: asked("origin"),
        verdict: asked("verdict"),
        cursor: asked("cursor"),
        limit: None,
    };
    load(
        get_online(part("number"), query.clone()),
        move |found, viewer| body(found, query, &viewer),
    )
}

fn body(found: OnlineEvaluation, query: OnlineQuery, viewer: &Viewer) -> AnyView {
    let (number, now) = (found.number, viewer.now());
    let path = format!("/deployments/{number}/online");
    let title = format!("{} v{} in production", found.agent, found.version);
    let back = view! {
        <LinkButton href=format!("/deployments/{number}/evaluation") label="Evaluation" icon="gauge"/>
        <LinkButton href=format!("/deployments/{number}") label=format!("Back to #{number}") icon="arrow-left"/>
    }
    .into_any();
    let sub = "The newest scored exchanges of each gate decide. A case counts once, however often it was asked.";
    let windows = windows(found.windows, &path, now);
    let parts = [
        ("gate", query.gate.as_str()),
        ("origin", &query.origin),
        ("verdict", &query.verdict),
    ];
    let here = address(&path, &parts);
    let paged = !query.cursor.is_empty();
    let rows: Vec<_> = found
        .exchanges
        .into_iter()
        .map(|row| line(row, now))
        .collect();
    let list = if rows.is_empty() {
        view! { <p class="muted">"No exchange matches."</p> }.into_any()
    } else {
        view! {
            <Table
                caption="Exchanges, newest first"
                heads=&["Exchange", "Result", "Gate", "From", "Why", "At, UTC"]
                class="tbl--stack tbl--top"
            >
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <PageHead title=title sub=sub.into_any() actions=back/>
        <Live on=format!("deployment:{number}")/>
        <div class="stack">
            {windows}
            <Section title="Exchanges" id="exchanges">
                <div class="stack stack--3">
                    <Filters path=path query=query/>
                    {list}
                    <Pager next=found.next_cursor here=here paged=paged/>
                </div>
            </Section>
        </div>
    }
    .into_any()
}

fn windows(windows: Vec<OnlineWindow>, path: &str, now: Now) -> AnyView {
    if windows.is_empty() {
        return view! {
            <Empty icon="flask-conical" title="Nothing was scored yet">
                <p class="soft">
                    "What is live in production is asked and scored where the policy says so, under "
                    <code>"production.online"</code>
                    "."
                </p>
            </Empty>
        }
        .into_any();
    }
    let rows: Vec<_> = windows
        .into_iter()
        .map(|one| window(one, path, now))
        .collect();
    view! {
        <Table
            caption="The last window of each gate"
            heads=&["Gate", "Result", "#Score", "#Threshold", "#Failed", "#Probes", "#Sampled", "Judged, UTC"]
            class="tbl--stack"
        >
            {rows}
        </Table>
    }
    .into_any()
}

fn window(one: OnlineWindow, path: &str, now: Now) -> AnyView {
    let gate = one.gate.as_str();
    let measure = one.measure;
    let to = |origin: &str, verdict: &str| {
        let parts = [("gate", gate), ("origin", origin), ("verdict", verdict)];
        address(path, &parts)
    };
    let failed = u64::from(measure.total.saturating_sub(measure.passed));
    let status = if one.breached_since.is_some() {
        view! { <Status tone=Verdict::Failed.tone() label="Below its threshold"/> }
    } else {
        view! { <Status tone=measure.verdict.tone() label=measure.verdict.label()/> }
    };
    let cases = format!("{} of {} cases", measure.passed, measure.total);
    view! {
        <tr>
            <th scope="row">{one.gate.label()}</th>
            <td class="first">{status}</td>
            <td class="num" data-label="Score">
                <a href=to("", "")>{score(measure.value)}</a>
                <span class="sub">{interval(measure.low, measure.high)} " · " {cases}</span>
            </td>
            <td class="num" data-label="Threshold">{score(measure.threshold)}</td>
            <td class="num" data-label="Failed">
                <a href=to("", Verdict::Failed.as_str())>{count(failed)}</a>
            </td>
            <td class="num" data-label="Probes">
                <a href=to(ExchangeOrigin::Probe.as_str(), "")>{count(u64::from(one.probes))}</a>
            </td>
            <td class="num" data-label="Sampled">
                <a href=to(ExchangeOrigin::Traffic.as_str(), "")>{count(u64::from(one.sampled))}</a>
            </td>
            <td data-label="Judged, UTC">
                <TimeCell at=one.judged_at now=now/>
            </td>
        </tr>
    }
    .into_any()
}

#[component]
fn Filters(path: String, query: OnlineQuery) -> impl IntoView {
    let set = !(query.gate.is_empty() && query.origin.is_empty() && query.verdict.is_empty());
    let all = |label: &str| vec![(String::new(), label.to_owned())];
    // Failing first: it is what one comes for.
    let mut verdicts = all("All results");
    verdicts.extend(
        [
            Verdict::Failed,
            Verdict::Errored,
            Verdict::Inconclusive,
            Verdict::Passed,
        ]
        .map(|verdict| (verdict.as_str().to_owned(), verdict.label().to_owned())),
    );
    let mut gates = all("All gates");
    gates.extend(ONLINE_GATES.map(|gate| (gate.as_str().to_owned(), gate.label().to_owned())));
    let mut origins = all("Probes and traffic");
    let known = ExchangeOrigin::ALL.iter();
    origins.extend(known.map(|from| (from.as_str().to_owned(), from.label().to_owned())));
    view! {
        <form class="filters" method="get" action=path.clone() aria-label="Filter exchanges">
            <Select name="verdict" label="Result" options=verdicts value=query.verdict plain=true/>
            <Select name="gate" label="Gate" options=gates value=query.gate plain=true/>
            <Select name="origin" label="From" options=origins value=query.origin plain=true/>
            <button class="btn" type="submit">
                <Icon name="list-filter"/>
                "Apply"
            </button>
            {set.then(|| view! { <a href=path.clone()>"Clear filters"</a> })}
        </form>
    }
}

/// What was asked and answered can hold anything: it is shown as text.
fn line(row: OnlineExchange, now: Now) -> AnyView {
    view! {
        <tr>
            <th scope="row" class="wide words">
                {row.asked}
                <span class="sub">{row.answered}</span>
            </th>
            <td class="first">
                <Status tone=row.verdict.tone() label=row.verdict.label()/>
            </td>
            <td data-label="Gate">{row.gate.label()}</td>
            <td data-label="From">
                {row.origin.label()}
                <span class="sub">{row.case_key} " · " {milliseconds(row.latency_ms)}</span>
            </td>
            <td data-label="Why" class="wide words">{row.why}</td>
            <td data-label="At, UTC">
                <TimeCell at=row.at now=now/>
            </td>
        </tr>
    }
    .into_any()
}
