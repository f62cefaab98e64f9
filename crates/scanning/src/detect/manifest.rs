//! The `clearance.yaml` that is there already: what it says, and everything for which a push of it would be rejected.

use std::collections::BTreeSet;

use domain::agent::{AgentManifest, MANIFEST_FILE, ManifestProblem};
use domain::detection::FoundManifest;
use domain::text::{cut, visible};

/// Problems that are kept.
const MAX: usize = 50;

/// Reads it. `names` are the files of the folder: those that it names must be there.
pub(super) fn read(text: &str, names: &BTreeSet<String>) -> FoundManifest {
    let manifest = match AgentManifest::parse(text) {
        Ok(manifest) => manifest,
        Err(problems) => {
            let problems = problems.into_iter().take(MAX).map(printable);
            return FoundManifest::unread(problems.collect());
        }
    };
    let suites = manifest.suites.iter().map(|suite| suite.file.as_str());
    let runtime = [
        Some(manifest.runtime.entrypoint.as_str()),
        manifest.runtime.requirements.as_deref(),
        manifest.agent_card.as_deref(),
    ];
    let files = manifest
        .config
        .prompts
        .values()
        .map(String::as_str)
        .chain(suites)
        .chain(runtime.into_iter().flatten());
    let missing: BTreeSet<&str> = files.filter(|file| !names.contains(*file)).collect();
    FoundManifest {
        problems: missing
            .into_iter()
            .take(MAX)
            .map(|file| ManifestProblem {
                file: MANIFEST_FILE.to_owned(),
                line: line_of(text, file),
                column: 0,
                message: cut(
                    &visible(&format!("`{file}` is named here and was not found.")),
                    400,
                ),
            })
            .collect(),
        ..FoundManifest::of(&manifest)
    }
}

fn line_of(text: &str, file: &str) -> u32 {
    let at = (1_u32..)
        .zip(text.lines())
        .find(|(_, line)| line.contains(file));
    at.map_or(0, |(line, _)| line)
}

fn printable(problem: ManifestProblem) -> ManifestProblem {
    ManifestProblem {
        message: cut(&visible(&problem.message), 400),
        ..problem
    }
}
