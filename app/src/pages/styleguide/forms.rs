//! Fields, and what is around them.

use domain::approval::{REASON_MAX, REASON_MIN};
use domain::error::{ApiError, FieldProblem, ValidationErrors};
use leptos::prelude::*;

use super::{group, spec};
use crate::error::UiError;
use crate::ui::field::FormProblem;
use crate::ui::form::Danger;
use crate::ui::prelude::*;
use crate::ui::step::{Step, step};
use crate::ui::switch::Switch;

/// Where the forms of this page lead: to itself.
const HERE: &str = "/styleguide";
const FIELDS: &[(&str, &str)] = &[
    ("agent", "Agent"),
    ("gate", "Gate"),
    ("reason", "Reason"),
    ("accept", "Accept"),
];

fn invalid() -> FormProblem {
    let fields = [
        ("agent", FieldProblem::BadSlug),
        ("gate", FieldProblem::UnknownChoice),
        ("reason", FieldProblem::TooShort),
        ("accept", FieldProblem::NotAccepted),
    ];
    let fields = fields.map(|(name, problem)| (name.to_owned(), problem));
    FormProblem::new(Some(UiError::Api(ApiError::Invalid {
        fields: ValidationErrors {
            fields: fields.to_vec(),
        },
    })))
}

fn gates() -> Vec<(String, String)> {
    [
        ("health", "Health"),
        ("bias", "Bias"),
        ("relevance", "Relevance"),
    ]
    .map(|(word, text)| (word.to_owned(), text.to_owned()))
    .to_vec()
}

/// The same fields at rest and refused.
fn fields(form: &'static str, error: FormProblem) -> AnyView {
    view! {
        <div class="stack stack--3">
        <FormError error=error fields=FIELDS form=form/>
        <form class="form" method="get" action=HERE aria-label=format!("Fields, {form}")>
            <Field name="agent" label="Agent" form=form error=error hint="Lower-case letters, digits and hyphens." max=48/>
            <div class="form--2">
                <Select name="gate" label="Gate" form=form error=error options=gates() value="bias"/>
                <Field name="until" label="Until" form=form error=error kind="date" value="2027-01-31"/>
            </div>
            <TextArea name="reason" label="Reason" form=form error=error hint="Kept in the audit trail." min=REASON_MIN max=REASON_MAX/>
            <Check name="accept" value="orders:write" form=form error=error>
                "I accept the added scope " <code>"orders:write"</code>
            </Check>
            <Check name="also" value="1" form=form checked=true>"Tell the owners by mail"</Check>
            <Hidden name="manifest" value="sha256:00"/>
        </form>
        </div>
    }
    .into_any()
}

fn kinds() -> AnyView {
    view! {
        <form class="form form--2" method="get" action=HERE aria-label="Kinds of fields">
            <Field name="filled" label="Filled in" form="kinds" value="refund-assistant"/>
            <Field name="empty" label="With an example" form="kinds" placeholder="INC-118"/>
            <Field name="mail" label="Work e-mail" form="kinds" kind="email" required=true autocomplete="off"/>
            <Field name="count" label="Number" form="kinds" kind="number" value="30"/>
            <Field name="as_of" label="As of, UTC" form="kinds" kind="datetime-local" plain=true/>
            <Field name="words" label="Words" form="kinds" kind="search" plain=true/>
        </form>
    }
    .into_any()
}

pub(super) fn forms() -> AnyView {
    let unsure = FormProblem::new(Some(UiError::Transport));
    let conflict = FormProblem::new(Some(UiError::Api(ApiError::Conflict {
        why: domain::error::Conflict::ManifestChanged,
    })));
    let said = Step {
        label: "Revoke identity…".to_owned(),
        form: "sg-step",
        says: "It gets no token from now on, and every token that is out is inactive.".to_owned(),
        hint: "Kept in the audit trail.",
        button: "Revoke identity".to_owned(),
        busy: "Revoking…",
        icon: "ban",
        kind: Kind::DangerSolid,
    };
    let period = view! {
        <form class="filters" method="get" action=HERE aria-label="Period">
            <Period from="2026-09-14".to_owned() to="2026-10-06".to_owned()/>
        </form>
    };
    let sizes = vec![("s", "Small"), ("m", "Medium"), ("l", "Large")];
    let switch = view! { <Switch action=HERE name="size" label="Size" choices=sizes now="m"/> };
    let danger = view! {
        <div class="stack stack--3">
            <Danger label="Closed step…"><p>"Says what happens."</p></Danger>
            <Danger label="Open step…" open=true>
                <p>"Says what happens, and asks for a reason."</p>
                <Post to=HERE>
                    <Reason form="sg-danger" error=FormProblem::default() hint="Kept in the audit trail." value="It answers for another team."/>
                    <Password older_than=Some(15) form="sg-danger"/>
                </Post>
            </Danger>
            {step(said, HERE, FormProblem::default(), ("number", "1"))}
        </div>
    };
    group(
        "sg-forms",
        vec![
            spec(
                "Field Select TextArea Check Hidden FormError",
                "At rest",
                fields("sg-rest", FormProblem::default()),
            ),
            spec(
                "Field Select TextArea Check FormError",
                "Refused: the summary leads to the fields",
                fields("sg-refused", invalid()),
            ),
            spec("Field", "Kinds of fields", kinds()),
            spec(
                "FormError",
                "Refused as a whole",
                view! { <FormError error=conflict/> }.into_any(),
            ),
            spec(
                "FormError",
                "Nobody knows what became of it",
                view! { <FormError error=unsure/> }.into_any(),
            ),
            spec("Period", "A period", period.into_any()),
            spec("Switch", "One of a few, at once", switch.into_any()),
            spec(
                "Danger Reason Password Post",
                "A dangerous step, closed and open",
                danger.into_any(),
            ),
        ],
    )
}
