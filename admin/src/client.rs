//! `hotline client`: who may call, and with which credentials. For administrators.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args;
use hotline_client::{ClientKind, ClientState, CreateClient, IssueCredential, Proof, Role, Token};

use crate::context::{Context, Done, RequestId};
use crate::failure::Failure;
use crate::flags::{names, text};
use crate::instant;
use crate::output::Column;
use crate::verbs::{list_verb, verbs};

const COLUMNS: &[Column] = &[
    ("PRINCIPAL", "principal"),
    ("KIND", "kind"),
    ("STATE", "state"),
    ("ROLES", "roles"),
    ("UNIT", "unit"),
    ("NOTE", "note"),
];

verbs! {
    /// Lists clients by name.
    List = List, calls "ListClients";
    /// Prints a client with its credentials.
    Show = Show, calls "GetClient";
    /// Makes a client.
    Create = Create, calls "CreateClient";
    /// Issues a credential. A token is written to a file, and only once.
    Issue = Issue, calls "IssueCredential";
    /// Revokes a credential, from the next call on.
    RevokeCredential = RevokeCredential, calls "RevokeCredential";
    /// Revokes a client for ever, from the next call on.
    Revoke = Revoke, calls "RevokeClient";
}

list_verb! {
    List = admin.list_clients(ListClients), COLUMNS => {
        /// In this state.
        #[arg(long, value_parser = names!(ClientState))]
        state: Option<ClientState>,
        /// Clients that act for this unit.
        #[arg(long, value_name = "CODE")]
        unit: Option<String>,
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The client.
    principal: String,
}

impl Show {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.record(&context.client().await?.admin().get_client(self.principal).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its name, which never changes: the name of a program or a post.
    principal: String,
    /// What it is.
    #[arg(long, value_parser = names!(ClientKind))]
    kind: ClientKind,
    /// A role. Repeatable. `unit` can't be combined with others.
    #[arg(long = "role", required = true, value_parser = names!(Role))]
    roles: Vec<Role>,
    /// The unit that it acts for.
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
    /// Why.
    #[arg(long, value_parser = text)]
    note: String,
    #[command(flatten)]
    request: RequestId,
}

impl Create {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = CreateClient::new(self.principal, self.kind, &self.roles, self.note)
            .unit(self.unit)
            .request_id(self.request.id);
        context.record(&context.client().await?.admin().create_client(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Issue {
    /// The client.
    principal: String,
    /// A token, written to this new file, which only its owner can read.
    #[arg(
        long = "write-token",
        value_name = "FILE",
        required_unless_present_any = ["certificate_uri", "subject_issuer"]
    )]
    new_token: Option<PathBuf>,
    /// A client certificate with this URI.
    #[arg(long = "certificate", value_name = "URI", conflicts_with = "new_token")]
    certificate_uri: Option<String>,
    /// A subject of this identity provider. With --subject.
    #[arg(long = "issuer", value_name = "URL", requires = "subject", conflicts_with_all = ["new_token", "certificate_uri"])]
    subject_issuer: Option<String>,
    /// The subject at the identity provider.
    #[arg(long, requires = "subject_issuer")]
    subject: Option<String>,
    /// When it expires.
    #[arg(long = "expires", value_name = "TIME", value_parser = instant::parse)]
    expire_time: Option<DateTime<Utc>>,
    #[command(flatten)]
    request: RequestId,
}

impl Issue {
    pub(crate) async fn run(self, context: &Context) -> Done {
        // The file is made first: a token that can't be written would be lost.
        let file = self.new_token.as_ref().map(|path| create(path).map(|file| (path, file))).transpose()?;
        let proof = match (self.certificate_uri, self.subject_issuer.zip(self.subject)) {
            (Some(uri), _) => Proof::Certificate { uri },
            (None, Some((issuer, subject))) => Proof::Subject { issuer, subject },
            (None, None) => Proof::Token,
        };
        let command = IssueCredential::new(self.principal, proof)
            .expire_time(self.expire_time)
            .request_id(self.request.id);
        let admin = context.client().await?.admin();
        let issued = match admin.issue_credential(command).await {
            Ok(issued) => issued,
            Err(error) => {
                // It is empty.
                file.map(|(path, _)| std::fs::remove_file(path));
                return Err(error.into());
            }
        };
        if let Some((path, mut file)) = file {
            match issued.token.as_ref().map(Token::reveal) {
                Some(token) => {
                    file.write_all(token.as_bytes())
                        .map_err(|error| Failure::about(path.display(), error))?;
                }
                None => context.note("the token was given before and can't be given again; revoke it"),
            }
        }
        context.record(&issued.credential)
    }
}

/// A new file that only its owner can read.
fn create(path: &std::path::Path) -> Result<std::fs::File, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| Failure::about(path.display(), error))
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct RevokeCredential {
    /// The credential's id.
    credential_id: String,
    /// Why.
    #[arg(long, value_parser = text)]
    note: String,
    #[command(flatten)]
    request: RequestId,
}

impl RevokeCredential {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.confirm(&format!("credential {} is revoked", self.credential_id))?;
        let command =
            hotline_client::RevokeCredential::new(self.credential_id, self.note).request_id(self.request.id);
        context.record(&context.client().await?.admin().revoke_credential(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// The client.
    principal: String,
    /// Why.
    #[arg(long, value_parser = text)]
    note: String,
    #[command(flatten)]
    request: RequestId,
}

impl Revoke {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.confirm(&format!("client {} is revoked for ever", self.principal))?;
        let command =
            hotline_client::RevokeClient::new(self.principal, self.note).request_id(self.request.id);
        context.record(&context.client().await?.admin().revoke_client(command).await?)
    }
}
