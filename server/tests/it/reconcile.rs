//! A restored old database: it is served for reading, gets no signature and no change, until it is reconciled.

use std::fs;
use std::path::{Path, PathBuf};

use audit_log::{VerifyOptions, open, verify_export_with};
use axum::http::StatusCode;
use control_plane::{Error, audit, people};
use domain::actor::Actor;
use domain::form::person::TeamForm;
use server::config::{Config, Overrides};
use server::reconcile::{from_export, new_log};
use server::wiring::{self, Wired};

use crate::support::{ADMIN, Call, Plane, person};

/// An installation whose database was restored from a backup, beside an export that was made just before it was lost.
struct Restored {
    plane: Plane,
    export: PathBuf,
    folder: tempfile::TempDir,
    /// The administrator's session, from before the backup.
    cookie: String,
    /// Entries in the backup.
    kept: u64,
    /// Entries that were signed.
    signed: u64,
}

fn config(dir: &Path) -> Config {
    let overrides = Overrides {
        data_dir: Some(dir.to_owned()),
        ..Overrides::default()
    };
    Config::from_parts(&overrides, Vec::new()).unwrap()
}

/// A consistent copy of the database, made while it is open.
async fn back_up(plane: &Plane, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let statement = format!("VACUUM INTO '{}'", to.join("clearance.db").display());
    let writer = wiring::database(&plane.config).await.unwrap().writer;
    sea_orm::ConnectionTrait::execute_unprepared(&writer, &statement)
        .await
        .unwrap();
}

impl Restored {
    async fn new() -> Self {
        let plane = Plane::new().await;
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        plane.team("before").await;
        let cookie = plane.sign_in(ADMIN).await;
        let kept = audit::publish(&plane.cp).await.unwrap().unwrap();
        back_up(&plane, &data).await;
        plane.team("after").await;
        let export = folder.path().join("export");
        let written = server::http::write_export(&plane.cp, &export)
            .await
            .unwrap();
        // The keys lie elsewhere than the database and were not restored with it.
        let keys = data.join("keys");
        fs::create_dir_all(&keys).unwrap();
        for file in fs::read_dir(plane.config.keys_dir()).unwrap() {
            let file = file.unwrap().path();
            fs::copy(&file, keys.join(file.file_name().unwrap())).unwrap();
        }
        Self {
            plane,
            export,
            folder,
            cookie,
            kept,
            signed: written.checkpoint.size,
        }
    }

    fn config(&self) -> Config {
        config(&self.folder.path().join("data"))
    }

    async fn open(&self) -> Wired {
        wiring::open(&self.config()).await.unwrap()
    }
}

async fn rename(wired: &Wired, plane: &Plane) -> Result<(), Error> {
    let ctx = plane.admin().await;
    let form = TeamForm {
        slug: "another".into(),
        name: "Another".into(),
    };
    people::create_team(&wired.cp, &ctx, &form).await
}

#[tokio::test]
async fn a_restored_database_is_read_and_neither_signed_nor_changed() {
    let restored = Restored::new().await;
    let wired = restored.open().await;
    let recovery = wired.cp.recovery().expect("recovery mode");
    assert_eq!(
        (recovery.found, recovery.signed),
        (restored.kept, restored.signed)
    );

    let refused = rename(&wired, &restored.plane).await.unwrap_err();
    assert!(matches!(refused, Error::Recovery { .. }), "{refused:?}");
    assert_eq!(audit::publish(&wired.cp).await.unwrap(), None);
    let note = audit::checkpoint_note(&wired.cp).await.unwrap().unwrap();
    let key = wired.keys.checkpoint.verifier_key();
    assert_eq!(open(&note, &[key]).unwrap().size, restored.kept);

    // Over HTTP: pages come, changes are refused with what to do, and nobody's refusal is written either.
    let server = Plane::wired(wired, restored.config());
    let ask = |path: &str| Call::get(path).cookie(&restored.cookie).build();
    let session = server.send(ask("/api/v1/audit")).await;
    assert_eq!(session.status, StatusCode::OK, "{}", session.text());
    let exported = server.send(ask("/api/v1/audit/export")).await;
    exported.is_problem(503, "recovery");
    let form = "email=admin%40example.com&password=correct+horse+battery";
    let signed_in = server.send(Call::post("/sign-in").own().form(form)).await;
    let location = signed_in.header("location");
    assert!(location.contains("error=recovery"), "{location}");
    let size = audit::chain(&server.cp).await.unwrap();
    assert_eq!((size.size, size.intact), (restored.kept, false));
}

