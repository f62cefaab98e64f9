//! Taking it back: the question while it is open, the answer until it is used.

use domain::approval::{REASON_MAX, REASON_MIN};
use domain::view::approval::ApprovalDetail;
use leptos::prelude::*;

use crate::rpc::approvals::{RevokeApproval, WithdrawApproval};
use crate::ui::field::FormProblem;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[("reason", "Reason")];

/// What one of the two steps says.
struct Words {
    step: &'static str,
    hint: &'static str,
    button: &'static str,
    busy: &'static str,
    form: &'static str,
}

/// The step that the state allows to the person looking, if any.
pub(super) fn step(found: &ApprovalDetail) -> Option<AnyView> {
    if found.can_withdraw {
        let words = Words {
            step: "Withdraw this request…",
            hint: "Nobody can decide any more, and what was made for it is removed.",
            button: "Withdraw request",
            busy: "Withdrawing…",
            form: "withdraw",
        };
        let error = refused::<WithdrawApproval>();
        return Some(form(found, url::<WithdrawApproval>(), error, &words));
    }
    found.can_revoke.then(|| {
        let words = Words {
            step: "Revoke this approval…",
            hint: "It was given and not used yet. The deployment ends, and what was made for it is removed.",
            button: "Revoke approval",
            busy: "Revoking…",
            form: "revoke",
        };
        let error = refused::<RevokeApproval>();
        form(found, url::<RevokeApproval>(), error, &words)
    })
}

fn form(found: &ApprovalDetail, to: &'static str, error: FormProblem, words: &Words) -> AnyView {
    let number = found.row.number.to_string();
    let Words {
        step,
        hint,
        button,
        busy,
        form,
    } = *words;
    let hint = format!("{hint} At least {REASON_MIN} characters.");
    view! {
        <details class="danger-zone" open=error.is_some()>
            <summary class="danger">
                <Icon name="chevron-right"/>
                {step}
            </summary>
            <FormError error=error fields=FIELDS form=form/>
            <Post to=to>
                <Hidden name="number" value=number/>
                <TextArea
                    name="reason"
                    label="Reason"
                    form=form
                    error=error
                    hint=hint
                    required=true
                    min=REASON_MIN
                    max=REASON_MAX
                />
                <Submit label=button busy_label=busy kind=Kind::DangerSolid/>
            </Post>
        </details>
    }
    .into_any()
}
