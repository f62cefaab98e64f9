//! The Python interpreter that agents run with. Owns finding its real file: the scripts that version managers put in front
//! of it need a home folder that an agent does not have.

use std::process::Stdio;
use std::time::Duration;

use control_plane::ports::PortError;
use tokio::process::Command;
use tokio::sync::OnceCell;

use crate::adapters::problem::unavailable;

const WITHIN: Duration = Duration::from_secs(30);

/// An interpreter by its configured name.
#[derive(Debug)]
pub(super) struct Python {
    name: String,
    found: OnceCell<String>,
}

impl Python {
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            found: OnceCell::new(),
        }
    }

    /// The absolute path of the interpreter; looked up once.
    pub(super) async fn executable(&self) -> Result<String, PortError> {
        self.found.get_or_try_init(|| self.ask()).await.cloned()
    }

    async fn ask(&self) -> Result<String, PortError> {
        let broken = || {
            unavailable(format!(
                "The Python interpreter {} does not start: install Python 3, or name another interpreter in the configuration.",
                self.name
            ))
        };
        let asked = Command::new(&self.name)
            .args(["-I", "-c", "import sys; print(sys.executable)"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .output();
        let told = tokio::time::timeout(WITHIN, asked)
            .await
            .map_err(|_| broken())?;
        let told = told.map_err(|error| broken().because(error))?;
        let path = String::from_utf8(told.stdout)
            .unwrap_or_default()
            .trim()
            .to_owned();
        if told.status.success() && path.starts_with('/') {
            Ok(path)
        } else {
            Err(broken())
        }
    }
}
