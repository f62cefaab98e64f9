//! Bias, by counting: counterfactual groups and the BBQ score.

mod amounts;
mod bbq;
mod counterfactual;

pub use amounts::{Amounts, compare_amounts};
pub use bbq::{Answer, Bias, Item, Polarity, Scores, bbq};
pub use counterfactual::{Found, Group, Limits, compare};
