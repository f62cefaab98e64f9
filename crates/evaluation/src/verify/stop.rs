//! Words that carry no evidence: function words, and the courtesies that assistants wrap an answer in.

/// Function words of English, sorted, lower-case, with apostrophes.
#[rustfmt::skip] // a word list, read as a block
const STOP: &[&str] = &[
    "a", "about", "above", "after", "again", "against", "all", "also", "am", "an", "and", "any",
    "are", "aren't", "as", "at", "be", "because", "been", "before", "being", "below", "between",
    "both", "but", "by", "can", "can't", "cannot", "could", "couldn't", "did", "didn't", "do",
    "does", "doesn't", "doing", "don't", "down", "during", "each", "either", "few", "for", "from",
    "further", "had", "hadn't", "has", "hasn't", "have", "haven't", "having", "he", "her", "here",
    "hers", "herself", "him", "himself", "his", "how", "however", "i", "i'll", "i'm", "i've",
    "if", "in", "into", "is", "isn't", "it", "it's", "its", "itself", "just", "may", "me",
    "might", "more", "most", "must", "my", "myself", "neither", "no", "nor", "not", "now", "of",
    "off", "on", "once", "only", "or", "other", "our", "ours", "out", "over", "own", "same",
    "shall", "she", "should", "shouldn't", "so", "some", "such", "than", "that", "that's", "the",
    "their", "theirs", "them", "then", "there", "there's", "these", "they", "they're", "this",
    "those", "through", "to", "too", "under", "until", "up", "us", "very", "was", "wasn't", "we",
    "we'll", "we're", "were", "weren't", "what", "when", "where", "which", "while", "who", "whom",
    "whose", "why", "will", "with", "won't", "would", "wouldn't", "yet", "you", "you'll",
    "you're", "your", "yours", "yourself",
];

/// Words of greetings and closings, sorted. A sentence of these and function words alone claims nothing.
#[rustfmt::skip] // a word list, read as a block
const COURTESY: &[&str] = &[
    "apologies", "apologise", "apologize", "ask", "assist", "assistance", "certainly", "course",
    "glad", "good", "great", "happy", "hello", "help", "helpful", "helps", "hesitate", "hi",
    "hope", "know", "let", "please", "pleasure", "question", "questions", "sorry", "sure",
    "thank", "thanks", "welcome",
];

/// True for a function word, given in lower case.
pub(super) fn is_stop(lower: &str) -> bool {
    STOP.binary_search(&lower).is_ok()
}

/// True for a word of courtesy, given in lower case.
pub(super) fn is_courtesy(lower: &str) -> bool {
    COURTESY.binary_search(&lower).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{COURTESY, STOP};

    #[test]
    fn the_lists_are_sorted_for_the_search() {
        assert!(STOP.is_sorted());
        assert!(COURTESY.is_sorted());
    }
}
