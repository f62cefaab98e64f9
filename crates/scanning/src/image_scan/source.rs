//! Images as they come: an OCI image layout (folder or tar file), an archive of `docker save`, or loose layer files. Every
//! blob is named by its digest, and whoever reads one to its end learns whether the name was true.

mod archive;
mod spec;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::report::hex;
use archive::Archive;
pub(super) use spec::ImageConfig;
use spec::{Descriptor, DockerManifest, Index, Manifest};

/// Bytes of a manifest, an index or a configuration.
const MAX_DOCUMENT: u64 = 4 * 1024 * 1024;
/// Layers of one image; container engines allow 127.
const MAX_LAYERS: usize = 1_000;

/// What is to be scanned.
#[derive(Debug, Clone)]
pub enum Image {
    /// Layer files, lowest first, each a tar file, compressed or plain. Nothing states their digests.
    Layers(Vec<PathBuf>),
    /// An OCI image layout: a folder, or a tar file of one. The image is the one of this manifest digest, or the only one.
    Oci {
        /// The folder or tar file.
        path: PathBuf,
        /// `sha256:…` of the manifest.
        manifest: Option<String>,
    },
    /// A tar file of `docker save`.
    DockerArchive(PathBuf),
}

/// An image cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// A file cannot be read.
    #[error("the image could not be opened: {0}")]
    Io(#[from] std::io::Error),
    /// Something is not as the formats ask for.
    #[error("the image is not valid: {0}")]
    Invalid(String),
    /// A blob is not what its name says.
    #[error("the blob {0} is not what its digest says")]
    WrongDigest(String),
}

/// An opened image.
#[derive(Debug)]
pub(super) struct Opened {
    store: Store,
    /// `sha256:…` of the manifest, where there is one.
    pub(super) manifest: Option<String>,
    pub(super) config: Option<ImageConfig>,
    pub(super) layers: Vec<Layer>,
}

/// One layer.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    /// Path in the store.
    file: String,
    /// What findings and errors call it: its digest, or the name of its file.
    pub(super) name: String,
    /// `sha256:…` of the file as it is.
    pub(super) digest: Option<String>,
    /// `sha256:…` of the tar file in it.
    pub(super) diff_id: Option<String>,
}

#[derive(Debug)]
enum Store {
    Folder(PathBuf),
    Archive(Archive),
    Loose,
}

impl Store {
    fn open(&self, file: &str) -> Result<Box<dyn Read>, ImageError> {
        Ok(match self {
            Self::Folder(folder) => Box::new(File::open(folder.join(file))?),
            Self::Loose => Box::new(File::open(file)?),
            Self::Archive(archive) => Box::new(archive.open(file)?),
        })
    }

    fn document(&self, file: &str) -> Result<Vec<u8>, ImageError> {
        let mut bytes = Vec::new();
        self.open(file)?
            .take(MAX_DOCUMENT + 1)
            .read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_DOCUMENT {
            return Err(ImageError::Invalid(format!("{file} is too large")));
        }
        Ok(bytes)
    }

    /// A document that its digest names.
    fn blob(&self, digest: &str) -> Result<Vec<u8>, ImageError> {
        let bytes = self.document(&blob_path(digest)?)?;
        if hex(&Sha256::digest(&bytes)) == digest.trim_start_matches("sha256:") {
            Ok(bytes)
        } else {
            Err(ImageError::WrongDigest(digest.to_owned()))
        }
    }
}

impl Opened {
    /// The bytes of a layer, as they are.
    pub(super) fn read(&self, layer: &Layer) -> Result<Box<dyn Read>, ImageError> {
        self.store.open(&layer.file)
    }
}

/// Opens an image and checks its manifest and configuration against their digests.
pub(super) fn open(image: &Image) -> Result<Opened, ImageError> {
    match image {
        Image::Layers(paths) => Ok(Opened {
            store: Store::Loose,
            manifest: None,
            config: None,
            layers: paths.iter().map(|path| loose(path)).collect(),
        }),
        Image::Oci { path, manifest } => {
            let store = if path.is_dir() {
                Store::Folder(path.clone())
            } else {
                Store::Archive(Archive::index(path)?)
            };
            oci(store, manifest.as_deref())
        }
        Image::DockerArchive(path) => docker(Store::Archive(Archive::index(path)?)),
    }
}

