//! Fields of a form. Each posts as `form[name]`, which is how a server function's `form` argument is read.

use domain::error::FieldProblem;
use leptos::prelude::*;

use super::icon::Icon;
use crate::error::UiError;

/// What the last attempt of this form came to, if it was refused. Every field of the form gets it, so it is only a handle.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FormProblem(StoredValue<Option<UiError>>);

impl FormProblem {
    pub(crate) fn new(error: Option<UiError>) -> Self {
        Self(StoredValue::new(error))
    }

    pub(crate) fn get(self) -> Option<UiError> {
        self.0.get_value()
    }

    pub(crate) fn is_some(self) -> bool {
        self.0.with_value(Option::is_some)
    }

    /// What is wrong with one field.
    pub(crate) fn field(self, name: &str) -> Option<FieldProblem> {
        self.0.with_value(|error| error.as_ref()?.field(name))
    }

    /// The same problem for one part of a page, if it is that part's to tell.
    pub(crate) fn only_if(self, told: bool) -> Self {
        if told { self } else { Self::default() }
    }
}

impl Default for FormProblem {
    fn default() -> Self {
        Self::new(None)
    }
}

/// Id of a field's input, for links from the error summary. `form` tells apart the forms of one page.
pub(crate) fn field_id(form: &str, name: &str) -> String {
    if form.is_empty() {
        format!("f-{name}")
    } else {
        format!("f-{form}-{name}")
    }
}

fn posted(name: &str, plain: bool) -> String {
    if plain {
        name.to_owned()
    } else {
        format!("form[{name}]")
    }
}

/// Where a field is, what is wrong with it, and what describes it.
#[derive(Clone)]
struct Place {
    id: String,
    hint: Option<String>,
    wrong: Option<&'static str>,
}

impl Place {
    fn new(form: &str, name: &'static str, hint: Option<String>, error: FormProblem) -> Self {
        let wrong = error.field(name).map(FieldProblem::message);
        Self {
            id: field_id(form, name),
            hint,
            wrong,
        }
    }

    fn described_by(&self) -> Option<String> {
        let id = &self.id;
        let hint = self.hint.is_some().then(|| format!("{id}-hint"));
        let wrong = self.wrong.map(|_| format!("{id}-err"));
        match (hint, wrong) {
            (Some(hint), Some(wrong)) => Some(format!("{hint} {wrong}")),
            (hint, wrong) => hint.or(wrong),
        }
    }

    fn invalid(&self) -> Option<&'static str> {
        self.wrong.map(|_| "true")
    }
}

/// Label, hint, control and error, tied together for assistive technology.
#[component]
fn Frame(place: Place, label: String, children: Children) -> impl IntoView {
    let Place { id, hint, wrong } = place;
    let hint = hint.map(|text| {
        view! {
            <span class="hint" id=format!("{id}-hint")>
                {text}
            </span>
        }
    });
    let error_id = format!("{id}-err");
    view! {
        <div class="field" class:field--err=wrong.is_some()>
            <label for=id>{label}</label>
            {hint}
            {children()}
            <Wrong id=error_id wrong=wrong/>
        </div>
    }
}

/// The sentence under a field that is wrong.
#[component]
fn Wrong(id: String, wrong: Option<&'static str>) -> impl IntoView {
    {
        wrong.map(|text| {
            view! {
                <span class="err" id=id>
                    <Icon name="circle-alert"/>
                    {text}
                </span>
            }
        })
    }
}

