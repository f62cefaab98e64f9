//! The catalogue of controls: which recorded events support evidence for which control of which framework. Events show what was
//! done; nothing here says that anybody complies.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::event::AuditAction;
use crate::state::words;
use crate::view::controls::{ControlView, EvidenceCount};

words! {
    /// A framework whose controls are in the catalogue.
    Framework as "framework" {
        Soc2 = "soc2",
        Iso27001 = "iso27001",
        Iso42001 = "iso42001",
        Hipaa = "hipaa",
        PciDss = "pci_dss",
        NistAiRmf = "nist_ai_rmf",
        EuAiAct = "eu_ai_act",
    }
}

impl Framework {
    /// The name people know it by.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Soc2 => "SOC 2",
            Self::Iso27001 => "ISO/IEC 27001",
            Self::Iso42001 => "ISO/IEC 42001",
            Self::Hipaa => "HIPAA",
            Self::PciDss => "PCI DSS",
            Self::NistAiRmf => "NIST AI RMF",
            Self::EuAiAct => "EU AI Act",
        }
    }
}

/// The catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    pub version: String,
    pub evidence: Vec<Evidence>,
    pub frameworks: Vec<Mapped>,
}

/// A kind of evidence: events of some actions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    pub key: String,
    pub title: String,
    pub actions: Vec<AuditAction>,
}

/// A framework with its controls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapped {
    pub framework: Framework,
    pub edition: String,
    pub controls: Vec<Control>,
}

/// One control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    pub id: String,
    pub title: String,
    /// Keys of what supports evidence for it.
    pub evidence: Vec<String>,
    /// Why nothing does.
    #[serde(default)]
    pub gap: Option<String>,
}

/// Events of one action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    pub count: u64,
    /// Index of the newest.
    pub newest: u64,
}

impl Counted {
    /// One more.
    pub fn add(&mut self, index: u64) {
        self.count += 1;
        self.newest = self.newest.max(index);
    }
}

/// Events by their action.
pub type Counts = BTreeMap<AuditAction, Counted>;

#[cfg(feature = "formats")]
impl Catalogue {
    /// The catalogue that Clearance comes with.
    ///
    /// # Errors
    /// None: a test reads it.
    pub fn standard() -> Result<Self, serde_saphyr::Error> {
        serde_saphyr::from_str(include_str!("controls/catalogue.yaml"))
    }
}

impl Catalogue {
    /// The controls of a framework, if it has any.
    #[must_use]
    pub fn of(&self, framework: Framework) -> Option<&Mapped> {
        self.frameworks
            .iter()
            .find(|mapped| mapped.framework == framework)
    }

    /// The actions of a kind of evidence by its key, or of a control of a framework: `soc2:CC6.1`. `None` where there is none such.
    #[must_use]
    pub fn supporting(&self, what: &str) -> Option<Vec<AuditAction>> {
        let Some((framework, id)) = what.split_once(':') else {
            let kind = self.evidence.iter().find(|kind| kind.key == what)?;
            return Some(kind.actions.clone());
        };
        let mapped = self.of(framework.parse().ok()?)?;
        let control = mapped.controls.iter().find(|control| control.id == id)?;
        Some(self.actions_of(control))
    }

    /// Every action that supports evidence for a control, each once: one that two kinds share is one event all the same.
    fn actions_of(&self, control: &Control) -> Vec<AuditAction> {
        let kinds = self
            .evidence
            .iter()
            .filter(|kind| control.evidence.contains(&kind.key));
        let actions: BTreeSet<AuditAction> = kinds
            .flat_map(|kind| kind.actions.iter().copied())
            .collect();
        actions.into_iter().collect()
    }

    /// Every action that supports evidence for some control of a framework, each once, in the order of the audit log's words.
    #[must_use]
    pub fn actions(&self, mapped: &Mapped) -> Vec<AuditAction> {
        let of = mapped.controls.iter();
        let actions: BTreeSet<AuditAction> =
            of.flat_map(|control| self.actions_of(control)).collect();
        actions.into_iter().collect()
    }

    /// What these events come to for each control; a control without any is a gap.
    #[must_use]
    pub fn weigh(&self, mapped: &Mapped, counts: &Counts) -> Vec<ControlView> {
        mapped
            .controls
            .iter()
            .map(|control| self.weigh_one(control, counts))
            .collect()
    }

    fn weigh_one(&self, control: &Control, counts: &Counts) -> ControlView {
        let kinds = self
            .evidence
            .iter()
            .filter(|kind| control.evidence.contains(&kind.key));
        let evidence: Vec<EvidenceCount> = kinds.map(|kind| count(kind, counts)).collect();
        let total = of(&self.actions_of(control), counts)
            .map(|found| found.count)
            .sum();
        let gap = match &control.gap {
            Some(gap) => Some(gap.clone()),
            None if total == 0 => Some("No event in this period and scope".to_owned()),
            None => None,
        };
        ControlView {
            id: control.id.clone(),
            title: control.title.clone(),
            evidence,
            total,
            gap,
        }
    }
}

fn count(kind: &Evidence, counts: &Counts) -> EvidenceCount {
    EvidenceCount {
        key: kind.key.clone(),
        title: kind.title.clone(),
        count: of(&kind.actions, counts).map(|found| found.count).sum(),
        newest: of(&kind.actions, counts).map(|found| found.newest).max(),
    }
}

fn of<'a>(actions: &'a [AuditAction], counts: &'a Counts) -> impl Iterator<Item = &'a Counted> {
    actions
        .iter()
        .filter_map(|action| counts.get(action))
        .filter(|found| found.count > 0)
}
