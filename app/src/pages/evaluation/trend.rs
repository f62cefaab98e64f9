//! "Does it get better or worse?": each measure of an agent over its last versions, with the threshold.

use domain::view::evaluation::{Point, Series, Trend};
use leptos::prelude::*;

use crate::format::{Now, count, counted, interval, length, score, word};
use crate::rpc::evaluation::get_trend;
use crate::ui::prelude::*;

/// Width and height of a line, in its own units.
const WIDTH: f64 = 84.0;
const HEIGHT: f64 = 22.0;

/// The scores of one agent.
#[component]
pub(crate) fn TrendPage() -> impl IntoView {
    load(get_trend(part("slug")), |trend, viewer| {
        body(trend, viewer.now())
    })
}

fn body(trend: Trend, now: Now) -> AnyView {
    let title = format!("Scores of {}", trend.agent);
    let live = format!("agent:{}", trend.agent);
    let back = view! {
        <LinkButton href=format!("/agents/{}", trend.agent) label=format!("Back to {}", trend.agent) icon="arrow-left"/>
    }
    .into_any();
    let sub = "The last versions that were judged in non-prod, newest first. Intervals that overlap do not tell whether a score really moved.";
    let content: AnyView = if trend.series.is_empty() {
        view! {
            <Empty icon="flask-conical" title="No score yet">
                <p class="soft">
                    "A version is scored in non-prod, by the suites that clearance.yaml names."
                </p>
            </Empty>
        }
        .into_any()
    } else {
        let all = trend.series.into_iter();
        all.map(|series| section(series, now))
            .collect::<Vec<_>>()
            .into_any()
    };
    view! {
        <PageHead title=title sub=sub.into_any() actions=back/>
        <Live on=live/>
        {content}
    }
    .into_any()
}

fn section(series: Series, now: Now) -> AnyView {
    let name = word(&series.measure);
    let heading = format!("{}-{}", series.gate, series.measure.replace(' ', "-"));
    let note = counted(length(&series.points), "version", "versions");
    let caption = format!("{}: {name}", series.gate.label());
    let line = line(&series.points);
    let rows: Vec<_> = series
        .points
        .into_iter()
        .rev()
        .map(|point| row(point, now))
        .collect();
    view! {
        <section aria-labelledby=heading.clone()>
            <div class="sec">
                <h2 id=heading.clone()>{caption.clone()}</h2>
                <span class="muted">{note}</span>
                <span class="more">{line}</span>
            </div>
            <Table
                caption=caption
                heads=&["Version", "Result", "#Score", "#95 % interval", "#Needs", "#Cases passed", "Judged, UTC"]
                class="tbl--stack"
            >
                {rows}
            </Table>
        </section>
    }
    .into_any()
}

fn row(point: Point, now: Now) -> AnyView {
    let measure = point.measure;
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/deployments/{}/evaluation", point.number)>
                    {format!("v{} in #{}", point.version, point.number)}
                </a>
            </th>
            <td class="first">
                <Status tone=measure.verdict.tone() label=measure.verdict.label()/>
            </td>
            <td data-label="Score" class="num strong">{score(measure.value)}</td>
            <td data-label="95 % interval" class="num muted">{interval(measure.low, measure.high)}</td>
            <td data-label="Needs" class="num muted">{score(measure.threshold)}</td>
            <td data-label="Cases passed" class="num">
                {count(measure.passed.into())}
                <span class="muted">{format!(" of {}", count(measure.total.into()))}</span>
            </td>
            <td data-label="Judged, UTC">
                <TimeCell at=point.at now=now/>
            </td>
        </tr>
    }
    .into_any()
}

/// The line of a measure with its newest threshold. The values stand in the table.
fn line(points: &[Point]) -> Option<AnyView> {
    let newest = points.last().filter(|_| points.len() > 1)?;
    let threshold = newest.measure.threshold;
    let lowest = points
        .iter()
        .map(|p| p.measure.value)
        .fold(threshold, f64::min);
    let from = (lowest - 0.05).max(0.0);
    let y = |value: f64| {
        hundredth(HEIGHT - 2.0 - (value - from) / (1.0 - from).max(0.01) * (HEIGHT - 4.0))
    };
    let last = u32::try_from(points.len() - 1).unwrap_or(1);
    let x = |at: u32| hundredth(2.0 + f64::from(at) / f64::from(last) * (WIDTH - 4.0));
    let places = (0_u32..).zip(points);
    let steps: Vec<String> = places
        .map(|(at, point)| {
            let letter = if at == 0 { 'M' } else { 'L' };
            format!("{letter}{} {}", x(at), y(point.measure.value))
        })
        .collect();
    let label = format!(
        "from {} to {}, threshold {}",
        score(points.first()?.measure.value),
        score(newest.measure.value),
        score(threshold)
    );
    Some(
        view! {
            <svg class="spark" viewBox="0 0 84 22" role="img" aria-label=label>
                <line x1="0" x2="84" y1=y(threshold).to_string() y2=y(threshold).to_string()></line>
                <path d=steps.join(" ")></path>
                <circle cx=x(last).to_string() cy=y(newest.measure.value).to_string() r="2"></circle>
            </svg>
        }
        .into_any(),
    )
}

/// Two decimals are enough for a drawing.
fn hundredth(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
