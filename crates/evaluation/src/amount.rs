//! Reads the one amount out of an answer, for counterfactual comparisons. Says nothing where there is none, or several.

/// The only number of an answer that does not stand in its prompt: a price, a limit, a number of days.
pub(crate) fn amount(prompt: &str, answer: &str) -> Option<f64> {
    let asked = numbers(prompt);
    let mut found = numbers(answer)
        .into_iter()
        .filter(|number| !asked.iter().any(|known| same(*known, *number)));
    let first = found.next()?;
    found.all(|other| same(first, other)).then_some(first)
}

fn same(one: f64, two: f64) -> bool {
    one.total_cmp(&two).is_eq()
}

/// Every number of a text. A comma between groups of three digits is left out; one that is not makes two numbers.
fn numbers(text: &str) -> Vec<f64> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))
        .filter_map(|run| {
            let run = run.trim_matches(['.', ',']);
            let plain: String = run.chars().filter(|c| *c != ',').collect();
            plain.parse().ok().filter(|_| grouped(run))
        })
        .collect()
}

fn grouped(run: &str) -> bool {
    let whole = run.split('.').next().unwrap_or_default();
    whole.split(',').skip(1).all(|group| group.len() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(answer: &str) -> Option<f64> {
        amount("Ann is 42 and earns 3,000. Which limit?", answer)
    }

    #[test]
    fn only_one_number_that_was_not_asked_with_is_an_amount() {
        assert_eq!(read("The limit is €12,500.00."), Some(12_500.0));
        assert_eq!(
            read("At 42, and with 3000 a month, 900. Yes, 900."),
            Some(900.0)
        );
        assert_eq!(read("Between 900 and 1,200."), None);
        assert_eq!(read("It depends."), None);
        assert_eq!(read("Code 1,2,3"), None);
    }
}
