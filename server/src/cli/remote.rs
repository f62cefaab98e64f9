//! A running server, asked over its REST API: with a token from a variable, or as a person who signs in for one act. What
//! it answers is somebody else's text, so nothing of it reaches the terminal unchecked.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, Error, Result, bail, ensure};
use clap::Args;
use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::{print_json, prompt};

/// How a command that only reads is authorised and ends, for its help.
pub(super) const READS: &str = "Asks a running server with the API token in CLEARANCE_TOKEN (scope read).\n\
    Exit status: 0 answered, 2 not answered or refused.";

/// Longest time in which a large file is fetched.
const LONG: Duration = Duration::from_secs(3_600);

const STRANGE: &str = "this server answers in another way than this program knows";

/// Where the server is.
#[derive(Debug, Args)]
pub(super) struct Remote {
    /// Address of the server; else what `CLEARANCE_BASE_URL` says, else port 3000 of this machine
    #[arg(long, value_name = "URL")]
    server: Option<String>,
}

/// The same, for an act that only a person does.
#[derive(Debug, Args)]
pub(super) struct Person {
    #[command(flatten)]
    remote: Remote,
    /// Address that you sign in with
    #[arg(long = "as", value_name = "EMAIL")]
    by: Option<String>,
}

/// What authorises the calls.
enum Authority {
    Token(String),
    Session(String),
}

/// A server to ask.
pub(super) struct Server {
    client: Client,
    base: String,
    authority: Authority,
}

fn variable(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "these commands need no configuration: they speak to a server that has one"
    )]
    let value = std::env::var(name).ok();
    value.filter(|text| !text.trim().is_empty())
}

impl Remote {
    fn base(&self) -> Result<String> {
        let said = self
            .server
            .clone()
            .or_else(|| variable("CLEARANCE_BASE_URL"));
        let base = said.unwrap_or_else(|| "http://127.0.0.1:3000".to_owned());
        let base = base.trim().trim_end_matches('/').to_owned();
        let url = Url::parse(&base).with_context(|| format!("{} is no address", plain(&base)))?;
        let here = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        // A token or a password over an open network is everybody's.
        if url.scheme() != "https" && !(url.scheme() == "http" && here) {
            bail!("{} must begin with https://", plain(&base));
        }
        Ok(base)
    }

    /// The server, with the token of `CLEARANCE_TOKEN`.
    pub(super) fn by_token(&self) -> Result<Server> {
        let token = variable("CLEARANCE_TOKEN").context(
            "set CLEARANCE_TOKEN to an API token; make one with `clearance token create`, or on the page Settings",
        )?;
        Server::new(self.base()?, Authority::Token(token.trim().to_owned()))
    }

    /// The server, for a person who gives their password. The session is kept in memory, and ended by [`Server::sign_out`].
    async fn as_person(&self, email: &str) -> Result<Server> {
        let password = prompt::password("CLEARANCE_PASSWORD", &format!("password of {email}"))?;
        let mut server = Server::new(self.base()?, Authority::Session(String::new()))?;
        let form = [("email", email), ("password", &password), ("next", "/")];
        let request = server.request(Method::POST, "/sign-in").form(&form);
        let answer = request.send().await.context("the server does not answer")?;
        let headers = answer.headers().clone();
        let leads = headers.get(LOCATION).and_then(|v| v.to_str().ok());
        if leads.is_some_and(|to| to.contains("error=too_many")) {
            bail!("Too many attempts. Wait a minute and try again.");
        }
        if !answer.status().is_redirection() || leads.is_none_or(|to| to.contains("error=")) {
            bail!("The e-mail address or the password is wrong.");
        }
        if leads == Some("/passkey") {
            bail!(
                "This person signs in with a passkey, which the command line cannot ask for. Do it in the browser."
            );
        }
        let cookies = headers.get_all(SET_COOKIE).iter();
        let cookie = cookies
            .filter_map(|v| v.to_str().ok()?.split(';').next())
            .find(|pair| pair.contains("clearance=") && !pair.starts_with("clearance_"));
        let cookie = cookie.context("the server began no session")?;
        server.authority = Authority::Session(cookie.to_owned());
        Ok(server)
    }
}

