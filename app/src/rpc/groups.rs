//! Groups of people, linked git addresses, and standing in.

use domain::form::group::{AddressForm, EndStandInForm, GroupForm, MemberForm, StandInForm};
use domain::view::group::{GroupRow, StandInRow};
use leptos::prelude::*;

use crate::error::{UiError, reject};

/// Every group with its people.
pub(crate) async fn list_groups() -> Result<Vec<GroupRow>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::groups::list(&cp, &ctx).await.map_err(reject)
}

/// Who stands in for me and for whom I do; for administrators everybody.
pub(crate) async fn list_stand_ins() -> Result<Vec<StandInRow>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::stand_ins::list(&cp, &ctx)
        .await
        .map_err(reject)
}

/// Makes a group.
#[server(prefix = "/rpc", endpoint = "groups/create")]
pub(crate) async fn create_group(form: GroupForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::groups::create(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go("/settings?notice=group_created");
    Ok(())
}

/// Puts a person into a group.
#[server(prefix = "/rpc", endpoint = "groups/add")]
pub(crate) async fn add_to_group(form: MemberForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::groups::add(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go("/settings?notice=group_changed");
    Ok(())
}

/// Takes a person out of a group.
#[server(prefix = "/rpc", endpoint = "groups/remove")]
pub(crate) async fn remove_from_group(form: MemberForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::groups::remove(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go("/settings?notice=group_changed");
    Ok(())
}

/// Links an address that git knows a person by.
#[server(prefix = "/rpc", endpoint = "people/link-address")]
pub(crate) async fn link_address(form: AddressForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::people::link_address(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go("/settings?notice=address_linked");
    Ok(())
}

/// Names a stand-in for a time.
#[server(prefix = "/rpc", endpoint = "stand-ins/name")]
pub(crate) async fn name_stand_in(form: StandInForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::stand_ins::name(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go("/settings?notice=stand_in_named");
    Ok(())
}

/// Ends it now.
#[server(prefix = "/rpc", endpoint = "stand-ins/end")]
pub(crate) async fn end_stand_in(form: EndStandInForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::stand_ins::end(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go("/settings?notice=stand_in_ended");
    Ok(())
}
