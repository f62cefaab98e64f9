//! The embedded scanner: the file gates, run by the crate `scanning` with the advisories and the engines that the configuration
//! names.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use async_trait::async_trait;
use chrono::NaiveDate;
use control_plane::ports::image_builder::Package;
use control_plane::ports::scanner::{Against, Scanner};
use control_plane::ports::{PortError, PortErrorKind};
use domain::detection::Detected;
use domain::engine::EngineState;
use domain::gate::{AccuracyFigure, Gate, Report, TaggedCheck};
use domain::text::{cut, visible};
use domain::view::engine::EngineRow;
use scanning::catalogue::{RULES, gate_of};
use scanning::{
    AdvisorySet, Embedded, Engine, Gap, Image, ImageOptions, Matcher, Options, ProgramMatcher,
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
    /// What says which packages are vulnerable, asked about none.
    fn packages(&self, today: NaiveDate) -> EngineRow {
        let answer = self.with_matcher(|matcher| matcher.assess(&[], Some(today)));
        let (state, note) = match &answer.gap {
            None if self.matcher.is_none() && self.advisories.is_sample() => (
                EngineState::Sample,
                "Matches with a few old advisories, for demonstrations: most flaws are not in it. Set `advisories_dir`.".to_owned(),
            ),
            None => (
                EngineState::Ready,
                "Matches the packages of an image and of lock files with advisories.".to_owned(),
            ),
            Some(gap) => {
                let state = match gap {
                    Gap::DatabaseMissing | Gap::NotCovered(_) => EngineState::NoData,
                    Gap::DatabaseStale(_) => EngineState::OldData,
                    Gap::NotScanned(_) => EngineState::NotInstalled,
                };
                let why = gap.text();
                (state, format!("Every image scan is inconclusive: {why}."))
            }
        };
        EngineRow {
            name: answer.engine,
            gates: vec![Gate::ImageScan],
            own: self.matcher.is_none(),
            state,
            note,
            basis: answer.basis,
            figures: if self.matcher.is_none() {
                measured(Gate::ImageScan)
            } else {
                Vec::new()
            },
        }
    }

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

    async fn detect(&self, source: &Path) -> Result<Detected, PortError> {
        let source = source.to_owned();
        blocking(move || {
            scanning::detect(&source).map_err(|error| {
                let kind = PortErrorKind::Unavailable;
                PortError::new(kind, "The folder could not be read.").because(error)
            })
        })
        .await
    }

    async fn engines(&self, today: NaiveDate) -> Vec<EngineRow> {
        let inner = Arc::clone(&self.inner);
        let found = blocking(move || {
            let mut rows = vec![rules(), inner.packages(today)];
            rows.extend(inner.engines.iter().map(program));
            Ok(rows)
        });
        found.await.unwrap_or_default()
    }

    fn sarif(&self, reports: &[Report]) -> String {
        scanning::sarif::write(reports).to_string()
    }

    fn checks(&self) -> Vec<(Gate, TaggedCheck)> {
        RULES.iter().map(|rule| (gate_of(rule.id), *rule)).collect()
    }
}

/// Our own rules for source trees.
fn rules() -> EngineRow {
    EngineRow {
        name: scanning::ENGINE.to_owned(),
        gates: vec![Gate::StaticAnalysis],
        own: true,
        state: EngineState::Ready,
        note: "Parses Python and JavaScript, and reads settings, documents, build and lock files. It runs nothing.".to_owned(),
        basis: vec![("rules".to_owned(), RULES.len().to_string())],
        figures: measured(Gate::StaticAnalysis),
    }
}

/// What our own part of a gate was measured to do.
fn measured(gate: Gate) -> Vec<AccuracyFigure> {
    let figures = scanning::accuracy().map(|card| card.figures);
    let mut figures = figures.unwrap_or_default();
    figures.retain(|figure| (figure.check == "version_order") == (gate == Gate::ImageScan));
    figures
}

/// An engine of the user's.
fn program(engine: &Engine) -> EngineRow {
    let name = engine.kind.name();
    let (name, state, note) = match engine.version() {
        Ok(version) => (
            format!("{name} {version}"),
            EngineState::Ready,
            "Runs beside our own rules on every source tree.".to_owned(),
        ),
        Err(why) => (
            name.to_owned(),
            EngineState::NotInstalled,
            format!(
                "Every static analysis is inconclusive until it answers: {}.",
                cut(&visible(&why), 300)
            ),
        ),
    };
    EngineRow {
        name,
        gates: vec![Gate::StaticAnalysis],
        own: false,
        state,
        note,
        basis: Vec::new(),
        figures: Vec::new(),
    }
}
