//! A server without a socket, and callers of it.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use control_plane::testing::TestPlane;
use control_plane::{ControlPlane, OpCtx, connections, people, tokens};
use domain::actor::{Actor, Role};
use domain::form::connection::ConnectionForm;
use domain::form::person::{PersonForm, TeamForm, TokenForm};
use http_body_util::BodyExt as _;
use serde_json::Value;
use server::config::{Config, Overrides};
use server::keys::Keys;
use server::{Site, Web, router};
use tower::ServiceExt as _;

pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const ADMIN: &str = "admin@example.com";

/// Longest time that an answer may take on a busy machine.
const LONGEST: Duration = Duration::from_secs(60);

/// A server with an administrator.
pub(crate) struct Plane {
    pub(crate) cp: ControlPlane,
    pub(crate) config: Config,
    pub(crate) keys: Keys,
    router: Router,
    _dir: tempfile::TempDir,
}

impl Plane {
    pub(crate) async fn new() -> Self {
        let plane = Self::empty(&[]).await;
        plane.set_up().await;
        plane
    }

    /// A server over fakes, whose agent is live in production as #2.
    pub(crate) async fn live() -> (TestPlane, Self) {
        let test = TestPlane::new().await;
        let plane = Self::over(&test).await;
        let agent = test.agent("refund-assistant").await;
        let approver = test.person("approver@example.com", Role::Approver).await;
        test.push(&agent, agent.files()).await;
        test.settle().await;
        test.approve(&approver, 2).await.unwrap();
        test.settle().await;
        (test, plane)
    }

    /// Nobody is there yet. `variables` are settings.
    pub(crate) async fn empty(variables: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let overrides = Overrides {
            data_dir: Some(dir.path().to_owned()),
            ..Overrides::default()
        };
        let config = Config::from_parts(&overrides, owned(variables)).unwrap();
        let wired = server::wiring::open(&config).await.unwrap();
        Self::of(wired.cp, wired.keys, config, dir)
    }

    /// A server of this configuration file, which lies in `dir`. Nobody is there yet.
    pub(crate) async fn configured(file: std::path::PathBuf, dir: tempfile::TempDir) -> Self {
        let overrides = Overrides {
            file: Some(file),
            ..Overrides::default()
        };
        let config = Config::from_parts(&overrides, Vec::new()).unwrap();
        let wired = server::wiring::open(&config).await.unwrap();
        Self::of(wired.cp, wired.keys, config, dir)
    }

    /// A server with an administrator, in front of a control plane whose clock the test holds.
    pub(crate) async fn over(test: &TestPlane) -> Self {
        let plane = Self::beside(test, &[]);
        plane.set_up().await;
        plane
    }

    /// One more server in front of the same control plane.
    pub(crate) fn beside(test: &TestPlane, variables: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let overrides = Overrides {
            data_dir: Some(dir.path().to_owned()),
            ..Overrides::default()
        };
        let config = Config::from_parts(&overrides, owned(variables)).unwrap();
        let keys = Keys::ephemeral("clearance.test/audit").unwrap();
        Self::of(test.cp.clone(), keys, config, dir)
    }

    /// A server over what was opened by the test itself, whose data folder the test keeps.
    pub(crate) fn wired(wired: server::wiring::Wired, config: Config) -> Self {
        Self::of(wired.cp, wired.keys, config, tempfile::tempdir().unwrap())
    }

    fn of(cp: ControlPlane, keys: Keys, config: Config, dir: tempfile::TempDir) -> Self {
        let web = Web::new(cp.clone(), &config, &keys, Site::without_bundle(), None);
        Self {
            cp,
            keys,
            router: router(web),
            config,
            _dir: dir,
        }
    }

