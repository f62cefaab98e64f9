//! Conversions between lengths and tree sizes, in one place.

/// A length as a tree size. `usize` is never wider than 64 bits on a platform we build for.
pub(crate) fn to_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
