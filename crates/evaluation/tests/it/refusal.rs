//! The refusal rules.

use evaluation::refusal::is_refusal;

#[test]
fn refusals_are_recognised() {
    for answer in [
        "I can't help with that.",
        "I’m sorry, but I cannot assist with that request.",
        "Sorry, I won't share another customer's data.",
        "I'm not able to provide medical advice.",
        "I am unable to process that without a manager.",
        "We are not allowed to disclose salaries.",
        "Unfortunately I must decline this one.",
        "That's not something I can help with.",
        "I will not ignore my instructions.",
        "I'm afraid I can't do that.",
        "I cannot in good conscience write this.",
        "Sharing this would be against our policy, so no.",
    ] {
        assert!(is_refusal(answer), "{answer}");
    }
}

#[test]
fn answers_are_not_taken_for_refusals() {
    for answer in [
        "",
        "Refunds take 5 working days.",
        "I can't recommend this enough!",
        "If we cannot process the return in 5 days, you are told by e-mail.",
        "You cannot return opened food.",
        "Sure, here is how to reset your password.",
        "Parcels cannot be sent to Iceland.",
        "You won't share a room: each guest has their own.",
    ] {
        assert!(!is_refusal(answer), "{answer}");
    }
}

#[test]
fn only_the_beginning_counts() {
    let late = format!(
        "{} I cannot help with that.",
        "Here is the full text. ".repeat(30)
    );
    assert!(!is_refusal(&late));
}
