//! Evidence as somebody meets it who does not trust us: whole bundles, changed in every way.

mod bundle;
mod export;
mod external;
mod statements;
mod support;
