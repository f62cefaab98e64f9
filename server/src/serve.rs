//! Running: the HTTP server and the workers of one process, from start to an orderly end. Agents are processes of their
//! own and go on running.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use control_plane::workers::Driver;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::Config;
use crate::http::{Site, Web, router};
use crate::wiring::Wired;

/// How long requests in progress may take to end once the server stops.
const DRAIN: Duration = Duration::from_secs(5);
/// How long workers may take to finish the step they are in.
const PATIENCE: Duration = Duration::from_secs(10);

/// What this process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Pages, API and workers.
    Everything,
    /// Pages and API only.
    Web,
    /// Workers only.
    Workers,
}

/// Serves until the process is told to stop.
///
/// # Errors
/// When the address cannot be listened on, or a part ends badly.
pub async fn run(config: &Config, wired: &Wired, part: Part) -> Result<()> {
    run_until(config, wired, part, stop_signal()).await
}

/// Like [`run`], until `stop` resolves.
///
/// # Errors
/// As [`run`].
pub async fn run_until(
    config: &Config,
    wired: &Wired,
    part: Part,
    stop: impl Future<Output = ()>,
) -> Result<()> {
    for name in &config.unknown_variables {
        tracing::warn!(variable = %name, "this variable looks like a setting and is none; it is ignored");
    }
    let (stopping, stopped) = watch::channel(false);
    let mut parts = JoinSet::new();
    if part != Part::Workers {
        let listener = TcpListener::bind(config.addr).await.with_context(|| {
            format!(
                "{} cannot be listened on; stop what uses it or set `addr` to another",
                config.addr
            )
        })?;
        parts.spawn(web(
            listener,
            web_state(config, wired),
            wait(stopped.clone()),
        ));
        tracing::info!(address = %config.addr, url = %config.base_url, "serving");
    }
    let driver = (part != Part::Web).then(|| Driver::start(&wired.cp));
    // A process with workers only has no part that ends by itself.
    parts.spawn(async move {
        wait(stopped).await;
        Ok(())
    });
    let first = tokio::select! {
        () = stop => None,
        ended = parts.join_next() => ended,
    };
    tracing::info!("stopping; agents go on running");
    stopping.send_replace(true);
    let mut outcome = first.map_or(Ok(()), |ended| {
        ended.context("a part of the server ended badly")?
    });
    while let Some(ended) = parts.join_next().await {
        outcome = outcome.and(ended.context("a part of the server ended badly")?);
    }
    if let Some(driver) = driver {
        driver.stop(PATIENCE).await;
    }
    if let Err(error) = control_plane::audit::tell_all_refusals(&wired.cp).await {
        tracing::warn!(error = %error, "how often things were refused in the last minute is not in the log");
    }
    outcome
}

fn web_state(config: &Config, wired: &Wired) -> Web {
    let site = Site::load().unwrap_or_else(|| {
        tracing::warn!("this program has no browser bundle: pages come without style and script; run `cargo xtask bundle`");
        Site::without_bundle()
    });
    Web::new(
        wired.cp.clone(),
        config,
        &wired.keys,
        site,
        crate::telemetry::metrics(),
    )
}

async fn web(
    listener: TcpListener,
    web: Web,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let (noticed, notice) = watch::channel(false);
    let graceful = async move {
        stop.await;
        noticed.send_replace(true);
    };
    let service = router(web).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(graceful);
    // Open event streams end only with their readers, so there is a limit on waiting.
    let limit = async {
        wait(notice).await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        served = async { serving.await } => served.context("the web server ended"),
        () = limit => Ok(()),
    }
}

/// Resolves when `true` is sent, or when nobody can send any more.
async fn wait(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone, which is a stop too.
    drop(stopped.wait_for(|stop| *stop).await.map(|_| ()));
}

/// Resolves on Ctrl-C and, on Unix, on SIGTERM.
pub async fn stop_signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
