//! Base scores of CVSS 3.0, 3.1 and 4.0 vectors.

use cvss::Cvss;
use domain::gate::Severity;

/// Without one of these a vector of version 3 has no score.
const MANDATORY: &[&str] = &["AV", "AC", "PR", "UI", "S", "C", "I", "A"];

/// The severity of a vector's base score; `None` for anything else. A score of zero is low.
pub(super) fn severity(vector: &str) -> Option<Severity> {
    let score = base_score(vector)?;
    Some(if score >= 9.0 {
        Severity::Critical
    } else if score >= 7.0 {
        Severity::High
    } else if score >= 4.0 {
        Severity::Medium
    } else {
        Severity::Low
    })
}

/// The base score, 0 to 10, one decimal.
pub(super) fn base_score(vector: &str) -> Option<f64> {
    let given = |name: &&&str| {
        vector
            .split('/')
            .any(|part| part.split(':').next() == Some(**name))
    };
    if vector.starts_with("CVSS:3") && MANDATORY.iter().filter(given).count() < MANDATORY.len() {
        return None;
    }
    let parsed: Cvss = vector.parse().ok()?;
    Some(parsed.score())
}

#[cfg(test)]
mod tests {
    use super::base_score;

    #[test]
    fn matches_the_published_scores() {
        for (vector, score) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 7.5),
            ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:C/C:H/I:N/A:N", 6.1),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),
            ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 7.8),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L", 5.3),
            ("CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:H", 5.9),
            ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", 0.0),
            (
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
                9.3,
            ),
            (
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N",
                6.9,
            ),
        ] {
            assert_eq!(base_score(vector), Some(score), "{vector}");
        }
        for vector in [
            "",
            "CVSS:3.1/",
            "CVSS:2.0/AV:N",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:X",
        ] {
            assert_eq!(base_score(vector), None, "{vector}");
        }
    }
}
