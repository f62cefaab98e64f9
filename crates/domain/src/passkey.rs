//! Passkeys (WebAuthn): a second factor of whoever signs in with a password, and a proof inside a session that it is still
//! the same person.

use crate::state::words;

/// How long a challenge may wait for its answer.
pub const CEREMONY_SECONDS: i64 = 300;
/// How old a sign-in may be for changing passkeys, minutes.
pub const FRESH_MINUTES: u32 = 15;
/// Most passkeys of one person.
pub const PASSKEYS_MAX: usize = 10;
/// Longest name of a passkey, characters.
pub const NAME_MAX: usize = 60;
/// Longest answer of a browser that is looked at, bytes.
pub const ANSWER_MAX: usize = 16_384;

words! {
    /// What a passkey is asked for.
    PasskeyPurpose as "passkey purpose" {
        /// The password was right; the passkey opens the session.
        SignIn = "sign_in",
        /// The password was right, and nobody comes in without a passkey: the first one is made, and opens the session.
        FirstEnrol = "first_enrol",
        /// To prove, inside a session, that it is still the same person.
        Confirm = "confirm",
        /// To make a further one, inside a session.
        Enrol = "enrol",
    }
}

impl PasskeyPurpose {
    /// Is a passkey made, rather than used?
    #[must_use]
    pub const fn makes(self) -> bool {
        match self {
            Self::FirstEnrol | Self::Enrol => true,
            Self::SignIn | Self::Confirm => false,
        }
    }

    /// Does a session begin with it?
    #[must_use]
    pub const fn opens(self) -> bool {
        match self {
            Self::SignIn | Self::FirstEnrol => true,
            Self::Confirm | Self::Enrol => false,
        }
    }
}

words! {
    /// Why a passkey came to nothing. Closed, so that no free text travels in an address.
    PasskeyProblem as "passkey problem" {
        /// Not begun in this browser, answered already, or begun too long ago.
        Expired = "passkey_expired",
        /// What the browser sent does not hold.
        Refused = "passkey_refused",
        /// The authenticator's counter went back: there may be a copy of it.
        Counter = "passkey_counter",
        /// The address of this installation cannot have passkeys.
        Unusable = "passkey_unusable",
        /// The person has none.
        NoPasskey = "passkey_none",
        /// This authenticator is somebody's already.
        Known = "passkey_known",
    }
}

impl PasskeyProblem {
    /// What happened, and what to do.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Expired => {
                "That was not begun in this browser, took longer than five minutes, or was answered already. Begin anew."
            }
            Self::Refused => {
                "The passkey's answer does not hold, so nothing was done. Begin anew; if it stays, tell an administrator."
            }
            Self::Counter => {
                "The passkey counts backwards, which happens when there is a copy of it. It was refused. Tell an administrator, and use another passkey."
            }
            Self::Unusable => {
                "Browsers offer passkeys only at https:// with a host name, or at http://localhost. Open Clearance there, or have an administrator set base_url."
            }
            Self::NoPasskey => "You have no passkey yet. Add one under Settings, Passkeys.",
            Self::Known => "That passkey is in use already. Nothing was added.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_begins_only_after_a_password() {
        let opens: Vec<_> = PasskeyPurpose::ALL.iter().filter(|p| p.opens()).collect();
        assert_eq!(
            opens,
            [&PasskeyPurpose::SignIn, &PasskeyPurpose::FirstEnrol]
        );
        let makes: Vec<_> = PasskeyPurpose::ALL.iter().filter(|p| p.makes()).collect();
        assert_eq!(makes, [&PasskeyPurpose::FirstEnrol, &PasskeyPurpose::Enrol]);
    }
}