#[tokio::test]
async fn an_export_makes_the_log_whole_and_ends_the_recovery() {
    let restored = Restored::new().await;
    let wired = restored.open().await;
    assert!(from_export(&wired, &restored.export, " ").await.is_err());
    let done = from_export(&wired, &restored.export, "The disk of the server failed.")
        .await
        .unwrap();
    assert_eq!((done.from, done.to), (restored.kept, restored.signed + 1));
    assert_eq!(wired.cp.recovery(), None);
    rename(&wired, &restored.plane).await.unwrap();

    let again = restored.folder.path().join("again");
    server::http::write_export(&wired.cp, &again).await.unwrap();
    let key = wired.keys.checkpoint.verifier_key();
    let before = fs::read_to_string(restored.export.join("checkpoint")).unwrap();
    let earlier = [open(&before, std::slice::from_ref(&key)).unwrap()];
    let options = VerifyOptions {
        trusted: Some(&key),
        earlier: &earlier,
        ..VerifyOptions::default()
    };
    verify_export_with(&again, &options).unwrap();
    let rows = fs::read_to_string(again.join("rows.jsonl")).unwrap();
    assert!(rows.contains("\"log_reconciled\""), "{rows}");
    assert!(
        from_export(&wired, &restored.export, "Again.")
            .await
            .is_err()
    );
}

#[tokio::test]
async fn an_altered_or_older_export_puts_nothing_back() {
    let restored = Restored::new().await;
    let wired = restored.open().await;
    let bundle = restored
        .export
        .join(format!("tile/entries/000.p/{}", restored.signed));
    let sound = fs::read(&bundle).unwrap();
    let mut altered = sound.clone();
    *altered.last_mut().unwrap() ^= 1;
    fs::write(&bundle, altered).unwrap();
    assert!(
        from_export(&wired, &restored.export, "A try.")
            .await
            .is_err()
    );
    fs::write(&bundle, sound).unwrap();
    // More was signed since the export was made.
    restored.plane.team("later").await;
    audit::publish(&restored.plane.cp).await.unwrap().unwrap();
    let keys = restored.plane.config.keys_dir();
    fs::copy(
        keys.join("signed-heads"),
        restored.config().keys_dir().join("signed-heads"),
    )
    .unwrap();
    assert!(
        from_export(&wired, &restored.export, "A try.")
            .await
            .is_err()
    );
    assert_eq!(audit::chain(&wired.cp).await.unwrap().size, restored.kept);
    assert!(wired.cp.recovery().is_some());
}

#[tokio::test]
async fn without_an_export_a_new_log_begins_and_names_the_old_one() {
    let restored = Restored::new().await;
    let config = restored.config();
    let old = restored.plane.keys.checkpoint.name().to_owned();
    let (done, key) = new_log(&config, restored.open().await, "Nothing was kept.")
        .await
        .unwrap();
    assert_eq!((done.from, done.to), (restored.kept, restored.kept + 1));
    // After a start the new name stays, and so does what was signed under it.
    let wired = restored.open().await;
    assert_eq!(wired.cp.recovery(), None);
    assert_eq!(wired.keys.checkpoint.verifier_key().to_string(), key);
    assert_ne!(wired.keys.checkpoint.name(), old);
    let export = restored.folder.path().join("new");
    server::http::write_export(&wired.cp, &export)
        .await
        .unwrap();
    verify_export_with(
        &export,
        &VerifyOptions {
            trusted: Some(&key.parse().unwrap()),
            ..VerifyOptions::default()
        },
    )
    .unwrap();
    let entries = audit_log::read_bundle(&export, done.to + 1, 0).unwrap();
    let first =
        String::from_utf8(entries[usize::try_from(restored.kept).unwrap()].clone()).unwrap();
    assert!(
        first.contains(&format!("\"log_before\":\"{old}\"")),
        "{first}"
    );
    assert!(
        first.contains(&format!("\"size_before\":\"{}\"", restored.signed)),
        "{first}"
    );
}

#[tokio::test]
async fn where_the_database_is_gone_and_the_keys_are_kept_nothing_is_signed_and_nobody_begins_anew()
{
    let restored = Restored::new().await;
    let data = restored.folder.path().join("data");
    fs::remove_file(data.join("clearance.db")).unwrap();
    let wired = restored.open().await;
    let recovery = wired.cp.recovery().expect("recovery mode");
    assert_eq!((recovery.found, recovery.signed), (0, restored.signed));
    assert_eq!(audit::publish(&wired.cp).await.unwrap(), None);
    assert_eq!(audit::checkpoint_note(&wired.cp).await.unwrap(), None);
    let server = Plane::wired(wired, restored.config());
    let (nobody, first) = (server.ctx(Actor::Anonymous), person(ADMIN, "administrator"));
    let first = people::set_up(&server.cp, &nobody, &first).await;
    let refused = first.unwrap_err();
    assert!(matches!(refused, Error::Recovery { .. }), "{refused:?}");
    assert_eq!(audit::chain(&server.cp).await.unwrap().size, 0);
    assert_eq!(server.get("/health/live").await.status, StatusCode::OK);
}
