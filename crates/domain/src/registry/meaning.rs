//! How near two agents are by what they mean, where a model of language makes vectors of what they say of themselves.

use super::{Degree, Profile};
use crate::text::cut;

/// Most characters of an agent's words that a model reads.
const SAID_MAX: usize = 4_000;
/// A unit vector, each component in 127ths: a quarter of the bytes of the model's own, and as good for telling what is near.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning(Vec<i8>);

impl Meaning {
    /// The direction of a vector. One of length nothing is near to nothing.
    #[must_use]
    pub fn of(vector: &[f32]) -> Self {
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        if !length.is_finite() || length == 0.0 {
            return Self(vec![0; vector.len()]);
        }
        #[expect(
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            reason = "between -127 and 127"
        )]
        let part = |x: &f32| (x / length * 127.0).round() as i8;
        Self(vector.iter().map(part).collect())
    }

    /// As it is stored: a byte for each component, two's complement.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().map(|part| part.cast_unsigned()).collect()
    }

    /// From what is stored.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.iter().map(|byte| byte.cast_signed()).collect())
    }

    /// The cosine between two in thousandths, never below nothing. Vectors of different models have none.
    #[must_use]
    pub fn cosine(&self, other: &Self) -> u32 {
        if self.0.len() != other.0.len() {
            return 0;
        }
        let product = |one: &[i8], other: &[i8]| -> i64 {
            let pairs = one.iter().zip(other);
            pairs.map(|(a, b)| i64::from(*a) * i64::from(*b)).sum()
        };
        let (one, other, both) = (
            product(&self.0, &self.0),
            product(&other.0, &other.0),
            product(&self.0, &other.0),
        );
        if both <= 0 {
            return 0;
        }
        // The lengths differ a little from 127 by the rounding. 255 × 127² squared is far below what an i64 holds.
        let squared = (i128::from(both) * 1_000).pow(2) / (i128::from(one) * i128::from(other));
        u32::try_from(squared.isqrt()).unwrap_or(1_000).min(1_000)
    }
}

/// What a model reads of an agent: purpose, skills, tags and tools, as its team wrote them. Nothing where it says nothing.
#[must_use]
pub fn said(profile: &Profile) -> String {
    let mut parts = vec![profile.purpose.clone()];
    parts.extend(profile.skills.iter().cloned());
    parts.extend(profile.tags.iter().map(|tag| tag.replace('-', " ")));
    for tool in &profile.tools {
        parts.push(tool.name.replace('_', " "));
        parts.push(tool.description.clone());
    }
    parts.retain(|part| !part.trim().is_empty());
    cut(&parts.join(". "), SAID_MAX)
}

/// The likeness in thousandths that a cosine stands for; nothing below `near`, which each model has its own of. By what they mean
/// alone two agents are never nearly the same: a model that was not asked about this trade does not decide that.
#[must_use]
pub fn likeness_by_meaning(cosine: u32, near: u32) -> Option<u32> {
    let near = near.min(999);
    let above = cosine.min(1_000).checked_sub(near)?;
    let (least, most) = (Degree::Related.least(), Degree::Same.least() - 1);
    Some(least + above * (most - least) / (1_000 - near))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cosine_is_that_of_the_vectors_whatever_their_lengths() {
        let one = Meaning::of(&[1.0, 2.0, 3.0, -4.0]);
        let longer = Meaning::of(&[10.0, 20.0, 30.0, -40.0]);
        assert_eq!(one.cosine(&longer), 1_000);
        let across = Meaning::of(&[2.0, -1.0, 0.0, 0.0]);
        assert!(one.cosine(&across) < 10);
        let away = Meaning::of(&[-1.0, -2.0, -3.0, 4.0]);
        assert_eq!(one.cosine(&away), 0);
        let half = Meaning::of(&[1.0, 0.0]);
        let diagonal = Meaning::of(&[1.0, 1.0]);
        assert!(half.cosine(&diagonal).abs_diff(707) < 8);
        assert_eq!(one.cosine(&half), 0, "of another model");
    }

    #[test]
    fn what_says_nothing_is_near_to_nothing() {
        for nothing in [&[0.0_f32, 0.0][..], &[f32::NAN, 1.0], &[f32::INFINITY, 0.0]] {
            let nothing = Meaning::of(nothing);
            assert_eq!(nothing.cosine(&Meaning::of(&[1.0, 0.0])), 0);
            assert_eq!(nothing.cosine(&nothing), 0);
        }
        assert_eq!(said(&Profile::default()), "");
    }

    #[test]
    fn it_is_stored_as_it_is() {
        let one = Meaning::of(&[0.1, -0.9, 0.4]);
        assert_eq!(Meaning::from_bytes(&one.to_bytes()), one);
    }

    #[test]
    fn by_meaning_alone_two_agents_are_never_nearly_the_same() {
        assert_eq!(likeness_by_meaning(599, 600), None);
        for (cosine, degree) in [
            (600, Degree::Related),
            (1_000, Degree::Close),
            (u32::MAX, Degree::Close),
        ] {
            let likeness = likeness_by_meaning(cosine, 600).unwrap();
            assert_eq!(Degree::of(likeness), Some(degree), "{cosine}");
        }
        assert!(likeness_by_meaning(1_000, 5_000).is_some());
    }
}
