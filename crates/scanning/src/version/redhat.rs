//! Red Hat: `epoch:version-release`, each part compared as `rpmvercmp` does (rpm-version(7)).

use std::cmp::Ordering;

use super::{is_number, numbers};

pub(super) fn compare(one: &str, two: &str) -> Ordering {
    let ((epoch, version, release), (epoch_2, version_2, release_2)) = (parts(one), parts(two));
    numbers(epoch, epoch_2)
        .then_with(|| part(version, version_2))
        .then_with(|| part(release, release_2))
}

/// Epoch, version, and the release with its dash: a version without a release comes before the same with an empty one.
fn parts(text: &str) -> (&str, &[u8], &[u8]) {
    let text = text.trim();
    let (epoch, rest) = text
        .split_once(':')
        .filter(|(epoch, _)| is_number(epoch))
        .unwrap_or(("", text));
    let at = rest.find('-').unwrap_or(rest.len());
    let (version, release) = rest.split_at(at);
    (epoch, version.as_bytes(), release.as_bytes())
}

fn part(mut one: &[u8], mut two: &[u8]) -> Ordering {
    if one.is_empty() != two.is_empty() {
        return one.len().cmp(&two.len());
    }
    loop {
        one = trimmed(one);
        two = trimmed(two);
        match (one.first(), two.first()) {
            (Some(b'~'), Some(b'~')) | (Some(b'^'), Some(b'^')) => {
                one = one.get(1..).unwrap_or_default();
                two = two.get(1..).unwrap_or_default();
                continue;
            }
            (Some(b'~'), _) => return Ordering::Less,
            (_, Some(b'~')) => return Ordering::Greater,
            // A caret comes after the end and before everything else.
            (Some(b'^'), None) => return Ordering::Greater,
            (None, Some(b'^')) => return Ordering::Less,
            (Some(b'^'), _) => return Ordering::Less,
            (_, Some(b'^')) => return Ordering::Greater,
            (None, _) | (_, None) => return one.len().cmp(&two.len()),
            (Some(a), Some(b)) if a.is_ascii_digit() != b.is_ascii_digit() => {
                return a.is_ascii_digit().cmp(&b.is_ascii_digit());
            }
            _ => {}
        }
        let order = run(&mut one, &mut two);
        if order.is_ne() {
            return order;
        }
    }
}

/// The run of digits or of letters that both begin with.
fn run(one: &mut &[u8], two: &mut &[u8]) -> Ordering {
    let digits = one.first().is_some_and(u8::is_ascii_digit);
    let take = |bytes: &mut &[u8]| {
        let inside = |byte: &u8| {
            if digits {
                byte.is_ascii_digit()
            } else {
                byte.is_ascii_alphabetic()
            }
        };
        let end = bytes
            .iter()
            .position(|byte| !inside(byte))
            .unwrap_or(bytes.len());
        let (taken, rest) = bytes.split_at(end);
        *bytes = rest;
        String::from_utf8_lossy(taken).into_owned()
    };
    let (one, two) = (take(one), take(two));
    if digits {
        numbers(&one, &two)
    } else {
        one.cmp(&two)
    }
}

/// Without the separators at its beginning.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let start = bytes
        .iter()
        .position(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'~' | b'^'))
        .unwrap_or(bytes.len());
    bytes.get(start..).unwrap_or_default()
}
