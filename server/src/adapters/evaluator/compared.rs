//! The comparison with the live version, in the words of a report.

use control_plane::ports::evaluator::LiveCases;
use domain::gate::{AgainstLive, CaseResult, NEWLY_FAILING_MAX};
use evaluation::baseline::compare;

/// How cases stand to those of the live version; `None` where no case was judged for both.
pub(super) fn against(cases: &[CaseResult], live: LiveCases, margin: f64) -> Option<AgainstLive> {
    let found = compare(cases, &live.cases, margin);
    let (pairs, count) = (found.pairs, |n: usize| u32::try_from(n).unwrap_or(u32::MAX));
    let newly_failing = count(found.newly_failing.len());
    let mut named = found.newly_failing;
    named.truncate(NEWLY_FAILING_MAX);
    (pairs.total() > 0).then_some(AgainstLive {
        version: live.version,
        number: live.number,
        evidence_digest: live.evidence_digest,
        pairs: pairs.total(),
        passed: pairs.both + pairs.only_new,
        live_passed: pairs.both + pairs.only_old,
        difference: found.difference,
        low: found.interval.low,
        high: found.interval.high,
        p_value: found.p_value,
        margin,
        standing: found.standing,
        newly_failing,
        newly_failing_cases: named,
        unpaired: count(found.unpaired),
        needed: found.needed,
    })
}
