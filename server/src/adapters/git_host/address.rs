//! Where a repository is. Owns the reading of its address and the decision which addresses may be fetched; refuses
//! everything that is not plainly HTTPS, SSH or, where the configuration allows it, a folder of this machine.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use control_plane::ports::PortError;
use domain::form::agent::is_repository;
use url::{Host, Url};

use crate::adapters::problem::rejected;

/// A checked address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// What git is given, after `--`.
    pub(super) url: String,
    pub(super) place: Place,
}

/// What kind of place it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Https {
        /// Lower case.
        host: String,
        /// `https://host[:port]/`: what credentials are bound to.
        origin: String,
        /// Without slashes at the ends, percent-encoded as it was written.
        path: String,
    },
    Ssh {
        /// Lower case.
        host: String,
        path: String,
    },
    Local(PathBuf),
}

/// Which addresses may be fetched.
#[derive(Debug, Clone)]
pub(super) struct Allowed {
    pub(super) local: bool,
    /// Our own mirrors: fetching them would show one team's repository to another.
    pub(super) own: PathBuf,
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// `Rejected`, saying what to write instead.
    pub(super) fn parse(text: &str, allowed: &Allowed) -> Result<Self, PortError> {
        if !is_repository(text) {
            return Err(rejected(
                "The repository's address is not usable: write https://…, or user@host:path for SSH.",
            ));
        }
        let place = if text.starts_with('/') {
            local(Path::new(text), allowed)?
        } else if text.contains("://") {
            from_url(text, allowed)?
        } else {
            scp(text)?
        };
        Ok(Self {
            url: text.to_owned(),
            place,
        })
    }

    /// Host and path of a repository on a server, without `.git`.
    pub(super) fn on_server(&self) -> Option<(&str, &str)> {
        let (host, path) = match &self.place {
            Place::Https { host, path, .. } | Place::Ssh { host, path } => (host, path),
            Place::Local(_) => return None,
        };
        Some((host, path.strip_suffix(".git").unwrap_or(path)))
    }
}

fn from_url(text: &str, allowed: &Allowed) -> Result<Place, PortError> {
    let url = Url::parse(text)
        .map_err(|_| rejected("The repository's address cannot be read as a URL."))?;
    if url.password().is_some() {
        return Err(rejected(
            "The repository's address holds a password: remove it, and name a token for the git host in the configuration.",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(rejected(
            "The repository's address has a query or fragment: remove it.",
        ));
    }
    match url.scheme() {
        "https" => {
            let host = host_of(&url, allowed)?;
            let origin = format!("{}/", url.origin().ascii_serialization());
            Ok(Place::Https {
                host,
                origin,
                path: url.path().trim_matches('/').to_owned(),
            })
        }
        "ssh" => {
            let host = host_of(&url, allowed)?;
            if !is_user(url.username()) && !url.username().is_empty() {
                return Err(rejected(
                    "The user in the repository's address is not usable.",
                ));
            }
            Ok(Place::Ssh {
                host,
                path: plain_path(url.path())?,
            })
        }
        "file" => {
            let path = url
                .to_file_path()
                .map_err(|()| rejected("The repository's address names another machine's file."))?;
            local(&path, allowed)
        }
        _ => Err(rejected(
            "The repository's address must begin with https:// or ssh://.",
        )),
    }
}

/// Never a loopback or link-local address, where metadata services of clouds answer, unless local folders are allowed.
fn host_of(url: &Url, allowed: &Allowed) -> Result<String, PortError> {
    let refused = || rejected("The repository's address names no usable host.");
    let ip: Option<IpAddr> = match url.host().ok_or_else(refused)? {
        // The host of a scheme that is not special is not parsed as an address.
        Host::Domain(name) if is_host(name) => name.parse().ok(),
        Host::Domain(_) => return Err(refused()),
        Host::Ipv4(ip) => Some(ip.into()),
        Host::Ipv6(ip) => Some(ip.into()),
    };
    let near = ip.is_some_and(|ip| match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_link_local() || ip.is_unspecified(),
        IpAddr::V6(ip) => {
            ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_unicast_link_local()
                || ip.to_ipv4_mapped().is_some()
        }
    });
    if near && !allowed.local {
        return Err(rejected(
            "The repository's address names this machine or its network's own services: use the host's name.",
        ));
    }
    Ok(url.host_str().unwrap_or_default().to_ascii_lowercase())
}

fn scp(text: &str) -> Result<Place, PortError> {
    let refused = || rejected("The repository's address is not usable: write user@host:path.");
    let (left, path) = text.split_once(':').ok_or_else(refused)?;
    let (user, host) = left.split_once('@').ok_or_else(refused)?;
    if !is_user(user) || !is_host(host) {
        return Err(refused());
    }
    Ok(Place::Ssh {
        host: host.to_ascii_lowercase(),
        path: plain_path(path)?,
    })
}

/// Neither an option of ssh nor of the program on the other side.
fn plain_path(path: &str) -> Result<String, PortError> {
    let path = path.trim_matches('/');
    if path.is_empty() || path.starts_with('-') {
        return Err(rejected(
            "The path in the repository's address is not usable.",
        ));
    }
    Ok(path.to_owned())
}

fn is_host(host: &str) -> bool {
    let plain = host
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    plain
        && host
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphanumeric())
}

