//! Which server is called, with whose token. Each value comes from the flag, then the environment, then the profile.
//!
//! A token is never a flag, because other users of the machine can read the flags of a process.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use clap::Args;
use hotline_client::{
    Builder, DEFAULT_ENDPOINT, DevelopmentCredentials, FileToken, HotlineClient, Language, Role,
};
use serde::Deserialize;

use crate::failure::Failure;
use crate::flags::flag_value;

/// The profile that is used if none is named.
const PROFILE_DEFAULT: &str = "default";
/// The environment variable with a token.
const TOKEN_VARIABLE: &str = "HOTLINE_TOKEN";

/// Which server is called, with whose token.
#[derive(Debug, Args)]
#[command(next_help_heading = "Flags of every command")]
pub(crate) struct ConnectionOptions {
    /// The table of the profiles file that is used.
    #[arg(long, global = true, env = "HOTLINE_PROFILE", value_name = "NAME")]
    profile: Option<String>,
    /// The profiles file. The default is hotline/profiles.toml in the user's folder of configurations.
    #[arg(long, global = true, env = "HOTLINE_PROFILES", value_name = "FILE")]
    profiles: Option<PathBuf>,
    /// The server's address.
    #[arg(long, global = true, env = "HOTLINE_ENDPOINT", value_name = "URL")]
    endpoint: Option<String>,
    /// The file with the token, which is read again when it changes. `HOTLINE_TOKEN` holds a token itself.
    #[arg(long, global = true, env = "HOTLINE_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The file with the client certificate for mutual TLS, as PEM. With --key-file.
    #[arg(long, global = true, env = "HOTLINE_CERTIFICATE_FILE", value_name = "FILE")]
    certificate_file: Option<PathBuf>,
    /// The file with the key of the client certificate, as PEM. With --certificate-file.
    #[arg(long, global = true, env = "HOTLINE_KEY_FILE", value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// The certificates of the authorities that the server's certificate may come from, as PEM.
    #[arg(long, global = true, env = "HOTLINE_CA_FILE", value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// For trials: the development credential of this role, unit or principal, for example `agent`, `district-chaoyang`
    /// or `dev-administrator-2`.
    #[arg(long = "as", global = true, value_name = "NAME")]
    development: Option<String>,
    /// The language of messages from the server, English unless it is given, and of reports, which are Chinese then.
    #[arg(long, global = true, env = "HOTLINE_LANGUAGE", value_enum)]
    language: Option<LanguageName>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum LanguageName {
    En,
    Zh,
}

/// A table of the profiles file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    endpoint: Option<String>,
    token_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    certificate_file: Option<PathBuf>,
    key_file: Option<PathBuf>,
    server_name: Option<String>,
}

/// The profiles file: `[profile.NAME]` tables.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfilesFile {
    #[serde(default)]
    profile: BTreeMap<String, Profile>,
}

impl ConnectionOptions {
    /// Connects to the server.
    pub(crate) async fn connect(&self) -> Result<HotlineClient, Failure> {
        Ok(self.builder()?.connect().await?)
    }

    /// A connection with these settings, which is not made yet.
    pub(crate) fn builder(&self) -> Result<Builder, Failure> {
        let profile = self.profile()?;
        if let Some(name) = &self.development {
            return self.development_builder(name);
        }
        let mut builder = self.builder_without_token(DEFAULT_ENDPOINT)?;
        if let Some(file) = &self.token_file {
            builder = builder.token_provider(FileToken::new(file));
        } else if let Ok(token) = env::var(TOKEN_VARIABLE) {
            builder = builder.token(token);
        } else if let Some(file) = profile.token_file {
            builder = builder.token_provider(FileToken::new(file));
        }
        Ok(builder)
    }

    /// A connection with a credential that a development server left.
    pub(crate) fn development_builder(&self, name: &str) -> Result<Builder, Failure> {
        let credentials = DevelopmentCredentials::find().map_err(|error| Failure::new(error.to_string()))?;
        let role = flag_value::<Role>(name).ok().and_then(|role| credentials.for_role(role).ok());
        let token = match role {
            Some(token) => Ok(token),
            None => credentials.for_unit(name).or_else(|_| credentials.for_principal(name)),
        };
        let token = token.map_err(|error| Failure::usage(error.to_string()))?;
        Ok(self.builder_without_token(credentials.endpoint())?.token(token))
    }

