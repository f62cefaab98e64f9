//! Times, durations, counts and shortened ids as people read them. All times are UTC. Reads no clock: the server sends
//! its time with the page, so that both runs of a view say the same.

mod json;
mod moment;

pub(crate) use json::pretty;
pub(crate) use moment::{Moment, Now};

/// A count with commas: `1,204`. Identifiers are never grouped.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun: `1 agent`, `2 agents`.
pub(crate) fn counted(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(value), if value == 1 { one } else { many })
}

/// A number of things in memory, as a count.
pub(crate) fn length<T>(things: &[T]) -> u64 {
    u64::try_from(things.len()).unwrap_or(u64::MAX)
}

/// A stored word as people read it: `not_found` is `Not found`.
pub(crate) fn word(text: &str) -> String {
    let text = text.replace('_', " ");
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// ", about 4 s", where there is an estimate.
pub(crate) fn about(seconds: Option<i64>) -> String {
    seconds.map_or_else(String::new, |seconds| {
        format!(", about {}", duration(seconds))
    })
}

/// A duration in whole seconds: `4 s`, `1 m 48 s`, `2 h 54 min`.
pub(crate) fn duration(seconds: i64) -> String {
    let seconds = seconds.max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} m {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

/// A latency: `84 ms`, `1.2 s`.
pub(crate) fn milliseconds(value: u64) -> String {
    if value < 1_000 {
        format!("{value} ms")
    } else {
        format!("{}.{} s", value / 1_000, value % 1_000 / 100)
    }
}

/// A score: three decimals.
pub(crate) fn score(value: f64) -> String {
    format!("{value:.3}")
}

/// An interval: `[0.948, 0.974]`.
pub(crate) fn interval(low: f64, high: f64) -> String {
    format!("[{low:.3}, {high:.3}]")
}

/// Text for a query string or a path segment.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte))
            }
            _ => {
                out.push('%');
                for nibble in [byte >> 4, byte & 15] {
                    out.push(
                        char::from_digit(u32::from(nibble), 16)
                            .unwrap_or('0')
                            .to_ascii_uppercase(),
                    );
                }
            }
        }
    }
    out
}

/// A path with a query string; empty values are left out.
pub(crate) fn address(path: &str, query: &[(&str, &str)]) -> String {
    let mut out = path.to_owned();
    let mut mark = '?';
    for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        out.push(mark);
        out.push_str(name);
        out.push('=');
        out.push_str(&encode(value));
        mark = '&';
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{address, count, counted, duration, encode, milliseconds};

    #[test]
    fn counts_are_grouped_and_durations_are_short() {
        assert_eq!(
            [count(0), count(999), count(1_204), count(1_000_000)],
            ["0", "999", "1,204", "1,000,000"]
        );
        assert_eq!(
            [counted(1, "agent", "agents"), counted(2, "agent", "agents")],
            ["1 agent", "2 agents"]
        );
        assert_eq!(
            [duration(4), duration(108), duration(10_440)],
            ["4 s", "1 m 48 s", "2 h 54 min"]
        );
        assert_eq!([milliseconds(84), milliseconds(1_250)], ["84 ms", "1.2 s"]);
    }

    #[test]
    fn addresses_are_encoded() {
        assert_eq!(encode("a b&c=é"), "a%20b%26c%3D%C3%A9");
        assert_eq!(
            address("/agents", &[("q", ""), ("team", "care"), ("cursor", "a/b")]),
            "/agents?team=care&cursor=a%2Fb"
        );
    }
}
