//! What the configuration takes, and what it refuses.

use super::*;

fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let variables = variables
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    Config::from_parts(&Overrides::default(), variables)
}

#[test]
fn defaults_are_local() {
    let config = load(&[]).unwrap();
    assert_eq!(config.base_url, "http://127.0.0.1:3000");
    assert!(config.allow_local_repositories);
    assert!(!config.is_https());
}

#[test]
fn variables_override_and_sections_take_two_underscores() {
    let config = load(&[
        ("CLEARANCE_ADDR", "127.0.0.1:4000"),
        ("CLEARANCE_SESSION__IDLE_MINUTES", "5"),
    ])
    .unwrap();
    assert_eq!(config.addr.port(), 4_000);
    assert_eq!(config.session.idle_minutes, 5);
    assert_eq!(config.session.absolute_hours, 12);
}

#[test]
fn engines_are_named_and_have_what_they_need() {
    let config = load(&[]).unwrap();
    assert_eq!(config.advisories, Advisories::None);
    assert!(config.scanners.engines().is_empty() && config.scanners.program_matcher().is_none());
    let engines = |names| ("CLEARANCE_SCANNERS__ENGINES", names);
    let config = load(&[
        engines("ruff, bandit"),
        ("CLEARANCE_ADVISORIES_SAMPLE", "true"),
    ]);
    let config = config.unwrap();
    assert_eq!(config.scanners.engines().len(), 2);
    assert_eq!(config.advisories, Advisories::Sample);
    assert!(load(&[engines("ruf")]).is_err());
    assert!(load(&[engines("semgrep")]).is_err(), "no rules");
    let matcher = ("CLEARANCE_SCANNERS__MATCHER", "trivy");
    assert!(load(&[matcher]).is_err(), "no folder of its database");
    let cache = ("CLEARANCE_SCANNERS__MATCHER_CACHE", "/var/cache/trivy");
    assert!(
        load(&[matcher, cache])
            .unwrap()
            .scanners
            .program_matcher()
            .is_some()
    );
    assert!(load(&[("CLEARANCE_SCANNERS__SECONDS", "0")]).is_err());
}

#[test]
fn a_public_site_fetches_no_local_folders() {
    let config = load(&[("CLEARANCE_BASE_URL", "https://clearance.example.com/")]).unwrap();
    assert_eq!(config.base_url, "https://clearance.example.com");
    assert!(config.is_https() && !config.allow_local_repositories);
}

#[test]
fn a_mail_server_needs_a_sender_and_a_password_by_reference() {
    let host = ("CLEARANCE_MAIL__HOST", "mail.example.com");
    let from = ("CLEARANCE_MAIL__FROM", "Clearance <clearance@example.com>");
    assert!(load(&[]).unwrap().mail.host.is_none());
    assert!(load(&[host]).is_err(), "no sender");
    assert!(load(&[host, from]).is_ok());
    let named = ("CLEARANCE_MAIL__PASSWORD", "env:CLEARANCE_MAIL_SECRET");
    let user = ("CLEARANCE_MAIL__USER", "clearance");
    assert!(load(&[host, from, user, named]).is_ok());
    let plain = ("CLEARANCE_MAIL__PASSWORD", "hunter2");
    let refused = load(&[host, from, user, plain]).unwrap_err();
    assert!(!refused.to_string().contains("hunter2"));
    let open = ("CLEARANCE_MAIL__SECURITY", "none");
    assert!(
        load(&[host, from, user, named, open]).is_err(),
        "a password in the clear"
    );
    assert!(load(&[host, from, ("CLEARANCE_MAIL__PORT", "0")]).is_err());
}

#[test]
fn hosts_of_channels_are_names_addresses_or_networks() {
    let config = load(&[(
        "CLEARANCE_CHANNEL_HOSTS",
        "127.0.0.1, 10.0.0.0/8, Hooks.internal",
    )]);
    let hosts = config.unwrap().channel_hosts;
    assert!(hosts.has_name("hooks.INTERNAL") && hosts.has_address("10.1.2.3".parse().unwrap()));
    assert!(!hosts.has_name("other") && !hosts.has_address("192.168.0.1".parse().unwrap()));
    assert!(load(&[("CLEARANCE_CHANNEL_HOSTS", "https://x")]).is_err());
}

