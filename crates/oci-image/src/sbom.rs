//! The software bill of materials: `CycloneDX` 1.5 JSON that depends on the image alone.
//!
//! No time and no random number: the serial number is derived from the image digest.

use std::collections::BTreeSet;

use cyclonedx_bom::external_models::normalized_string::NormalizedString;
use cyclonedx_bom::models::component::Classification;
use cyclonedx_bom::models::dependency::{Dependencies, Dependency};
use cyclonedx_bom::models::hash::{Hash, HashAlgorithm, HashValue, Hashes};
use cyclonedx_bom::models::license::{License, LicenseChoice, Licenses};
use cyclonedx_bom::models::tool::Tools;
use cyclonedx_bom::prelude::{
    Bom, Component, Components, Metadata as BomMetadata, Purl, SpdxExpression, SpecVersion, UrnUuid,
};

use crate::digest::Digest;
use crate::error::BuildError;
use crate::package::Metadata;
use crate::requirements::normalise;

/// Longer licence texts are not names of licences.
const MAX_LICENSE: usize = 100;

/// Writes the SBOM of the image `digest`, known as `reference`, with `packages`.
pub(crate) fn write(
    reference: &str,
    digest: Digest,
    packages: &[Metadata],
) -> Result<String, BuildError> {
    let image_ref = digest.to_string();
    let mut image = Component::new(
        Classification::Container,
        reference,
        &image_ref,
        Some(image_ref.clone()),
    );
    image.hashes = Some(Hashes(vec![Hash {
        alg: HashAlgorithm::SHA_256,
        content: HashValue(digest.hex()),
    }]));
    let components = packages
        .iter()
        .map(component)
        .collect::<Result<Vec<_>, _>>()?;
    let builder = Component::new(
        Classification::Application,
        "clearance",
        env!("CARGO_PKG_VERSION"),
        None,
    );
    let metadata = BomMetadata {
        component: Some(image),
        tools: Some(Tools::Object {
            services: None,
            components: Some(Components(vec![builder])),
        }),
        ..BomMetadata::default()
    };
    let bom = Bom {
        serial_number: Some(serial_number(digest)?),
        metadata: Some(metadata),
        components: Some(Components(components)),
        dependencies: Some(dependencies(image_ref, packages)?),
        spec_version: SpecVersion::V1_5,
        ..Bom::default()
    };
    let mut json = Vec::new();
    bom.output_as_json_v1_5(&mut json)
        .map_err(|_| BuildError::Sbom("it cannot be represented in CycloneDX 1.5"))?;
    String::from_utf8(json).map_err(|_| BuildError::Sbom("it is not UTF-8 text"))
}

fn component(package: &Metadata) -> Result<Component, BuildError> {
    let purl = purl(package)?;
    let mut component = Component::new(
        Classification::Library,
        &package.name,
        &package.version,
        Some(purl.to_string()),
    );
    component.purl = Some(purl);
    component.description = package.summary.as_deref().map(NormalizedString::new);
    component.licenses = license(package);
    Ok(component)
}

fn purl(package: &Metadata) -> Result<Purl, BuildError> {
    Purl::new("pypi", &normalise(&package.name), &package.version)
        .map_err(|_| BuildError::Sbom("a package name cannot be written as a package URL"))
}

/// The SPDX expression if there is one, else the free text if it can be a name.
fn license(package: &Metadata) -> Option<Licenses> {
    let spdx = package
        .license_expression
        .iter()
        .chain(&package.license)
        .find_map(|text| SpdxExpression::try_from(text.clone()).ok());
    let choice = match (spdx, &package.license) {
        (Some(expression), _) => LicenseChoice::Expression(expression),
        (None, Some(text)) if text.len() <= MAX_LICENSE => {
            LicenseChoice::License(License::named_license(text))
        }
        (None, _) => return None,
    };
    Some(Licenses(vec![choice]))
}

/// The image needs what no package needs; packages need what they declare, as far as it is installed.
fn dependencies(image: String, packages: &[Metadata]) -> Result<Dependencies, BuildError> {
    let mut needed = BTreeSet::new();
    let mut nodes = Vec::new();
    for package in packages {
        let own = normalise(&package.name);
        let mut refs = Vec::new();
        for other in packages {
            let name = normalise(&other.name);
            if name != own && package.requires.contains(&name) {
                refs.push(purl(other)?.to_string());
                needed.insert(name);
            }
        }
        nodes.push(Dependency {
            dependency_ref: purl(package)?.to_string(),
            dependencies: refs,
        });
    }
    let mut roots = Vec::new();
    for package in packages {
        if !needed.contains(&normalise(&package.name)) {
            roots.push(purl(package)?.to_string());
        }
    }
    nodes.insert(
        0,
        Dependency {
            dependency_ref: image,
            dependencies: roots,
        },
    );
    Ok(Dependencies(nodes))
}

/// A UUID of version 8, made from the digest.
fn serial_number(image: Digest) -> Result<UrnUuid, BuildError> {
    let mut hex = Digest::of(format!("cyclonedx:{image}").as_bytes()).hex();
    hex.replace_range(12..13, "8");
    hex.replace_range(16..17, "8");
    let uuid = format!(
        "urn:uuid:{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..32]
    );
    UrnUuid::new(uuid).map_err(|_| BuildError::Sbom("its serial number is malformed"))
}
