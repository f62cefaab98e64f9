//! A line of a difference. Neutral on purpose: an added line is not good, a removed line is not bad.

use domain::lines::LineKind;
use leptos::prelude::*;

/// The line with its mark. The text must have no characters that hide or reorder it.
pub(crate) fn changed_line(kind: LineKind, text: String) -> AnyView {
    match kind {
        LineKind::Added => view! { <span class="p">"+ " <ins>{text}</ins></span> }.into_any(),
        LineKind::Removed => view! { <span class="m">"− " <del>{text}</del></span> }.into_any(),
        LineKind::Same => view! { <span>"  " {text}</span> }.into_any(),
    }
}
