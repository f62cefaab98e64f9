//! One build: from a checked-out source tree to a named image, its SBOM and the facts about it.
//!
//! Nothing of the agent is executed. A build that fails or is cancelled leaves no blob and no reference behind.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::dependencies::{DependencyLayer, Wanted, blocking};
use crate::digest::Digest;
use crate::error::{At, BuildError, Part};
use crate::layer::{self, Layer};
use crate::log::LogSink;
use crate::package::{Metadata, Package};
use crate::python::{self, Interpreter};
use crate::requirements::Requirements;
use crate::sbom;
use crate::scratch::StagedBlob;
use crate::spec::{self, Descriptor, Execution, ImageConfig, Manifest, RootFs};
use crate::store::ImageStore;
use crate::tree::Scan;

/// The annotation with the version of the interpreter that the packages were installed for.
pub const PYTHON_VERSION: &str = "clearance.python.version";
/// The annotation with the platform that the packages were installed for, as `sysconfig.get_platform()` has it.
pub const PYTHON_PLATFORM: &str = "clearance.python.platform";

/// How long and how large a build may get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuildLimits {
    /// Wall-clock seconds for installing the dependencies.
    pub install_seconds: u64,
    /// Bytes of all source files together.
    pub max_source_bytes: u64,
    /// Bytes of all installed files together.
    pub max_dependency_bytes: u64,
    /// Number of files and folders, for the source and for the dependencies each.
    pub max_files: u64,
}

impl Default for BuildLimits {
    /// 10 minutes, 256 MiB of source, 4 GiB of dependencies, 100,000 files.
    fn default() -> Self {
        Self {
            install_seconds: 600,
            max_source_bytes: 256 << 20,
            max_dependency_bytes: 4 << 30,
            max_files: 100_000,
        }
    }
}

/// What to build.
#[derive(Debug, Clone)]
pub struct BuildRequest {
    /// The name of the image, such as `refund-assistant:<version id>`. It is moved if it names another image.
    pub reference: String,
    /// The checked-out tree; it becomes `/app`, without `.git`.
    pub source_dir: PathBuf,
    /// The file in pip's requirements format, relative to the tree; none builds an image without dependencies.
    pub requirements: Option<PathBuf>,
    /// The interpreter: a command or path.
    pub python: String,
    /// The command that starts the agent, in `/app`.
    pub entrypoint: Vec<String>,
    /// Settings of the agent. Never secrets: they are readable in the image.
    pub env: BTreeMap<String, String>,
    /// Free labels.
    pub labels: BTreeMap<String, String>,
    /// The time of the commit; whole seconds are kept.
    pub created: DateTime<Utc>,
    /// How long and how large it may get.
    pub limits: BuildLimits,
    /// Receives the output while the build runs.
    pub log: LogSink,
    /// Folder for downloads and installed layers. Everything in it can be deleted at any time.
    pub cache_dir: PathBuf,
}

/// A built image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Digest of the manifest.
    pub image_digest: Digest,
    /// `CycloneDX` 1.5 JSON.
    pub sbom: String,
    /// SHA-256 of the SBOM's bytes.
    pub sbom_digest: Digest,
    /// The installed packages, sorted by name.
    pub packages: Vec<Package>,
    /// Number of files and links in the source layer.
    pub source_files: u64,
    /// Bytes of the manifest, the configuration and the compressed layers.
    pub size_bytes: u64,
    /// Whether every installed package is fixed to one version by the requirements file. True without dependencies.
    pub pinned: bool,
    /// Whether the dependencies came from the cache.
    pub reused_dependencies: bool,
}

/// Builds the image, stores it and names it.
///
/// The same request gives the same digest as long as the packages are pinned, on any machine with the same
/// interpreter version and platform. Cancelling stops pip with all its processes.
///
/// # Errors
/// See [`BuildError`]; [`BuildError::fault`] tells a bad source from a bad moment.
pub async fn build(request: BuildRequest, store: &ImageStore) -> Result<Built, BuildError> {
    check(&request)?;
    let log = request.log.clone();
    log.line("Packing the source");
    let (source, source_files, requirements) = source(&request, store).await?;
    log.line(&format!("The source has {source_files} files"));
    let dependencies = match &requirements {
        Some(found) if !found.is_empty() => Some(dependencies(&request, found, store).await?),
        Some(_) | None => None,
    };
    let (interpreter, dependencies) = dependencies.unzip();
    let (dependency_layer, packages, reused) = match dependencies {
        Some(found) => (Some(found.layer), found.packages, found.reused),
        None => (None, Vec::new(), false),
    };
    let pinned = requirements
        .is_none_or(|r| r.pin_all(packages.iter().map(|package| package.name.as_str())));

    let reference = request.reference.clone();
    let scratch = store.scratch();
    let image = blocking(move || {
        let layers = dependency_layer.into_iter().chain([source]).collect();
        assemble(&request, interpreter.as_ref(), layers, &scratch)
    })
    .await?;
    let sbom = sbom::write(&reference, image.digest, &packages)?;
    store.publish(&reference, image.digest, image.blobs).await?;
    log.line(&format!("Built {reference} as {}", image.digest));
    Ok(Built {
        image_digest: image.digest,
        sbom_digest: Digest::of(sbom.as_bytes()),
        sbom,
        packages: packages.into_iter().map(package).collect(),
        source_files,
        size_bytes: image.size,
        pinned,
        reused_dependencies: reused,
    })
}

fn package(metadata: Metadata) -> Package {
    Package {
        name: metadata.name,
        version: metadata.version,
    }
}

