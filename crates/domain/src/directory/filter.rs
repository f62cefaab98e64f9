//! Filters of lists (RFC 7644, section 3.4.2.2): `eq` over the attributes that identify somebody, joined by `and`. What else
//! the grammar has is refused by its word, and never answered with more than was asked for.

use scim_v2::filter::{AttrExp, AttrPath, CompValue, CompareOp, Filter, ValFilter};

use super::{Problem, ProblemKind, folded};

/// Longest filter.
const FILTER_MAX: usize = 1_000;
/// Most comparisons of one filter.
const TERMS_MAX: usize = 8;

/// One comparison of a filter of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserTerm {
    /// Folded: names of users do not differ by case.
    Name(String),
    ExternalId(String),
    /// Folded.
    Email(String),
    /// As it was written; what is no id of ours matches nobody.
    Id(String),
    Active(bool),
}

/// One comparison of a filter of groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupTerm {
    /// Folded.
    Name(String),
    ExternalId(String),
    Id(String),
    /// The id of somebody who is in it.
    Member(String),
}

const fn wrong(detail: &'static str) -> Problem {
    Problem::new(ProblemKind::InvalidFilter, detail)
}

const UNKNOWN: &str = "This attribute cannot be filtered by.";
const OTHER: &str = "Only `eq`, joined by `and`, can be filtered by.";

/// Reads a filter of people.
///
/// # Errors
/// [`ProblemKind::InvalidFilter`].
pub fn user_terms(text: &str) -> Result<Vec<UserTerm>, Problem> {
    let term = |(name, value): (String, CompValue)| match name.as_str() {
        "username" => Ok(UserTerm::Name(folded(&string(value)?))),
        "externalid" => Ok(UserTerm::ExternalId(string(value)?)),
        "emails" | "emails.value" => Ok(UserTerm::Email(folded(&string(value)?))),
        "id" => Ok(UserTerm::Id(string(value)?)),
        "active" => yes_or_no(&value).map(UserTerm::Active),
        _ => Err(wrong(UNKNOWN)),
    };
    comparisons(text)?.into_iter().map(term).collect()
}

/// Reads a filter of groups.
///
/// # Errors
/// [`ProblemKind::InvalidFilter`].
pub fn group_terms(text: &str) -> Result<Vec<GroupTerm>, Problem> {
    let term = |(name, value): (String, CompValue)| match name.as_str() {
        "displayname" => Ok(GroupTerm::Name(folded(&string(value)?))),
        "externalid" => Ok(GroupTerm::ExternalId(string(value)?)),
        "id" => Ok(GroupTerm::Id(string(value)?)),
        "members" | "members.value" => Ok(GroupTerm::Member(string(value)?)),
        _ => Err(wrong(UNKNOWN)),
    };
    comparisons(text)?.into_iter().map(term).collect()
}

/// The comparisons, each with the folded path of its attribute.
fn comparisons(text: &str) -> Result<Vec<(String, CompValue)>, Problem> {
    if text.len() > FILTER_MAX {
        return Err(wrong("The filter is longer than 1,000 characters."));
    }
    let filter: Filter = text
        .parse()
        .map_err(|_| wrong("The filter cannot be read."))?;
    let mut found = Vec::new();
    collect(filter, &mut found)?;
    if found.len() > TERMS_MAX {
        return Err(wrong("The filter has more than 8 comparisons."));
    }
    Ok(found)
}

/// Goes as deep as the library lets a filter be: 64.
fn collect(filter: Filter, found: &mut Vec<(String, CompValue)>) -> Result<(), Problem> {
    match filter {
        Filter::Attr(AttrExp::Comparison(path, CompareOp::Eq, value)) => {
            found.push((name(&path), value));
            Ok(())
        }
        Filter::And(parts) => parts
            .into_vec()
            .into_iter()
            .try_for_each(|part| collect(part, found)),
        // `members[value eq "…"]` is how some ask who is in a group.
        Filter::ValuePath(path) => {
            let (of, value) = one(&path.filter)?;
            found.push((format!("{}.{of}", name(&path.attr)), value));
            Ok(())
        }
        Filter::Attr(_) | Filter::Or(_) | Filter::Not(_) => Err(wrong(OTHER)),
    }
}

