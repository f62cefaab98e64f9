//! Signing in through a provider: which roles its groups give, what becomes of them at each sign-in, and why one is refused.

use chrono::{DateTime, Duration, Utc};

use crate::actor::Role;
use crate::state::words;

/// How long a sign-in that was begun may take.
pub const FLOW_SECONDS: i64 = 600;
/// How far the clock of a provider may be off, seconds.
pub const SKEW_SECONDS: i64 = 60;
/// Longest subject that is kept.
const SUBJECT_MAX: usize = 255;
/// Most groups of one person that are looked at.
pub const GROUPS_MAX: usize = 1_000;

words! {
    /// What a sign-in at a provider was begun for.
    Purpose as "purpose" {
        /// To open a session.
        SignIn = "sign_in",
        /// To prove, inside a session, that it is still the same person.
        Confirm = "confirm",
        /// To bind the provider's account to the person of a session.
        Link = "link",
    }
}

words! {
    /// Why a sign-in through a provider came to nothing. Closed, so that no free text travels in an address.
    ProviderProblem as "provider problem" {
        /// It does not answer, or answers nonsense.
        Unavailable = "provider_unavailable",
        /// It refused, or the person broke off.
        Refused = "provider_refused",
        /// What it sent does not hold: a signature, an audience, a nonce.
        Untrusted = "provider_untrusted",
        /// Not begun in this browser, used already, or begun too long ago.
        Expired = "flow_expired",
        /// Nobody here has this account, and the provider may bring nobody new.
        NotInvited = "not_invited",
        /// The provider does not vouch for the address.
        Unverified = "unverified_address",
        /// The address belongs to somebody who signs in by other means.
        AddressTaken = "address_taken",
        /// None of the groups has a role here.
        NoRole = "no_role",
        /// The provider did not tell the groups, only that there are many.
        GroupsNotTold = "groups_not_told",
        /// Another account than that of the session.
        OtherPerson = "other_person",
        /// The account is bound to somebody else.
        AccountTaken = "account_taken",
        /// The provider did not ask the person anew.
        NotFresh = "not_fresh",
        /// A member of no organisation that is let in.
        OutsideOrganisation = "outside_organisation",
        /// The company's directory says that the person left.
        Deactivated = "deactivated",
    }
}

impl ProviderProblem {
    /// What happened, and what to do.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::Unavailable => {
                "The sign-in provider does not answer at this time. Whoever is signed in stays so. Try again in a minute; an administrator with a password can sign in below."
            }
            Self::Refused => "The sign-in provider did not sign you in. Nothing was changed.",
            Self::Untrusted => {
                "What the sign-in provider sent could not be trusted, so nobody was signed in. Try again; if it stays, tell an administrator."
            }
            Self::Expired => {
                "That sign-in was not begun in this browser, took longer than ten minutes, or was used already. Begin anew."
            }
            Self::NotInvited => {
                "Nobody here has this account. Ask an administrator to add you; then sign in with your password and link the account in Settings."
            }
            Self::Unverified => {
                "The sign-in provider does not say that your address is verified. Verify it there, then sign in again."
            }
            Self::AddressTaken => {
                "There is a person with this address already. Sign in as before, and link the account in Settings."
            }
            Self::NoRole => {
                "None of your groups has a role here. Ask an administrator which group you need."
            }
            Self::GroupsNotTold => {
                "You are in more groups than the sign-in provider tells. An administrator must limit the groups it sends."
            }
            Self::OtherPerson => {
                "That was another account than the one you are signed in with. Nothing was confirmed."
            }
            Self::AccountTaken => "That account is linked to somebody else already.",
            Self::NotFresh => {
                "The sign-in provider did not ask you to sign in anew, so nothing was confirmed. Use a passkey or your password instead."
            }
            Self::Deactivated => {
                "Your company's directory says that you no longer use Clearance. If that is wrong, ask whoever looks after the directory."
            }
            Self::OutsideOrganisation => {
                "You are in none of the organisations whose people may come in, or your organisation does not let this application see its members. Ask an administrator."
            }
        }
    }
}

/// One line of the table that turns groups into roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRule {
    /// The group, as the provider spells it.
    pub group: String,
    pub role: Role,
    /// Slug of the team; `None` for every team.
    pub team: Option<String>,
}

/// A provider as the operator configured it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Short name in addresses: `okta`.
    pub id: String,
    /// What the button says.
    pub label: String,
    /// Exactly as the provider calls itself.
    pub issuer: String,
    /// May somebody come in whom nobody added?
    pub new_people: bool,
    /// Can it have a person prove themselves anew, and say when they did?
    pub asks_anew: bool,
    pub rules: Vec<GroupRule>,
}

