//! Incidents: the list, one of them, and what a person may do about it.

use domain::form::incident::{IncidentForm, OpenIncidentForm};
use domain::form::query::IncidentQuery;
use domain::incident;
use domain::view::incident::{IncidentDetail, IncidentRow};
use domain::view::page::Page;
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::layout::notices::Notice;

/// One page of incidents, newest first.
pub(crate) async fn list_incidents(query: IncidentQuery) -> Result<Page<IncidentRow>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::incidents::list(&cp, &ctx, &query)
        .await
        .map_err(reject)
}

/// One incident, by `INC-12` or `12`.
pub(crate) async fn get_incident(number: String) -> Result<IncidentDetail, UiError> {
    let (cp, ctx) = super::enter()?;
    let number = incident::number(&number).map_or_else(|| super::number(""), Ok)?;
    control_plane::incidents::get(&cp, &ctx, number)
        .await
        .map_err(reject)
}

/// Opens an incident.
#[server(prefix = "/rpc", endpoint = "incidents/open")]
pub(crate) async fn open_incident(form: OpenIncidentForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let number = control_plane::incidents::open(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to(
        "incidents",
        &incident::quoted(number),
        Notice::IncidentOpened,
    );
    Ok(())
}

/// Takes an incident over.
#[server(prefix = "/rpc", endpoint = "incidents/take-over")]
pub(crate) async fn take_incident(form: IncidentForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::incidents::take_over(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("incidents", &form.number, Notice::IncidentTaken);
    Ok(())
}

/// Says that an incident does no harm any more.
#[server(prefix = "/rpc", endpoint = "incidents/mitigate")]
pub(crate) async fn mitigate_incident(form: IncidentForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::incidents::mitigate(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("incidents", &form.number, Notice::IncidentMitigated);
    Ok(())
}

/// Says that an incident does harm again.
#[server(prefix = "/rpc", endpoint = "incidents/reopen")]
pub(crate) async fn reopen_incident(form: IncidentForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::incidents::reopen(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("incidents", &form.number, Notice::IncidentReopened);
    Ok(())
}

/// Ends an incident with what was learnt.
#[server(prefix = "/rpc", endpoint = "incidents/close")]
pub(crate) async fn close_incident(form: IncidentForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::incidents::close(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("incidents", &form.number, Notice::IncidentClosed);
    Ok(())
}

/// Puts what is live into quarantine.
#[server(prefix = "/rpc", endpoint = "quarantines/begin")]
pub(crate) async fn begin_quarantine(form: IncidentForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::quarantines::begin(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("incidents", &form.number, Notice::QuarantineBegun);
    Ok(())
}

/// Lets what is in quarantine go again.
#[server(prefix = "/rpc", endpoint = "quarantines/release")]
pub(crate) async fn release_quarantine(form: IncidentForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::quarantines::release(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("incidents", &form.number, Notice::QuarantineLifted);
    Ok(())
}
