//! One box for each subject, as every form of them has it.

use domain::notification::Subject;
use leptos::prelude::*;

/// The boxes; `ticked` are on. `form` tells apart the forms of one page.
pub(crate) fn boxes(form: &'static str, legend: &'static str, ticked: &[Subject]) -> AnyView {
    let boxes: Vec<_> = Subject::ALL
        .iter()
        .map(|subject| {
            let name = format!("form[{}]", subject.as_str());
            let id = format!("f-{form}-{}", subject.as_str());
            view! {
                <label class="check">
                    <input type="checkbox" id=id name=name value="on" checked=ticked.contains(subject)/>
                    <span>{subject.label()}</span>
                </label>
            }
        })
        .collect();
    view! {
        <fieldset class="field">
            <legend>{legend}</legend>
            {boxes}
        </fieldset>
    }
    .into_any()
}