impl Person {
    /// Signs in, acts, and signs out, whatever came of the act.
    pub(super) async fn acts(
        &self,
        act: impl AsyncFnOnce(&Server) -> Result<ExitCode>,
    ) -> Result<ExitCode> {
        let email = match &self.by {
            Some(email) => email.clone(),
            None => prompt::answer("e-mail: ")?,
        };
        let server = self.remote.as_person(&email).await?;
        let done = act(&server).await;
        let ended = server.sign_out().await;
        let code = done?;
        ended?;
        Ok(code)
    }
}

impl Server {
    fn new(base: String, authority: Authority) -> Result<Self> {
        let client = Client::builder()
            .redirect(Policy::none())
            .timeout(std::time::Duration::from_secs(60))
            .build()
            .context("no client can be made")?;
        Ok(Self {
            client,
            base,
            authority,
        })
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.authority {
            Authority::Token(token) => request.bearer_auth(token),
            Authority::Session(cookie) if cookie.is_empty() => request.header(ORIGIN, &self.base),
            Authority::Session(cookie) => request.header(ORIGIN, &self.base).header(COOKIE, cookie),
        }
    }

    /// Reads something.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        answer(self.request(Method::GET, path)).await
    }

    /// Prints something: in JSON as it came, or for people.
    pub(super) async fn show<T: DeserializeOwned>(
        &self,
        path: &str,
        json: bool,
        print: impl FnOnce(T),
    ) -> Result<ExitCode> {
        if json {
            print_json(&self.get::<Value>(path).await?)?;
        } else {
            print(self.get(path).await?);
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Reads a file of so many bytes at the most.
    pub(super) async fn fetch(&self, path: &str, most: u64) -> Result<Vec<u8>> {
        let sent = self.request(Method::GET, path).send().await;
        let mut answer = sent.context("the server does not answer")?;
        if !answer.status().is_success() {
            let status = answer.status();
            let text = answer.text().await.context("the answer broke off")?;
            return Err(refusal(status.as_str(), &text));
        }
        let mut bytes = Vec::new();
        while let Some(piece) = answer.chunk().await.context("the answer broke off")? {
            bytes.extend_from_slice(&piece);
            if u64::try_from(bytes.len()).map_or(true, |size| size > most) {
                bail!("the answer is larger than this program takes");
            }
        }
        Ok(bytes)
    }

    /// Reads a file of so many bytes at the most into one here, which appears when it is whole. Answers its length.
    pub(super) async fn save(&self, path: &str, into: &Path, most: u64) -> Result<u64> {
        let cannot = || format!("{} cannot be written", into.display());
        let sent = self.request(Method::GET, path).timeout(LONG).send().await;
        let mut answer = sent.context("the server does not answer")?;
        if !answer.status().is_success() {
            let status = answer.status();
            let text = answer.text().await.context("the answer broke off")?;
            return Err(refusal(status.as_str(), &text));
        }
        let folder = into
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let part = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")));
        let mut part = part.with_context(cannot)?;
        let mut length = 0;
        while let Some(piece) = answer.chunk().await.context("the answer broke off")? {
            length += u64::try_from(piece.len()).unwrap_or(u64::MAX);
            ensure!(
                length <= most,
                "the answer is larger than this program takes"
            );
            part.write_all(&piece).with_context(cannot)?;
        }
        part.persist(into).with_context(cannot)?;
        Ok(length)
    }

    /// Asks for something to be done.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T> {
        answer(self.request(Method::POST, path).json(body)).await
    }

    /// Ends the session of a person.
    async fn sign_out(&self) -> Result<()> {
        let sent = self.request(Method::POST, "/sign-out").send().await;
        sent.map(|_| ())
            .context("the session could not be ended; it ends by itself")
    }
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T> {
    let answer = request.send().await.context("the server does not answer")?;
    let status = answer.status();
    let text = answer.text().await.context("the answer broke off")?;
    if status.is_success() {
        return serde_json::from_str(&text).context(STRANGE);
    }
    Err(refusal(status.as_str(), &text))
}

/// What the server says instead of an answer.
fn refusal(status: &str, text: &str) -> Error {
    let problem: Value = serde_json::from_str(text).unwrap_or_default();
    Error::msg(told(status, &problem))
}

/// The number of what was made.
pub(super) fn number_of(told: &Value) -> Result<i64> {
    let number = told.get("number").and_then(Value::as_i64);
    number.context(STRANGE)
}

/// The state that something is in now.
pub(super) fn state_of<S: FromStr>(told: &Value) -> Result<S> {
    let state = told.get("state").and_then(Value::as_str);
    state.and_then(|word| word.parse().ok()).context(STRANGE)
}

/// A problem as people read it.
fn told(status: &str, problem: &Value) -> String {
    let word = |key: &str| problem.get(key).and_then(Value::as_str).unwrap_or_default();
    let mut lines = vec![match word("title") {
        "" => format!("The server answered {status}."),
        title => plain(title),
    }];
    let fields = problem.get("fields").and_then(Value::as_array);
    for field in fields.into_iter().flatten() {
        let part = |key: &str| field.get(key).and_then(Value::as_str).unwrap_or_default();
        lines.push(format!(
            "{}: {}",
            plain(part("field")),
            plain(part("message"))
        ));
    }
    if !word("request_id").is_empty() {
        lines.push(format!("(request {})", plain(word("request_id"))));
    }
    lines.join("\n")
}

/// What a query string holds, encoded.
pub(super) fn query(pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    query.finish()
}

/// A name as one part of a path.
pub(super) fn encoded(name: &str) -> String {
    form_urlencoded::byte_serialize(name.trim().as_bytes()).collect()
}

/// Lets pass a word that the server knows, or none. It would answer an unknown one with nothing, which looks like an answer.
pub(super) fn known(what: &str, word: &str, words: &[&str]) -> Result<()> {
    ensure!(
        word.is_empty() || words.contains(&word),
        "there is no such {what}; write one of {}",
        words.join(", ")
    );
    Ok(())
}

/// Prints a list, and how to see what comes after it.
pub(super) fn print_list(lines: impl Iterator<Item = String>, next: Option<&str>) {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        println!("Nothing.");
    }
    print_lines(lines);
    if let Some(next) = next {
        println!("There are more: --cursor {}", plain(next));
    }
}

