//! What every handler may need: the control plane, how the site is reached, and the bounds.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::FromRef;
use control_plane::ControlPlane;
use leptos::config::LeptosOptions;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::Semaphore;

use super::oauth::TokenKeys;
use super::site::Site;
use crate::config::{Config, SessionLimits, TrustedProxies};
use crate::keys::Keys;

/// Most event streams at the same time.
const STREAMS: usize = 1_000;
/// One permit of the webhooks' budget stands for this many bytes.
pub(crate) const BUDGET_UNIT: usize = 1_024;

/// The state of the router. Cheap to clone.
#[derive(Clone)]
pub struct Web {
    inner: Arc<Inner>,
}

struct Inner {
    cp: ControlPlane,
    base_url: String,
    local: bool,
    session: SessionLimits,
    proxies: TrustedProxies,
    site: Site,
    tokens: TokenKeys,
    metrics: Option<PrometheusHandle>,
    leptos: LeptosOptions,
    webhook_budget: Arc<Semaphore>,
    streams: Arc<Semaphore>,
}

impl std::fmt::Debug for Web {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Web")
            .field("base_url", &self.inner.base_url)
            .finish_non_exhaustive()
    }
}

impl Web {
    /// Puts the parts together.
    #[must_use]
    pub fn new(
        cp: ControlPlane,
        config: &Config,
        keys: &Keys,
        site: Site,
        metrics: Option<PrometheusHandle>,
    ) -> Self {
        let budget = usize::try_from(config.webhooks.max_in_flight_mb).unwrap_or(128) * 1_048_576
            / BUDGET_UNIT;
        let inner = Inner {
            cp,
            base_url: config.base_url.clone(),
            local: config.is_local(),
            session: config.session,
            proxies: config.trusted_proxies.clone(),
            site,
            tokens: TokenKeys::new(&keys.token),
            metrics: metrics.filter(|_| config.metrics),
            leptos: leptos_options(config.addr),
            webhook_budget: Arc::new(Semaphore::new(budget.min(Semaphore::MAX_PERMITS))),
            streams: Arc::new(Semaphore::new(STREAMS)),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The use cases.
    #[must_use]
    pub fn cp(&self) -> &ControlPlane {
        &self.inner.cp
    }

    /// Address people open, without a trailing slash. Also the issuer of access tokens.
    pub(crate) fn base_url(&self) -> &str {
        &self.inner.base_url
    }

    pub(crate) fn is_https(&self) -> bool {
        self.inner.base_url.starts_with("https://")
    }

    /// Does only this machine reach the server?
    pub(crate) fn is_local(&self) -> bool {
        self.inner.local
    }

    pub(crate) fn session_limits(&self) -> SessionLimits {
        self.inner.session
    }

    pub(crate) fn trusted_proxies(&self) -> &TrustedProxies {
        &self.inner.proxies
    }

    pub(crate) fn site(&self) -> &Site {
        &self.inner.site
    }

    pub(crate) fn tokens(&self) -> &TokenKeys {
        &self.inner.tokens
    }

    pub(crate) fn metrics(&self) -> Option<&PrometheusHandle> {
        self.inner.metrics.as_ref()
    }

    pub(crate) fn leptos(&self) -> &LeptosOptions {
        &self.inner.leptos
    }

    pub(crate) fn webhook_budget(&self) -> &Arc<Semaphore> {
        &self.inner.webhook_budget
    }

    pub(crate) fn streams(&self) -> &Arc<Semaphore> {
        &self.inner.streams
    }

    /// Unix seconds by the control plane's clock.
    pub(crate) fn now(&self) -> i64 {
        self.inner.cp.clock().now().timestamp()
    }
}

/// From our own configuration: reading `Cargo.toml` at run time, as the library's default does, fails in a container.
fn leptos_options(addr: SocketAddr) -> LeptosOptions {
    LeptosOptions::builder()
        .output_name("clearance")
        .site_root("target/site")
        .site_pkg_dir("pkg")
        .site_addr(addr)
        .build()
}

impl FromRef<Web> for LeptosOptions {
    fn from_ref(web: &Web) -> Self {
        web.leptos().clone()
    }
}
