//! What the embedded engines were measured to do. The card is written by `cargo xtask bench gates DATA --write`.

use domain::gate::AccuracyCard;

/// The text of the card as it is kept in the repository.
const CARD: &str = include_str!("../accuracy.json");

/// The card.
///
/// # Errors
/// None, as a test of its text shows.
pub fn card() -> Result<AccuracyCard, serde_json::Error> {
    serde_json::from_str(CARD)
}
