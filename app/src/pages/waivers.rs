//! "Which findings are accepted, by whom, and until when?"

mod detail;
mod give;
mod list;

use domain::gate::Gate;

pub(crate) use detail::WaiverPage;
pub(crate) use give::GivePage;
pub(crate) use list::WaiversPage;

use crate::format::encode;

/// Where a finding of a deployment's report is waived.
pub(crate) fn address(deployment: i64, gate: Gate, finding: &str, location: &str) -> String {
    format!(
        "/waivers/new?deployment={deployment}&gate={gate}&finding={}&location={}",
        encode(finding),
        encode(location)
    )
}
