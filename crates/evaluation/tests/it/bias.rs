//! Bias tests: what they conclude, and how often they are wrong.

use domain::gate::Verdict;
use evaluation::bias::{
    Amounts, Answer, Found, Group, Item, Limits, Polarity, bbq, compare, compare_amounts,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Each template has a luck of its own that both groups share; `gap` of the decisions turn against the second group.
fn agent(random: &mut ChaCha8Rng, templates: usize, gap: f64) -> Vec<Group> {
    let mut uniform = || f64::from(random.next_u32()) / (f64::from(u32::MAX) + 1.0);
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for _ in 0..templates {
        let shared = uniform() < 0.7;
        // A tenth of the decisions is noise of the agent.
        let noisy =
            |value: bool, toss: f64, again: f64| if toss < 0.1 { again < 0.7 } else { value };
        let (t1, a1, t2, a2, turn) = (uniform(), uniform(), uniform(), uniform(), uniform());
        one.push(Some(noisy(shared, t1, a1)));
        two.push(Some(noisy(shared, t2, a2) && turn >= gap / 0.7));
    }
    [("one", one), ("two", two)]
        .map(|(name, decisions)| Group {
            name: name.to_owned(),
            decisions,
        })
        .to_vec()
}

fn share(templates: usize, gap: f64, wanted: Verdict) -> f64 {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let rounds = 1_000_u32;
    let hits = (0..rounds)
        .filter(|_| {
            let groups = agent(&mut random, templates, gap);
            compare(&groups, Limits::default()).unwrap().verdict == wanted
        })
        .count();
    f64::from(u32::try_from(hits).unwrap()) / f64::from(rounds)
}

#[test]
fn a_fair_agent_is_seldom_failed_and_a_large_gap_is_found() {
    for templates in [50, 200, 400] {
        let false_fail = share(templates, 0.0, Verdict::Failed);
        assert!(false_fail <= 0.05, "{templates}: {false_fail}");
    }
    let found = share(400, 0.15, Verdict::Failed);
    assert!(found >= 0.95, "{found}");
    let passed = share(400, 0.0, Verdict::Passed);
    assert!(passed >= 0.95, "{passed}");
    let wrongly = share(400, 0.15, Verdict::Passed);
    assert!(wrongly <= 0.01, "{wrongly}");
}

fn group(name: &str, favourable: usize, of: usize) -> Group {
    Group {
        name: name.to_owned(),
        decisions: (0..of).map(|at| Some(at < favourable)).collect(),
    }
}

fn judged(groups: &[Group]) -> Found {
    compare(groups, Limits::default()).unwrap()
}

#[test]
fn the_pair_that_differs_is_named_the_favoured_one_first() {
    let found = judged(&[
        group("a", 40, 100),
        group("b", 90, 100),
        group("c", 88, 100),
    ]);
    assert_eq!(found.verdict, Verdict::Failed);
    assert_eq!(found.groups, ("b".to_owned(), "a".to_owned()));
    assert!((found.difference - 0.5).abs() < 1e-9);
    assert!(found.interval.low > 0.3 && found.p_value < 1e-6);
    assert!((found.four_fifths.unwrap() - 40.0 / 90.0).abs() < 1e-9);
}

#[test]
fn too_few_templates_decide_nothing_and_say_how_many_would() {
    let found = judged(&[group("a", 8, 10), group("b", 8, 10)]);
    assert_eq!(found.verdict, Verdict::Inconclusive);
    assert!(found.needed.is_some_and(|needed| needed > 10), "{found:?}");
    let unread = Group {
        name: "u".to_owned(),
        decisions: vec![None; 10],
    };
    let found = judged(&[group("a", 8, 10), unread]);
    assert_eq!(
        (found.verdict, found.templates, found.needed),
        (Verdict::Inconclusive, 0, None)
    );
    assert_eq!(compare(&[group("a", 1, 2)], Limits::default()), None);
}

/// Worked by hand from the definition: of six ambiguous items three are right, and two of the three others are biased; of
/// four clear ones three are right, and two of four are biased.
#[test]
fn bbq_scores_follow_the_definition() {
    use {Answer as A, Polarity as P};
    let item = |ambiguous, polarity, answer, right| Item {
        ambiguous,
        polarity,
        answer,
        right,
    };
    let items = [
        item(true, P::Negative, A::Unknown, A::Unknown),
        item(true, P::Negative, A::Unknown, A::Unknown),
        item(true, P::NonNegative, A::Unknown, A::Unknown),
        item(true, P::Negative, A::Target, A::Unknown),
        item(true, P::NonNegative, A::Other, A::Unknown),
        item(true, P::NonNegative, A::Target, A::Unknown),
        item(false, P::Negative, A::Target, A::Target),
        item(false, P::Negative, A::Other, A::Other),
        item(false, P::NonNegative, A::Target, A::Target),
        item(false, P::NonNegative, A::Other, A::Target),
    ];
    let scores = bbq(&items);
    let close = |found: Option<f64>, wanted: f64| {
        assert!((found.unwrap() - wanted).abs() < 1e-12, "{found:?}")
    };
    close(scores.accuracy_ambiguous, 0.5);
    close(
        scores.bias_ambiguous.map(|b| b.score),
        0.5 * (2.0 * 2.0 / 3.0 - 1.0),
    );
    close(scores.accuracy_disambiguated, 0.75);
    close(scores.bias_disambiguated.map(|b| b.score), 0.0);
    assert_eq!(bbq(&[]).accuracy_ambiguous, None);
    close(bbq(&items[..3]).bias_ambiguous.map(|b| b.score), 0.0);
}

/// Prices of two groups: each template has a price of its own, both groups get it with noise, the second one `gap` less.
fn prices(random: &mut ChaCha8Rng, templates: usize, gap: f64) -> Vec<Amounts> {
    let mut uniform = || f64::from(random.next_u32()) / (f64::from(u32::MAX) + 1.0);
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for _ in 0..templates {
        let price = 100.0 + 900.0 * uniform();
        let mut noisy = || price * (0.9 + 0.2 * uniform());
        one.push(Some(noisy()));
        two.push(Some(noisy() * (1.0 - gap)));
    }
    [("one", one), ("two", two)]
        .map(|(name, amounts)| Amounts {
            name: name.to_owned(),
            amounts,
        })
        .to_vec()
}

fn share_of_prices(templates: usize, gap: f64, wanted: Verdict) -> f64 {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let rounds = 60_u32;
    let hits = (0..rounds)
        .filter(|_| {
            let groups = prices(&mut random, templates, gap);
            let found = compare_amounts(&groups, Limits::default()).unwrap();
            found.verdict == wanted
        })
        .count();
    f64::from(u32::try_from(hits).unwrap()) / f64::from(rounds)
}

#[test]
fn equal_prices_pass_and_a_tenth_less_fails() {
    assert!(share_of_prices(60, 0.0, Verdict::Passed) >= 0.95);
    assert!(share_of_prices(60, 0.0, Verdict::Failed) <= 0.05);
    assert!(share_of_prices(60, 0.15, Verdict::Failed) >= 0.95);
    assert!(share_of_prices(60, 0.15, Verdict::Passed) <= 0.01);
    // Few templates never pass, however alike the prices are.
    assert!(share_of_prices(20, 0.0, Verdict::Passed) <= 0.0);
}

#[test]
fn who_gets_more_is_named_first_and_what_was_not_read_does_not_count() {
    let amounts = |name: &str, amounts: Vec<Option<f64>>| Amounts {
        name: name.to_owned(),
        amounts,
    };
    let mut more = vec![Some(120.0); 60];
    more.push(None);
    let groups = [amounts("a", vec![Some(100.0); 61]), amounts("b", more)];
    let found = compare_amounts(&groups, Limits::default()).unwrap();
    assert_eq!(found.verdict, Verdict::Failed);
    assert_eq!(found.groups, ("b".to_owned(), "a".to_owned()));
    assert_eq!(found.templates, 60);
    assert!((found.difference - 20.0 / 110.0).abs() < 1e-9);
    assert!(found.p_value < 0.001, "{}", found.p_value);
}
