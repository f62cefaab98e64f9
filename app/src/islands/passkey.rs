//! Asking the browser for a passkey. The question and the answer travel with the page and its form; here they are only
//! handed to the authenticator.

use leptos::prelude::*;

/// The button. It puts the answer into the form around it, and sends that.
#[island]
pub fn PasskeyButton(
    /// What the authenticator is asked, as JSON.
    options: String,
    /// Is a passkey made, rather than used?
    makes: bool,
    label: String,
) -> impl IntoView {
    let told = RwSignal::new("");
    let ready = RwSignal::new(false);
    // Runs in the browser alone: a press before that would be lost.
    Effect::new(move |_| ready.set(true));
    view! {
        <button
            class="btn btn--primary btn--block script"
            type="button"
            disabled=move || !ready.get()
            on:click=move |_| ask(options.clone(), makes, told)
        >
            {label}
        </button>
        <p class="hint" role="status">
            {move || told.get()}
        </p>
    }
}

#[cfg(not(feature = "hydrate"))]
fn ask(_: String, _: bool, _: RwSignal<&'static str>) {}

#[cfg(feature = "hydrate")]
fn ask(options: String, makes: bool, told: RwSignal<&'static str>) {
    told.set("Waiting for your passkey…");
    leptos::task::spawn_local(async move {
        match device::answer(&options, makes).await {
            Ok(answer) if device::send(&answer) => told.set("Checking…"),
            Ok(_) => told.set("The page could not send the answer. Load it again."),
            Err(device::Trouble::TooOld) => {
                told.set("This browser cannot use passkeys. Take a newer one.");
            }
            Err(device::Trouble::NoAnswer) => {
                told.set("No passkey answered: it was broken off, took too long, or this device has none of yours. Try again.");
            }
        }
    });
}

#[cfg(feature = "hydrate")]
mod device {
    use js_sys::{JSON, Object, Reflect};
    use leptos::prelude::document;
    use wasm_bindgen::prelude::*;
    use web_sys::{HtmlFormElement, HtmlInputElement};

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = PublicKeyCredential, js_name = parseCreationOptionsFromJSON, catch)]
        fn options_to_make(options: &JsValue) -> Result<JsValue, JsValue>;

        #[wasm_bindgen(js_namespace = PublicKeyCredential, js_name = parseRequestOptionsFromJSON, catch)]
        fn options_to_use(options: &JsValue) -> Result<JsValue, JsValue>;

        #[wasm_bindgen(js_namespace = ["navigator", "credentials"], js_name = create, catch)]
        async fn create(options: &JsValue) -> Result<JsValue, JsValue>;

        #[wasm_bindgen(js_namespace = ["navigator", "credentials"], js_name = get, catch)]
        async fn get(options: &JsValue) -> Result<JsValue, JsValue>;
    }

    pub(super) enum Trouble {
        TooOld,
        NoAnswer,
    }

    /// What the authenticator answers, as JSON.
    pub(super) async fn answer(options: &str, makes: bool) -> Result<String, Trouble> {
        let too_old = |_| Trouble::TooOld;
        let parsed = JSON::parse(options).map_err(too_old)?;
        let read = if makes {
            options_to_make(&parsed)
        } else {
            options_to_use(&parsed)
        };
        let asked = Object::new();
        Reflect::set(&asked, &"publicKey".into(), &read.map_err(too_old)?).map_err(too_old)?;
        let answered = if makes {
            create(&asked).await
        } else {
            get(&asked).await
        };
        let answered = answered.map_err(|_| Trouble::NoAnswer)?;
        let text = JSON::stringify(&answered).map_err(too_old)?;
        text.as_string().ok_or(Trouble::TooOld)
    }

    /// Sends the form of the page with the answer.
    pub(super) fn send(answer: &str) -> bool {
        let field = document().query_selector("form[action='/passkey'] input[name=answer]");
        let field = field.ok().flatten();
        let Some(field) = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) else {
            return false;
        };
        field.set_value(answer);
        field
            .form()
            .is_some_and(|form: HtmlFormElement| form.submit().is_ok())
    }
}
