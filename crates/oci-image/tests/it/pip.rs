//! The one test that installs from the package index.

use std::fs;

use serde_json::Value;

use crate::fixture::Workshop;

#[tokio::test]
async fn pip_installs_a_wheel_that_python_can_import() {
    let version = oci_image::python_available("python3").await.unwrap();
    assert!(version.starts_with("3."), "{version}");
    let shop = Workshop::new();
    shop.write("requirements.txt", "six==1.17.0  # one small pure wheel\n");
    let mut request = shop.request("agent:1");
    request.requirements = Some("requirements.txt".into());
    let built = shop.build(request.clone()).await.unwrap();
    assert!(built.pinned);
    let package = &built.packages[0];
    assert_eq!(
        (package.name.as_str(), package.version.as_str()),
        ("six", "1.17.0")
    );
    let sbom: Value = serde_json::from_str(&built.sbom).unwrap();
    assert_eq!(sbom["components"][0]["purl"], "pkg:pypi/six@1.17.0");

    let tree = shop.path("tree");
    shop.store()
        .await
        .unpack(built.image_digest, &tree)
        .await
        .unwrap();
    let six = fs::read_to_string(tree.join("deps/six.py")).unwrap();
    assert!(six.contains("__version__ = \"1.17.0\""));

    // Installed again without the cache of layers: the same bytes.
    fs::remove_dir_all(shop.path("cache/dependencies")).unwrap();
    let again = shop.build(request.clone()).await.unwrap();
    assert!(!again.reused_dependencies);
    assert_eq!(again, built);
    assert!(shop.build(request).await.unwrap().reused_dependencies);
}
