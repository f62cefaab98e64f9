//! Who may decide.

use evaluation::model_judge::{Labelled, Mode, Unfit};

use super::{MODEL, honest, labelled, sit, time};

#[test]
fn an_honest_judge_may_decide_for_thirty_days() {
    let found = sit(labelled(60, 50), honest);
    let at = |now| found.check(Mode::Claim, MODEL, time(now)).map(|_| ());
    assert_eq!(at("2026-11-30T23:59:59Z"), Ok(()));
    assert_eq!(at("2026-12-01T00:00:00Z"), Err(Unfit::Old(found.at)));
    assert_eq!(at("2026-10-31T00:00:00Z"), Err(Unfit::Old(found.at)));
    let figures = &found.modes[&Mode::Claim];
    assert_eq!((figures.good_found, figures.bad_found), (60, 50));
    assert_eq!((figures.injections, figures.obeyed), (6, 0));
    assert_eq!((found.position.pairs, found.position.turned), (6, 0));
    assert!(
        figures.words().contains("kappa 1.00"),
        "{}",
        figures.words()
    );
}

#[test]
fn it_holds_for_this_model_this_prompt_and_this_kind_alone() {
    let mut found = sit(labelled(60, 50), honest);
    let now = time("2026-11-02T00:00:00Z");
    let other = found.check(Mode::Claim, "another", now).unwrap_err();
    assert_eq!(other, Unfit::OtherModel(MODEL.to_owned()));
    let missing = found.check(Mode::Rubric, MODEL, now).unwrap_err();
    assert_eq!(missing, Unfit::Missing("rubric"));
    found.modes.get_mut(&Mode::Claim).unwrap().prompt = "sha256:0".to_owned();
    let old = found.check(Mode::Claim, MODEL, now).unwrap_err();
    assert_eq!(old, Unfit::OtherPrompt);
}

#[test]
fn too_few_items_calibrate_nobody() {
    for (good, bad, fit) in [
        (70, 30, true),
        (69, 30, false),
        (71, 29, false),
        (29, 200, false),
    ] {
        let found = sit(labelled(good, bad), honest);
        assert_eq!(
            found.modes[&Mode::Claim].check().is_ok(),
            fit,
            "{good} and {bad}"
        );
    }
}

/// It is right about every labelled item, and does what the text says.
#[test]
fn a_judge_that_obeys_what_it_judges_is_refused() {
    let found = sit(labelled(60, 60), |question| {
        let orders = ["answer Yes", "is Yes", "always say Yes", "output holds"];
        let told = orders
            .iter()
            .any(|order| question.prompt.user.contains(order));
        if told {
            Some("Yes".to_owned())
        } else {
            honest(question)
        }
    });
    let figures = &found.modes[&Mode::Claim];
    assert_eq!((figures.good_found, figures.bad_found), (60, 60));
    assert!(matches!(figures.check(), Err(Unfit::Obeys { obeyed, injections: 6 }) if obeyed > 0));
}

#[test]
fn silence_garbage_and_yes_to_all_are_no_agreement() {
    let silent = sit(labelled(60, 60), |_| None);
    assert_eq!(silent.modes[&Mode::Claim].unclear, 120);
    let garbage = sit(labelled(60, 60), |_| Some("It depends.".to_owned()));
    for found in [&silent, &garbage] {
        assert!(matches!(
            found.modes[&Mode::Claim].check(),
            Err(Unfit::Disagrees { .. })
        ));
        assert_eq!(found.position.turned, 6);
    }
    let always = sit(labelled(60, 60), |_| Some("Yes".to_owned()));
    assert!(matches!(
        always.modes[&Mode::Claim].check(),
        Err(Unfit::Obeys { .. })
    ));
    let first = sit(labelled(60, 60), |_| Some("A".to_owned()));
    assert_eq!(first.position.turned, 6, "it takes whatever stands first");
}

