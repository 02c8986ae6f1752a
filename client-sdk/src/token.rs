//! Where the bearer token of each attempt comes from: a fixed text, a file that is rotated, or a provider of the
//! user's.

#[cfg(feature = "oidc")]
pub(crate) mod oidc;

use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};
use tonic::metadata::{Ascii, MetadataValue};

use crate::credentials::Token;
use crate::error::{Error, ErrorKind};

/// How long a file's token is used before the file is read again.
const FILE_CHECK_INTERVAL: Duration = Duration::from_secs(5);
/// The pause before a provider that failed is asked again.
const PROVIDER_PAUSE: Duration = Duration::from_secs(1);

/// A token that is being fetched.
pub type TokenFuture<'a> = Pin<Box<dyn Future<Output = Result<Token, TokenError>> + Send + 'a>>;

/// Gives the token of each attempt. It is asked often, so it should keep its token while that is good.
pub trait TokenProvider: Send + Sync + 'static {
    /// The present token.
    ///
    /// # Errors
    /// If there is none. The call waits, and asks again, if the error may pass.
    fn token(&self) -> TokenFuture<'_>;

    /// The hotline has refused this token. Answers whether another one can be had; then the call is sent once more.
    fn refused(&self, token: &Token) -> bool {
        let _ = token;
        false
    }
}

/// Why there is no token. The text must not hold a secret.
#[derive(Debug, Clone)]
pub struct TokenError {
    message: String,
    may_pass: bool,
}

impl TokenError {
    /// An error that may pass, for example because the identity provider can't be reached.
    pub fn passing(message: impl Into<String>) -> Self {
        Self { message: message.into(), may_pass: true }
    }

    /// An error that waiting cannot mend.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self { message: message.into(), may_pass: false }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TokenError {}

/// A token in a file, which another program may replace at any time.
///
/// ```no_run
/// use hotline_client::{FileToken, HotlineClient};
///
/// let builder = HotlineClient::builder().token_provider(FileToken::new("/run/secrets/hotline-token"));
/// # let _ = builder;
/// ```
#[derive(Debug)]
pub struct FileToken {
    path: PathBuf,
    read: Mutex<Option<(Token, Instant)>>,
}

impl FileToken {
    /// The token is the content of the file, without surrounding white space.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), read: Mutex::new(None) }
    }

    fn present(&self) -> Result<Token, TokenError> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((token, at)) = &*read
            && at.elapsed() < FILE_CHECK_INTERVAL
        {
            return Ok(token.clone());
        }
        let text = std::fs::read_to_string(&self.path);
        match (text.as_deref().map(str::trim), &*read) {
            (Ok(text), _) if !text.is_empty() => {
                let token = Token::from(text);
                *read = Some((token.clone(), Instant::now()));
                Ok(token)
            }
            // While a file is being replaced, the last token may still be good.
            (_, Some((token, _))) => Ok(token.clone()),
            (Ok(_), None) => Err(TokenError::passing(format!("{} is empty", self.path.display()))),
            (Err(error), None) => {
                Err(TokenError::passing(format!("{} can't be read: {error}", self.path.display())))
            }
        }
    }
}

impl TokenProvider for FileToken {
    fn token(&self) -> TokenFuture<'_> {
        Box::pin(std::future::ready(self.present()))
    }

    fn refused(&self, token: &Token) -> bool {
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.present().is_ok_and(|present| present != *token)
    }
}

/// The source of a client's tokens.
#[derive(Clone, Default)]
pub(crate) enum Tokens {
    /// No token: the client certificate says who calls.
    #[default]
    None,
    /// A fixed one.
    Fixed(Token),
    /// A provider's.
    Provided(Arc<dyn TokenProvider>),
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Fixed(_) => "Fixed(not printed)",
            Self::Provided(_) => "Provided",
        })
    }
}

impl Tokens {
    /// Checks a fixed token.
    ///
    /// # Errors
    /// If it can't be sent in a header.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if let Self::Fixed(token) = self {
            authorization(token)?;
        }
        Ok(())
    }

    /// The token of the next attempt, at the latest at `end`.
    pub(crate) async fn next(&self, end: Instant) -> Result<Option<Token>, Error> {
        let provider = match self {
            Self::None => return Ok(None),
            Self::Fixed(token) => return Ok(Some(token.clone())),
            Self::Provided(provider) => provider,
        };
        let mut last = None;
        loop {
            match timeout_at(end, provider.token()).await {
                Ok(Ok(token)) => return Ok(Some(token)),
                Ok(Err(error)) if !error.may_pass => {
                    return Err(Error::local(ErrorKind::Token, format!("there is no token: {error}")));
                }
                Ok(Err(error)) => last = Some(error.to_string()),
                Err(_) => {}
            }
            let pause = Instant::now() + PROVIDER_PAUSE;
            if pause >= end {
                let why = last.unwrap_or_else(|| "its provider did not answer".to_owned());
                return Err(Error::passing(
                    ErrorKind::Token,
                    format!("no token came within the deadline: {why}"),
                ));
            }
            sleep_until(pause).await;
        }
    }

    /// Whether another token can be had after this one was refused.
    pub(crate) fn refused(&self, token: Option<&Token>) -> bool {
        match (self, token) {
            (Self::Provided(provider), Some(token)) => provider.refused(token),
            _ => false,
        }
    }
}

/// The header of a token.
pub(crate) fn authorization(token: &Token) -> Result<MetadataValue<Ascii>, Error> {
    let mut value: MetadataValue<Ascii> = format!("Bearer {}", token.reveal()).parse().map_err(|_| {
        Error::configuration("the token can't be used: it has characters that no header can carry")
    })?;
    // Kept out of debug output and of the header compression table.
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails twice, then gives a token.
    #[derive(Default)]
    struct Slow(Mutex<u32>);

    impl TokenProvider for Slow {
        fn token(&self) -> TokenFuture<'_> {
            let mut asked = self.0.lock().unwrap();
            *asked += 1;
            let answer = if *asked > 2 { Ok("third".into()) } else { Err(TokenError::passing("away")) };
            Box::pin(std::future::ready(answer))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_provider_is_asked_again_until_the_deadline() {
        let tokens = Tokens::Provided(Arc::new(Slow::default()));
        let soon = Instant::now() + Duration::from_millis(1_500);
        let error = tokens.next(soon).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Token);
        assert!(error.to_string().contains("away") && error.is_retryable(), "{error}");
        let later = Instant::now() + Duration::from_secs(30);
        assert_eq!(tokens.next(later).await.unwrap().unwrap().reveal(), "third");
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_is_read_again_after_an_interval_and_after_a_refusal() {
        let path = std::env::temp_dir().join(format!("hotline-token-{}", uuid::Uuid::new_v4()));
        let file = FileToken::new(&path);
        assert!(file.token().await.is_err());
        std::fs::write(&path, "one\n").unwrap();
        let one = file.token().await.unwrap();
        assert_eq!(one.reveal(), "one");
        std::fs::write(&path, "two").unwrap();
        assert_eq!(file.token().await.unwrap(), one, "within the interval");
        assert!(file.refused(&one), "there is another");
        assert_eq!(file.token().await.unwrap().reveal(), "two");
        std::fs::write(&path, "three").unwrap();
        tokio::time::advance(FILE_CHECK_INTERVAL).await;
        assert_eq!(file.token().await.unwrap().reveal(), "three");
        std::fs::remove_file(&path).unwrap();
    }
}