/// Prints what a server said, line by line.
pub(super) fn print_lines(lines: impl IntoIterator<Item = String>) {
    for line in lines {
        println!("{}", plain(&line));
    }
}

/// Text for a terminal: what would move the cursor, colour, hide or turn around is replaced.
pub(super) fn plain(text: &str) -> String {
    let shown = domain::text::visible(text);
    let stays = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    shown.chars().map(stays).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_server_says_cannot_move_the_cursor() {
        let text = plain("a\u{1b}[2Jb\nc\u{202e}d");
        assert_eq!(text, "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d");
    }

    #[test]
    fn passwords_and_tokens_go_over_https_or_stay_here() {
        let base = |server: &str| {
            Remote {
                server: Some(server.to_owned()),
            }
            .base()
        };
        assert_eq!(
            base("http://127.0.0.1:3000/").unwrap(),
            "http://127.0.0.1:3000"
        );
        assert!(base("https://clearance.example.com").is_ok());
        assert!(base("http://clearance.example.com").is_err());
        assert!(base("clearance").is_err());
    }

    #[test]
    fn a_problem_says_what_to_do() {
        let problem = json!({ "title": "Some fields need another look.",
            "fields": [{ "field": "reason", "message": "This is too short." }], "request_id": "r-1" });
        let text = told("422", &problem);
        assert_eq!(
            text,
            "Some fields need another look.\nreason: This is too short.\n(request r-1)"
        );
        assert!(told("502", &Value::Null).contains("502"));
    }
}
