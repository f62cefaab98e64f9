//! A folder of runtimes for one test, with everything in it stopped at the end.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use local_runtime::{
    Limits, LocalRuntime, Ping, RuntimeSpec, RuntimeState, RuntimeStatus, SandboxMode, Started,
    SupervisorCommand,
};
use serde_json::Value;

/// Generous: it only bounds a test that fails.
pub(crate) const SOON: Duration = Duration::from_secs(60);

/// No process.
pub(crate) const NONE: [i32; 0] = [];

pub(crate) struct Bench {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) runtime: LocalRuntime,
    /// On the command line of every agent process of this bench, also of those that hide their environment.
    pub(crate) token: String,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::below("runtimes")
    }

    /// With the runtimes in a sub-folder of this name.
    pub(crate) fn below(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let app = folder.path().join("image/app");
        fs::create_dir_all(&app).unwrap();
        fs::create_dir_all(folder.path().join("image/deps")).unwrap();
        fs::write(app.join("agent.py"), include_str!("agent.py")).unwrap();
        let runtime = runtime_in(&folder.path().join(name));
        let token = format!(
            "bench-{}",
            folder.path().file_name().unwrap().to_str().unwrap()
        );
        Self {
            folder,
            runtime,
            token,
        }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("runtimes")
    }

    /// An agent in this mode, without a sandbox.
    pub(crate) fn spec(&self, name: &str, mode: &str) -> RuntimeSpec {
        let command = [python(), "agent.py", &self.token]
            .map(str::to_owned)
            .to_vec();
        RuntimeSpec {
            env: [("MODE".to_owned(), mode.to_owned())].into(),
            sandbox: SandboxMode::Off,
            limits: Limits {
                max_restarts: 2,
                ..Limits::default()
            },
            ..RuntimeSpec::new(name, self.folder.path().join("image"), command)
        }
    }

    pub(crate) fn sandboxed(&self, name: &str, mode: &str) -> RuntimeSpec {
        RuntimeSpec {
            sandbox: SandboxMode::Auto,
            ..self.spec(name, mode)
        }
    }

    pub(crate) async fn healthy(&self, spec: &RuntimeSpec) -> Started {
        let started = self.runtime.start(spec).await.unwrap();
        assert_eq!(
            self.runtime
                .wait_until_healthy(&spec.name, SOON)
                .await
                .unwrap(),
            Ping::Healthy
        );
        started
    }

    pub(crate) async fn status(&self, name: &str) -> RuntimeStatus {
        self.runtime.status(name).await.unwrap().unwrap()
    }

    pub(crate) async fn until_state(&self, name: &str, state: RuntimeState) -> RuntimeStatus {
        self.until(name, |status| status.state == state).await
    }

    pub(crate) async fn until(
        &self,
        name: &str,
        wanted: impl Fn(&RuntimeStatus) -> bool,
    ) -> RuntimeStatus {
        let deadline = Instant::now() + SOON;
        loop {
            let status = self.status(name).await;
            if wanted(&status) {
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "waited in vain; at last: {status:?}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Lets the agent perform an order of `agent.py` and gives back its whole answer.
    pub(crate) async fn order(&self, name: &str, order: Value) -> Value {
        let answer = self
            .runtime
            .invoke(name, &order, SOON, 1024 * 1024)
            .await
            .unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// The processes that carry this bench's token, without supervisors and launchers.
    pub(crate) fn processes(&self) -> Vec<i32> {
        let pids = fs::read_dir("/proc")
            .unwrap()
            .flatten()
            .filter_map(|e| e.file_name().to_str()?.parse().ok());
        let carries = |pid: &i32| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            line.split(|byte| *byte == 0)
                .any(|word| word == self.token.as_bytes())
        };
        pids.filter(carries).collect()
    }

    pub(crate) async fn until_processes(&self, count: usize) {
        let deadline = Instant::now() + SOON;
        while self.processes().len() != count {
            assert!(
                Instant::now() < deadline,
                "there are {:?}",
                self.processes()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let runtime = self.runtime.clone();
        let clean_up = std::thread::spawn(move || {
            tokio::runtime::Runtime::new().unwrap().block_on(async {
                for status in runtime.list().await.unwrap_or_default() {
                    let _ = runtime.stop(&status.name).await;
                }
            });
        });
        let _ = clean_up.join();
    }
}

/// A runtime on a folder, as a control plane that has just been started has it.
pub(crate) fn runtime_in(root: &Path) -> LocalRuntime {
    let none: [&str; 0] = [];
    let supervisor = SupervisorCommand::new(env!("CARGO_BIN_EXE_local-runtime-supervisor"), none);
    LocalRuntime::new(root.to_owned(), supervisor)
}

/// The system's Python where there is one: version managers' wrappers take ten times as long to start.
pub(crate) fn python() -> &'static str {
    if Path::new("/usr/bin/python3").exists() {
        "/usr/bin/python3"
    } else {
        "python3"
    }
}

pub(crate) fn kill(pid: i32, signal: rustix::process::Signal) {
    rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), signal).unwrap();
}
