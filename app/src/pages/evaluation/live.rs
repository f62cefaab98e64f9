//! The same cases of the live version: how both did, the difference, and what newly fails.

use domain::gate::{AgainstLive, Gate};
use leptos::prelude::*;

use crate::format::{count, counted, length};
use crate::ui::prelude::*;

/// The comparison; nothing where there was none.
pub(super) fn section(gate: Gate, live: Option<&AgainstLive>) -> AnyView {
    let Some(live) = live else {
        return ().into_any();
    };
    let share = |passed: u32| {
        let share = 100.0 * f64::from(passed) / f64::from(live.pairs.max(1));
        format!("{share:.1} %")
    };
    let verdict = live.standing.verdict();
    let needed = live.needed.map(|needed| {
        let needed = count(needed.into());
        format!(" About {needed} pairs would tell.")
    });
    let left_out = (live.unpaired > 0).then(|| {
        let cases = counted(live.unpaired.into(), "case was", "cases were");
        format!(" {cases} judged for one of the two alone, or rewritten since, and left out.")
    });
    view! {
        <div class="stack stack--3">
            <div class="sec sec--flush">
                <h3>"Against the live version"</h3>
                <Status tone=verdict.tone() label=live.standing.label()/>
                <span class="soft">
                    "v" {live.version.clone()} " in "
                    <a href=format!("/deployments/{}/evaluation#{gate}", live.number)>
                        {format!("#{}", live.number)}
                    </a>
                    ", the same cases"
                </span>
            </div>
            <dl class="strip strip--wrap">
                {fact("Live", share(live.live_passed))}
                {fact("This", share(live.passed))}
                {fact("Difference", format!("{:+.1} points", 100.0 * live.difference))}
                {fact(
                    "95 % interval",
                    format!("{:+.1} to {:+.1} points", 100.0 * live.low, 100.0 * live.high),
                )}
                {fact("Pairs", count(live.pairs.into()))}
                {fact("May be worse by", format!("{:.0} points", 100.0 * live.margin))}
                {fact("McNemar, exact", format!("p = {:.3}", live.p_value))}
                {fact("Newly failing", count(live.newly_failing.into()))}
            </dl>
            {newly_failing(live)}
            <p class="hint">
                "Failed: the whole interval lies below the margin. Inconclusive: worse, and perhaps by more than the margin."
                {needed} {left_out}
            </p>
        </div>
    }
    .into_any()
}

fn fact(name: &'static str, value: String) -> AnyView {
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
        </div>
    }
    .into_any()
}

/// The cases by name; each stands below with question and answer.
fn newly_failing(live: &AgainstLive) -> Option<AnyView> {
    if live.newly_failing_cases.is_empty() {
        return None;
    }
    let named = length(&live.newly_failing_cases);
    let few = named <= 5;
    let more = u64::from(live.newly_failing)
        .checked_sub(named)
        .filter(|more| *more > 0)
        .map(|more| view! { <li class="muted">{format!("and {} more", count(more))}</li> });
    let items: Vec<_> = live
        .newly_failing_cases
        .iter()
        .map(|(suite, id)| view! { <li><code>{id.clone()}</code> " in " {suite.clone()}</li> })
        .collect();
    Some(
        view! {
            <details class="more" open=few>
                <summary>
                    <Icon name="chevron-right" small=true/>
                    {counted(
                        live.newly_failing.into(),
                        "case that the live version passed fails",
                        "cases that the live version passed fail",
                    )}
                </summary>
                <ul>{items} {more}</ul>
            </details>
        }
        .into_any(),
    )
}