fn is_user(user: &str) -> bool {
    let plain = user
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    plain
        && user
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphanumeric())
}

fn local(path: &Path, allowed: &Allowed) -> Result<Place, PortError> {
    if !allowed.local {
        return Err(rejected(
            "Repositories in folders of this machine are not allowed here: use https or ssh, or set `allow_local_repositories`.",
        ));
    }
    let real = path.canonicalize().map_err(|_| {
        crate::adapters::problem::not_found(format!(
            "There is no repository in the folder {}.",
            path.display()
        ))
    })?;
    let own = allowed
        .own
        .canonicalize()
        .unwrap_or_else(|_| allowed.own.clone());
    if real.starts_with(&own) {
        return Err(rejected(
            "This folder belongs to Clearance itself: name the repository it came from.",
        ));
    }
    Ok(Place::Local(real))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, local: bool) -> Result<Place, PortError> {
        let allowed = Allowed {
            local,
            own: PathBuf::from("/nowhere/git"),
        };
        Address::parse(text, &allowed).map(|address| address.place)
    }

    fn ssh(host: &str, path: &str) -> Place {
        Place::Ssh {
            host: host.to_owned(),
            path: path.to_owned(),
        }
    }

    #[test]
    fn servers_are_read_in_every_spelling() {
        assert_eq!(
            parse("git@GitHub.com:acme/bots.git", false).unwrap(),
            ssh("github.com", "acme/bots.git")
        );
        assert_eq!(
            parse("ssh://git@github.com/acme/bots", false).unwrap(),
            ssh("github.com", "acme/bots")
        );
        let Place::Https { host, origin, path } = parse(
            "https://org@dev.azure.com:443/org/My%20Project/_git/r/",
            false,
        )
        .unwrap() else {
            panic!("not https")
        };
        assert_eq!(
            (host.as_str(), origin.as_str(), path.as_str()),
            (
                "dev.azure.com",
                "https://dev.azure.com/",
                "org/My%20Project/_git/r"
            )
        );
    }

    #[test]
    fn addresses_that_git_would_take_for_something_else_are_refused() {
        for text in [
            "ext::sh -c touch% /tmp/x",
            "--upload-pack=touch /tmp/x",
            "-oProxyCommand=x@host:path",
            "git@-oProxyCommand=x:path",
            "-o@host:path",
            "git@host:-path",
            "ssh://-oProxyCommand=x/path",
            "ssh://git@host/-path",
            "ssh://a%0a@host/path",
            "git://host/path",
            "http://host/path",
            "https://user:password@host/path",
            "https://host/path?token=x",
            "https:///",
            "https://127.0.0.1/x",
            "https://2130706433/x",
            "https://[::1]/x",
            "https://[::ffff:169.254.169.254]/x",
            "https://169.254.169.254/latest",
            "ssh://git@127.0.0.1/x",
            "/etc",
            "file:///etc",
            "file://host/etc",
            "",
        ] {
            assert!(parse(text, false).is_err(), "{text}");
        }
    }

    #[test]
    fn folders_are_read_where_they_are_allowed_but_never_our_own() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().to_str().unwrap();
        assert!(matches!(parse(text, true), Ok(Place::Local(_))));
        assert!(matches!(
            parse(&format!("file://{text}"), true),
            Ok(Place::Local(_))
        ));
        let allowed = Allowed {
            local: true,
            own: folder.path().to_owned(),
        };
        assert!(Address::parse(text, &allowed).is_err());
        assert!(parse("/nowhere/at/all", true).is_err());
    }
}
