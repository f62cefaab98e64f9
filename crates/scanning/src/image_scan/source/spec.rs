//! The documents of an image (opencontainers/image-spec 1.1, and `manifest.json` of Docker). Only what decides something.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Index {
    pub(super) manifests: Vec<Descriptor>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Descriptor {
    pub(super) digest: String,
    pub(super) platform: Option<Platform>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Platform {
    #[serde(default)]
    pub(super) os: String,
    #[serde(default)]
    pub(super) architecture: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Manifest {
    pub(super) config: Descriptor,
    pub(super) layers: Vec<Descriptor>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DockerManifest {
    pub(super) config: String,
    pub(super) layers: Vec<String>,
}

/// The configuration of an image.
#[derive(Debug, Default, Deserialize)]
pub(in crate::image_scan) struct ImageConfig {
    #[serde(default, deserialize_with = "nullable")]
    pub(in crate::image_scan) config: Execution,
    #[serde(default)]
    pub(super) rootfs: RootFs,
    #[serde(default, deserialize_with = "nullable")]
    pub(in crate::image_scan) history: Vec<Step>,
}

/// How it is run.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::image_scan) struct Execution {
    #[serde(deserialize_with = "nullable")]
    pub(in crate::image_scan) user: String,
    #[serde(deserialize_with = "nullable")]
    pub(in crate::image_scan) env: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    pub(in crate::image_scan) cmd: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    pub(in crate::image_scan) entrypoint: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    pub(in crate::image_scan) exposed_ports: std::collections::BTreeMap<String, serde_json::Value>,
    #[serde(deserialize_with = "nullable")]
    pub(in crate::image_scan) labels: std::collections::BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct RootFs {
    #[serde(default)]
    pub(super) diff_ids: Vec<String>,
}

/// One step of how it was built.
#[derive(Debug, Default, Deserialize)]
pub(in crate::image_scan) struct Step {
    #[serde(default, deserialize_with = "nullable")]
    pub(in crate::image_scan) created_by: String,
}

/// Go writes `null` for what is empty.
fn nullable<'de, D: serde::Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
