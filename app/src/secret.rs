//! Which fields of a form hold a secret, by their names: nothing of these is kept or shown again, here or in the browser.

/// Parts of the names, and of what browsers are told to fill in.
const PARTS: [&str; 4] = ["password", "secret", "token", "one-time-code"];

/// Does a field of this name, or filled in like this, hold a secret?
#[must_use]
pub fn holds_secret(name: &str) -> bool {
    PARTS.iter().any(|part| name.contains(part))
}
