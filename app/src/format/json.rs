//! Canonical JSON made readable. Works on the text alone: a parser would cost more in the browser than it is worth.

/// The same JSON with line breaks and two spaces of indent. Text that is no JSON comes out in full, if oddly broken.
pub(crate) fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let (mut quoted, mut escaped) = (false, false);
    let mut chars = json.chars().peekable();
    while let Some(c) = chars.next() {
        if quoted {
            out.push(c);
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => {
                quoted = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                if matches!(chars.peek(), Some('}' | ']')) {
                    out.extend(chars.next());
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    for _ in 0..depth {
        out.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn structure_is_broken_into_lines_and_text_is_left_alone() {
        let json = r#"{"a":[],"b":{"c":"x,{\"y\"}:\\"},"d":[1,true]}"#;
        let text = "{\n  \"a\": [],\n  \"b\": {\n    \"c\": \"x,{\\\"y\\\"}:\\\\\"\n  },\n  \"d\": [\n    1,\n    true\n  ]\n}";
        assert_eq!(pretty(json), text);
        assert_eq!(pretty(""), "");
    }

    #[test]
    fn only_white_space_is_added() {
        let json = r#"{"k":"é \u0000 ]}","n":-1.5e3,"z":[[],{}]}"#;
        let squeezed: String = pretty(json)
            .chars()
            .filter(|c| !c.is_ascii_whitespace())
            .collect();
        let plain: String = json.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        assert_eq!(squeezed, plain);
    }
}
