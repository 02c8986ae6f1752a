//! `hotline console`: the hotline on a screen, as pages that this program serves.
//!
//! The console has no rights of its own. It passes the credential of whoever has signed in to the hotline, which
//! decides about every call. Pages are made here and work without JavaScript.

mod absence_page;
mod act;
mod advice;
mod analysis_pictures;
mod app;
mod assets;
mod attachment_page;
mod bulk;
mod caller;
mod content;
mod cookies;
mod desk;
mod feed;
mod form;
mod knowledge_pages;
mod language;
mod menu;
mod office_pages;
mod oidc;
mod page;
mod pictures;
mod policy_names;
mod progress_page;
mod random;
mod record_pages;
mod router;
mod rule_pages;
mod score_months;
mod score_pages;
mod score_picture;
mod score_records;
mod seat_pages;
mod security;
mod service_level;
mod session;
mod sign_in;
mod svg;
mod table_file;
mod text_templates;
mod ticket_events;
mod ticket_filter;
mod ticket_list;
mod ticket_page;
mod ticket_rows;
mod time_line;
mod values;
mod verb;
mod verbs;
mod visit;
mod zone;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use hotline_client::{DevelopmentCredentials, HotlineClient, Role, Token};
use tokio::net::TcpListener;

use self::app::{App, SignIn};
use self::language::Lang;
use crate::failure::Failure;

/// The deadline of a call that a page waits for.
const DEADLINE: Duration = Duration::from_secs(10);

/// Serves the console to browsers.
#[derive(Debug, Args)]
pub(crate) struct Console {
    /// The address to serve.
    #[arg(long, default_value = "127.0.0.1:7313", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// The address of the hotline. The default is the development server of this folder.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// The address at which browsers reach the console, if a proxy ends TLS in front of it.
    #[arg(long, value_name = "URL", requires = "oidc_issuer")]
    public_url: Option<String>,
    /// The certificate of the console for the hotline, with its chain, as PEM.
    #[arg(long, value_name = "FILE", requires = "client_key_file")]
    client_certificate_file: Option<PathBuf>,
    /// The private key of that certificate, as PEM.
    #[arg(long, value_name = "FILE", requires = "client_certificate_file")]
    client_key_file: Option<PathBuf>,
    /// The authority of the hotline's certificate, as PEM.
    #[arg(long, value_name = "FILE")]
    server_ca_file: Option<PathBuf>,
    /// The file with the credential for the page on which companies ask for their progress: a machine client with the
    /// role telephony. Without it there is no such page.
    #[arg(long, value_name = "FILE")]
    progress_token_file: Option<PathBuf>,
    /// The identity provider at which people sign in.
    #[arg(long, value_name = "URL", requires = "oidc_client_id")]
    oidc_issuer: Option<String>,
    /// The name of the console at the identity provider.
    #[arg(long, value_name = "ID")]
    oidc_client_id: Option<String>,
    /// The file with the secret of the console at the identity provider.
    #[arg(long, value_name = "FILE")]
    oidc_secret_file: Option<PathBuf>,
    /// The hotline's name at the identity provider, for providers with resource indicators.
    #[arg(long, value_name = "URI")]
    oidc_resource: Option<String>,
    /// What is asked of the identity provider.
    #[arg(long, value_name = "SCOPE", default_value = "openid")]
    oidc_scope: String,
    /// The authority of the identity provider's certificate, as PEM.
    #[arg(long, value_name = "FILE")]
    oidc_ca_file: Option<PathBuf>,
}

