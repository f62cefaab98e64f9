//! Where `tower-sessions` keeps sessions: our table, under a hash of the cookie's id, so that a stolen table opens nothing.
//!
//! Both limits are held here and by the product's clock; the expiry that the library carries along decides nothing. A
//! session that ended stays ended: writing to it again brings nothing back.

use app::SessionEnds;
use async_trait::async_trait;
use control_plane::ctx::SessionRef;
use control_plane::{ControlPlane, sessions};
use domain::id::UserId;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tower_sessions::SessionStore;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use uuid::Uuid;

use super::origin::Origin;
use crate::config::SessionLimits;

/// How long the time of the last request may lag behind, seconds: reading a page writes nothing most of the time.
const RENEW_AFTER: i64 = 60;
/// How often another id is tried. Two ids of 128 random bits do not meet, so once would do.
const TRIES: usize = 3;

/// What a session says: who signed in and when. It is the only entry there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SignedIn {
    pub(super) user: UserId,
    /// Unix seconds of the sign-in.
    created: i64,
    /// Unix seconds of the last request, give or take [`RENEW_AFTER`].
    seen: i64,
    /// Unix seconds of when the password was confirmed since; a session of before has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confirmed: Option<i64>,
}

impl SignedIn {
    /// Its name in the library's record.
    pub(super) const ENTRY: &'static str = "signed_in";

    pub(super) fn new(user: UserId, now: i64) -> Self {
        Self {
            user,
            created: now,
            seen: now,
            confirmed: None,
        }
    }

    /// Unix seconds of when the person last gave their password.
    pub(super) fn proven(&self) -> i64 {
        self.confirmed.unwrap_or(self.created)
    }

    /// Unix seconds of when the person proved themselves again inside the session.
    pub(super) const fn confirmed(&self) -> Option<i64> {
        self.confirmed
    }

    fn ends_at(&self, limits: SessionLimits) -> i64 {
        (self.seen + limits.idle_seconds()).min(self.latest(limits))
    }

    /// It is over then, however much it is used.
    fn latest(&self, limits: SessionLimits) -> i64 {
        self.created + limits.absolute_seconds()
    }
}

/// What our table knows of a session beside its text: its name, and the provider that it came through. Never written.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    handle: Uuid,
    provider: Option<String>,
}

impl Kept {
    /// Its name in the library's record.
    pub(super) const ENTRY: &'static str = "kept";
}

impl From<Kept> for SessionRef {
    fn from(kept: Kept) -> Self {
        Self {
            handle: kept.handle,
            provider: kept.provider,
        }
    }
}

/// The sessions of our table, as the library asks for them.
#[derive(Clone)]
pub(super) struct Store {
    cp: ControlPlane,
    limits: SessionLimits,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Store {
    pub(super) fn new(cp: ControlPlane, limits: SessionLimits) -> Self {
        Self { cp, limits }
    }

    /// Notes that a session is in use, once a minute at the most. Returns what is known of it then.
    pub(super) async fn renew(&self, id: Id, entry: &SignedIn) -> Result<SignedIn> {
        let now = self.now();
        if now - entry.seen < RENEW_AFTER {
            return Ok(entry.clone());
        }
        let entry = SignedIn {
            seen: now,
            ..entry.clone()
        };
        self.save(&self.record(id, &entry)?).await?;
        Ok(entry)
    }

    /// When the session ends.
    pub(super) fn ends(&self, entry: &SignedIn) -> SessionEnds {
        SessionEnds {
            now: self.now(),
            at: entry.ends_at(self.limits),
            latest: entry.latest(self.limits),
        }
    }

    /// Notes that the person gave their password again. The session lasts no longer for it.
    pub(super) async fn confirm(&self, id: Id, entry: &SignedIn) -> Result<()> {
        let entry = SignedIn {
            confirmed: Some(self.now()),
            ..entry.clone()
        };
        self.save(&self.record(id, &entry)?).await
    }

    fn now(&self) -> i64 {
        self.cp.clock().now().timestamp()
    }

    fn record(&self, id: Id, entry: &SignedIn) -> Result<Record> {
        let value = serde_json::to_value(entry).map_err(|e| Error::Encode(e.to_string()))?;
        Ok(Record {
            id,
            data: [(SignedIn::ENTRY.to_owned(), value)].into(),
            expiry_date: OffsetDateTime::from_unix_timestamp(entry.ends_at(self.limits))
                .map_err(|e| Error::Encode(e.to_string()))?,
        })
    }

    /// The text to keep and when it expires. The id is not in it.
    fn row(&self, record: &Record) -> Result<(String, i64)> {
        let entry = entry_of(record)?;
        let text = serde_json::to_string(&entry).map_err(|e| Error::Encode(e.to_string()))?;
        Ok((text, entry.ends_at(self.limits)))
    }
}

#[async_trait]
impl SessionStore for Store {
    /// Keeps a new session. An id that is taken is never written over: the record gets another one.
    async fn create(&self, record: &mut Record) -> Result<()> {
        let (text, ends_at) = self.row(record)?;
        let entry = entry_of(record)?;
        let origin = record.data.remove(Origin::ENTRY);
        let origin = origin.and_then(|value| serde_json::from_value::<Origin>(value).ok());
        let new = origin.unwrap_or_default().of(entry.user, entry.created);
        for _ in 0..TRIES {
            let key = hashed(record.id);
            let kept = sessions::create(&self.cp, &key, &text, ends_at, &new).await;
            if kept.map_err(backend)? {
                return Ok(());
            }
            record.id = Id::default();
        }
        Err(Error::Backend("no free session id was found".to_owned()))
    }

