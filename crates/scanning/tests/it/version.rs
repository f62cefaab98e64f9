//! The order of versions: lines of the public acceptance test of google/osv-scalibr (Apache-2.0), and what they leave out.

use std::cmp::Ordering;

use scanning::version::Version;

const PAIRS: &str = "
1.36.0rc1 > 1.35.0
1.36.1 > 1.36.0
0.3.0 > 0
1.0.0+local > 1.0.0
1.0.0.dev1 < 1.0.0
1.0.0.dev1 < 1.0.0.dev2
1.0.dev0 < 1.0a0
1.2a3.dev4 < 1.2a3.dev5
1.2b3.DEV4 < 1.2b3.dev5
1.2a3.dev4 < 1.2b3.dev4
1.2.post3.dev4 > 1.2b3.dev4
2.0.0a1 < 2.0.0rc1
0.9.alpha < 1.0
0.9.c < 1.0
0.9.preview < 1.0
0.9.rev < 1.0
0.9.r < 1.0
1.0.0+local.0 < 1.0.0+local.0.1
1.0.0+local.a < 1.0.0+local.1
1.0.0+local = 1.0.0+local
1.0-1 < 1.0-2
1!1.0 < 2!1.0
0.1-bulbasaur < 0.1-charmander
0.1-charmander < 0.9-doduo
0.9-doduo < 0.9-eevee
0.9-ivysaur < 1.0
-class.-jw.util.version.version-pre < 1.0
0.12.0rc0 < 0.12.0rc1
1.1.0rc2 < 1.1.0
";

const OURS: &str = "
1.0 = 1
1.0 = v1.0.0
1.0 = 0!1
01.002 = 1.2
1.0a1 = 1.0.ALPHA-1
1.0rc1 = 1.0c1
1.0rc1 = 1.0-preview_1
1.0.post1 = 1.0-1
1.0.post1 = 1.0rev1
1.0.post = 1.0.post0
1.0+ubuntu-1 = 1.0+ubuntu.1
1.0+1 < 1.0+1.0
1.0+2 < 1.0+10
1.0+a < 1.0+b
1.0a1.post1 < 1.0b1
1.0a1.post1.dev1 < 1.0a1.post1
1.0a1 < 1.0a1.post1.dev1
1.0.post1.dev1 > 1.0
1.9 < 1.10
99999999999999999999999999 < 100000000000000000000000000
2020.12.5 < 2023.7.22
";

fn order(one: &str, two: &str) -> Ordering {
    Version::parse(one).cmp(&Version::parse(two))
}

#[test]
fn holds_for_every_pair() {
    for line in PAIRS
        .lines()
        .chain(OURS.lines())
        .filter(|line| !line.is_empty())
    {
        let [one, sign, two] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let wanted = match sign {
            "<" => Ordering::Less,
            ">" => Ordering::Greater,
            _ => Ordering::Equal,
        };
        assert_eq!(order(one, two), wanted, "{line}");
        assert_eq!(order(two, one), wanted.reverse(), "{line}, turned round");
    }
}

#[test]
fn knows_what_pep_440_does_not_allow() {
    for text in [
        "",
        "1.0-bulbasaur",
        "1..0",
        "1.0+",
        "1.0+a..b",
        "1!",
        "a",
        "1.0.dev1.post1",
        "1.0a1b1",
        "١.٠",
        "1.0 beta",
    ] {
        assert!(Version::parse(text).is_legacy(), "{text}");
    }
    for text in [" 1.0 ", "1", "v1", "1.0.DEV", "1!2.3a4.post5.dev6+local.7"] {
        assert!(!Version::parse(text).is_legacy(), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn is_an_order(texts in proptest::collection::vec("[0-9a-c.!+_-]{0,12}|[0-9]{1,3}(\\.[0-9]{1,2}){0,3}((a|b|rc|\\.post|\\.dev)[0-9])?", 3)) {
        let parsed: Vec<Version> = texts.iter().map(|text| Version::parse(text)).collect();
        let mut sorted = parsed.clone();
        sorted.sort();
        proptest::prop_assert!(sorted.windows(2).all(|pair| pair[0] <= pair[1]) && sorted[0] <= sorted[2]);
        for version in &parsed {
            proptest::prop_assert_eq!(version.cmp(version), Ordering::Equal);
        }
    }
}
