//! Which server is called, with whose token. Each value comes from the flag, then the environment, then the profile.
//!
//! A token is never a flag, because other users of the machine can read the flags of a process.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use clap::Args;
use hotline_client::{DEFAULT_ENDPOINT, FileToken, HotlineClient, Language};
use serde::Deserialize;

use crate::failure::Failure;

/// The profile that is used if none is named.
const PROFILE_DEFAULT: &str = "default";
/// The environment variable with a token.
const TOKEN_VARIABLE: &str = "HOTLINE_TOKEN";

/// Which server is called, with whose token.
#[derive(Debug, Args)]
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
    /// The certificates of the authorities that the server's certificate may come from, as PEM.
    #[arg(long, global = true, env = "HOTLINE_CA_FILE", value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// The language of messages from the server.
    #[arg(long, global = true, env = "HOTLINE_LANGUAGE", value_enum, default_value = "en")]
    language: LanguageName,
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
        let profile = self.profile()?;
        let endpoint = self.endpoint.clone().or(profile.endpoint);
        let language = match self.language {
            LanguageName::En => Language::English,
            LanguageName::Zh => Language::Chinese,
        };
        let endpoint = endpoint.unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned());
        let mut builder = HotlineClient::builder().endpoint(endpoint).language(language);
        if let Some(file) = self.ca_file.clone().or(profile.ca_file) {
            builder = builder.certificate_authority_file(file);
        }
        if let Some(file) = &self.token_file {
            builder = builder.token_provider(FileToken::new(file));
        } else if let Ok(token) = env::var(TOKEN_VARIABLE) {
            builder = builder.token(token);
        } else if let Some(file) = profile.token_file {
            builder = builder.token_provider(FileToken::new(file));
        }
        Ok(builder.connect().await?)
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
                Err(Failure(format!("there is no profile {name:?}; known profiles: {known}")))
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