    /// The same for commands that have tokens of their own. If no endpoint is named, it is this one.
    pub(crate) fn builder_without_token(&self, endpoint: &str) -> Result<Builder, Failure> {
        let profile = self.profile()?;
        let endpoint = self.endpoint.clone().or(profile.endpoint).unwrap_or_else(|| endpoint.to_owned());
        let mut builder = HotlineClient::builder().endpoint(endpoint).language(self.language());
        if let Some(file) = self.ca_file.clone().or(profile.ca_file) {
            builder = builder.certificate_authority_file(file);
        }
        let certificate = self.certificate_file.clone().or(profile.certificate_file);
        let key = self.key_file.clone().or(profile.key_file);
        match (certificate, key) {
            (Some(certificate), Some(key)) => builder = builder.client_certificate_files(certificate, key),
            (None, None) => {}
            _ => {
                return Err(Failure::usage(
                    "a client certificate needs both --certificate-file and --key-file",
                ));
            }
        }
        if let Some(name) = profile.server_name {
            builder = builder.server_name(name);
        }
        Ok(builder)
    }

    /// The server's address.
    pub(crate) fn endpoint(&self) -> Result<String, Failure> {
        if let Some(endpoint) = self.named_endpoint()? {
            return Ok(endpoint);
        }
        let credentials = self.development.as_ref().and_then(|_| DevelopmentCredentials::find().ok());
        Ok(credentials.map_or_else(|| DEFAULT_ENDPOINT.to_owned(), |found| found.endpoint().to_owned()))
    }

    /// The server's address, if a flag, the environment or the profile names one.
    pub(crate) fn named_endpoint(&self) -> Result<Option<String>, Failure> {
        Ok(self.endpoint.clone().or(self.profile()?.endpoint))
    }

    /// The files that the connection uses, with what each is.
    pub(crate) fn files(&self) -> Result<Vec<(&'static str, PathBuf)>, Failure> {
        let profile = self.profile()?;
        let files = [
            ("token", self.token_file.clone().or(profile.token_file)),
            ("certificate authorities", self.ca_file.clone().or(profile.ca_file)),
            ("client certificate", self.certificate_file.clone().or(profile.certificate_file)),
            ("client key", self.key_file.clone().or(profile.key_file)),
        ];
        Ok(files.into_iter().filter_map(|(what, file)| file.map(|file| (what, file))).collect())
    }

    /// The language of the server's messages.
    pub(crate) const fn language(&self) -> Language {
        match self.language {
            Some(LanguageName::Zh) => Language::Chinese,
            Some(LanguageName::En) | None => Language::English,
        }
    }

    /// The language of reports.
    pub(crate) const fn report_language(&self) -> Language {
        match self.language {
            Some(LanguageName::En) => Language::English,
            Some(LanguageName::Zh) | None => Language::Chinese,
        }
    }

    /// The profile; an empty one if there is no file and none is named.
    fn profile(&self) -> Result<Profile, Failure> {
        let path = self.profiles.clone().or_else(default_path);
        let name = self.profile.as_deref();
        let file = match path.as_deref().filter(|path| self.profiles.is_some() || path.exists()) {
            Some(path) => read(path)?,
            None => ProfilesFile::default(),
        };
        let found = file.profile.get(name.unwrap_or(PROFILE_DEFAULT)).cloned();
        match (found, name) {
            (Some(profile), _) => Ok(profile),
            (None, None) => Ok(Profile::default()),
            (None, Some(name)) => {
                let known = file.profile.into_keys().collect::<Vec<_>>().join(", ");
                Err(Failure::new(format!("there is no profile {name:?}; known profiles: {known}")))
            }
        }
    }
}

fn default_path() -> Option<PathBuf> {
    let folder = env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let folder = folder.or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".config")));
    folder.map(|folder| folder.join("hotline/profiles.toml"))
}

fn read(path: &Path) -> Result<ProfilesFile, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::about(path.display(), error))?;
    toml::from_str(&text).map_err(|error| Failure::about(path.display(), error))
}
