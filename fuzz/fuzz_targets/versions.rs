#![no_main]
//! Two versions are in the same order from both sides.

use libfuzzer_sys::fuzz_target;
use scanning::version::Scheme;

fuzz_target!(|pair: (&str, &str)| {
    let (one, two) = pair;
    for scheme in [Scheme::Pep440, Scheme::Semver, Scheme::Debian, Scheme::Alpine, Scheme::RedHat, Scheme::RubyGems, Scheme::NuGet, Scheme::Maven, Scheme::Packagist] {
        assert_eq!(scheme.compare(one, two), scheme.compare(two, one).reverse());
    }
});
