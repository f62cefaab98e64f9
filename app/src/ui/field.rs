//! Fields of a form. Each posts as `form[name]`, which is how a server function's `form` argument is read.

use leptos::prelude::*;

use super::icon::Icon;
use crate::error::UiError;

/// What the last attempt of this form came to, if it was refused.
pub(crate) type FormProblem = Signal<Option<UiError>>;

fn posted(name: &str) -> String {
    format!("form[{name}]")
}

/// Id of a field's input, for links from the error summary.
pub(crate) fn field_id(name: &str) -> String {
    format!("f-{name}")
}

/// The sentence under a field, when it is wrong.
fn problem(error: FormProblem, name: &'static str) -> Signal<Option<&'static str>> {
    Signal::derive(move || {
        error
            .get()
            .and_then(|error| error.field(name))
            .map(domain::error::FieldProblem::message)
    })
}

/// Label, hint, control and error, tied together for assistive technology.
#[component]
fn Frame(
    name: &'static str,
    label: String,
    hint: Option<String>,
    wrong: Signal<Option<&'static str>>,
    children: Children,
) -> impl IntoView {
    let hint =
        hint.map(|text| view! { <span class="hint" id=format!("f-{name}-hint")>{text}</span> });
    view! {
        <div class="field" class:field--err=move || wrong.get().is_some()>
            <label for=field_id(name)>{label}</label>
            {hint}
            {children()}
            {move || {
                wrong
                    .get()
                    .map(|text| {
                        view! {
                            <span class="err" id=format!("f-{name}-err")>
                                <Icon name="circle-alert"/>
                                {text}
                            </span>
                        }
                    })
            }}
        </div>
    }
}

fn described(
    name: &'static str,
    hint: bool,
    wrong: Signal<Option<&'static str>>,
) -> impl Fn() -> Option<String> + Clone {
    move || {
        let wrong = wrong.get().map(|_| format!("f-{name}-err"));
        let hint = hint.then(|| format!("f-{name}-hint"));
        match (hint, wrong) {
            (Some(a), Some(b)) => Some(format!("{a} {b}")),
            (a, b) => a.or(b),
        }
    }
}

/// One line of text.
#[component]
pub(crate) fn Field(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(optional, into)] error: FormProblem,
    #[prop(optional, into)] hint: Option<String>,
    /// Type of the input; text if not said.
    #[prop(optional)]
    kind: Option<&'static str>,
    #[prop(optional, into)] value: Option<String>,
    #[prop(optional)] required: bool,
    #[prop(optional)] min: Option<usize>,
    #[prop(optional)] max: Option<usize>,
    #[prop(optional)] pattern: Option<&'static str>,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional)] placeholder: Option<&'static str>,
    /// Whole name, for a form that is no server function's.
    #[prop(optional)]
    plain: bool,
) -> impl IntoView {
    let wrong = problem(error, name);
    let describe = described(name, hint.is_some(), wrong);
    view! {
        <Frame name=name label=label hint=hint wrong=wrong>
            <input
                class="input"
                id=field_id(name)
                name=if plain { name.to_owned() } else { posted(name) }
                type=kind.unwrap_or("text")
                value=value
                required=required
                minlength=min.map(|n| n.to_string())
                maxlength=max.map(|n| n.to_string())
                pattern=pattern
                autocomplete=autocomplete
                placeholder=placeholder
                spellcheck="false"
                aria-invalid=move || wrong.get().map(|_| "true")
                aria-describedby=describe
            />
        </Frame>
    }
}

/// Several lines of text: reasons, comments, questions.
#[component]
pub(crate) fn TextArea(
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(optional, into)] error: FormProblem,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] value: Option<String>,
    #[prop(optional)] required: bool,
    #[prop(optional)] min: Option<usize>,
    #[prop(optional)] max: Option<usize>,
    #[prop(default = 3)] rows: u16,
) -> impl IntoView {
    let wrong = problem(error, name);
    let describe = described(name, hint.is_some(), wrong);
    view! {
        <Frame name=name label=label hint=hint wrong=wrong>
            <textarea
                class="input"
                id=field_id(name)
                name=posted(name)
                rows=rows.to_string()
                required=required
                minlength=min.map(|n| n.to_string())
                maxlength=max.map(|n| n.to_string())
                aria-invalid=move || wrong.get().map(|_| "true")
                aria-describedby=describe
            >
                {value.unwrap_or_default()}
            </textarea>
        </Frame>
    }
}

/// One of a few words. `options` are stored word and what people read.
#[component]
pub(crate) fn Select(
    name: &'static str,
    #[prop(into)] label: String,
    options: Vec<(String, String)>,
    #[prop(optional, into)] error: FormProblem,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] value: Option<String>,
    #[prop(optional)] required: bool,
    /// Whole name, for a GET form of filters.
    #[prop(optional)]
    plain: bool,
) -> impl IntoView {
    let wrong = problem(error, name);
    let describe = described(name, hint.is_some(), wrong);
    let options: Vec<_> = options
        .into_iter()
        .map(|(word, text)| {
            let selected = value.as_ref() == Some(&word);
            view! { <option value=word selected=selected>{text}</option> }
        })
        .collect();
    view! {
        <Frame name=name label=label hint=hint wrong=wrong>
            <select
                class="input"
                id=field_id(name)
                name=if plain { name.to_owned() } else { posted(name) }
                required=required
                aria-invalid=move || wrong.get().map(|_| "true")
                aria-describedby=describe
            >
                {options}
            </select>
        </Frame>
    }
}

/// A value that goes with the form.
#[component]
pub(crate) fn Hidden(name: &'static str, #[prop(into)] value: String) -> impl IntoView {
    view! { <input type="hidden" name=posted(name) value=value/> }
}

/// Something to accept. Sent only if ticked.
#[component]
pub(crate) fn Check(
    name: &'static str,
    #[prop(into)] value: String,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] error: FormProblem,
    children: Children,
) -> impl IntoView {
    let wrong = problem(error, name);
    view! {
        <div class="field" class:field--err=move || wrong.get().is_some()>
            <label class="check">
                <input type="checkbox" id=field_id(name) name=posted(name) value=value required=required/>
                <span>{children()}</span>
            </label>
            {move || {
                wrong
                    .get()
                    .map(|text| {
                        view! {
                            <span class="err">
                                <Icon name="circle-alert"/>
                                {text}
                            </span>
                        }
                    })
            }}
        </div>
    }
}