fn loose(path: &Path) -> Layer {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Layer {
        file: path.to_string_lossy().into_owned(),
        name: crate::report::printable(&name),
        digest: None,
        diff_id: None,
    }
}

fn oci(store: Store, wanted: Option<&str>) -> Result<Opened, ImageError> {
    let digest = match wanted {
        Some(digest) => digest.to_owned(),
        None => {
            let index: Index = parse(&store.document("index.json")?, "index.json")?;
            only(index.manifests, "index.json")?.digest
        }
    };
    let mut digest = digest;
    let mut bytes = store.blob(&digest)?;
    // An image for several machines: an index of manifests, once.
    if let Ok(index) = parse::<Index>(&bytes, "index")
        && !index.manifests.is_empty()
    {
        digest = for_this_machine(index.manifests)?.digest;
        bytes = store.blob(&digest)?;
    }
    let manifest: Manifest = parse(&bytes, "manifest")?;
    let config: ImageConfig = parse(&store.blob(&manifest.config.digest)?, "configuration")?;
    if manifest.layers.len() > MAX_LAYERS {
        return Err(ImageError::Invalid("it has too many layers".to_owned()));
    }
    let ids = &config.rootfs.diff_ids;
    if ids.len() != manifest.layers.len() {
        return Err(ImageError::Invalid(
            "its configuration and its manifest name different numbers of layers".to_owned(),
        ));
    }
    let layers = manifest
        .layers
        .iter()
        .zip(ids)
        .map(|(layer, id)| {
            Ok(Layer {
                file: blob_path(&layer.digest)?,
                name: layer.digest.clone(),
                digest: Some(layer.digest.clone()),
                diff_id: Some(id.clone()),
            })
        })
        .collect::<Result<_, ImageError>>()?;
    Ok(Opened {
        store,
        manifest: Some(digest),
        config: Some(config),
        layers,
    })
}

fn docker(store: Store) -> Result<Opened, ImageError> {
    let all: Vec<DockerManifest> = parse(&store.document("manifest.json")?, "manifest.json")?;
    let one = only(all, "manifest.json")?;
    let bytes = store.document(&one.config)?;
    // The file is named by its digest, with `.json` behind it before Docker 25.
    let file = one.config.rsplit('/').next().unwrap_or_default();
    let named = file.trim_end_matches(".json");
    if is_hash(named) && hex(&Sha256::digest(&bytes)) != named {
        return Err(ImageError::WrongDigest(file.to_owned()));
    }
    let config: ImageConfig = parse(&bytes, "configuration")?;
    let ids = &config.rootfs.diff_ids;
    if ids.len() != one.layers.len() || ids.len() > MAX_LAYERS {
        return Err(ImageError::Invalid(
            "its configuration and its manifest name different numbers of layers".to_owned(),
        ));
    }
    let layers = one.layers.iter().zip(ids);
    let layers = layers
        .map(|(file, id)| Layer {
            file: file.clone(),
            name: id.clone(),
            digest: None,
            diff_id: Some(id.clone()),
        })
        .collect();
    Ok(Opened {
        store,
        manifest: None,
        config: Some(config),
        layers,
    })
}

fn parse<T: serde::de::DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, ImageError> {
    serde_json::from_slice(bytes).map_err(|error| ImageError::Invalid(format!("{what}: {error}")))
}

fn only<T>(mut all: Vec<T>, what: &str) -> Result<T, ImageError> {
    match (all.pop(), all.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => Err(ImageError::Invalid(format!("{what} names no image"))),
        (Some(_), false) => Err(ImageError::Invalid(format!(
            "{what} names several images: say which"
        ))),
    }
}

fn for_this_machine(all: Vec<Descriptor>) -> Result<Descriptor, ImageError> {
    let fits = |one: &Descriptor| {
        one.platform
            .as_ref()
            .is_some_and(|platform| platform.os == "linux" && platform.architecture == "amd64")
    };
    let mut found = all.iter().filter(|one| fits(one));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one.clone()),
        _ => only(all, "the index"),
    }
}

fn blob_path(digest: &str) -> Result<String, ImageError> {
    let hash = digest.strip_prefix("sha256:").filter(|hash| is_hash(hash));
    hash.map(|hash| format!("blobs/sha256/{hash}"))
        .ok_or_else(|| ImageError::Invalid("a digest is not one of SHA-256".to_owned()))
}

fn is_hash(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
