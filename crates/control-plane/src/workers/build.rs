//! From queued to checking: decides whether an image is needed, and builds it.

use std::path::PathBuf;

use domain::canonical;
use domain::deployment::{DeploymentEvent, DeploymentKind, LogLevel, Step};
use domain::event::AuditAction;
use domain::ledger::{Origin, ResourceKind};

use super::names;
use super::step::{Job, StepError, alive, plan_resource, resource_created, say};
use crate::ControlPlane;
use crate::attestations;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::deployments;
use crate::outgoing;
use crate::ports::image_builder::{BuildOrder, BuiltImage};
use crate::sources;
use crate::store;
use crate::transact::Tx;
use crate::versions;

/// Queued: a rollback goes straight on, a known image is used again, else the build begins.
pub(crate) async fn begin(cp: &ControlPlane, ctx: &OpCtx, job: &Job) -> Result<(), StepError> {
    let event = match (job.row.kind, &job.version.image_digest) {
        (DeploymentKind::Rollback, _) => DeploymentEvent::RollbackCleared,
        (_, Some(_)) => DeploymentEvent::ImageReady,
        (_, None) => DeploymentEvent::BuildStarted,
    };
    if event != DeploymentEvent::BuildStarted {
        // Another deployment made the image; this one only uses it and never deletes it.
        plan_resource(
            cp,
            ctx,
            job,
            ResourceKind::Image,
            &names::image(&job.agent.slug, job.version.id),
            Origin::Referenced,
        )
        .await?;
    }
    cp.transact("deployments::begin", ctx, |tx: Tx| async move {
        let tx = &tx;
        deployments::advance(tx, ctx, &job.row, event)
            .await
            .map(|_| ())
    })
    .await?;
    Ok(())
}

/// The agent's folder of the version's commit, checked out if need be.
pub(crate) async fn source(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
) -> Result<PathBuf, StepError> {
    let repository = sources::repository(cp, &job.agent).await?;
    let found = alive(cp, ctx, job, Step::Source, |_| async move {
        versions::check_out(cp, &job.agent, &repository, &job.version.commit_id).await
    })
    .await?;
    let (folder, _) = found.map_err(|e| StepError::port(Step::Source, &e))?;
    Ok(folder)
}

/// Building: makes the image, notes it, and goes on to the checks.
pub(crate) async fn build(cp: &ControlPlane, ctx: &OpCtx, job: &Job) -> Result<(), StepError> {
    let source = source(cp, ctx, job).await?;
    let reference = names::image(&job.agent.slug, job.version.id);
    let resource = plan_resource(
        cp,
        ctx,
        job,
        ResourceKind::Image,
        &reference,
        Origin::Created,
    )
    .await?;
    let order = BuildOrder {
        reference,
        source,
        manifest: versions::manifest(&job.version)?,
        commit: job.version.commit_id.clone(),
        version: job.version.number.clone(),
    };
    say(
        cp,
        ctx,
        job,
        Step::Build,
        LogLevel::Text,
        format!(
            "Building {} from {}",
            job.version.number, job.version.commit_id
        ),
    )
    .await?;
    let built = alive(cp, ctx, job, Step::Build, |log| async move {
        cp.ports().image_builder.build(order, log).await
    })
    .await?;
    let built = built.map_err(|e| StepError::port(Step::Build, &e))?;
    refuse_held(cp, job, &built).await?;
    let sbom = canonical::digest(built.sbom.as_bytes());
    let line = format!(
        "Image {} with {} packages",
        built.digest,
        built.packages.len()
    );
    say(cp, ctx, job, Step::Build, LogLevel::Good, line).await?;
    let text = (built.sbom.as_str(), sbom.as_str());
    let statement = attestations::of_sbom(cp, job.about(), &built.digest, text, ctx.now())?;
    cp.transact("build::done", ctx, |tx: Tx| {
        let statement = statement.as_slice();
        let sbom = &sbom;
        let resource = &resource;
        let built = &built;
        async move {
            let tx = &tx;
            store::evidence::keep(
                tx,
                sbom,
                "application/vnd.cyclonedx+json",
                &built.sbom,
                &cp.sign(sbom),
                ctx.now(),
            )
            .await?;
            attestations::keep(tx, statement).await?;
            let packages = store::to_json(&built.packages)?;
            store::versions::set_image(tx, job.version.id, &built.digest, sbom, &packages).await?;
            resource_created(tx, ctx, job, resource, Some(&built.digest)).await?;
            let event = Event::new(AuditAction::ImageBuilt, "version", &job.version.number)
                .agent(&job.agent.slug)
                .deployment(job.row.number)
                .digest(Some(&built.digest))
                .with("sbom", sbom);
            audit::append(tx, ctx, event).await?;
            outgoing::tag(tx, ctx, &job.agent, &job.version, &job.row, None).await?;
            deployments::advance(tx, ctx, &job.row, DeploymentEvent::Built)
                .await
                .map(|_| ())
        }
    })
    .await?;
    Ok(())
}

/// The content of a version that was rolled back does not come back under another number (invariant 5).
async fn refuse_held(cp: &ControlPlane, job: &Job, built: &BuiltImage) -> Result<(), StepError> {
    let recent = store::versions::recent(cp.reader(), job.agent.id, 200).await?;
    let held = recent
        .iter()
        .find(|v| v.held_at.is_some() && v.image_digest.as_deref() == Some(built.digest.as_str()));
    match held {
        Some(version) => Err(StepError::failed(
            Step::Build,
            format!(
                "This image is the one of version {}, which is held after a rollback. Lift the hold or change the agent.",
                version.number
            ),
            Vec::new(),
        )),
        None => Ok(()),
    }
}
