//! The SBOM: a CycloneDX document as it was written when the image was built.

use serde_json::Value;

use crate::statement::{Statement, Subjects};

/// Its predicate type.
pub const SBOM_TYPE: &str = "https://cyclonedx.org/bom";

/// The statement of an SBOM's text, or `None` where the text is no JSON object.
#[must_use]
pub fn sbom(subjects: &Subjects, text: &str) -> Option<Statement> {
    let bom: Value = serde_json::from_str(text).ok().filter(Value::is_object)?;
    Some(Statement::new(subjects, SBOM_TYPE, bom))
}