impl Console {
    /// Serves until the program is stopped.
    pub(crate) async fn run(self) -> Result<String, Failure> {
        let development = match self.oidc_issuer {
            Some(_) => None,
            None => Some(self.development()?),
        };
        if self.public_url.is_none() && !self.listen.ip().is_loopback() {
            let text = "--listen beyond loopback needs --public-url with https and an identity provider";
            return Err(Failure::new(text));
        }
        let own = development.as_ref().map(|found| found.endpoint().to_owned());
        let server = self.server.clone().or(own);
        let server = server.unwrap_or_else(|| hotline_client::DEFAULT_ENDPOINT.to_owned());
        let clients = [self.client(&server, Lang::Zh)?, self.client(&server, Lang::En)?];
        let listener =
            TcpListener::bind(self.listen).await.map_err(|error| Failure::about(self.listen, error))?;
        let address = listener.local_addr().map_err(|error| Failure::about(self.listen, error))?;
        let public = self.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
        let public = public.trim_end_matches('/').to_owned();
        let is_secure = public.starts_with("https://");
        let host = public.split("://").nth(1).unwrap_or_default().to_owned();
        let mut hosts = vec![host];
        if self.public_url.is_none() {
            hosts.push(format!("localhost:{}", address.port()));
        }
        let sign_in = match development {
            Some(credentials) => SignIn::Development(credentials),
            None => SignIn::Provider(Box::new(self.provider(&public).await?)),
        };
        let progress = self.progress_token(&sign_in)?;
        let app = Arc::new(App::new(clients, sign_in, progress, hosts, is_secure));
        println!("console on {public}, hotline at {server}");
        let serving = axum::serve(listener, router::of(app)).with_graceful_shutdown(async {
            let _ = tokio::signal::ctrl_c().await;
        });
        serving.await.map_err(|error| Failure::about("console", error))?;
        Ok(String::new())
    }

    /// The development credentials of this folder's server. They are for a server on the same machine only.
    fn development(&self) -> Result<DevelopmentCredentials, Failure> {
        let found = DevelopmentCredentials::find().map_err(|error| Failure::new(error.to_string()))?;
        let server = self.server.as_deref().unwrap_or(found.endpoint());
        if is_loopback(server) {
            return Ok(found);
        }
        let text = "development credentials are for a server on this machine; in service, give --oidc-issuer";
        Err(Failure::new(text))
    }

    /// The credential of the page for companies: of a file, or the telephony middleware's of a development server.
    fn progress_token(&self, sign_in: &SignIn) -> Result<Option<Token>, Failure> {
        if let Some(path) = &self.progress_token_file {
            let text = std::fs::read_to_string(path);
            let text = text.map_err(|error| Failure::about(path.display(), error))?;
            return Ok(Some(Token::from(text.trim())));
        }
        let SignIn::Development(credentials) = sign_in else { return Ok(None) };
        Ok(credentials.for_role(Role::Telephony).ok())
    }

    fn client(&self, server: &str, lang: Lang) -> Result<HotlineClient, Failure> {
        let mut builder = HotlineClient::builder().endpoint(server).language(lang.sdk()).deadline(DEADLINE);
        if let Some(file) = &self.server_ca_file {
            builder = builder.certificate_authority_file(file);
        }
        if let (Some(certificate), Some(key)) = (&self.client_certificate_file, &self.client_key_file) {
            builder = builder.client_certificate_files(certificate, key);
        }
        Ok(builder.connect_lazy()?)
    }

    async fn provider(&self, public: &str) -> Result<oidc::Provider, Failure> {
        let secret = match &self.oidc_secret_file {
            Some(path) => {
                let text = std::fs::read_to_string(path);
                Some(text.map_err(|error| Failure::about(path.display(), error))?.trim().to_owned())
            }
            None => None,
        };
        let settings = oidc::Settings {
            issuer: self.oidc_issuer.clone().unwrap_or_default(),
            client_id: self.oidc_client_id.clone().unwrap_or_default(),
            client_secret: secret,
            resource: self.oidc_resource.clone(),
            scope: self.oidc_scope.clone(),
            ca_file: self.oidc_ca_file.clone(),
            redirect: format!("{public}/sign-in/callback"),
        };
        oidc::Provider::discover(settings).await.map_err(Failure::new)
    }
}

/// Whether a server is on this machine.
fn is_loopback(server: &str) -> bool {
    let Ok(uri) = server.parse::<axum::http::Uri>() else { return false };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn development_credentials_go_to_this_machine_only() {
        for local in ["http://127.0.0.1:7312", "http://localhost:7312", "http://[::1]:7312"] {
            assert!(is_loopback(local), "{local}");
        }
        for other in
            ["http://127.evil.example", "http://10.0.0.1:7312", "https://hotline.example", "", "nonsense"]
        {
            assert!(!is_loopback(other), "{other}");
        }
    }
}
