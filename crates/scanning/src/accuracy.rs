//! What the embedded engines were measured to do. The card is written by `cargo xtask bench gates DATA --write`.

use domain::gate::AccuracyCard;

/// The text of the card as it is kept in the repository.
const CARD: &str = include_str!("../accuracy.json");

/// The card of the file gates, in the form of that of the evaluation.
///
/// # Errors
/// None, as a test of its text shows.
pub fn accuracy() -> Result<AccuracyCard, serde_json::Error> {
    serde_json::from_str(CARD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_card_is_one_and_its_figures_are_shares() {
        let card = accuracy().unwrap();
        assert_eq!(card.engine, crate::report::ENGINE);
        assert!(!card.figures.is_empty());
        assert!(
            card.figures
                .iter()
                .all(|one| (0.0..=1.0).contains(&one.value) && one.cases > 0)
        );
    }
}
