//! A leaf read in one pass without copying, for verifiers that read millions.
//!
//! Canonical JSON has one spelling, so a leaf can be recognised by walking along it: keys in their order, no white space, the
//! shortest escapes. What this accepts, [`super::LeafEvent::parse`] accepts too, and the row comes out in the same bytes; the
//! tests compare the two. What it does not accept is for `parse` to judge and to explain.

use super::text::{Rule, is_time};
use super::{
    MAX_ACTION_BYTES, MAX_DETAIL_BYTES, MAX_DETAIL_ENTRIES, MAX_ID_BYTES, MAX_NAME_BYTES,
    MAX_NUMBER, MAX_REASON_BYTES,
};
use crate::hash::Hash;
use crate::leaf::MAX_LEAF_BYTES;

/// The parts of a leaf that its row shows, as they are spelt in the leaf: strings with their quotes and escapes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScannedLeaf<'a> {
    action: &'a [u8],
    actor_id: &'a [u8],
    actor_kind: &'a [u8],
    actor_name: &'a [u8],
    agent: Option<&'a [u8]>,
    deployment: Option<&'a [u8]>,
    object_id: &'a [u8],
    object_type: &'a [u8],
    outcome: &'a [u8],
    time: &'a [u8],
}

impl<'a> ScannedLeaf<'a> {
    /// The leaf, or nothing if it is none or would need a closer look.
    pub(crate) fn read(leaf: &'a [u8]) -> Option<Self> {
        if leaf.len() > MAX_LEAF_BYTES || std::str::from_utf8(leaf).is_err() {
            return None;
        }
        let mut at = Cursor { rest: leaf };
        at.eat(b"{\"action\":")?;
        let action = at.string(Rule::Id(MAX_ACTION_BYTES))?;
        at.eat(b",\"actor\":{\"id\":")?;
        let actor_id = at.string(Rule::Id(MAX_ID_BYTES))?;
        at.eat(b",\"kind\":")?;
        let actor_kind = at.string(Rule::Id(MAX_ID_BYTES))?;
        at.eat(b",\"name\":")?;
        let actor_name = at.string(Rule::Line(MAX_NAME_BYTES))?;
        at.eat(b"}")?;
        let agent = at.optional(b",\"agent\":", Rule::Id(MAX_ID_BYTES))?;
        let deployment = match at.eat(b",\"deployment\":") {
            Some(()) => Some(at.number()?),
            None => None,
        };
        at.eat(b",\"detail\":{")?;
        at.detail()?;
        at.eat(b",\"id\":")?;
        at.string(Rule::Id(MAX_ID_BYTES))?;
        at.eat(b",\"object\":{\"id\":")?;
        let object_id = at.string(Rule::Id(MAX_ID_BYTES))?;
        at.eat(b",\"type\":")?;
        let object_type = at.string(Rule::Id(MAX_ID_BYTES))?;
        at.eat(b"},\"outcome\":")?;
        let outcome = at.string(Rule::Id(MAX_ID_BYTES))?;
        if outcome != b"\"done\"" && outcome != b"\"refused\"" {
            return None;
        }
        at.optional(b",\"reason\":", Rule::Text(MAX_REASON_BYTES))?;
        at.eat(b",\"request_id\":")?;
        at.string(Rule::Id(MAX_ID_BYTES))?;
        at.optional(b",\"subject_digest\":", Rule::Id(MAX_ID_BYTES))?;
        at.eat(b",\"time\":")?;
        let time = at.string(Rule::Id(MAX_ID_BYTES))?;
        let bare = time.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        if !std::str::from_utf8(bare).is_ok_and(is_time) {
            return None;
        }
        at.eat(b",\"v\":1}")?;
        at.rest.is_empty().then_some(Self {
            action,
            actor_id,
            actor_kind,
            actor_name,
            agent,
            deployment,
            object_id,
            object_type,
            outcome,
            time,
        })
    }

