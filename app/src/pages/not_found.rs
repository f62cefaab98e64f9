//! An address that leads nowhere.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::layout::Brand;

/// Says so, with the status 404.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    crate::error::set_status(404);
    view! {
        <Title text="Not found"/>
        <main class="door" id="main">
            <section class="door__l" aria-labelledby="nf">
                <div class="door__box">
                    <div class="door__brand">
                        <Brand/>
                    </div>
                    <h1 id="nf">"There is nothing at this address"</h1>
                    <p class="soft">
                        "Either it never existed, or the link is old. Agents, deployments and approvals are found by their name or number."
                    </p>
                    <form class="find" role="search" aria-label="Agents" method="get" action="/agents">
                        <label class="vh" for="find">"Find an agent"</label>
                        <input id="find" name="q" type="search" placeholder="Find an agent by name or purpose"/>
                    </form>
                    <p>
                        <a href="/">"Go to the overview"</a>
                    </p>
                </div>
            </section>
        </main>
    }
    .into_any()
}