#[test]
fn misspelt_variables_are_named() {
    let config = load(&[
        ("CLEARANCE_BASEURL", "x"),
        ("CLEARANCE_PASSWORD", "x"),
        ("CLEARANCE_HOOK_SECRET", "x"),
    ])
    .unwrap();
    assert_eq!(config.unknown_variables, ["CLEARANCE_BASEURL"]);
}

#[test]
fn nonsense_is_refused() {
    assert!(load(&[("CLEARANCE_BASE_URL", "https://a.example/path")]).is_err());
    assert!(load(&[("CLEARANCE_BASE_URL", "javascript:alert(1)")]).is_err());
    assert!(load(&[("CLEARANCE_ADDR", "localhost")]).is_err());
    assert!(load(&[("CLEARANCE_POLL_SECONDS", "0")]).is_err());
    assert!(load(&[("CLEARANCE_CONCURRENCY", "many")]).is_err());
}

#[test]
fn an_unknown_key_in_the_file_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "adr = \"127.0.0.1:1\"\n").unwrap();
    let overrides = Overrides {
        file: Some(file.path().to_owned()),
        ..Overrides::default()
    };
    assert!(Config::from_parts(&overrides, Vec::new()).is_err());
}

#[test]
fn a_database_address_is_never_printed() {
    let config = load(&[(
        "CLEARANCE_DATABASE_URL",
        "postgres://user:hunter2@db/clearance",
    )])
    .unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn a_judge_is_whole_or_none() {
    assert_eq!(load(&[]).unwrap().judge, None);
    let whole = [
        ("CLEARANCE_JUDGE__ENDPOINT", "https://judge.example/v1/"),
        ("CLEARANCE_JUDGE__MODEL", "judge-1"),
        ("CLEARANCE_JUDGE__FAMILY", "northwind"),
        ("CLEARANCE_JUDGE__CALIBRATION", "/etc/clearance/judge.json"),
        ("CLEARANCE_JUDGE__KEY", "env:JUDGE_KEY"),
    ];
    let judge = load(&whole).unwrap().judge.unwrap();
    assert_eq!(judge.endpoint, "https://judge.example/v1");
    assert_eq!((judge.within.as_secs(), judge.max_questions), (300, 500));
    for left_out in 1..4 {
        let mut some = whole.to_vec();
        some.remove(left_out);
        assert!(load(&some).is_err(), "{left_out}");
    }
    let with = |name, value| {
        let mut all = whole.to_vec();
        all.retain(|(known, _)| *known != name);
        all.push((name, value));
        load(&all)
    };
    assert!(with("CLEARANCE_JUDGE__KEY", "sk-secret").is_err());
    assert!(with("CLEARANCE_JUDGE__SECONDS", "0").is_err());
    assert!(with("CLEARANCE_JUDGE__MAX_QUESTIONS", "10001").is_err());
    for (endpoint, right) in [
        ("http://127.0.0.1:8000/v1", true),
        ("http://[::1]:8000/v1", true),
        ("http://judge.example/v1", false),
        ("https://user:pass@judge.example/v1", false),
        ("https://judge.example/v1?key=1", false),
        ("file:///etc/passwd", false),
        ("judge", false),
    ] {
        let found = with("CLEARANCE_JUDGE__ENDPOINT", endpoint);
        assert_eq!(found.is_ok(), right, "{endpoint}");
    }
}

#[test]
fn sign_in_providers_are_checked() {
    let good = r#"
[[sign_in.providers]]
id = "okta"
label = "Okta"
issuer = "https://acme.okta.example"
client_id = "0oa1"
client_secret = "env:CLEARANCE_OKTA_SECRET"
[[sign_in.providers.roles]]
group = "Admins"
role = "administrator"
"#;
    let config = from_file(good).unwrap();
    let provider = &config.sign_in.providers[0];
    assert!(!provider.provider.new_people && provider.provider.rules.len() == 1);
    assert_eq!(provider.groups_claim, "groups");
    for (from, to) in [
        ("https://acme", "http://acme"),
        ("okta.example", "okta.example/?x=1"),
        ("env:CLEARANCE_OKTA_SECRET", "the-secret-itself"),
        ("administrator", "root"),
        ("\"Admins\"", "\" \""),
        ("id = \"okta\"", "id = \"Ok ta\""),
        ("label", "lable"),
        (
            "client_id = \"0oa1\"",
            "client_id = \"0oa1\"\nscopes = \"email\"",
        ),
        (
            "client_id = \"0oa1\"",
            "client_id = \"0oa1\"\ndirectory_claim = \"email\"",
        ),
    ] {
        assert!(from_file(&good.replacen(from, to, 1)).is_err(), "{to}");
    }
    let entra = good.replace("0oa1\"", "0oa1\"\ndirectory_claim = \"oid\"");
    let entra = from_file(&entra).unwrap();
    assert_eq!(entra.sign_in.providers[0].directory_claim.as_str(), "oid");
    assert!(from_file(&format!("{good}{good}")).is_err(), "twice");
    let local = good.replace("https://acme.okta.example", "http://127.0.0.1:8960");
    assert!(from_file(&local).is_ok(), "an issuer of this machine");
}

fn from_file(text: &str) -> Result<Config, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("clearance.toml");
    std::fs::write(&file, text).unwrap();
    let overrides = Overrides {
        file: Some(file),
        ..Overrides::default()
    };
    Config::from_parts(&overrides, Vec::new())
}

