//! The embedded scanner: the file gates, run by the crate `scanning` with the advisories and the engines that the configuration
//! names.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use async_trait::async_trait;
use control_plane::ports::PortError;
use control_plane::ports::image_builder::Package;
use control_plane::ports::scanner::{Against, Scanner};
use domain::gate::Report;
use scanning::{
    AdvisorySet, Embedded, Engine, Image, ImageOptions, Matcher, Options, ProgramMatcher,
    SecretRules,
};

use super::problem::blocking;
use crate::config::{Advisories, ScannerSettings};

/// The adapter.
#[derive(Debug, Clone)]
pub(super) struct EmbeddedScanner {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    advisories: AdvisorySet,
    max_age_days: u64,
    /// Asked about packages in place of our own advisories.
    matcher: Option<ProgramMatcher>,
    engines: Vec<Engine>,
    secret_rules: Option<SecretRules>,
}

impl EmbeddedScanner {
    /// Reads the advisories and the rules.
    ///
    /// # Errors
    /// When one of them cannot be read whole.
    pub(super) fn new(advisories: &Advisories, settings: &ScannerSettings) -> anyhow::Result<Self> {
        let advisories = match advisories {
            Advisories::None => AdvisorySet::default(),
            Advisories::Sample => AdvisorySet::embedded(),
            Advisories::Folder(folder) => {
                AdvisorySet::load_dir(folder).context("the advisories cannot be loaded")?
            }
        };
        let secret_rules = settings
            .secret_rules
            .as_ref()
            .map(|path| -> anyhow::Result<SecretRules> {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("{} cannot be read", path.display()))?;
                Ok(SecretRules::parse(&text)?)
            })
            .transpose()
            .context("the rules for secrets cannot be loaded")?;
        Ok(Self {
            inner: Arc::new(Inner {
                advisories,
                max_age_days: settings.max_age_days,
                matcher: settings.program_matcher(),
                engines: settings.engines(),
                secret_rules,
            }),
        })
    }
}

impl Inner {
    fn with_matcher<T>(&self, ask: impl FnOnce(&dyn Matcher) -> T) -> T {
        match &self.matcher {
            Some(matcher) => ask(matcher),
            None => ask(&Embedded {
                advisories: &self.advisories,
                max_age_days: self.max_age_days,
            }),
        }
    }
}

#[async_trait]
impl Scanner for EmbeddedScanner {
    async fn static_analysis(&self, source: &Path, against: &Against) -> Result<Report, PortError> {
        let inner = Arc::clone(&self.inner);
        let (source, against) = (source.to_owned(), against.clone());
        blocking(move || {
            let runs: Vec<_> = inner
                .engines
                .iter()
                .map(|engine| engine.run(&source))
                .collect();
            Ok(inner.with_matcher(|matcher| {
                let options = Options {
                    today: Some(against.today),
                    known: &against.known,
                    matcher: Some(matcher),
                    secret_rules: inner.secret_rules.as_ref(),
                    engines: &runs,
                    ..Options::default()
                };
                scanning::static_analysis(&source, options)
            }))
        })
        .await
    }

    async fn image_scan(
        &self,
        layout: &Path,
        digest: &str,
        packages: &[Package],
        against: &Against,
    ) -> Result<Report, PortError> {
        let inner = Arc::clone(&self.inner);
        let image = Image::Oci {
            path: layout.to_owned(),
            manifest: Some(digest.to_owned()),
        };
        let against = against.clone();
        let packages: Vec<scanning::Package> = packages
            .iter()
            .map(|one| scanning::Package {
                name: one.name.clone(),
                version: one.version.clone(),
            })
            .collect();
        blocking(move || {
            let options = ImageOptions {
                today: Some(against.today),
                known: &against.known,
            };
            Ok(inner
                .with_matcher(|matcher| scanning::image_scan(&image, &packages, matcher, options)))
        })
        .await
    }
}