impl Provider {
    /// The roles that groups give, each once, in the order of the table.
    #[must_use]
    pub fn due(&self, groups: &[String]) -> Vec<(Role, Option<String>)> {
        let mut due = Vec::new();
        for rule in &self.rules {
            let place = (rule.role, rule.team.clone());
            if groups.contains(&rule.group) && !due.contains(&place) {
                due.push(place);
            }
        }
        due
    }
}

/// What is to be given and what to be taken, where `held` came from the provider and `due` is what it gives now.
#[must_use]
pub fn renewal<T: PartialEq + Clone>(held: &[T], due: &[T]) -> (Vec<T>, Vec<T>) {
    let without = |of: &[T], other: &[T]| -> Vec<T> {
        of.iter()
            .filter(|one| !other.contains(one))
            .cloned()
            .collect()
    };
    (without(due, held), without(held, due))
}

/// Did the provider ask the person anew, after the question was put?
#[must_use]
pub fn is_fresh(asked_at: DateTime<Utc>, proven_at: Option<DateTime<Utc>>) -> bool {
    proven_at.is_some_and(|at| at >= asked_at - Duration::seconds(SKEW_SECONDS))
}

/// Can this be the name by which a provider knows somebody? It is kept, compared and written to the audit log.
#[must_use]
pub fn is_subject(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= SUBJECT_MAX
        && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
}

/// The device of a session in a few words, from what the browser says about itself: "Firefox on Linux". It is a hint for
/// the person whose session it is and decides nothing.
#[must_use]
pub fn device(user_agent: &str) -> String {
    let first = |names: &[(&str, &'static str)]| {
        let found = names.iter().find(|(mark, _)| user_agent.contains(mark));
        found.map(|(_, name)| *name)
    };
    // Browsers name their ancestors too, so the order matters.
    let browser = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("A browser on {system}"),
        (None, None) => "A browser that does not say which".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(group: &str, role: Role, team: Option<&str>) -> GroupRule {
        GroupRule {
            group: group.to_owned(),
            role,
            team: team.map(str::to_owned),
        }
    }

    fn provider() -> Provider {
        Provider {
            id: "okta".to_owned(),
            label: "Okta".to_owned(),
            issuer: "https://acme.okta.example".to_owned(),
            new_people: true,
            asks_anew: true,
            rules: vec![
                rule("Admins", Role::Administrator, None),
                rule("Care", Role::Developer, Some("care")),
                rule("Care leads", Role::Developer, Some("care")),
                rule("Care leads", Role::Approver, Some("care")),
            ],
        }
    }

    fn groups(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn groups_give_the_roles_of_the_table_and_no_others() {
        let due = provider().due(&groups(&["Care", "Care leads", "Everyone"]));
        let care = Some("care".to_owned());
        assert_eq!(
            due,
            [(Role::Developer, care.clone()), (Role::Approver, care)]
        );
        assert!(provider().due(&groups(&["admins", "Care "])).is_empty());
        assert!(provider().due(&[]).is_empty());
    }

    #[test]
    fn a_renewal_gives_what_is_new_and_takes_what_is_lost() {
        assert_eq!(renewal(&[1, 2], &[2, 3]), (vec![3], vec![1]));
        assert_eq!(renewal(&[1, 2], &[]), (vec![], vec![1, 2]));
        assert_eq!(renewal(&[1], &[1]), (vec![], vec![]));
    }

    #[test]
    fn a_proof_of_before_the_question_is_not_fresh() {
        let asked: DateTime<Utc> = "2026-03-02T09:00:00Z".parse().unwrap();
        let ago = |seconds| Some(asked - Duration::seconds(seconds));
        assert!(is_fresh(asked, ago(-5)));
        assert!(is_fresh(asked, ago(60)));
        assert!(!is_fresh(asked, ago(61)));
        assert!(!is_fresh(asked, None));
    }

    #[test]
    fn subjects_are_bounded_and_plain() {
        assert!(is_subject("00u1abc"));
        for bad in ["", "a\nb", "\u{202e}x", &"a".repeat(256)] {
            assert!(!is_subject(bad), "{bad:?}");
        }
    }

    #[test]
    fn devices_are_told_in_our_own_words() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36";
        assert_eq!(device(chrome), "Chrome on Linux");
        assert_eq!(
            device("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/17 Safari/605"),
            "Safari on macOS"
        );
        assert_eq!(
            device("<script>alert(1)</script>"),
            "A browser that does not say which"
        );
    }
}
