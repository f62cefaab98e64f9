//! Words of a text, as the search of the audit trail keeps and finds them. Both sides use this one function, so what is found
//! does not depend on the database.

/// Longest word that is told apart, characters: a SHA-256 in hexadecimal.
pub const WORD_MAX: usize = 64;
/// Most words that are kept of one event.
pub const KEPT_MAX: usize = 512;
/// Most words that are looked for at once.
pub const ASKED_MAX: usize = 12;

/// The different words of a text in lower case, in their order, up to `most`: runs of letters and digits, whatever stands between
/// them. `refund-assistant` is two.
#[must_use]
pub fn words(text: &str, most: usize) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let parts = text.split(|c: char| !c.is_alphanumeric());
    for part in parts.filter(|part| !part.is_empty()) {
        let word: String = part.to_lowercase().chars().take(WORD_MAX).collect();
        if !found.contains(&word) {
            found.push(word);
        }
        if found.len() == most {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{WORD_MAX, words};

    #[test]
    fn words_are_runs_of_letters_and_digits_in_lower_case() {
        assert_eq!(
            words("Rolled back: refund-assistant (#4471), REFUND!", 9),
            ["rolled", "back", "refund", "assistant", "4471"]
        );
        assert_eq!(words("Größe_ÉTÉ 日本", 9), ["größe", "été", "日本"]);
        assert!(words("\" AND ' OR * --", 9) == ["and", "or"]);
        assert!(words(" ,;:\u{202e} ", 9).is_empty());
    }

    #[test]
    fn long_words_and_long_texts_are_bounded() {
        assert_eq!(words(&"x".repeat(1_000), 9), ["x".repeat(WORD_MAX)]);
        assert_eq!(words("a b c d e", 3), ["a", "b", "c"]);
    }
}