#[test]
fn witnesses_are_named_by_their_keys_and_half_of_them_is_no_quorum() {
    let entry = |n: u8, name: &str, url: &str| {
        let key = ::audit_log::WitnessKey::from_seed(&format!("w{n}.example"), &[n; 32]).unwrap();
        let key = key.verifier_key();
        format!("[[audit_log.witnesses]]\nname = '{name}'\nurl = '{url}'\nvkey = '{key}'\n")
    };
    let three: String = (1..4)
        .map(|n| entry(n, &format!("w{n}.example"), "https://witness.example/log"))
        .collect();
    let config = from_file(&three).unwrap();
    let policy = config.audit_log.policy().unwrap();
    assert_eq!((policy.keys().len(), policy.quorum()), (3, 2));
    let url = config.audit_log.witnesses[0].url.as_str();
    assert_eq!(url, "https://witness.example/log/add-checkpoint");
    let one = entry(1, "w1.example", "https://witness.example");
    for wrong in [
        format!("[audit_log]\nquorum = 4\n{three}"),
        format!("[audit_log]\nquorum = 0\n{three}"),
        "[audit_log]\nquorum = 1\n".to_owned(),
        format!("{one}{one}"),
        entry(1, "another.example", "https://witness.example"),
        entry(1, "w1.example", "witness.example"),
        entry(1, "w1.example", "https://witness.example/?a=b"),
        one.replace("vkey = 'w1", "vkey = 'w2"),
    ] {
        assert!(from_file(&wrong).is_err(), "{wrong}");
    }
    assert!(from_file("").unwrap().audit_log.policy().is_none());
}

#[test]
fn anchors_have_a_branch_a_pause_and_a_mail_server() {
    let git = |more: &str| {
        format!("[audit_log.anchors.git]\nrepository = 'https://git.example/heads.git'\n{more}")
    };
    let anchor = from_file(&git("")).unwrap().audit_log.git_anchor.unwrap();
    assert_eq!(
        (anchor.branch.as_str(), anchor.every_minutes),
        ("clearance-checkpoints", 60)
    );
    assert!(from_file(&git("branch = '-x'\n")).is_err());
    assert!(from_file(&git("every_minutes = 0\n")).is_err());
    let mail = "[audit_log.anchors]\nmail = ['auditor@example.com']\n";
    assert!(from_file(mail).is_err(), "no mail server");
    let server = "[mail]\nhost = 'mail.example'\nfrom = 'Clearance <clearance@example.com>'\n";
    assert!(from_file(&format!("{server}{mail}")).is_ok());
    let nobody = mail.replace("auditor@", "auditor at ");
    assert!(from_file(&format!("{server}{nobody}")).is_err());
}