    /// The deployment's number, as digits.
    pub(crate) fn deployment(&self) -> Option<&'a [u8]> {
        self.deployment
    }

    /// The agent's slug, in quotes.
    pub(crate) fn agent(&self) -> Option<&'a [u8]> {
        self.agent
    }

    /// Writes the line of this leaf's row, with its line feed: what `Row::to_line` gives.
    pub(crate) fn write_row(&self, index: u64, hash: Hash, line: &mut Vec<u8>) {
        line.clear();
        let mut part = |key: &[u8], value: &[u8]| {
            line.extend_from_slice(key);
            line.extend_from_slice(value);
        };
        part(b"{\"action\":", self.action);
        part(b",\"actor_id\":", self.actor_id);
        part(b",\"actor_kind\":", self.actor_kind);
        part(b",\"actor_name\":", self.actor_name);
        if let Some(agent) = self.agent {
            part(b",\"agent\":", agent);
        }
        if let Some(number) = self.deployment {
            part(b",\"deployment\":", number);
        }
        part(b",\"index\":", index.to_string().as_bytes());
        part(b",\"leaf_hash\":\"", hash.to_hex().as_bytes());
        part(b"\",\"object_id\":", self.object_id);
        part(b",\"object_type\":", self.object_type);
        part(b",\"outcome\":", self.outcome);
        part(b",\"time\":", self.time);
        part(b"}", b"\n");
    }
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn eat(&mut self, token: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(token)?;
        Some(())
    }

    /// A field that may be left out: nothing inside, if it is.
    fn optional(&mut self, key: &[u8], rule: Rule) -> Option<Option<&'a [u8]>> {
        match self.eat(key) {
            Some(()) => self.string(rule).map(Some),
            None => Some(None),
        }
    }

    /// A string that keeps to the rule, with its quotes.
    fn string(&mut self, rule: Rule) -> Option<&'a [u8]> {
        let (max, may_be_empty, lines) = rule.limits();
        let whole = self.rest;
        self.eat(b"\"")?;
        let mut bytes = self.rest.iter();
        let mut length = 0_usize;
        loop {
            match bytes.next()? {
                b'"' => break,
                b'\\' => match bytes.next()? {
                    b'"' | b'\\' => {}
                    b'n' | b't' if lines => {}
                    // Other characters have no escape, or are refused in every field.
                    _ => return None,
                },
                0..0x20 | 0x7f => return None,
                // The control characters U+0080 to U+009F.
                0xc2 if matches!(bytes.clone().next()?, 0x80..=0x9f) => return None,
                _ => {}
            }
            length += 1;
        }
        if length > max || (length == 0 && !may_be_empty) {
            return None;
        }
        self.rest = bytes.as_slice();
        whole.get(..whole.len() - self.rest.len())
    }

    fn number(&mut self) -> Option<&'a [u8]> {
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit());
        let (number, rest) = self.rest.split_at_checked(digits.count())?;
        let text = std::str::from_utf8(number).ok()?;
        let value: u64 = text.parse().ok()?;
        if value > MAX_NUMBER || (text.starts_with('0') && text.len() > 1) {
            return None;
        }
        self.rest = rest;
        Some(number)
    }

    /// The entries of `detail` and the brace that ends them.
    fn detail(&mut self) -> Option<()> {
        if self.eat(b"}").is_some() {
            return Some(());
        }
        let mut before: &[u8] = b"";
        for _ in 0..MAX_DETAIL_ENTRIES {
            let quoted = self.string(Rule::Id(64))?;
            let key = quoted.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
            let valid = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.');
            if key <= before || !key.iter().all(valid) {
                return None;
            }
            before = key;
            self.eat(b":")?;
            self.string(Rule::Text(MAX_DETAIL_BYTES))?;
            if self.eat(b"}").is_some() {
                return Some(());
            }
            self.eat(b",")?;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::{LeafActor, LeafEvent, LeafObject, Outcome, projection};
    use super::*;
    use crate::leaf::leaf_hash;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[ -~]{0,40}",
            "[\\PC\n\t]{0,20}",
            "(\\PC|[\u{0}-\u{1f}\u{7f}-\u{9f}]){0,6}",
            prop_oneof![Just(254), Just(255), Just(256)]
                .prop_map(|n| "é".repeat(n / 2) + &"x".repeat(n % 2)),
        ]
    }

    fn event() -> impl Strategy<Value = LeafEvent> {
        let texts = proptest::collection::vec(text(), 12);
        let detail = proptest::collection::btree_map("[a-z0-9_.-]{1,8}|[A-Z é]{0,2}", text(), 0..4);
        let numbers = (any::<bool>(), proptest::option::of(any::<u64>()), 0..5_u8);
        (texts, detail, numbers).prop_map(|(texts, detail, (done, number, shape))| {
            let word = |n: usize, fallback: &str| match &texts[n] {
                text if text.is_empty() || shape > 1 => fallback.to_owned(),
                text => text.clone(),
            };
            LeafEvent {
                v: 1,
                id: word(0, "id"),
                time: "2026-02-28T23:59:59.000001Z".into(),
                actor: LeafActor {
                    kind: word(1, "person"),
                    id: word(2, "p1"),
                    name: texts[3].clone(),
                },
                action: word(4, "approval.decide"),
                object: LeafObject {
                    kind: word(5, "deployment"),
                    id: word(6, "7"),
                },
                agent: (shape % 2 == 0).then(|| word(7, "sales")),
                deployment: number.map(|n| if shape > 0 { n >> 11 } else { n }),
                subject_digest: (shape == 3).then(|| word(8, "sha256:ab")),
                outcome: if done {
                    Outcome::Done
                } else {
                    Outcome::Refused
                },
                reason: (shape > 2).then(|| texts[9].clone()),
                request_id: word(10, "r1"),
                detail: if shape == 4 { BTreeMap::new() } else { detail },
            }
        })
    }

    proptest! {
        /// Every acceptable leaf is recognised, with the very row that the projection has.
        #[test]
        fn what_parses_is_recognised_with_the_same_row(event in event(), index in 0..MAX_NUMBER) {
            if let Ok(bytes) = event.to_bytes() {
                let scanned = ScannedLeaf::read(&bytes).expect("a leaf");
                let mut line = Vec::new();
                scanned.write_row(index, leaf_hash(&bytes), &mut line);
                let mut wanted = projection(index, &bytes).unwrap().to_line().unwrap();
                wanted.push(b'\n');
                prop_assert_eq!(line, wanted);
            }
        }

        /// What is recognised parses: bytes that differ a little from a leaf, and events that break a rule of a field.
        #[test]
        fn what_is_recognised_parses(event in event(), cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..3)) {
            let mut bytes = serde_json_canonicalizer::to_vec(&event).unwrap();
            prop_assert_eq!(ScannedLeaf::read(&bytes).is_some(), LeafEvent::parse(&bytes).is_ok());
            for (place, byte, what) in cuts {
                let at = place.index(bytes.len());
                match what {
                    0 => bytes[at] = byte,
                    1 => bytes.insert(at, byte),
                    2 => drop(bytes.remove(at)),
                    _ => bytes.insert(at, b"\\\"0{},"[usize::from(byte) % 6]),
                }
                prop_assert_eq!(ScannedLeaf::read(&bytes).is_some(), LeafEvent::parse(&bytes).is_ok());
            }
        }
    }
}
