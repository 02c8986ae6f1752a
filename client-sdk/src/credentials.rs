//! Finds a token: in the environment, or in the credentials that a development server leaves in its data folder.
//!
//! If `HOTLINE_TOKEN` is set, it is used for everything, and the file is not read. `HOTLINE_CREDENTIALS` names another
//! file, `HOTLINE_ENDPOINT` overrides the endpoint. A token is never printed: `Debug` hides it, and no error repeats a
//! line of the file.

use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io};

use serde::Deserialize;

use crate::model::Role;

/// The endpoint of a local server.
pub const DEFAULT_ENDPOINT: &str = "http://127.0.0.1:7312";
/// The file of a development server's credentials, relative to the folder it was started in.
const FILE: &str = "hotline-data/development-credentials.toml";

/// A bearer token. Not printed by `Debug`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Token(String);

impl Token {
    /// The token itself, for storage as a secret. Whoever reads it can call as its principal.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Token {
    fn from(token: &str) -> Self {
        Self(token.to_owned())
    }
}

impl From<String> for Token {
    fn from(token: String) -> Self {
        Self(token)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(not printed)")
    }
}

/// The credentials for trying the hotline.
///
/// ```no_run
/// use hotline_client::{DevelopmentCredentials, HotlineClient, Role};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let credentials = DevelopmentCredentials::find()?;
/// let client = HotlineClient::builder()
///     .endpoint(credentials.endpoint())
///     .token(credentials.for_role(Role::Agent)?)
///     .connect()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct DevelopmentCredentials {
    endpoint: String,
    holders: Holders,
}

#[derive(Debug, Clone)]
enum Holders {
    /// One token for everything, from the environment.
    One(Token),
    /// From the file.
    Many(Vec<Credential>),
}

#[derive(Debug, Clone, Deserialize)]
struct Credential {
    #[serde(default)]
    principal: String,
    #[serde(default)]
    roles: Vec<String>,
    unit: Option<String>,
    token: Token,
}

#[derive(Deserialize)]
struct File {
    endpoint: Option<String>,
    #[serde(default)]
    credential: Vec<Credential>,
}

/// Why there is no token. `Debug` prints the same sentence as `Display`, because it is what a user sees if `main`
/// returns this error.
#[non_exhaustive]
pub enum CredentialsError {
    /// The file can't be read.
    Unreadable {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The file is not what a development server writes.
    Malformed {
        /// The path.
        path: PathBuf,
        /// The line that can't be understood, from 1; 0 if unknown.
        line: usize,
    },
    /// No entry of the file has the role.
    NoRole(Role),
    /// No entry of the file acts for the unit.
    NoUnit(String),
    /// No entry of the file has the name.
    NoPrincipal(String),
}

impl DevelopmentCredentials {
    /// Searches the environment, then the file that `HOTLINE_CREDENTIALS` names, otherwise
    /// `hotline-data/development-credentials.toml` under the current folder.
    ///
    /// # Errors
    /// If there is no token in the environment and the file is missing or can't be understood.
    pub fn find() -> Result<Self, CredentialsError> {
        let set = |name| env::var(name).ok().filter(|value: &String| !value.is_empty());
        let file = set("HOTLINE_CREDENTIALS").unwrap_or_else(|| FILE.to_owned());
        Self::resolve(set("HOTLINE_TOKEN"), set("HOTLINE_ENDPOINT"), Path::new(&file))
    }

    /// Reads a file that a development server left, whatever the environment says.
    ///
    /// # Errors
    /// If the file is missing or can't be understood.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, CredentialsError> {
        Self::resolve(None, None, path.as_ref())
    }

    fn resolve(
        token: Option<String>,
        endpoint: Option<String>,
        path: &Path,
    ) -> Result<Self, CredentialsError> {
        let (holders, theirs) = if let Some(token) = token {
            (Holders::One(token.into()), None)
        } else {
            let file = read(path)?;
            (Holders::Many(file.credential), file.endpoint)
        };
        Ok(Self { endpoint: endpoint.or(theirs).unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned()), holders })
    }

    /// The endpoint of the hotline.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The token of an entry with a role.
    ///
    /// # Errors
    /// If there is none.
    pub fn for_role(&self, role: Role) -> Result<Token, CredentialsError> {
        let name = role.to_string();
        self.first(|credential| credential.roles.iter().any(|held| held.eq_ignore_ascii_case(&name)))
            .ok_or(CredentialsError::NoRole(role))
    }

    /// The token of an entry that acts for a unit.
    ///
    /// # Errors
    /// If there is none.
    pub fn for_unit(&self, unit: &str) -> Result<Token, CredentialsError> {
        self.first(|credential| credential.unit.as_deref() == Some(unit))
            .ok_or_else(|| CredentialsError::NoUnit(unit.to_owned()))
    }

    /// The token of a principal, for example `dev-administrator-2`.
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn for_principal(&self, principal: &str) -> Result<Token, CredentialsError> {
        self.first(|credential| credential.principal == principal)
            .ok_or_else(|| CredentialsError::NoPrincipal(principal.to_owned()))
    }

    /// The codes of the units in the file, in its order; none if the token comes from the environment.
    pub fn units(&self) -> impl Iterator<Item = &str> {
        let many = match &self.holders {
            Holders::One(_) => &[],
            Holders::Many(many) => many.as_slice(),
        };
        many.iter().filter_map(|credential| credential.unit.as_deref())
    }

    fn first(&self, fits: impl Fn(&Credential) -> bool) -> Option<Token> {
        match &self.holders {
            Holders::One(token) => Some(token.clone()),
            Holders::Many(many) => {
                many.iter().find(|credential| fits(credential)).map(|found| found.token.clone())
            }
        }
    }
}

