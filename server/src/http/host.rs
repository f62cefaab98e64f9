//! A server that only this machine reaches answers only to this machine's names. Otherwise a page on the internet could
//! point its own name at 127.0.0.1 and talk to us as if it were our site.

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::error::HttpError;
use super::web::Web;

/// Refuses foreign names on a local server.
pub(crate) async fn check(State(web): State<Web>, request: Request, next: Next) -> Response {
    let host = request
        .uri()
        .authority()
        .map(|a| a.as_str().to_owned())
        .or_else(|| {
            let header = request.headers().get(header::HOST)?;
            header.to_str().ok().map(str::to_owned)
        });
    if web.is_local() && host.is_some_and(|host| !is_local_name(&host)) {
        let title =
            "This server answers only to this machine. Set `base_url` to serve it under a name.";
        return HttpError::new(StatusCode::MISDIRECTED_REQUEST, "wrong_host", title)
            .into_response();
    }
    next.run(request).await
}

fn is_local_name(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let name = name.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_local_name;

    #[test]
    fn only_names_of_this_machine_are_local() {
        for name in [
            "localhost",
            "LOCALHOST:3000",
            "127.0.0.1:3000",
            "127.0.0.1",
            "[::1]:3000",
            "a.localhost:1",
        ] {
            assert!(is_local_name(name), "{name}");
        }
        for name in [
            "evil.example",
            "localhost.evil.example",
            "10.0.0.1:3000",
            "127.0.0.1.nip.io",
            "",
            "[::2]:1",
        ] {
            assert!(!is_local_name(name), "{name}");
        }
    }
}