/// One line of text.
#[component]
pub(crate) fn Field(
    name: &'static str,
    #[prop(into)] label: String,
    /// Tells apart the forms of one page.
    #[prop(optional)]
    form: &'static str,
    #[prop(optional)] error: FormProblem,
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
    /// Post the bare name, for a form that is no server function's.
    #[prop(optional)]
    plain: bool,
) -> impl IntoView {
    let place = Place::new(form, name, hint, error);
    let (id, describe, invalid) = (place.id.clone(), place.described_by(), place.invalid());
    view! {
        <Frame place=place label=label>
            <input
                class="input"
                id=id
                name=posted(name, plain)
                type=kind.unwrap_or("text")
                value=value
                required=required
                minlength=min.map(|n| n.to_string())
                maxlength=max.map(|n| n.to_string())
                pattern=pattern
                autocomplete=autocomplete
                placeholder=placeholder
                spellcheck="false"
                aria-invalid=invalid
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
    /// Tells apart the forms of one page.
    #[prop(optional)]
    form: &'static str,
    #[prop(optional)] error: FormProblem,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] value: Option<String>,
    #[prop(optional)] required: bool,
    #[prop(optional)] min: Option<usize>,
    #[prop(optional)] max: Option<usize>,
    #[prop(default = 3)] rows: u16,
) -> impl IntoView {
    let place = Place::new(form, name, hint, error);
    let (id, describe, invalid) = (place.id.clone(), place.described_by(), place.invalid());
    let value = value.as_deref().map(inside);
    view! {
        <Frame place=place label=label>
            <textarea
                class="input"
                id=id
                name=posted(name, false)
                rows=rows.to_string()
                required=required
                minlength=min.map(|n| n.to_string())
                maxlength=max.map(|n| n.to_string())
                aria-invalid=invalid
                aria-describedby=describe
            >
                {value}
            </textarea>
        </Frame>
    }
}

/// Text between the tags of a text area. The library writes it as it is, as it does for scripts, so it could end the
/// element; browsers take these characters back here as everywhere else.
pub(crate) fn inside(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// One of a few words. `options` are stored word and what people read.
#[component]
pub(crate) fn Select(
    name: &'static str,
    #[prop(into)] label: String,
    options: Vec<(String, String)>,
    /// Tells apart the forms of one page.
    #[prop(optional)]
    form: &'static str,
    #[prop(optional)] error: FormProblem,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] value: Option<String>,
    #[prop(optional)] required: bool,
    /// Post the bare name, for a GET form of filters.
    #[prop(optional)]
    plain: bool,
) -> impl IntoView {
    let place = Place::new(form, name, hint, error);
    let (id, describe, invalid) = (place.id.clone(), place.described_by(), place.invalid());
    let options: Vec<_> = options
        .into_iter()
        .map(|(word, text)| {
            let selected = value.as_ref() == Some(&word);
            view! {
                <option value=word selected=selected>
                    {text}
                </option>
            }
        })
        .collect();
    view! {
        <Frame place=place label=label>
            <select
                class="input"
                id=id
                name=posted(name, plain)
                required=required
                aria-invalid=invalid
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
    view! { <input type="hidden" name=posted(name, false) value=value/> }
}

/// Something to accept. Sent only if ticked.
#[component]
pub(crate) fn Check(
    name: &'static str,
    #[prop(into)] value: String,
    /// Tells apart the forms of one page.
    #[prop(optional)]
    form: &'static str,
    #[prop(optional)] required: bool,
    /// It was ticked when the form came back.
    #[prop(optional)]
    checked: bool,
    #[prop(optional)] error: FormProblem,
    children: Children,
) -> impl IntoView {
    let place = Place::new(form, name, None, error);
    let (describe, invalid) = (place.described_by(), place.invalid());
    let Place { id, wrong, .. } = place;
    let error_id = format!("{id}-err");
    view! {
        <div class="field" class:field--err=wrong.is_some()>
            <label class="check">
                <input
                    type="checkbox"
                    checked=checked
                    id=id
                    name=posted(name, false)
                    value=value
                    required=required
                    aria-invalid=invalid
                    aria-describedby=describe
                />
                <span>{children()}</span>
            </label>
            <Wrong id=error_id wrong=wrong/>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn typed_text_cannot_end_its_field() {
        let typed = "</textarea><b>you & I</b>";
        assert_eq!(
            inside(typed),
            "&lt;/textarea&gt;&lt;b&gt;you &amp; I&lt;/b&gt;"
        );
    }
}