fn read(path: &Path) -> Result<File, CredentialsError> {
    let text = fs::read_to_string(path)
        .map_err(|source| CredentialsError::Unreadable { path: path.to_owned(), source })?;
    toml::from_str(&text).map_err(|error| {
        // The parser's own message quotes the line, and the line may hold a token.
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(0, |before| before.matches('\n').count() + 1);
        CredentialsError::Malformed { path: path.to_owned(), line }
    })
}

impl fmt::Debug for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, source } => write!(
                f,
                "no credentials: {} can't be read ({source}); start a development server in this folder, or set HOTLINE_TOKEN",
                path.display()
            ),
            Self::Malformed { path, line } => {
                write!(f, "the credentials in {} can't be understood at line {line}", path.display())
            }
            Self::NoRole(role) => write!(f, "no development credential has the role {role}"),
            Self::NoUnit(unit) => write!(f, "no development credential acts for the unit {unit}"),
            Self::NoPrincipal(principal) => write!(f, "no development credential has the name {principal}"),
        }
    }
}

impl std::error::Error for CredentialsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable { source, .. } => Some(source),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        endpoint = "http://127.0.0.1:9999"
        [[credential]]
        principal = "dev-agent"
        roles = ["agent", "something-newer"]
        token = "agent-token"
        [[credential]]
        principal = "dev-unit-district-chaoyang"
        roles = ["unit"]
        unit = "district-chaoyang"
        token = "unit-token"
    "#;

    fn written(name: &str, text: &str) -> PathBuf {
        let path = env::temp_dir().join(format!("hotline-client-{}-{name}.toml", uuid::Uuid::new_v4()));
        fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn the_file_gives_each_part_its_token() {
        let path = written("roles", TEXT);
        let found = DevelopmentCredentials::read(&path).unwrap();
        assert_eq!(found.endpoint(), "http://127.0.0.1:9999");
        assert_eq!(found.for_role(Role::Agent).unwrap().reveal(), "agent-token");
        assert_eq!(found.for_unit("district-chaoyang").unwrap().reveal(), "unit-token");
        assert_eq!(found.for_principal("dev-agent").unwrap().reveal(), "agent-token");
        assert!(matches!(found.for_principal("dev"), Err(CredentialsError::NoPrincipal(_))));
        assert_eq!(found.units().collect::<Vec<_>>(), ["district-chaoyang"]);
        assert!(matches!(found.for_role(Role::Analyst), Err(CredentialsError::NoRole(Role::Analyst))));
        assert!(matches!(found.for_unit("dept-tax"), Err(CredentialsError::NoUnit(_))));
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn the_environment_comes_first() {
        let elsewhere = Some("http://10.0.0.1:1".to_owned());
        let found =
            DevelopmentCredentials::resolve(Some("one".into()), elsewhere, Path::new("/nowhere")).unwrap();
        assert_eq!(found.endpoint(), "http://10.0.0.1:1");
        assert_eq!(found.for_unit("any").unwrap().reveal(), "one");
        assert_eq!(found.units().count(), 0);
        let missing = DevelopmentCredentials::resolve(None, None, Path::new("/nowhere"));
        assert!(matches!(missing, Err(CredentialsError::Unreadable { .. })));
    }

    #[test]
    fn a_broken_file_is_named_by_line_and_its_token_is_not_repeated() {
        let path = written("broken", "endpoint = \"x\"\n[[credential]]\ntoken = very-secret\n");
        let error = DevelopmentCredentials::resolve(None, None, &path).unwrap_err();
        assert!(matches!(error, CredentialsError::Malformed { line: 3, .. }), "{error}");
        assert!(!format!("{error} {error:?}").contains("very-secret"));
        fs::remove_file(path).unwrap();
    }
}
