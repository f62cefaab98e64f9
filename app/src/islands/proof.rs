//! The browser's own check of a proof, by the code that the command line checks it with. What the server says of it is not believed:
//! the bytes are those that the page shows, and the key can be one that the reader kept.

use leptos::prelude::*;

use crate::icon::Icon;

/// Says what this browser found, with a place for a key from somewhere else than this server. Empty without script.
#[island]
pub fn ProofCheck(
    /// The event that the page is about.
    index: u64,
    /// The proof as a C2SP tlog-proof file. The bytes that it is about stand in `#leaf-bytes`.
    file: String,
    /// The log's public key, by the server.
    key: String,
) -> impl IntoView {
    let kept = RwSignal::new(String::new());
    let found = RwSignal::new(None::<Result<String, String>>);
    // Effects run in the browser alone.
    Effect::new(move |_| {
        let kept = kept.get();
        let (with, whose) = match kept.trim() {
            "" => (key.as_str(), "the key that this server names"),
            kept => (kept, "the key that you gave"),
        };
        found.set(Some(check(index, &file, with, whose)));
    });
    view! {
        <div class="stack stack--3 script">
            {move || found.get().map(|found| said(&found))}
            <div class="field">
                <label for="kept-key">"Check with a key that you kept"</label>
                <input
                    class="input mono"
                    id="kept-key"
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || kept.get()
                    on:input=move |event| kept.set(event_target_value(&event))
                />
            </div>
        </div>
    }
}

fn said(found: &Result<String, String>) -> AnyView {
    let (class, icon, words) = match found {
        Ok(words) => ("ok", "circle-check", words.clone()),
        Err(words) => ("bad", "circle-x", words.clone()),
    };
    view! {
        <div role="status">
            <ul class="checks">
                <li class=class>
                    <Icon name=icon/>
                    <span>{words}</span>
                </li>
            </ul>
        </div>
    }
    .into_any()
}

#[cfg(feature = "hydrate")]
fn check(index: u64, file: &str, key: &str, whose: &str) -> Result<String, String> {
    use audit_log::{VerifierKey, verify_proof};

    let failed = |why: String| format!("Checked in this browser with {whose}: {why}.");
    let leaf = document().get_element_by_id("leaf-bytes");
    let leaf = leaf
        .and_then(|leaf| leaf.text_content())
        .unwrap_or_default();
    let key: VerifierKey = key
        .parse()
        .map_err(|_| failed("this is no public key of an audit log".to_owned()))?;
    let proven = verify_proof(file, leaf.as_bytes(), &key).map_err(|e| failed(e.to_string()))?;
    if proven.index != index {
        return Err(failed(format!("the proof is of event {}", proven.index)));
    }
    Ok(format!(
        "Checked in this browser with {whose}: these bytes are event {index} of the {} that the checkpoint signs.",
        proven.checkpoint.size
    ))
}

#[cfg(not(feature = "hydrate"))]
fn check(_: u64, _: &str, _: &str, _: &str) -> Result<String, String> {
    Err(String::new())
}
