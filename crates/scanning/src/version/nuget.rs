//! .NET packages: semantic versions with a fourth number, letters without case.

use std::cmp::Ordering;

use super::semver;

pub(super) fn compare(one: &str, two: &str) -> Ordering {
    semver::compare_up_to(&one.to_lowercase(), &two.to_lowercase(), 4)
}
