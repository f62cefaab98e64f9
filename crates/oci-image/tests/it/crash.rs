//! Kills at any moment leave a valid layout, and the next opening removes what was left half-written.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use oci_image::{Digest, ImageStore};

use crate::fixture::{Workshop, names};

/// Set in the process that is going to be killed: the folder to work in.
const VICTIM: &str = "OCI_IMAGE_TEST_VICTIM";

#[tokio::test]
async fn what_a_killed_process_left_is_swept() {
    let shop = Workshop::new();
    let kept = shop
        .build(shop.request("agent:1"))
        .await
        .unwrap()
        .image_digest;
    fs::write(shop.path("images/tmp/part-abc"), "half a blob").unwrap();
    fs::write(shop.path("images/tmp/part-def"), "").unwrap();
    // Named, and killed before the index was written.
    let orphan = Digest::of(b"orphan");
    let orphan_path = shop.path("images/blobs/sha256").join(orphan.hex());
    fs::write(&orphan_path, "orphan").unwrap();
    let trees = shop.path("trees");
    fs::create_dir_all(trees.join(".one.unpacking-x/app")).unwrap();

    let store = shop.store().await;
    assert_eq!(names(&shop.path("images/tmp")), Vec::<String>::new());
    assert!(!orphan_path.exists());
    store.verify(kept).await.unwrap();
    store.unpack(kept, &trees.join("one")).await.unwrap();
    assert_eq!(names(&trees), ["one"]);
}

#[tokio::test]
async fn a_sweep_spares_what_a_living_process_is_writing() {
    let shop = Workshop::new();
    let gate = shop.path("gate");
    assert!(
        Command::new("mkfifo")
            .arg(&gate)
            .status()
            .unwrap()
            .success()
    );
    let script = format!("mkdir $T; echo ready; read line < {}", gate.display());
    let request = shop.request_with("x==1\n", &script);
    let store = shop.store().await;
    let building = oci_image::build(request, &store);
    let opening = async {
        while !shop.log().contains("ready") {
            tokio::task::yield_now().await;
        }
        // The source layer is staged now, and pip is at work.
        assert_eq!(names(&shop.path("images/tmp")).len(), 1);
        shop.store().await;
        assert_eq!(names(&shop.path("images/tmp")).len(), 1);
        tokio::fs::write(&gate, "go\n").await.unwrap();
    };
    let (built, ()) = tokio::join!(building, opening);
    store.verify(built.unwrap().image_digest).await.unwrap();
}

#[tokio::test]
async fn a_cancelled_build_stops_pip_and_leaves_nothing() {
    let shop = Workshop::new();
    let request = shop.request_with("x==1\n", "mkdir $T; echo ready; sleep 600");
    let store = shop.store().await;
    tokio::select! {
        built = oci_image::build(request, &store) => panic!("{built:?}"),
        () = async {
            while !shop.log().contains("ready") {
                tokio::task::yield_now().await;
            }
        } => {}
    }
    assert_eq!(names(&shop.path("images/tmp")), Vec::<String>::new());
    assert_eq!(names(&shop.path("cache/work")), Vec::<String>::new());
    assert_eq!(store.list().await.unwrap(), []);
}

#[tokio::test]
async fn a_kill_at_any_moment_leaves_a_valid_layout() {
    let shop = Workshop::new();
    for round in 1..=10 {
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::victim", "--nocapture"])
            .env(VICTIM, shop.dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines();
        let steps = lines
            .by_ref()
            .filter(|l| l.as_ref().unwrap().starts_with("step"));
        assert_eq!(steps.take(round * 3).count(), round * 3);
        victim.kill().unwrap();
        victim.wait().unwrap();

        let store = shop.store().await;
        for (reference, digest) in store.list().await.unwrap() {
            store.verify(digest).await.unwrap();
            assert_eq!(store.resolve(&reference).await.unwrap(), Some(digest));
        }
        assert_eq!(names(&shop.path("images/tmp")), Vec::<String>::new());
    }
    let store = shop.store().await;
    for (reference, _) in store.list().await.unwrap() {
        store.remove(&reference).await.unwrap();
    }
    assert_eq!(shop.blobs(), Vec::<String>::new());
}

/// Not a test by itself: builds and removes until it is killed.
#[tokio::test]
async fn victim() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the parent test's way to say where"
    )]
    let Ok(dir) = std::env::var(VICTIM) else {
        return;
    };
    let dir = Path::new(&dir);
    let shop = Workshop::inside(dir);
    let store = ImageStore::open(dir.join("images")).await.unwrap();
    for n in 0_u64.. {
        let reference = format!("agent:{}", n % 3);
        shop.write("agent.py", &format!("print({n})\n"));
        println!("step");
        oci_image::build(shop.request(&reference), &store)
            .await
            .unwrap();
        println!("step");
        store
            .remove(&format!("agent:{}", (n + 1) % 3))
            .await
            .unwrap();
    }
}
