//! Judges that are models: what they are asked, what counts of what they say, and who may not decide.

mod calibration;
mod family;
mod verdicts;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use evaluation::model_judge::{Calibration, Exam, Labelled, Mode, Question, prompt_digest, read};

const MODEL: &str = "northwind-judge-7b";

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// `good` good claims and `bad` bad ones.
fn labelled(good: u32, bad: u32) -> Labelled {
    let line = |n: u32, is: bool| {
        format!(
            "{{\"kind\": \"claim\", \"document\": [\"Parcel {n} is here.\"], \"claim\": \"Parcel {n} is {is}.\", \"good\": {is}}}\n"
        )
    };
    let text: String = (0..good)
        .map(|n| line(n, true))
        .chain((0..bad).map(|n| line(n, false)))
        .collect();
    Labelled::parse(&text).unwrap()
}

/// The exam of a judge that answers by itself.
fn sit(labelled: Labelled, judge: impl Fn(&Question) -> Option<String>) -> Calibration {
    let exam = Exam::new(labelled);
    let answers: BTreeMap<String, String> = exam
        .questions()
        .iter()
        .filter_map(|question| Some((question.id.clone(), judge(question)?)))
        .collect();
    exam.grade(&answers, (MODEL, "northwind"), time("2026-11-01T00:00:00Z"))
}

/// A judge that knows what is true in the exam.
fn honest(question: &Question) -> Option<String> {
    let user = &question.prompt.user;
    Some(match question.mode {
        Mode::Claim => if user.contains("is true") {
            "Yes"
        } else {
            "No"
        }
        .to_owned(),
        Mode::Rubric => "{\"reason\": \"no\", \"holds\": false}".to_owned(),
        Mode::Pair => {
            let second = user.split("Answer B:").nth(1).unwrap();
            let worse = ["nine", "is 5", "Madrid", "60", "weather", "3 is larger"];
            if worse.iter().any(|word| second.contains(word)) {
                "A"
            } else {
                "B"
            }
            .to_owned()
        }
    })
}

#[test]
fn answers_are_read_strictly() {
    let holds = |mode, text: &str| read(mode, text).map(|opinion| opinion.holds);
    assert_eq!(holds(Mode::Claim, " Yes.\n"), Some(true));
    assert_eq!(holds(Mode::Claim, "no"), Some(false));
    for garbage in ["", "Yes, because", "Yes No", "true", "{\"holds\": true}"] {
        assert_eq!(holds(Mode::Claim, garbage), None, "{garbage}");
    }
    let json = "{\"reason\": \"short\\u0007 one\", \"holds\": true}";
    let opinion = read(Mode::Rubric, json).unwrap();
    assert_eq!((opinion.holds, opinion.why.as_str()), (true, "short one"));
    assert_eq!(
        holds(Mode::Rubric, &format!("```json\n{json}\n```")),
        Some(true)
    );
    for garbage in [
        "Yes",
        "{\"holds\": \"true\"}",
        "{\"holds\": true, \"score\": 10}",
        "{\"holds\": true} {\"holds\": false}",
        "{\"reason\": \"x\"}",
    ] {
        assert_eq!(holds(Mode::Rubric, garbage), None, "{garbage}");
    }
    assert_eq!(holds(Mode::Pair, "B"), Some(false));
    assert_eq!(holds(Mode::Pair, "AB"), None);
}

/// The digests stand in calibrations: whoever changes a prompt makes them void, and has to say so here.
#[test]
fn each_kind_of_prompt_has_a_digest_of_its_own() {
    let all = [Mode::Claim, Mode::Rubric, Mode::Pair].map(prompt_digest);
    for digest in &all {
        assert!(
            digest.starts_with("sha256:") && digest.len() == 71,
            "{digest}"
        );
    }
    assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2]);
}
