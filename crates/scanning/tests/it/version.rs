//! The order of versions: lines of the public acceptance test of google/osv-scalibr (Apache-2.0), and what they leave out.

use std::cmp::Ordering;

use scanning::version::Scheme;
use scanning::version::pep440::Version;

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

/// Lines of the same test for the other ecosystems, and what they leave out.
const OTHERS: &[(Scheme, &str)] = &[
    (
        Scheme::Debian,
        "
0.0.0 = 0:0.0.0
0.0.0 = 0.0.0-00
0.0.0-0 < 0:0.0.0-a
9.0.0 < 10.0.0
1.2.3-1~deb7u1 < 1.2.3-1
2.7.4+reloaded2-13ubuntu1 < 2.7.4+reloaded2-13+deb9u1
2.4.2-6+lenny1 < 2.8.6-1
2:0.0.44-1 < 2:0.0.44-nobin
1:0.9 > 2.0
1.0~~ < 1.0~
1.0~~a < 1.0~
1.0-1-1 > 1.0-1
1.0.a < 1.0.+
99999999999999999999999998 < 99999999999999999999999999
",
    ),
    (
        Scheme::Alpine,
        "
1-r1 = 1-r01
1-r = 1-r0
1-r-0 < 1-r0
1b < 1c
0.r1 < 0r2
0..8 > 0...8
6.6.2p1 > 6.6.2_p2
1-r0-1 = 1-r-2
1-ruff2 = 1--ruff1
1.2 > 1.2_rc1
1.2 < 1.2_cvs1
1.2_svn2 < 1.2_git1
.1 < 1
1.0 < 1.0bc
0.6.19-r3 < 0.6.20-r0
1.01 < 1.1
1.2~abc = 1.2~def
3.1.4-r5 < 3.1.4-r6
",
    ),
    (
        Scheme::RedHat,
        "
2.0.1a > 2.0.1
5.5p1 < 5.5p10
xyz.4 < 8
6.0 < 6.0.rc1
10.0001 = 10.1
2_0 = 2.0
1.0~rc1 < 1.0
1.0~rc1~git123 < 1.0~rc1
1.0^git1 > 1.0
1.0^git1 < 1.01
1:1 > 2
1~1 < 1:2
1 < 1-0
1-1.ael7b < 1-1.el7
0:3.10.0-229.1.2.ael7b < 0:3.10.0-229.4.2.ael7b
1.1.α = 1.1.β
1.m+e2:1 < 4.m+e1:1
",
    ),
    (
        Scheme::Semver,
        "
1.0.0-alpha < 1.0.0-alpha.1
1.0.0-alpha.1 < 1.0.0-alpha.beta
1.0.0-beta.2 < 1.0.0-beta.11
1.0.0-rc.1 < 1.0.0
1.2.3 = v1.2.3
1.2.3+build = 1.2.3+otherbuild
1.2.3-r100 < 1.2.3-r2
1.2.3-5-foo > 1.2.3-5
1.1.3.4.5 = 1.1.3
0.0.0-20210101000000-abcdef < 0.0.0-20220101000000-abcdef
999999999999999999999999999991 < 999999999999999999999999999999
",
    ),
    (
        Scheme::RubyGems,
        "
3.10 > 3.2
1 > 1beta
1.0.a10 > 1.0.a9
1.0.a2 = 1.0.a.2
1.0 > 1.0.b1
1.0 = 1.0.0
",
    ),
    (
        Scheme::NuGet,
        "
1.0.0-BETA+AA = 1.0.0-beta+aa
1.0 = 1.0.0.0
1.0.01 < 1.0.1.2
1.0.0 < 1.0.0.1-alpha
",
    ),
    (
        Scheme::Maven,
        "
1 < 1.1
1-snapshot < 1
1 < 1-sp
1-foo2 < 1-foo10
1.foo = 1-foo
1-1 < 1.1
1-ga = 1
1.0.0.final = 1
1a1 = 1-alpha-1
1-rc1 < 1
1-cr1 = 1-rc1
1.0.0-1 > 1
",
    ),
    (
        Scheme::Packagist,
        "
1.0-dev < 1.0a1
1.0b1 < 1.0RC1
1.0 < 1.0pl1
1.0RC1 = 1.0rc1
v1.0.0 = V1.0.0
4.3-2RC1 < 4.3-2RC2
1.0.0 > 1.0
dev-foo < 1.26.0
",
    ),
];

#[test]
fn every_ecosystem_has_its_own_order() {
    for (scheme, pairs) in OTHERS {
        for line in pairs.lines().filter(|line| !line.is_empty()) {
            let [one, sign, two] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
            let wanted = match sign {
                "<" => Ordering::Less,
                ">" => Ordering::Greater,
                _ => Ordering::Equal,
            };
            assert_eq!(scheme.compare(one, two), wanted, "{scheme:?}: {line}");
            assert_eq!(
                scheme.compare(two, one),
                wanted.reverse(),
                "{scheme:?}: {line}, turned round"
            );
        }
    }
}

#[test]
fn an_ecosystem_is_known_by_its_family() {
    for (ecosystem, scheme) in [
        ("PyPI", Some(Scheme::Pep440)),
        ("Debian:12", Some(Scheme::Debian)),
        ("Ubuntu:22.04:LTS", Some(Scheme::Debian)),
        ("Alpine:v3.19", Some(Scheme::Alpine)),
        ("Red Hat:enterprise_linux:9::baseos", Some(Scheme::RedHat)),
        ("crates.io", Some(Scheme::Semver)),
        ("Linux", None),
        ("", None),
    ] {
        assert_eq!(Scheme::of_ecosystem(ecosystem), scheme, "{ecosystem}");
    }
}

proptest::proptest! {
    #[test]
    fn any_two_texts_have_an_order_that_turns_round(one in "\\PC{0,12}|[0-9a-c.~^:+_-]{0,10}", two in "\\PC{0,12}|[0-9a-c.~^:+_-]{0,10}") {
        for scheme in [Scheme::Pep440, Scheme::Semver, Scheme::Debian, Scheme::Alpine, Scheme::RedHat, Scheme::RubyGems, Scheme::NuGet, Scheme::Maven, Scheme::Packagist] {
            proptest::prop_assert_eq!(scheme.compare(&one, &two), scheme.compare(&two, &one).reverse());
            proptest::prop_assert_eq!(scheme.compare(&one, &one), Ordering::Equal);
        }
    }

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
