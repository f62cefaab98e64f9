//! What every run of git is given: variables of this process, and the one configuration file. Refuses nothing by itself.

/// Variables of this process that git and ssh need to find programs, proxies, agents and certificates.
pub(super) const PASSED: [&str; 13] = [
    "PATH",
    "TMPDIR",
    "SSH_AUTH_SOCK",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
    "GIT_EXEC_PATH",
];

/// What stands in git's only configuration file. A repository's own configuration can change neither the protocols nor
/// the hooks: those are set in the environment and on the command line as well.
pub(super) const CONFIGURATION: &str = "[core]
\thooksPath = /dev/null
\tattributesFile = /dev/null
\texcludesFile = /dev/null
\tfsmonitor = false
\taskPass =
\tbigFileThreshold = 16m
[credential]
\thelper =
[protocol]
\tversion = 2
\tallow = never
[protocol \"https\"]
\tallow = always
[protocol \"ssh\"]
\tallow = always
[protocol \"ext\"]
\tallow = never
[http]
\tfollowRedirects = false
\tlowSpeedLimit = 1000
\tlowSpeedTime = 30
[transfer]
\tfsckObjects = true
[fetch]
\trecurseSubmodules = false
\tunpackLimit = 1
\twriteCommitGraph = false
[fetch \"fsck\"]
\tzeroPaddedFilemode = warn
\tmissingSpaceBeforeDate = warn
\tbadTimezone = warn
\tmissingEmail = warn
\tmissingNameBeforeEmail = warn
\tbadEmail = warn
\tbadName = warn
[submodule]
\trecurse = false
[push]
\tdefault = nothing
\tgpgSign = false
\trecurseSubmodules = no
[gc]
\tauto = 0
[maintenance]
\tauto = false
[log]
\tmailmap = false
\tshowSignature = false
[init]
\tdefaultBranch = main
[user]
\tname = Clearance
\temail = clearance@localhost
[commit]
\tgpgSign = false
[tag]
\tgpgSign = false
";
/// And this where repositories in folders of this machine are allowed.
pub(super) const LOCAL_CONFIGURATION: &str = "[protocol \"file\"]
\tallow = always
[safe]
\tdirectory = *
";
