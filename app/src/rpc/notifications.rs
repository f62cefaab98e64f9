//! Channels, messages, and what a person hears.

use domain::form::notification::{ChannelForm, ChoiceForm, MeantForm};
use domain::form::query::MessageQuery;
use domain::view::notification::{Channels, Choice, MessageRow};
use domain::view::page::Page;
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::layout::notices::Notice;
use crate::outcome::{self, Shown};

/// The page that the forms are on.
const PAGE: &str = "/notifications";

/// Every channel that the person may know of.
pub(crate) async fn list_channels() -> Result<Channels, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::notifications::channels(&cp, &ctx)
        .await
        .map_err(reject)
}

/// One page of messages, newest first.
pub(crate) async fn list_messages(query: MessageQuery) -> Result<Page<MessageRow>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::notifications::messages(&cp, &ctx, &query)
        .await
        .map_err(reject)
}

/// What the person hears.
pub(crate) async fn get_choice() -> Result<Choice, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::notifications::choice(&cp, &ctx)
        .await
        .map_err(reject)
}

/// Adds a channel. A webhook's signing key is on the page that answers and nowhere else.
#[server(prefix = "/rpc", endpoint = "notifications/add-channel")]
pub(crate) async fn add_channel(form: ChannelForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let made = control_plane::notifications::add(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    outcome::show(PAGE.to_owned(), Shown::ChannelAdded(made));
    Ok(())
}

/// Takes a channel out of use.
#[server(prefix = "/rpc", endpoint = "notifications/remove-channel")]
pub(crate) async fn remove_channel(form: MeantForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::notifications::remove(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go(&format!("{PAGE}?notice={}", Notice::ChannelRemoved));
    Ok(())
}

/// Sends a test message over a channel.
#[server(prefix = "/rpc", endpoint = "notifications/test-channel")]
pub(crate) async fn test_channel(form: MeantForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::notifications::test(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go(&format!("{PAGE}?notice={}", Notice::ChannelTested));
    Ok(())
}

/// Sends a message once more.
#[server(prefix = "/rpc", endpoint = "notifications/send-again")]
pub(crate) async fn send_message_again(form: MeantForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::notifications::send_again(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go(&format!("{PAGE}?notice={}", Notice::SentAgain));
    Ok(())
}

/// Chooses what the person hears by e-mail.
#[server(prefix = "/rpc", endpoint = "notifications/choose")]
pub(crate) async fn choose_notifications(form: ChoiceForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::notifications::choose(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go(&format!("/settings?notice={}", Notice::NotificationsChosen));
    Ok(())
}
