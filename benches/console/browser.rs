//! Somebody's browser: one connection for pages, and another one for the feed.

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::office::Person;

/// A browser that is signed in.
pub(crate) struct Browser {
    host: String,
    cookie: String,
    pages: SendRequest<Full<Bytes>>,
}

/// The live events of a page.
pub(crate) struct FeedOfPage {
    body: Incoming,
    unread: Vec<u8>,
    _connection: SendRequest<Full<Bytes>>,
}

async fn connect(host: &str) -> Result<SendRequest<Full<Bytes>>, String> {
    let stream = TcpStream::connect(host).await.map_err(|error| error.to_string())?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    tokio::spawn(connection);
    Ok(sender)
}

impl Browser {
    /// Signs in as a person. `console` is the console's host and port.
    pub(crate) async fn sign_in(console: &str, person: &Person) -> Result<Self, String> {
        let pages = connect(console).await?;
        let (host, cookie) = (console.to_owned(), "hotline_language=zh".to_owned());
        let mut browser = Self { host, cookie, pages };
        let response = browser.send("/sign-in", None).await?;
        browser.keep_cookies(&response);
        let page = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
        let page = String::from_utf8_lossy(&page);
        let secret = page.split("name=\"secret\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let secret = secret.ok_or("the sign-in has no secret")?;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("secret", secret).append_pair("next", "/").append_pair("who", &person.choice);
        let response = browser.send("/sign-in", Some(form.finish())).await?;
        if response.status() != StatusCode::SEE_OTHER {
            return Err(format!("{}: the sign-in ended with {}", person.name, response.status()));
        }
        browser.keep_cookies(&response);
        response.into_body().collect().await.map_err(|error| error.to_string())?;
        Ok(browser)
    }

    fn keep_cookies(&mut self, response: &Response<Incoming>) {
        for set in response.headers().get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let pair = set.split(';').next().unwrap_or_default();
            self.cookie = format!("{}; {pair}", self.cookie);
        }
    }

    fn request(&self, path: &str, form: Option<String>) -> Result<Request<Full<Bytes>>, String> {
        let method = if form.is_some() { "POST" } else { "GET" };
        let request = Request::builder().method(method).uri(path).header(HOST, &self.host);
        let request = request.header(COOKIE, &self.cookie);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.body(Full::from(form.unwrap_or_default())).map_err(|error| error.to_string())
    }

    async fn send(&mut self, path: &str, form: Option<String>) -> Result<Response<Incoming>, String> {
        let request = self.request(path, form)?;
        self.pages.ready().await.map_err(|error| format!("{path}: {error}"))?;
        self.pages.send_request(request).await.map_err(|error| format!("{path}: {error}"))
    }

    /// Reads a whole page.
    pub(crate) async fn read(&mut self, path: &str) -> Result<(), String> {
        let response = self.send(path, None).await?;
        let status = response.status();
        let body = response.into_body().collect().await.map_err(|error| format!("{path}: {error}"))?;
        if status == StatusCode::OK && body.to_bytes().len() > 1_000 {
            return Ok(());
        }
        Err(format!("{path}: {status}"))
    }

    /// Opens the feed of a page.
    pub(crate) async fn open_feed(&self) -> Result<FeedOfPage, String> {
        let mut connection = connect(&self.host).await?;
        let response = connection.send_request(self.request("/feed", None)?).await;
        let response = response.map_err(|error| format!("/feed: {error}"))?;
        if response.status() != StatusCode::OK {
            return Err(format!("/feed: {}", response.status()));
        }
        Ok(FeedOfPage { body: response.into_body(), unread: Vec::new(), _connection: connection })
    }
}

impl FeedOfPage {
    /// Waits until a ticket has changed. It may be dropped at any time.
    pub(crate) async fn changed(&mut self) -> Result<(), String> {
        loop {
            if let Some(at) = self.unread.windows(2).position(|two| two == b"\n\n") {
                let event: Vec<u8> = self.unread.drain(..at + 2).collect();
                if event.starts_with(b"event: ticket") {
                    return Ok(());
                }
                continue;
            }
            let frame = self.body.frame().await.ok_or("the feed ended")?;
            let frame = frame.map_err(|error| format!("/feed: {error}"))?;
            self.unread.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
        }
    }

    /// Ignores what has arrived.
    pub(crate) fn forget(&mut self) {
        self.unread.clear();
    }
}