    /// Writes a session that is still there.
    async fn save(&self, record: &Record) -> Result<()> {
        let (text, ends_at) = self.row(record)?;
        let (key, seen) = (hashed(record.id), entry_of(record)?.seen);
        let kept = sessions::renew(&self.cp, &key, &text, seen, ends_at).await;
        kept.map_err(backend)
    }

    /// A session within its limits, as they are configured now. One that cannot be read counts as ended.
    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let kept = sessions::load(&self.cp, &hashed(*id))
            .await
            .map_err(backend)?;
        let Some((entry, kept)) = kept.and_then(|kept| {
            let entry = serde_json::from_str::<SignedIn>(&kept.data).ok()?;
            let (handle, provider) = (kept.handle, kept.provider);
            Some((entry, Kept { handle, provider }))
        }) else {
            return Ok(None);
        };
        if self.now() >= entry.ends_at(self.limits) {
            return Ok(None);
        }
        let mut record = self.record(*id, &entry)?;
        let kept = serde_json::to_value(kept).map_err(|e| Error::Encode(e.to_string()))?;
        record.data.insert(Kept::ENTRY.to_owned(), kept);
        Ok(Some(record))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        sessions::delete(&self.cp, &hashed(*id))
            .await
            .map_err(backend)
    }
}

fn entry_of(record: &Record) -> Result<SignedIn> {
    let value = record.data.get(SignedIn::ENTRY).cloned();
    let value = value.ok_or_else(|| Error::Encode("nobody signed in".to_owned()))?;
    serde_json::from_value(value).map_err(|e| Error::Encode(e.to_string()))
}

fn hashed(id: Id) -> String {
    hex::encode(Sha256::digest(id.to_string().as_bytes()))
}

/// The library takes a text without a source, so the cause is logged here.
fn backend(error: control_plane::Error) -> Error {
    Error::Backend(error.to_api().code().to_owned())
}

#[cfg(test)]
mod tests {
    use control_plane::testing::TestPlane;
    use domain::actor::Role;

    use super::*;

    fn store(plane: &TestPlane) -> Store {
        Store::new(plane.cp.clone(), SessionLimits::default())
    }

    async fn somebody(plane: &TestPlane, store: &Store, email: &str) -> SignedIn {
        let person = plane.person(email, Role::Viewer).await;
        SignedIn::new(person.actor().user().unwrap(), store.now())
    }

    /// Whose session an id opens.
    async fn opens(store: &Store, id: Id) -> Option<UserId> {
        let record = store.load(&id).await.unwrap()?;
        Some(entry_of(&record).unwrap().user)
    }

    #[tokio::test]
    async fn an_id_that_is_taken_is_never_written_over() {
        let plane = TestPlane::new().await;
        let store = store(&plane);
        let (one, two) = (
            somebody(&plane, &store, "one@example.com").await,
            somebody(&plane, &store, "two@example.com").await,
        );
        let mut first = store.record(Id(7), &one).unwrap();
        store.create(&mut first).await.unwrap();
        assert_eq!(first.id, Id(7));
        let mut second = store.record(Id(7), &two).unwrap();
        store.create(&mut second).await.unwrap();
        assert_ne!(second.id, Id(7), "another id");
        assert_eq!(opens(&store, Id(7)).await, Some(one.user));
        assert_eq!(opens(&store, second.id).await, Some(two.user));
        plane.finish().await;
    }

    #[tokio::test]
    async fn a_session_that_was_ended_is_not_brought_back() {
        let plane = TestPlane::new().await;
        let store = store(&plane);
        let entry = somebody(&plane, &store, "one@example.com").await;
        let mut record = store.record(Id(7), &entry).unwrap();
        store.create(&mut record).await.unwrap();
        store.delete(&Id(7)).await.unwrap();
        store.save(&record).await.unwrap();
        plane.clock.advance(chrono::Duration::minutes(5));
        store.renew(Id(7), &entry).await.unwrap();
        assert_eq!(store.load(&Id(7)).await.unwrap(), None);
        plane.finish().await;
    }

    #[tokio::test]
    async fn limits_that_were_tightened_hold_for_sessions_of_before() {
        let plane = TestPlane::new().await;
        let before = store(&plane);
        let entry = somebody(&plane, &before, "one@example.com").await;
        let mut record = before.record(Id(7), &entry).unwrap();
        before.create(&mut record).await.unwrap();
        let tight = SessionLimits {
            idle_minutes: 5,
            ..SessionLimits::default()
        };
        let after = Store::new(plane.cp.clone(), tight);
        plane.clock.advance(chrono::Duration::minutes(5));
        assert_eq!(after.load(&Id(7)).await.unwrap(), None);
        assert!(before.load(&Id(7)).await.unwrap().is_some());
        plane.finish().await;
    }

    #[tokio::test]
    async fn a_session_of_nobody_is_not_kept() {
        let plane = TestPlane::new().await;
        let store = store(&plane);
        let entry = somebody(&plane, &store, "one@example.com").await;
        let mut record = store.record(Id(7), &entry).unwrap();
        record.data.clear();
        assert!(store.create(&mut record).await.is_err());
        assert_eq!(store.load(&Id(7)).await.unwrap(), None);
        plane.finish().await;
    }
}
