//! `GET /events`: what changed, as it is committed, for pages that update themselves, as far as the person may see it. Ends within seconds of the
//! session's end, and when the reader falls behind: the browser then opens it anew and reloads what it shows.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use control_plane::OpCtx;
use control_plane::topic::Topic;
use domain::actor::Actor;
use domain::error::ApiError;
use futures::Stream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::Receiver;
use tokio::time::{Interval, MissedTickBehavior};
use tower_sessions::Session;

use super::error::HttpError;
use super::session;
use super::web::Web;

/// How often the session is looked at while the stream is open. To look is not to use it: an open page that nobody touches does not
/// keep its session.
const RECHECK: Duration = Duration::from_secs(3);
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// One open stream.
struct Open {
    web: Web,
    session: Session,
    /// The person, with the roles of the last look.
    ctx: OpCtx,
    topics: Receiver<Topic>,
    recheck: Interval,
    _place: OwnedSemaphorePermit,
}

/// `GET /events`
pub(crate) async fn events(
    State(web): State<Web>,
    Extension(ctx): Extension<OpCtx>,
    session: Session,
) -> Result<Response, HttpError> {
    let Actor::User { .. } = ctx.actor() else {
        return Err(ApiError::Unauthenticated.into());
    };
    let place = web
        .streams()
        .clone()
        .try_acquire_owned()
        .map_err(|_| HttpError::busy())?;
    let mut recheck = tokio::time::interval(RECHECK);
    recheck.set_missed_tick_behavior(MissedTickBehavior::Delay);
    recheck.reset();
    let open = Open {
        topics: web.cp().topics(),
        web,
        session,
        ctx,
        recheck,
        _place: place,
    };
    Ok(Sse::new(stream(open))
        // An event and no comment: script hears of it, and knows a dead connection by its silence.
        .keep_alive(
            KeepAlive::new()
                .interval(KEEP_ALIVE)
                .event(Event::default().event("tick").data("")),
        )
        .into_response())
}

fn stream(open: Open) -> impl Stream<Item = Result<Event, Infallible>> {
    futures::stream::unfold(open, |mut open| async move {
        let topic = open.next().await?;
        let event = Event::default().json_data(&topic).ok()?;
        Some((Ok(event), open))
    })
}

impl Open {
    /// The next change; `None` ends the stream.
    async fn next(&mut self) -> Option<Topic> {
        loop {
            tokio::select! {
                _ = self.recheck.tick() => {
                    let Ok(Some(actor)) = session::actor_again(&self.web, &self.session).await else {
                        return None;
                    };
                    self.ctx = self.ctx.acting_as(actor);
                }
                topic = self.topics.recv() => {
                    // A reader that fell behind is sent away and comes back to a fresh page.
                    let topic = topic.ok()?;
                    if control_plane::topic::visible(self.web.cp(), &self.ctx, &topic).await.ok()? {
                        return Some(topic);
                    }
                }
            }
        }
    }
}
