//! "How does this work?" The chapters of the documentation, read where the question came up.

use leptos::prelude::*;

use crate::help::{Chapter, Text, contents};
use crate::rpc::help::get_chapter;
use crate::ui::prelude::*;

/// One chapter, with the table of contents beside it.
#[component]
pub(crate) fn HelpPage() -> impl IntoView {
    let name = part("chapter");
    load(get_chapter(name.clone()), move |text, _| body(&name, text))
}

fn body(name: &str, text: Text) -> AnyView {
    let sections: Vec<_> = text
        .sections
        .iter()
        .map(|(id, words)| view! { <li><a href=format!("#{id}")>{words.clone()}</a></li> })
        .collect();
    let here = (!sections.is_empty()).then(|| {
        view! {
            <nav aria-labelledby="help-here">
                <h2 class="help__h" id="help-here">"On this page"</h2>
                <ul>{sections}</ul>
            </nav>
        }
    });
    view! {
        <PageHead title=text.title/>
        <div class="cols help">
            <article class="doc" inner_html=text.html></article>
            <div class="help__side">
                {here}
                <nav aria-labelledby="help-all">
                    <h2 class="help__h" id="help-all">"All chapters"</h2>
                    {parts(name)}
                </nav>
            </div>
        </div>
    }
    .into_any()
}

/// The table of contents, a list for each part.
fn parts(name: &str) -> Vec<AnyView> {
    let here = if name.is_empty() { "index" } else { name };
    let chapters = contents().chunk_by(|one, next| one.part == next.part);
    chapters
        .map(|some| {
            let title = some.first().map(|one| one.part.clone()).unwrap_or_default();
            let title = (!title.is_empty()).then(|| view! { <h3 class="help__p">{title}</h3> });
            let items: Vec<_> = some.iter().map(|one| item(one, here)).collect();
            view! {
                {title}
                <ul>{items}</ul>
            }
            .into_any()
        })
        .collect()
}

fn item(one: &Chapter, here: &str) -> AnyView {
    let current = (one.name == here).then_some("page");
    view! {
        <li>
            <a href=one.href() aria-current=current>{one.title.clone()}</a>
        </li>
    }
    .into_any()
}
