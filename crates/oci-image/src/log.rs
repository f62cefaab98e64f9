//! Where the lines of a build go: bounded, without control characters, without credentials.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

/// Longer lines are cut.
pub(crate) const MAX_LINE: usize = 4096;
/// Further lines are counted and not passed on.
const MAX_LINES: usize = 10_000;
/// As many lines are kept for the error.
const LAST_LINES: usize = 30;

/// Receives the build's output line by line, while it runs. It is called on a worker thread and must not block.
#[derive(Clone)]
pub struct LogSink(Arc<dyn Fn(&str) + Send + Sync>);

impl LogSink {
    /// Passes each line to `receive`.
    pub fn new(receive: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(receive))
    }

    /// Sends each line to a channel; lines are dropped while it is full.
    #[must_use]
    pub fn channel(sender: tokio::sync::mpsc::Sender<String>) -> Self {
        Self::new(move |line| {
            // A slow or absent reader must not stop the build.
            let _dropped = sender.try_send(line.to_owned());
        })
    }

    /// Drops every line.
    #[must_use]
    pub fn discard() -> Self {
        Self::new(|_| {})
    }

    pub(crate) fn line(&self, line: &str) {
        (self.0)(line);
    }
}

impl fmt::Debug for LogSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogSink")
    }
}

/// Cleans and counts lines, and remembers the last ones.
#[derive(Debug)]
pub(crate) struct Tail {
    sink: LogSink,
    last: VecDeque<String>,
    count: usize,
}

impl Tail {
    pub(crate) fn new(sink: LogSink) -> Self {
        Self {
            sink,
            last: VecDeque::new(),
            count: 0,
        }
    }

    pub(crate) fn push(&mut self, raw: &[u8]) {
        let line = clean(raw);
        if line.is_empty() {
            return;
        }
        if self.count < MAX_LINES {
            self.sink.line(&line);
        } else if self.count == MAX_LINES {
            self.sink.line("(further output is not shown)");
        }
        self.count += 1;
        if self.last.len() == LAST_LINES {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }

    pub(crate) fn last_lines(&self) -> Vec<String> {
        self.last.iter().cloned().collect()
    }
}

/// Text of one line: no control characters, no `user:password@` in URLs.
fn clean(raw: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(raw)
        .chars()
        .map(|c| if c == '\t' { ' ' } else { c })
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .collect();
    without_credentials(text.trim_end())
}

/// Characters that reorder or hide text on a terminal or page.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn without_credentials(line: &str) -> String {
    let mut clean = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        clean.push_str(before);
        let host_end = after
            .find(|c: char| c == '/' || c.is_whitespace() || c == '\'' || c == '"')
            .unwrap_or(after.len());
        rest = match after[..host_end].rfind('@') {
            Some(user_end) => {
                clean.push_str("***");
                &after[user_end..]
            }
            None => after,
        };
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_and_escapes_do_not_reach_the_log() {
        let raw = b"\x1b[31mLooking in https://me:secret@host.test/simple, http://a@b c\x07";
        assert_eq!(
            clean(raw),
            "[31mLooking in https://***@host.test/simple, http://***@b c"
        );
        assert_eq!(clean(b"mail me@x.test"), "mail me@x.test");
    }

    #[test]
    fn the_last_lines_are_kept_and_bounded() {
        let mut tail = Tail::new(LogSink::discard());
        for n in 0..MAX_LINES + 5 {
            tail.push(n.to_string().as_bytes());
        }
        assert_eq!(tail.last_lines().len(), LAST_LINES);
        assert_eq!(tail.last_lines().last().map(String::as_str), Some("10004"));
    }
}
