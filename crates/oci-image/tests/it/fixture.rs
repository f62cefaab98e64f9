//! Source trees, a pretend interpreter, and hand-made images.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use chrono::DateTime;
use flate2::Compression;
use flate2::write::GzEncoder;
use oci_image::{BuildError, BuildLimits, BuildRequest, Built, Digest, ImageStore, LogSink};
use serde_json::json;
use tempfile::TempDir;

/// A data folder and a source tree, both temporary.
pub(crate) struct Workshop {
    pub(crate) dir: TempDir,
    pub(crate) lines: Arc<Mutex<Vec<String>>>,
}

impl Workshop {
    pub(crate) fn new() -> Self {
        Self::inside(&std::env::temp_dir())
    }

    pub(crate) fn inside(parent: &Path) -> Self {
        let dir = tempfile::tempdir_in(parent).unwrap();
        let shop = Self {
            dir,
            lines: Arc::default(),
        };
        shop.write("agent.py", "print('hello')\n");
        shop.write("prompts/system.txt", "Be kind.\n");
        shop
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn source(&self) -> PathBuf {
        self.path("source")
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        let path = self.source().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) async fn store(&self) -> ImageStore {
        ImageStore::open(self.path("images")).await.unwrap()
    }

    pub(crate) fn request(&self, reference: &str) -> BuildRequest {
        let lines = Arc::clone(&self.lines);
        BuildRequest {
            reference: reference.to_owned(),
            source_dir: self.source(),
            requirements: None,
            python: "python3".to_owned(),
            entrypoint: vec!["python3".to_owned(), "agent.py".to_owned()],
            env: BTreeMap::from([("MODE".to_owned(), "test".to_owned())]),
            labels: BTreeMap::from([("agent".to_owned(), "refund-assistant".to_owned())]),
            created: DateTime::from_timestamp(1_700_000_000, 0).unwrap(),
            limits: BuildLimits::default(),
            log: LogSink::new(move |line| lines.lock().unwrap().push(line.to_owned())),
            cache_dir: self.path("cache"),
        }
    }

    /// A request with a requirements file, installed by the pretend interpreter.
    pub(crate) fn request_with(&self, requirements: &str, pip: &str) -> BuildRequest {
        self.write("requirements.txt", requirements);
        let mut request = self.request("refund-assistant:v1");
        request.requirements = Some("requirements.txt".into());
        request.python = self.interpreter(pip);
        request
    }

    pub(crate) async fn build(&self, request: BuildRequest) -> Result<Built, BuildError> {
        oci_image::build(request, &self.store().await).await
    }

    /// A script that answers like Python and runs `pip` (shell, with the target folder in `$T`) for `-m pip`.
    pub(crate) fn interpreter(&self, pip: &str) -> String {
        let path = self.path("python");
        let script = format!(
            "#!/bin/sh\nif [ \"$2\" = -c ]; then\n  echo 'clearance:{{\"executable\":\"{}\",\"version\":\"3.12.1\",\
             \"implementation\":\"CPython\",\"platform\":\"test\",\"pip\":true}}'\n  exit 0\nfi\nT=$6\n{pip}\n",
            path.display()
        );
        // Another process writes it: a file that this process had open for writing may still be open in a child of a
        // test that runs beside this one, and could not be executed then.
        let mut writer = Command::new("sh")
            .args([
                "-c",
                "cat > \"$0.new\" && chmod +x \"$0.new\" && mv \"$0.new\" \"$0\"",
            ])
            .arg(&path)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = writer.stdin.take().unwrap();
        stdin.write_all(script.as_bytes()).unwrap();
        drop(stdin);
        assert!(writer.wait().unwrap().success());
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn log(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }

    /// Names of the blobs in the store.
    pub(crate) fn blobs(&self) -> Vec<String> {
        names(&self.path("images/blobs/sha256"))
    }
}

/// Shell that installs one package as pip would.
pub(crate) const INSTALLS_LEFTPAD: &str = "mkdir -p $T/leftpad $T/leftpad/__pycache__ $T/leftpad-1.2.0.dist-info $T/bin
echo 'pad = 1' > $T/leftpad/__init__.py
date +%N > $T/leftpad/__pycache__/x.pyc
printf '#!%s\\nprint()\\n' \"$0\" > $T/bin/leftpad
chmod +x $T/bin/leftpad
printf 'Metadata-Version: 2.1\\nName: LeftPad\\nVersion: 1.2.0\\nLicense: MIT\\n\\n' > $T/leftpad-1.2.0.dist-info/METADATA
printf '../../bin/leftpad,sha256=%s,20\\nleftpad/__init__.py,sha256=x,8\\n' $$ > $T/leftpad-1.2.0.dist-info/RECORD
echo installed";

pub(crate) fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Writes an image of one layer with these bytes into the layout at `dir`, as another tool would.
pub(crate) fn put_image(dir: &Path, layer: &[u8]) -> Digest {
    let blobs = dir.join("blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    let put = |kind: &str, bytes: &[u8]| {
        let digest = Digest::of(bytes);
        fs::write(blobs.join(digest.hex()), bytes).unwrap();
        json!({"mediaType": kind, "digest": digest.to_string(), "size": bytes.len()})
    };
    let layer = put("application/vnd.oci.image.layer.v1.tar+gzip", layer);
    let config = put(
        "application/vnd.oci.image.config.v1+json",
        br#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#,
    );
    let manifest = json!({"schemaVersion": 2, "config": config, "layers": [layer]}).to_string();
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let mut entry = put(kind, manifest.as_bytes());
    entry["annotations"] = json!({"org.opencontainers.image.ref.name": "other"});
    let index = json!({"schemaVersion": 2, "manifests": [entry]});
    fs::write(dir.join("index.json"), index.to_string()).unwrap();
    Digest::of(manifest.as_bytes())
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
