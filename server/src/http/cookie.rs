//! Cookies besides the session's, which is `tower-sessions`' to read and write.

use axum::http::{HeaderMap, HeaderValue, header};

/// Is a cookie sent more than once?
pub(crate) fn is_ambiguous(headers: &HeaderMap, name: &str) -> bool {
    let values = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut found = values
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.split_once('='))
        .filter(|(n, _)| n.trim() == name);
    found.nth(1).is_some()
}

/// The value of a cookie that is sent once.
pub(crate) fn get(headers: &HeaderMap, name: &str) -> Option<String> {
    let values = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut found = values
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.split_once('='))
        .filter(|(n, _)| n.trim() == name)
        .map(|(_, value)| value.trim().to_owned());
    let first = found.next();
    first.filter(|_| found.next().is_none())
}

/// A `Set-Cookie` value that script may not read; no seconds make the browser forget it.
pub(crate) fn set_hidden(
    name: &str,
    value: &str,
    max_age: i64,
    secure: bool,
) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    HeaderValue::from_str(&format!(
        "{name}={value}; Path=/; Max-Age={max_age}; SameSite=Lax; HttpOnly{secure}"
    ))
    .ok()
}

/// A `Set-Cookie` value that script may read. `value` is one of our own words, so nothing needs escaping.
pub(crate) fn set(name: &str, value: &str, max_age: i64, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    HeaderValue::from_str(&format!(
        "{name}={value}; Path=/; Max-Age={max_age}; SameSite=Lax{secure}"
    ))
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twice(values: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::COOKIE, HeaderValue::from_static(value));
        }
        is_ambiguous(&headers, "clearance")
    }

    #[test]
    fn a_cookie_among_others_is_clear() {
        assert!(!twice(&[]));
        assert!(!twice(&["a=1; clearance=abc; b=2"]));
        assert!(!twice(&[
            "clearance=abc; xclearance=abc",
            "clearance_theme=dark"
        ]));
    }

    #[test]
    fn a_cookie_sent_twice_is_not() {
        assert!(twice(&["clearance=abc; clearance=def"]));
        assert!(twice(&["clearance=abc; a=1", "clearance=abc"]));
        assert!(twice(&["clearance=abc; clearance =def"]));
    }
}