/// The one comparison inside brackets: the folded attribute and its value.
pub(super) fn one(filter: &ValFilter) -> Result<(String, CompValue), Problem> {
    match filter {
        ValFilter::Attr(AttrExp::Comparison(path, CompareOp::Eq, value)) => {
            Ok((name(path), value.clone()))
        }
        ValFilter::Attr(_) | ValFilter::And(_) | ValFilter::Or(_) | ValFilter::Not(_) => {
            Err(wrong(OTHER))
        }
    }
}

fn name(path: &AttrPath) -> String {
    let name = folded(&path.name);
    match &path.sub_attr {
        Some(sub) => format!("{name}.{}", folded(sub)),
        None => name,
    }
}

pub(super) fn string(value: CompValue) -> Result<String, Problem> {
    match value {
        CompValue::Str(text) => Ok(text),
        CompValue::True => Ok("true".to_owned()),
        CompValue::False => Ok("false".to_owned()),
        CompValue::Null | CompValue::Number(_) => {
            Err(wrong("The filter compares a text with something else."))
        }
    }
}

fn yes_or_no(value: &CompValue) -> Result<bool, Problem> {
    match value {
        CompValue::True => Ok(true),
        CompValue::False => Ok(false),
        CompValue::Str(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        CompValue::Str(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        CompValue::Str(_) | CompValue::Null | CompValue::Number(_) => {
            Err(wrong("`active` is true or false."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_identifies_somebody_is_filtered_by_whatever_the_case() {
        let one = |text: &str| user_terms(text).unwrap();
        let ada = || UserTerm::Name("ada@example.com".to_owned());
        assert_eq!(one(r#"userName eq "Ada@Example.com""#), [ada()]);
        assert_eq!(one(r#"USERNAME EQ "ada@example.com""#), [ada()]);
        assert_eq!(
            one(r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ada@example.com""#),
            [ada()]
        );
        assert_eq!(
            one(r#"externalId eq "00u1" and active eq "False""#),
            [
                UserTerm::ExternalId("00u1".to_owned()),
                UserTerm::Active(false)
            ]
        );
        let mail = || UserTerm::Email("a@b.example".to_owned());
        assert_eq!(one(r#"emails.value eq "A@b.example""#), [mail()]);
        assert_eq!(one(r#"emails[value eq "a@b.example"]"#), [mail()]);
        assert_eq!(
            group_terms(r#"id eq "1" and members eq "2""#).unwrap(),
            [
                GroupTerm::Id("1".to_owned()),
                GroupTerm::Member("2".to_owned())
            ]
        );
    }

    #[test]
    fn what_is_not_understood_is_refused_and_matches_nobody_by_accident() {
        let deep = format!("{}userName eq \"a\"{}", "(".repeat(400), ")".repeat(400));
        let many = [r#"userName eq "a""#; 9].join(" and ");
        let long = format!("userName eq \"{}\"", "a".repeat(1_000));
        for text in [
            "",
            "userName",
            "userName eq",
            "userName eq ada",
            "userName pr",
            r#"userName co "ada""#,
            r#"userName ne "ada""#,
            r#"not (userName eq "ada")"#,
            r#"userName eq "a" or userName eq "b""#,
            r#"password eq "a""#,
            r#"userName eq 1"#,
            r#"userName eq "a"; DROP TABLE users"#,
            r#"userName eq "a" "#.repeat(2).as_str(),
            deep.as_str(),
            many.as_str(),
            long.as_str(),
        ] {
            let found = user_terms(text);
            assert_eq!(
                found.map_err(|problem| problem.kind),
                Err(ProblemKind::InvalidFilter),
                "{text}"
            );
        }
        // What looks like SQL is a text like any other.
        let quoted = user_terms(r#"userName eq "a' OR '1'='1""#).unwrap();
        assert_eq!(quoted, [UserTerm::Name("a' or '1'='1".to_owned())]);
    }
}
