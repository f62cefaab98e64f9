//! The program itself: made, asked for its key, served, killed.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use audit_log::{Cosignature, WitnessVerifierKey};
use tempfile::TempDir;

use crate::support::{Log, NAME, key};

fn program(args: &[&str], dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clearance-witness"));
    command.args(args).arg("--dir").arg(dir);
    command
}

fn init(dir: &Path, name: &str) -> Output {
    let log = key().verifier_key().to_string();
    program(
        &[
            "init",
            "--name",
            name,
            "--addr",
            "127.0.0.1:0",
            "--log",
            &log,
        ],
        dir,
    )
    .output()
    .unwrap()
}

fn line(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success(), "{output:?}");
    text.trim_end().to_owned()
}

/// A running program, killed with this.
struct Served {
    child: Child,
    url: String,
}

impl Served {
    fn start(dir: &Path) -> Self {
        let mut command = program(&["serve"], dir);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        for line in lines {
            said = line.unwrap();
            if said.contains("watching") {
                break;
            }
        }
        let plain: String = strip(&said);
        let (_, rest) = plain.split_once("address=").expect(&plain);
        let address = rest.split(' ').next().unwrap();
        Self {
            child,
            url: format!("http://{address}/add-checkpoint"),
        }
    }

    async fn ask(&self, body: String) -> (u16, String) {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client.post(&self.url).body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Without the colours of a terminal.
fn strip(text: &str) -> String {
    let mut plain = String::new();
    let mut escape = false;
    for ch in text.chars() {
        match ch {
            '\u{1b}' => escape = true,
            'm' if escape => escape = false,
            _ if escape => {}
            _ => plain.push(ch),
        }
    }
    plain
}

#[tokio::test]
async fn a_witness_is_made_once_and_remembers_across_a_kill() {
    let folder = TempDir::new().unwrap();
    let dir = folder.path().join("witness");
    let public: WitnessVerifierKey = line(&init(&dir, NAME)).parse().unwrap();
    let shown = line(&program(&["key"], &dir).output().unwrap());
    assert_eq!(shown, public.to_string());
    let again = init(&dir, NAME);
    assert!(!again.status.success(), "a key is never replaced");
    assert_eq!(line(&program(&["key"], &dir).output().unwrap()), shown);

    let log = Log::new(20, 99);
    let served = Served::start(&dir);
    let (status, answer) = served.ask(log.asked(0, 10).to_body()).await;
    assert_eq!(status, 200, "{answer}");
    assert!(Cosignature::from_answer(&log.checkpoint(10), &answer, &public).is_ok());
    drop(served);
    let served = Served::start(&dir);
    let fork = Log::new(20, 4);
    assert_eq!(
        served.ask(fork.asked(0, 20).to_body()).await,
        (409, "10\n".to_owned())
    );
    assert_eq!(served.ask(fork.asked(10, 20).to_body()).await.0, 422);
    assert_eq!(served.ask(log.asked(10, 20).to_body()).await.0, 200);
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TempDir::new().unwrap();
    line(&init(folder.path(), NAME));
    let file = folder.path().join("witness.pem");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = program(&["key"], folder.path()).output().unwrap();
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("chmod 600"), "{said}");
}

#[test]
fn a_name_or_a_log_that_cannot_be_is_refused_before_anything_is_made() {
    let folder = TempDir::new().unwrap();
    let dir = folder.path().join("witness");
    assert!(!init(&dir, "two words").status.success());
    let wrong = program(&["init", "--name", NAME, "--log", "no key"], &dir).output();
    assert!(!wrong.unwrap().status.success());
    assert!(!dir.exists());
}