fn check(request: &BuildRequest) -> Result<(), BuildError> {
    let refuse = |field, reason| Err(BuildError::InvalidRequest { field, reason });
    let has_null = |text: &String| text.contains('\0');
    if request.entrypoint.first().is_none_or(String::is_empty) {
        return refuse("entrypoint", "must name a command");
    }
    if request.entrypoint.iter().any(has_null) || request.env.values().any(has_null) {
        return refuse("entrypoint or env", "must not contain null characters");
    }
    let bad_name = |name: &String| name.is_empty() || name.contains(['=', '\0']);
    if request.env.keys().any(bad_name) {
        return refuse("env", "names must not be empty or contain `=`");
    }
    Ok(())
}

/// Packs the source and reads the requirements from the same tree.
async fn source(
    request: &BuildRequest,
    store: &ImageStore,
) -> Result<(Layer, u64, Option<Requirements>), BuildError> {
    let root = request.source_dir.clone();
    let scratch = store.scratch();
    let limits = request.limits;
    let requirements = request.requirements.clone();
    blocking(move || {
        if !root.is_dir() {
            return Err(BuildError::SourceMissing(root));
        }
        let root = root.canonicalize().at(&root)?;
        let scan = Scan {
            part: Part::Source,
            exclude: &[".git"],
            max_bytes: limits.max_source_bytes,
            max_files: limits.max_files,
        };
        let tree = scan.list(&root)?;
        let requirements = requirements
            .map(|path| Requirements::read(&root, &path))
            .transpose()?;
        let layer = layer::pack(&scratch, "app", &tree)?;
        Ok((layer, tree.files, requirements))
    })
    .await
}

async fn dependencies(
    request: &BuildRequest,
    requirements: &Requirements,
    store: &ImageStore,
) -> Result<(Interpreter, DependencyLayer), BuildError> {
    let interpreter = python::probe(&request.python).await?;
    request.log.line(&format!(
        "Installing the dependencies for {} {} on {}",
        interpreter.implementation, interpreter.version, interpreter.platform
    ));
    let wanted = Wanted {
        interpreter: interpreter.clone(),
        requirements: requirements.clone(),
        cache: std::path::absolute(&request.cache_dir).at(&request.cache_dir)?,
        scratch: store.scratch(),
        limit: Duration::from_secs(request.limits.install_seconds),
        max_bytes: request.limits.max_dependency_bytes,
        max_files: request.limits.max_files,
        log: request.log.clone(),
    };
    Ok((interpreter, wanted.obtain().await?))
}

/// All blobs of an image, without names yet.
struct Assembled {
    digest: Digest,
    size: u64,
    blobs: Vec<StagedBlob>,
}

/// Adds the configuration and the manifest. The source is the top layer: it changes most often.
fn assemble(
    request: &BuildRequest,
    interpreter: Option<&Interpreter>,
    layers: Vec<Layer>,
    scratch: &std::path::Path,
) -> Result<Assembled, BuildError> {
    let created = request.created.to_rfc3339_opts(SecondsFormat::Secs, true);
    let config = ImageConfig {
        created: Some(created.clone()),
        architecture: spec::architecture().to_owned(),
        os: spec::os().to_owned(),
        config: execution(request),
        rootfs: RootFs {
            kind: "layers".to_owned(),
            diff_ids: layers.iter().map(|layer| layer.diff_id).collect(),
        },
    };
    let config = StagedBlob::of(scratch, &json(&config, scratch)?)?;
    let mut annotations =
        BTreeMap::from([("org.opencontainers.image.created".to_owned(), created)]);
    if let Some(python) = interpreter {
        annotations.insert(PYTHON_VERSION.to_owned(), python.version.clone());
        annotations.insert(PYTHON_PLATFORM.to_owned(), python.platform.clone());
    }
    let descriptor = |kind: &str, blob: &StagedBlob| Descriptor::new(kind, blob.digest, blob.size);
    let manifest = Manifest {
        schema_version: 2,
        media_type: Some(spec::MANIFEST.to_owned()),
        config: descriptor(spec::CONFIG, &config),
        layers: layers
            .iter()
            .map(|layer| descriptor(spec::LAYER_GZIP, &layer.blob))
            .collect(),
        annotations,
    };
    let manifest = StagedBlob::of(scratch, &json(&manifest, scratch)?)?;
    let digest = manifest.digest;
    let mut blobs: Vec<_> = layers.into_iter().map(|layer| layer.blob).collect();
    blobs.extend([config, manifest]);
    let size = blobs.iter().map(|blob| blob.size).sum();
    Ok(Assembled {
        digest,
        size,
        blobs,
    })
}

fn json<T: serde::Serialize>(
    document: &T,
    scratch: &std::path::Path,
) -> Result<Vec<u8>, BuildError> {
    Ok(serde_json::to_vec(document)
        .map_err(std::io::Error::other)
        .at(scratch)?)
}

fn execution(request: &BuildRequest) -> Execution {
    let own = [
        ("PYTHONPATH", "/app:/deps"),
        // The tree may be read-only and is checked against its digest.
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("PYTHONUNBUFFERED", "1"),
    ];
    let mut env: BTreeMap<String, String> = own
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    env.extend(request.env.clone());
    Execution {
        env: env.iter().map(|(k, v)| format!("{k}={v}")).collect(),
        entrypoint: request.entrypoint.clone(),
        working_dir: "/app".to_owned(),
        labels: request.labels.clone(),
    }
}
