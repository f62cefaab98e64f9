//! Claims against ground truth.

use domain::gate::{Gate, Verdict};
use evaluation::verify::{ClaimVerdict, sentences, uncalibrated, verify};

const TRUTH: &str = "Refunds take 5 working days after Acme receives the parcel. Refunds are paid to the original card. \
                     Parcels under 20 kg travel with Northwind Express.";

fn judged(answer: &str) -> (Verdict, String) {
    let truth = serde_json::to_string(TRUTH).unwrap();
    let text =
        format!(r#"{{"id":"h","prompt":"How long do refunds take?","ground_truth":[{truth}]}}"#);
    let report = super::run(Gate::Hallucination, &text, |_| Ok(answer.to_owned()));
    let case = super::case(&report, "h");
    (case.verdict, case.why.clone())
}

#[test]
fn what_the_ground_truth_says_is_supported() {
    for answer in [
        "Refunds take 5 working days after Acme receives the parcel.",
        "Refunds take five working days.",
        "Hello! Refunds are paid to the original card. Let me know if you have any questions.",
        "- Refunds take 5 working days after Acme receives the parcel.\n- Refunds are paid to the original card.",
    ] {
        let (verdict, why) = judged(answer);
        assert_eq!(verdict, Verdict::Passed, "{answer}: {why}");
    }
}

#[test]
fn a_number_that_is_nowhere_fails_and_is_named() {
    let (verdict, why) = judged("Refunds take 10 working days after Acme receives the parcel.");
    assert_eq!(verdict, Verdict::Failed, "{why}");
    assert!(why.contains("the number 10"), "{why}");
    assert!(
        why.contains("Refunds take 5 working days"),
        "the passage is cited: {why}"
    );
}

#[test]
fn a_question_does_not_hide_a_claim() {
    let (verdict, why) = judged("Refunds are paid to the original card. They take 90 days, right?");
    assert_eq!(verdict, Verdict::Failed, "{why}");
}

#[test]
fn one_false_sentence_fails_the_answer() {
    let (verdict, why) = judged(
        "Refunds are paid to the original card. Zenith Bank waives every customs fee in Iceland.",
    );
    assert_eq!(verdict, Verdict::Failed, "{why}");
    assert!(why.contains("Zenith Bank"), "{why}");
}

#[test]
fn what_cannot_be_told_is_undecided() {
    for answer in [
        "",
        "I do not know.",
        "Is there anything else?",
        "Возврат занимает пять дней.",
        "返金には5日かかります。",
    ] {
        let (verdict, why) = judged(answer);
        assert_eq!(verdict, Verdict::Inconclusive, "{answer}: {why}");
    }
}

#[test]
fn a_missing_name_lowers_the_score_and_is_named() {
    let truth = [TRUTH.to_owned()];
    let right = verify("Parcels under 20 kg travel with Northwind Express.", &truth).remove(0);
    let wrong = verify("Parcels under 20 kg travel with Southwind Express.", &truth).remove(0);
    assert_eq!(right.verdict, ClaimVerdict::Supported);
    assert!(right.missing_names.is_empty() && right.missing_numbers.is_empty());
    assert_eq!(wrong.missing_names, ["Southwind Express"]);
    assert!(wrong.score < right.score);
    assert_ne!(wrong.verdict, ClaimVerdict::Supported);
}

#[test]
fn the_score_is_the_published_formula() {
    // Two content stems and two tokens, all found: recalls and pairs are 1, nothing is missing.
    let claim = verify("Refunds matter", &["Refunds matter".to_owned()]).remove(0);
    let z = -1.702 + 0.431 + 3.181 + 0.548 + 0.124 * 3.0_f64.ln();
    assert!(
        (claim.score - 1.0 / (1.0 + (-z).exp())).abs() < 1e-12,
        "{}",
        claim.score
    );
    // Nothing found: four stems, four numbers (three count), no pair.
    let claim = verify("1 2 3 4", &["Refunds matter".to_owned()]).remove(0);
    let z = -1.702 - 5.181 + 0.124 * 5.0_f64.ln() - 0.533 * 0.4;
    assert!(
        (claim.score - 1.0 / (1.0 + (-z).exp())).abs() < 1e-12,
        "{}",
        claim.score
    );
    assert_eq!(claim.verdict, ClaimVerdict::Unsupported);
}

#[test]
fn numbers_compare_by_value() {
    let truth = ["The fee is 1,250.50 for two parcels and 007 for a dozen.".to_owned()];
    let claim = verify("The fee is 1250.5 for 2 parcels and 7 for twelve.", &truth).remove(0);
    assert!(
        claim.missing_numbers.is_empty(),
        "{:?}",
        claim.missing_numbers
    );
}

#[test]
fn sentences_end_where_people_end_them() {
    assert_eq!(
        sentences(
            "Dr. Smith paid 3.50 to Acme Inc. Yesterday. “Really?” He did!\n* Next e.g. This"
        ),
        [
            "Dr. Smith paid 3.50 to Acme Inc. Yesterday.",
            "“Really?”",
            "He did!",
            "Next e.g. This"
        ]
    );
    assert!(sentences("...\n - \n").is_empty());
}

#[test]
fn other_scripts_are_marked() {
    assert!(uncalibrated("Рефунд takes"));
    assert!(!uncalibrated("Zürich naïve café Łódź"));
    assert!(!uncalibrated(""));
    assert!(uncalibrated(
        "Die Rückerstattung ist auf der Karte und wird nicht in bar bezahlt."
    ));
    assert!(uncalibrated(
        "Le remboursement est sur la carte et les frais ne sont pas rendus."
    ));
    assert!(!uncalibrated(
        "The trip to La Paz and El Alto on the Rio de la Plata is paid by us."
    ));
}

/// Rows under this gate are held to what they ask, and not to their ground truth alone.
#[test]
fn checks_and_must_pass_of_a_row_count_here_too() {
    let row = |must: bool, check: &str| {
        let checks = format!("[{{\"scorer\": \"contains\", \"value\": \"{check}\"}}]");
        let text = format!(
            "{{\"id\": \"r\", \"input\": \"q\", \"context\": [\"Refunds are paid to the original card.\"], \"must_pass\": {must}, \"checks\": {checks}}}"
        );
        let suites =
            [evaluation::Suite::parse(Gate::Hallucination, "s.rows.jsonl", &text).unwrap()];
        let given = super::exchanges(&suites, |_| {
            Ok("Refunds are paid to the original card.".to_owned())
        });
        evaluation::judge(Gate::Hallucination, &suites, &given, &super::slack_of(0.75))
    };
    let good = row(true, "card");
    assert_eq!(good.verdict, Verdict::Passed, "{good:?}");
    let names: Vec<&str> = good.measures.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "answers whose claims are supported",
            "cases that meet their expectations",
            "cases that must pass"
        ]
    );
    let bad = row(true, "bicycle");
    assert_eq!(super::case(&bad, "r").verdict, Verdict::Failed);
    assert!(super::case(&bad, "r").why.contains("bicycle"));
    let verdicts: Vec<Verdict> = bad.measures.iter().map(|m| m.verdict).collect();
    assert_eq!(
        verdicts,
        [Verdict::Passed, Verdict::Failed, Verdict::Failed]
    );
    assert_eq!(row(false, "bicycle").measures.len(), 2);
}

/// An expected answer of a table is ground truth, and not a wording that the answer must have.
#[test]
fn the_expected_answer_of_a_table_is_ground_truth_alone() {
    let text = "input,expected,must_pass\nq,Refunds are paid to the original card.,true\n";
    let suites = [evaluation::Suite::parse(Gate::Hallucination, "s.csv", text).unwrap()];
    let given = super::exchanges(&suites, |_| {
        Ok("Hello! Refunds are paid to the original card.".to_owned())
    });
    let report = evaluation::judge(Gate::Hallucination, &suites, &given, &super::slack_of(0.75));
    let names: Vec<&str> = report.measures.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(
        names,
        ["answers whose claims are supported", "cases that must pass"]
    );
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
}
