//! References, blobs and what happens to them.

use std::fs;

use oci_image::{Digest, ImageStore, Removed, StoreError};

use crate::fixture::{Workshop, names};

#[tokio::test]
async fn an_empty_folder_becomes_an_empty_layout() {
    let shop = Workshop::new();
    let store = shop.store().await;
    assert_eq!(store.list().await.unwrap(), []);
    let marker = fs::read_to_string(shop.path("images/oci-layout")).unwrap();
    assert_eq!(marker, r#"{"imageLayoutVersion":"1.0.0"}"#);
    assert_eq!(store.resolve("nothing").await.unwrap(), None);
}

#[tokio::test]
async fn a_folder_with_something_else_is_refused_and_kept() {
    let shop = Workshop::new();
    for (name, content) in [
        ("oci-layout", r#"{"imageLayoutVersion":"9"}"#),
        ("index.json", "not json"),
    ] {
        let dir = shop.path(name);
        fs::create_dir(&dir).unwrap();
        fs::write(dir.join(name), content).unwrap();
        let opened = ImageStore::open(&dir).await;
        assert!(
            matches!(opened, Err(StoreError::NotALayout { .. })),
            "{opened:?}"
        );
        assert_eq!(fs::read_to_string(dir.join(name)).unwrap(), content);
    }
}

#[tokio::test]
async fn references_follow_the_grammar() {
    let shop = Workshop::new();
    let store = shop.store().await;
    for bad in [
        "",
        ":x",
        "x:",
        "a::b",
        "a b",
        "../x",
        "a/../b",
        "ü",
        "a\n",
        &"x".repeat(256),
    ] {
        let answer = store.resolve(bad).await;
        assert!(
            matches!(answer, Err(StoreError::InvalidReference(_))),
            "{bad:?}"
        );
    }
    assert_eq!(store.resolve("team/agent:1.0-rc_1").await.unwrap(), None);
}

#[tokio::test]
async fn removing_a_reference_keeps_what_others_need() {
    let shop = Workshop::new();
    let store = shop.store().await;
    let first = shop
        .build(shop.request("agent:1"))
        .await
        .unwrap()
        .image_digest;
    shop.write("more.py", "x = 1\n");
    let second = shop
        .build(shop.request("agent:2"))
        .await
        .unwrap()
        .image_digest;
    assert_ne!(first, second);
    store.tag("agent:same", first).await.unwrap();
    let both = store.references(first).await.unwrap();
    assert_eq!(both, ["agent:1", "agent:same"]);

    let removed = store.remove("agent:1").await.unwrap();
    assert_eq!((removed.reference, removed.blobs), (true, 0));
    store.verify(first).await.unwrap();
    let removed = store.remove("agent:same").await.unwrap();
    // The manifest and the source layer go; the configuration differs by its layers and goes too.
    assert_eq!((removed.reference, removed.blobs), (true, 3));
    assert!(removed.bytes > 0);
    assert!(matches!(
        store.verify(first).await,
        Err(StoreError::NotFound(_))
    ));
    store.verify(second).await.unwrap();

    assert_eq!(
        store.remove("agent:same").await.unwrap(),
        Removed::default()
    );
    store.remove("agent:2").await.unwrap();
    assert_eq!(shop.blobs(), Vec::<String>::new());
}

#[tokio::test]
async fn a_shared_layer_outlives_one_of_its_images() {
    let shop = Workshop::new();
    let store = shop.store().await;
    let first = shop
        .build(shop.request("agent:1"))
        .await
        .unwrap()
        .image_digest;
    let mut request = shop.request("agent:2");
    request.env.clear();
    let second = shop.build(request).await.unwrap().image_digest;
    let layer = |d| {
        let store = store.clone();
        async move { store.manifest(d).await.unwrap().layers[0].digest }
    };
    assert_eq!(layer(first).await, layer(second).await);
    let removed = store.remove("agent:1").await.unwrap();
    assert_eq!(removed.blobs, 2, "manifest and configuration only");
    store.verify(second).await.unwrap();
}

#[tokio::test]
async fn a_changed_or_missing_blob_is_found_and_named() {
    let shop = Workshop::new();
    let store = shop.store().await;
    let image = shop
        .build(shop.request("agent:1"))
        .await
        .unwrap()
        .image_digest;
    let digest = store.manifest(image).await.unwrap().layers[0].digest;
    let blob = digest.to_string().replace(':', "/");
    let layer = shop.path("images").join("blobs").join(blob);
    let mut bytes = fs::read(&layer).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&layer, &bytes).unwrap();
    let answer = store.verify(image).await;
    assert!(matches!(answer, Err(StoreError::Damaged { digest: d, .. }) if d == digest));
    let answer = store.unpack(image, &shop.path("tree")).await;
    assert!(matches!(answer, Err(StoreError::Damaged { .. })));
    assert!(!shop.path("tree").exists());
    fs::remove_file(&layer).unwrap();
    let answer = store.verify(image).await;
    assert!(matches!(answer, Err(StoreError::NotFound(d)) if d == digest));

    // Building again heals it.
    shop.build(shop.request("agent:1")).await.unwrap();
    store.verify(image).await.unwrap();
}

#[tokio::test]
async fn a_reference_to_nothing_is_not_made() {
    let shop = Workshop::new();
    let store = shop.store().await;
    let answer = store.tag("agent:1", Digest::of(b"absent")).await;
    assert!(matches!(answer, Err(StoreError::NotFound(_))));
    assert_eq!(store.list().await.unwrap(), []);
}

#[tokio::test]
async fn unpacking_twice_is_unpacking_once_and_leaves_nothing_beside_it() {
    let shop = Workshop::new();
    let store = shop.store().await;
    let image = shop
        .build(shop.request("agent:1"))
        .await
        .unwrap()
        .image_digest;
    let tree = shop.path("trees/one");
    store.unpack(image, &tree).await.unwrap();
    let read = |name: &str| fs::read_to_string(tree.join(name)).unwrap();
    assert_eq!(read("app/agent.py"), "print('hello')\n");
    assert_eq!(read("app/prompts/system.txt"), "Be kind.\n");
    fs::write(tree.join("app/state"), "the agent wrote this").unwrap();
    store.unpack(image, &tree).await.unwrap();
    assert_eq!(read("app/state"), "the agent wrote this");
    assert_eq!(names(&shop.path("trees")), ["one"]);

    shop.write("agent.py", "print('other')\n");
    let other = shop
        .build(shop.request("agent:2"))
        .await
        .unwrap()
        .image_digest;
    let answer = store.unpack(other, &tree).await;
    assert!(matches!(answer, Err(StoreError::DestinationTaken(_))));
    assert_eq!(read("app/agent.py"), "print('hello')\n");
}

#[tokio::test]
async fn concurrent_unpacking_to_one_place_succeeds_for_all() {
    let shop = Workshop::new();
    let store = shop.store().await;
    let image = shop
        .build(shop.request("agent:1"))
        .await
        .unwrap()
        .image_digest;
    let tree = shop.path("trees/one");
    let (a, b, c) = tokio::join!(
        store.unpack(image, &tree),
        store.unpack(image, &tree),
        store.unpack(image, &tree)
    );
    for answer in [a, b, c] {
        answer.unwrap();
    }
    assert_eq!(names(&shop.path("trees")), ["one"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn builds_and_removals_of_two_processes_do_not_harm_each_other() {
    let shop = Workshop::new();
    // Two stores on one folder share no lock but the file's, as two processes do.
    let (one, two) = (shop.store().await, shop.store().await);
    let churn = async |store: &ImageStore, name: &str| {
        for n in 0..12 {
            let mut request = shop.request(&format!("agent:{name}-{n}"));
            request.env.insert("N".to_owned(), format!("{name}{n}"));
            let built = oci_image::build(request, store).await.unwrap();
            store.verify(built.image_digest).await.unwrap();
            if n % 2 == 0 {
                store.remove(&format!("agent:{name}-{n}")).await.unwrap();
            }
        }
    };
    tokio::join!(churn(&one, "a"), churn(&two, "b"));
    let all = one.list().await.unwrap();
    assert_eq!(all.len(), 12);
    for (_, digest) in all {
        two.verify(digest).await.unwrap();
    }
    // One shared source layer, and a manifest and configuration for each.
    assert_eq!(shop.blobs().len(), 1 + 12 * 2);
}