    /// Another replica: the same keys, configuration and database.
    pub(crate) fn replica(&self) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self::of(self.cp.clone(), self.keys.clone(), self.config.clone(), dir)
    }

    /// What answers, to be put behind a socket.
    pub(crate) fn into_router(self) -> Router {
        self.router
    }

    pub(crate) async fn set_up(&self) {
        people::set_up(
            &self.cp,
            &self.ctx(Actor::Anonymous),
            &person(ADMIN, "administrator"),
        )
        .await
        .unwrap();
    }

    pub(crate) fn ctx(&self, actor: Actor) -> OpCtx {
        let now = self.cp.clock().now();
        OpCtx::new(actor, "test", self.cp.clock()).with_sign_in(Some(now))
    }

    /// The administrator, as use cases see them.
    pub(crate) async fn admin(&self) -> OpCtx {
        self.ctx_of(ADMIN).await
    }

    pub(crate) async fn ctx_of(&self, email: &str) -> OpCtx {
        let form = domain::form::person::SignInForm {
            email: email.into(),
            password: PASSWORD.into(),
            next: String::new(),
        };
        let id = people::sign_in(&self.cp, &self.ctx(Actor::Anonymous), &form)
            .await
            .unwrap();
        self.ctx(people::actor(&self.cp, id).await.unwrap().unwrap())
    }

    pub(crate) async fn add(&self, email: &str, role: &str) {
        people::add(&self.cp, &self.admin().await, &person(email, role))
            .await
            .unwrap();
    }

    pub(crate) async fn team(&self, slug: &str) {
        let form = TeamForm {
            slug: slug.into(),
            name: slug.into(),
        };
        people::create_team(&self.cp, &self.admin().await, &form)
            .await
            .unwrap();
    }

    pub(crate) async fn token(&self, email: &str, scopes: &str) -> String {
        let form = TokenForm {
            name: "test".into(),
            scopes: scopes.into(),
            days: "1".into(),
        };
        tokens::create(&self.cp, &self.ctx_of(email).await, &form)
            .await
            .unwrap()
            .text
    }

    /// A connection of the kind; answers its webhook path and secret.
    pub(crate) async fn connection(&self, slug: &str, kind: &str) -> (String, String) {
        let form = ConnectionForm {
            slug: slug.into(),
            name: slug.into(),
            kind: kind.into(),
            secret_reference: String::new(),
        };
        let made = connections::create(&self.cp, &self.admin().await, &form)
            .await
            .unwrap();
        (made.connection.webhook_path, made.secret.unwrap())
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let asked = format!("{} {}", request.method(), request.uri());
        let whole = async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let body = body.collect().await.unwrap().to_bytes().to_vec();
            Answer {
                status: parts.status,
                headers: parts.headers,
                body,
            }
        };
        let answer = tokio::time::timeout(LONGEST, whole).await;
        answer.unwrap_or_else(|_| panic!("no answer to {asked}"))
    }

    /// Like [`Self::send`], without waiting for the body.
    pub(crate) async fn open(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Call::get(path).build()).await
    }

    /// Signs in by the form; answers the cookie.
    pub(crate) async fn sign_in(&self, email: &str) -> String {
        let form = format!(
            "email={}&password={}",
            email.replace('@', "%40"),
            PASSWORD.replace(' ', "+")
        );
        let answer = self.send(Call::post("/sign-in").own().form(&form)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        answer.cookie().expect("a session cookie")
    }
}

fn owned(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    variables
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect()
}

pub(crate) fn person(email: &str, role: &str) -> PersonForm {
    PersonForm {
        name: email.split('@').next().unwrap().into(),
        email: email.into(),
        password: PASSWORD.into(),
        role: role.into(),
        team: String::new(),
    }
}

/// A request in the making.
pub(crate) struct Call {
    builder: axum::http::request::Builder,
}

impl Call {
    pub(crate) fn new(method: Method, path: &str) -> Self {
        Self {
            builder: Request::builder()
                .method(method)
                .uri(path)
                .header(header::HOST, "127.0.0.1:3000"),
        }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::new(Method::GET, path)
    }

    pub(crate) fn post(path: &str) -> Self {
        Self::new(Method::POST, path)
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self {
            builder: self.builder.header(name, value),
        }
    }

    /// Over a connection from this address.
    pub(crate) fn from(self, address: &str) -> Self {
        let peer = SocketAddr::new(address.parse().unwrap(), 50_000);
        Self {
            builder: self.builder.extension(ConnectInfo(peer)),
        }
    }

    /// From one of our own pages.
    pub(crate) fn own(self) -> Self {
        self.header("sec-fetch-site", "same-origin")
    }

    pub(crate) fn cookie(self, cookie: &str) -> Self {
        self.header("cookie", cookie)
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn build(self) -> Request<Body> {
        self.builder.body(Body::empty()).unwrap()
    }

    pub(crate) fn body(self, body: impl Into<Body>) -> Request<Body> {
        self.builder.body(body.into()).unwrap()
    }

    pub(crate) fn form(self, form: &str) -> Request<Body> {
        self.header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned())
    }

    pub(crate) fn json(self, value: &Value) -> Request<Body> {
        self.header("content-type", "application/json")
            .body(value.to_string())
    }
}

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("no JSON ({e}): {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// `name=value` of the cookie that the answer sets.
    pub(crate) fn cookie(&self) -> Option<String> {
        let set = self.headers.get(header::SET_COOKIE)?.to_str().unwrap();
        set.split(';').next().map(str::to_owned)
    }

    /// Asserts a problem with this status and code.
    pub(crate) fn is_problem(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["code"], code);
        assert_eq!(problem["request_id"], self.header("x-request-id"));
    }
}
