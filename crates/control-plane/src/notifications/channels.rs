//! Channels: adding, removing and testing one. Its address is a secret: it passes through the port and is shown nowhere.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::authz::{Action, Facts};
use domain::error::{FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::notification::{AddChannel, Address, ChannelForm, MeantForm};
use domain::id::{ChannelId, MessageId, NoticeId, TeamId};
use domain::notification::message::Message;
use domain::notification::{ChannelKind, Subject};
use domain::view::notification::NewChannel;
use secrecy::{ExposeSecret, SecretString};

use super::changed;
use super::read;
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::ports::PortErrorKind;
use crate::store;
use crate::store::entity::{channel, notice};
use crate::transact::Tx;

/// How signing keys begin, by the convention of Standard Webhooks.
const KEY_PREFIX: &str = "whsec_";

fn kept_nowhere(source: crate::ports::PortError) -> Error {
    Error::Unavailable {
        dependency: "secret store",
        source: source.into(),
    }
}

/// Adds a channel. For a webhook a signing key is made; it is answered once.
///
/// # Errors
/// When the actor may not administer in the team, a field is wrong, or the address may not be called.
pub async fn add(cp: &ControlPlane, ctx: &OpCtx, form: &ChannelForm) -> Result<NewChannel, Error> {
    ctx.signed_in()?;
    let team = team_of(cp, form.team.trim()).await?;
    // Who may not is told so before anything of the form is judged.
    let may = ctx.authorize(
        Action::Administer,
        Facts {
            team: team.flatten(),
        },
    );
    cp.noted("notifications::add", ctx, may).await?;
    let asked = form.parse()?;
    let team = team.ok_or_else(|| ValidationErrors::one("team", FieldProblem::UnknownChoice))?;
    check(cp, &asked).await?;
    let id = ChannelId(ids::new());
    let address = match &asked.address {
        Address::Reference(reference) => reference.clone(),
        Address::Value(value) => keep(cp, &format!("channel-{id}"), value).await?,
    };
    let signing = match asked.kind {
        ChannelKind::Webhook => Some(new_key(cp, id).await?),
        ChannelKind::Email | ChannelKind::Slack | ChannelKind::Teams => None,
    };
    let row = channel::Model {
        id,
        name: asked.name,
        kind: asked.kind,
        team_id: team,
        subjects: store::to_json(&asked.subjects)?,
        address_reference: address,
        key_reference: signing.as_ref().map(|(reference, _)| reference.clone()),
        created_by: ctx.actor().name().to_owned(),
        created_at: ctx.now(),
        removed_at: None,
    };
    cp.transact("notifications::add", ctx, |tx: Tx| {
        let row = &row;
        async move {
            let tx = &tx;
            store::channels::insert(tx, row.clone()).await?;
            tx.touch(changed());
            audit::append(tx, ctx, event(AuditAction::ChannelAdded, row))
                .await
                .map(|_| ())
        }
    })
    .await?;
    Ok(NewChannel {
        channel: read::channel_row(ctx, &row, &store::people::teams(cp.reader()).await?)?,
        signing_key: signing.map(|(_, key)| key.expose_secret().to_owned()),
    })
}

fn event(action: AuditAction, row: &channel::Model) -> Event {
    Event::new(action, "channel", row.id.to_string())
        .with("name", &row.name)
        .with("kind", row.kind)
}

/// `None` for a team that does not exist, `Some(None)` for every team.
async fn team_of(cp: &ControlPlane, slug: &str) -> Result<Option<Option<TeamId>>, Error> {
    if slug.is_empty() {
        return Ok(Some(None));
    }
    let found = store::people::team_by_slug(cp.reader(), slug).await?;
    Ok(found.map(|team| Some(team.id)))
}

/// Asks the adapter whether the address may be called. What cannot be told now is asked again at each message.
async fn check(cp: &ControlPlane, asked: &AddChannel) -> Result<(), Error> {
    let ports = cp.ports();
    let address = match &asked.address {
        Address::Value(value) => Ok(SecretString::from(value.as_str())),
        Address::Reference(reference) => ports.secrets.read(reference).await,
    };
    let judged = match address {
        Ok(address) => ports.notifier.check(asked.kind, &address).await,
        Err(error) => Err(error),
    };
    match judged {
        Err(error) if error.kind != PortErrorKind::Unavailable => {
            Err(ValidationErrors::one("address", FieldProblem::BadAddress).into())
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

async fn keep(cp: &ControlPlane, name: &str, value: &str) -> Result<String, Error> {
    let value = SecretString::from(value);
    let kept = cp.ports().secrets.keep(name, &value).await;
    kept.map_err(kept_nowhere)
}

async fn new_key(cp: &ControlPlane, id: ChannelId) -> Result<(String, SecretString), Error> {
    let bytes =
        ids::random::<32>().map_err(|e| Error::internal("notifications::add", e.to_string()))?;
    let key = format!("{KEY_PREFIX}{}", STANDARD.encode(bytes));
    let reference = keep(cp, &format!("channel-{id}-key"), &key).await?;
    Ok((reference, SecretString::from(key)))
}

/// The channel that a form means, if the actor may change it.
async fn meant(tx: &Tx, ctx: &OpCtx, form: &MeantForm) -> Result<channel::Model, Error> {
    let missing = Error::NotFound { kind: "channel" };
    let id: ChannelId = form.id.trim().parse().map_err(|_| missing)?;
    let row = store::channels::get(&**tx, id).await?;
    let facts = Facts { team: row.team_id };
    ctx.authorize_on(Action::Administer, facts, "channel")?;
    Ok(row)
}

/// Takes a channel out of use and forgets its secrets. What waits for it is given up.
///
/// # Errors
/// When the actor may not administer in the channel's team, or there is no such channel.
pub async fn remove(cp: &ControlPlane, ctx: &OpCtx, form: &MeantForm) -> Result<(), Error> {
    ctx.signed_in()?;
    let row = cp
        .transact("notifications::remove", ctx, |tx: Tx| async move {
            let tx = &tx;
            let row = meant(tx, ctx, form).await?;
            store::channels::remove(tx, row.id, ctx.now()).await?;
            tx.touch(changed());
            audit::append(tx, ctx, event(AuditAction::ChannelRemoved, &row)).await?;
            Ok(row)
        })
        .await?;
    let kept = std::iter::once(&row.address_reference).chain(&row.key_reference);
    for reference in kept {
        // The channel is out of use whether or not this works now.
        if let Err(error) = cp.ports().secrets.forget(reference).await {
            tracing::warn!(%error, "a removed channel's secret could not be forgotten");
        }
    }
    Ok(())
}

/// Sends a test message over a channel. It is on the page of messages like any other.
///
/// # Errors
/// When the actor may not administer in the channel's team, or there is no such channel.
pub async fn test(cp: &ControlPlane, ctx: &OpCtx, form: &MeantForm) -> Result<(), Error> {
    ctx.signed_in()?;
    cp.transact("notifications::test", ctx, |tx: Tx| async move {
        let tx = &tx;
        let row = meant(tx, ctx, form).await?;
        let link = format!("{}/notifications", cp.settings().base_url);
        let message = Message::test(&row.name, link);
        let notice = notice::Model {
            id: NoticeId(ids::new()),
            event: None,
            action: AuditAction::ChannelTested.to_string(),
            subject: Subject::Governance,
            agent: None,
            team_id: row.team_id,
            deployment: None,
            title: message.title.clone(),
            message: store::to_json(&message)?,
            at: ctx.now(),
        };
        store::notices::insert(tx, notice.clone()).await?;
        let id = MessageId(ids::new());
        let mut sent =
            store::messages::fresh(id, &notice, row.kind, format!("test:{id}"), ctx.now());
        sent.channel_id = Some(row.id);
        store::messages::insert(tx, sent).await?;
        tx.touch(changed());
        audit::append(tx, ctx, event(AuditAction::ChannelTested, &row))
            .await
            .map(|_| ())
    })
    .await
}
