//! Evidence to take away, in the forms that other programs read.

use domain::error::Conflict;
use domain::event::AuditAction;
use domain::gate::{Report, Verdict};

use super::bundle::bundle;
use super::retain::removal_of;
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::gates;
use crate::reading;
use crate::store;
use crate::store::entity::{deployment, version};
use crate::transact::Tx;

/// A form of a deployment's evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Everything, signed: JSON Lines of DSSE envelopes.
    Bundle,
    /// Results for build servers.
    Junit,
    /// What is in the image.
    Sbom,
    /// The judged cases.
    Cases,
    /// The judged cases, as a log of Inspect AI.
    Inspect,
    /// What the file gates found, for code hosts and editors.
    Sarif,
}

impl Form {
    /// Its word in events.
    const fn word(self) -> &'static str {
        match self {
            Self::Bundle => "bundle",
            Self::Junit => "junit",
            Self::Sbom => "cyclonedx",
            Self::Cases => "csv",
            Self::Inspect => "inspect",
            Self::Sarif => "sarif",
        }
    }

    /// Its media type.
    const fn media_type(self) -> &'static str {
        match self {
            Self::Bundle => "application/jsonl",
            Self::Junit => "application/xml",
            Self::Sbom => "application/vnd.cyclonedx+json",
            Self::Cases => "text/csv; charset=utf-8",
            Self::Inspect => "application/json",
            Self::Sarif => "application/sarif+json",
        }
    }
}

/// A file to take away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    pub name: String,
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
}

/// A deployment's evidence in a form, for whoever may read the deployment. That it was taken is recorded.
///
/// # Errors
/// [`Error::NotFound`] for what does not exist or may not be read; `NoEvidence` before there is any, `EvidenceRemoved` when
/// the policy keeps it no longer.
pub async fn download(
    cp: &ControlPlane,
    ctx: &OpCtx,
    number: i64,
    form: Form,
) -> Result<Download, Error> {
    let db = cp.reader();
    let (row, agent) = reading::deployment(db, ctx, number).await?;
    let version = store::versions::get(db, row.version_id).await?;
    // The bundle says which runs it cannot show. A report that another version rests on is not shown in the name of this one.
    if form != Form::Bundle && removal_of(db, &row).await?.is_some() {
        return Err(Error::conflict(Conflict::EvidenceRemoved));
    }
    let (bytes, end) = match form {
        Form::Bundle => (bundle(cp, &row, &agent, &version).await?, "evidence.jsonl"),
        Form::Junit => {
            let reports = reports(cp, &row).await?;
            let name = format!("{} {} #{number}", agent.slug, version.number);
            let told = reports.iter().map(|(report, verdict)| (report, *verdict));
            (evidence::junit(&name, told).into_bytes(), "junit.xml")
        }
        Form::Sbom => (sbom(cp, &version).await?, "cyclonedx.json"),
        Form::Cases => {
            let reports = reports(cp, &row).await?;
            let told = reports.iter().map(|(report, _)| report);
            (evidence::cases_csv(told), "cases.csv")
        }
        Form::Inspect => {
            let told = reports(cp, &row).await?.into_iter();
            let told: Vec<Report> = told.map(|(report, _)| report).collect();
            let log = cp.ports().evaluator.inspect_log(&told);
            let log = log.map_err(|e| Error::internal("attestations::inspect_log", e))?;
            (log.into_bytes(), "inspect.json")
        }
        Form::Sarif => {
            let mut told = reports(cp, &row).await?;
            told.retain(|(report, _)| !report.gate.needs_agent());
            if told.is_empty() {
                return Err(Error::conflict(Conflict::NoEvidence));
            }
            let told: Vec<Report> = told.into_iter().map(|(report, _)| report).collect();
            (cp.ports().scanner.sarif(&told).into_bytes(), "scans.sarif")
        }
    };
    let event = Event::new(
        AuditAction::EvidenceExported,
        "deployment",
        number.to_string(),
    )
    .agent(&agent.slug)
    .deployment(number)
    .with("form", form.word())
    .with("sha256", evidence::digest_of_bytes(&bytes));
    cp.transact("attestations::download", ctx, |tx: Tx| {
        let event = event.clone();
        async move { audit::append(&tx, ctx, event).await }
    })
    .await?;
    Ok(Download {
        name: format!("{}-{number}-{end}", agent.slug),
        media_type: form.media_type(),
        bytes,
    })
}

/// What each settled gate came to, in their order.
async fn reports(
    cp: &ControlPlane,
    row: &deployment::Model,
) -> Result<Vec<(Report, Verdict)>, Error> {
    let db = cp.reader();
    let mut runs = store::gates::of(db, row.id).await?;
    runs.sort_by_key(|run| run.gate);
    let found = gates::reports(db, runs).await?.into_iter();
    let told: Vec<_> = found
        .filter_map(|(run, report)| Some((report, run.verdict?)))
        .collect();
    if told.is_empty() {
        return Err(Error::conflict(Conflict::NoEvidence));
    }
    Ok(told)
}

/// The document exactly as it was written when the image was built.
async fn sbom(cp: &ControlPlane, version: &version::Model) -> Result<Vec<u8>, Error> {
    let digest = version.sbom_digest.iter().cloned().collect();
    let kept = store::evidence::many(cp.reader(), digest).await?;
    let first = kept.into_iter().next();
    first
        .map(|one| one.body.into_bytes())
        .ok_or_else(|| Error::conflict(Conflict::NoEvidence))
}