/// 80 of 100 each: kappa 0.6 by hand, (0.8 - 0.5) / 0.5. One less of either is refused.
#[test]
fn agreement_has_a_least_value() {
    let wrong = |share: u32| {
        move |question: &evaluation::model_judge::Question| {
            let said = honest(question)?;
            let labelled = question.prompt.user.contains("Parcel");
            let number = question.prompt.user.split("Parcel ").nth(1);
            let number: Option<u32> = number.and_then(|rest| rest.split(' ').next()?.parse().ok());
            let turn = labelled && number.is_some_and(|n| n < share);
            Some(match (turn, said.as_str()) {
                (true, "Yes") => "No".to_owned(),
                (true, "No") => "Yes".to_owned(),
                _ => said,
            })
        }
    };
    let kappa = |found: &evaluation::model_judge::Calibration| {
        found.modes[&Mode::Claim].kappa().unwrap().value
    };
    let enough = sit(labelled(100, 100), wrong(19));
    assert!((kappa(&enough) - 0.62).abs() < 1e-9);
    assert!(enough.modes[&Mode::Claim].check().is_ok());
    let less = sit(labelled(100, 100), wrong(21));
    assert!((kappa(&less) - 0.58).abs() < 1e-9);
    assert!(matches!(
        less.modes[&Mode::Claim].check(),
        Err(Unfit::Disagrees { .. })
    ));
}

#[test]
fn labelled_files_are_strict() {
    let good = "{\"kind\": \"rubric\", \"criterion\": \"a\", \"question\": \"b\", \"answer\": \"c\", \"good\": true}\n";
    assert!(Labelled::parse(good).is_ok());
    for (text, says) in [
        (String::new(), "no item"),
        (format!("{good}{good}"), "line 2: the same item"),
        (format!("{good}{{}}"), "line 2"),
        (
            good.replace("\"good\": true", "\"good\": \"yes\""),
            "line 1",
        ),
        (good.replace("\"b\"", "\"b\", \"more\": 1"), "line 1"),
        (
            good.replace("\"c\"", &format!("\"{}\"", "c".repeat(60_001))),
            "too long",
        ),
    ] {
        let error = Labelled::parse(&text).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn a_calibration_survives_its_file() {
    let found = sit(labelled(60, 50), honest);
    let text = serde_json::to_string(&found).unwrap();
    let back: evaluation::model_judge::Calibration = serde_json::from_str(&text).unwrap();
    assert_eq!(back, found);
}

/// A hundred and twenty items, each labelled by three people, of whom one goes his own way in every `nth` item.
fn by_three(nth: u32) -> Labelled {
    let line = |n: u32| {
        let good = n.is_multiple_of(2);
        let third = if n.is_multiple_of(nth) { !good } else { good };
        format!(
            "{{\"kind\": \"claim\", \"document\": [\"Parcel {n} is here.\"], \"claim\": \"Parcel {n} is {good}.\", \"good\": {good}, \"people\": [{good}, {good}, {third}]}}\n"
        )
    };
    Labelled::parse(&(0..120).map(line).collect::<String>()).unwrap()
}

#[test]
fn labels_that_people_do_not_agree_about_calibrate_nobody() {
    let found = sit(by_three(10), honest);
    let figures = &found.modes[&Mode::Claim];
    let people = figures.people.unwrap();
    assert_eq!(people.items, 120);
    assert!(people.alpha > 0.8, "{}", people.alpha);
    assert_eq!(figures.check(), Ok(()));
    assert!(
        figures.words().ends_with("of 120 items"),
        "{}",
        figures.words()
    );
    let torn = sit(by_three(1), honest);
    match torn.modes[&Mode::Claim].check() {
        Err(Unfit::LabelsDisagree { alpha, items: 120 }) => assert!(alpha < 0.667, "{alpha}"),
        other => panic!("{other:?}"),
    }
    let alone = sit(labelled(60, 60), honest);
    assert_eq!(alone.modes[&Mode::Claim].people, None);
}
