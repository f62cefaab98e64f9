//! Reading and writing cookies: two of them, each with one fixed form.

use axum::http::{HeaderMap, HeaderValue, header};

/// The value of a cookie; `None` when it is missing or sent twice, because then nobody knows whose it is.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let values = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut found = values
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(n, _)| *n == name);
    let (_, value) = found.next()?;
    found.next().is_none().then_some(value)
}

/// A `Set-Cookie` value. `value` is hexadecimal or one of our own words, so nothing needs escaping.
pub(crate) fn set(
    name: &str,
    value: &str,
    max_age: i64,
    secure: bool,
    script: bool,
) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let http_only = if script { "" } else { "; HttpOnly" };
    HeaderValue::from_str(&format!(
        "{name}={value}; Path=/; Max-Age={max_age}; SameSite=Lax{http_only}{secure}"
    ))
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        assert_eq!(
            read(&headers("a=1; clearance=abc; b=2"), "clearance"),
            Some("abc")
        );
        assert_eq!(read(&headers("xclearance=abc"), "clearance"), None);
    }

    #[test]
    fn a_cookie_sent_twice_counts_as_none() {
        assert_eq!(
            read(&headers("clearance=abc; clearance=def"), "clearance"),
            None
        );
    }
}
