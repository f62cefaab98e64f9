//! One person may have several accounts. Two accounts that share an address, the one to sign in with or a linked git
//! address, are one person's: they count once, and what one of them did binds the other.

use std::collections::BTreeMap;

use crate::id::UserId;

/// An account with every address it is known by, lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: UserId,
    pub emails: Vec<String>,
}

/// The accounts of each person, as places in `accounts`. Sharing is transitive.
#[must_use]
pub fn persons(accounts: &[Account]) -> Vec<Vec<usize>> {
    let mut person: Vec<usize> = (0..accounts.len()).collect();
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, account) in accounts.iter().enumerate() {
        for email in &account.emails {
            let other = *first.entry(email).or_insert(at);
            let (from, to) = (person.get(at).copied(), person.get(other).copied());
            if let (Some(from), Some(to)) = (from, to) {
                for of in person.iter_mut().filter(|of| **of == from) {
                    *of = to;
                }
            }
        }
    }
    let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, of) in person.into_iter().enumerate() {
        found.entry(of).or_default().push(at);
    }
    found.into_values().collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn accounts_that_share_an_address_are_one_person_also_over_a_third() {
        let account = |n: u128, emails: &[&str]| Account {
            id: UserId(Uuid::from_u128(n)),
            emails: emails.iter().map(|e| (*e).to_owned()).collect(),
        };
        let found = persons(&[
            account(1, &["a", "x"]),
            account(2, &["b"]),
            account(3, &["c", "y"]),
            account(4, &["d", "y", "x"]),
        ]);
        assert_eq!(found.len(), 2);
        assert!(found.contains(&vec![0, 2, 3]));
        assert!(found.contains(&vec![1]));
        assert!(persons(&[]).is_empty());
    }
}
