//! Bias, by counting: counterfactual groups and the BBQ score.

mod bbq;
mod counterfactual;

pub use bbq::{Answer, Item, Polarity, Scores, bbq};
pub use counterfactual::{Found, Group, Limits, compare};
