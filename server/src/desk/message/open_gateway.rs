//! Opens the gateway that the configuration names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::file_gateway::FileGateway;
use super::gateway::Gateway;
use super::http_gateway::HttpGateway;
use crate::platform::config;

/// The gateway of the configuration; `None` if messages are off.
///
/// # Errors
/// The key that is wrong, and why.
pub fn open_gateway(config: &config::messages::Messages) -> Result<Option<Arc<dyn Gateway>>, String> {
    let place = config.gateway.as_str();
    if place.is_empty() {
        return Ok(None);
    }
    if place.starts_with("http://") || place.starts_with("https://") {
        let secret = secret(&config.signing_key)?;
        return Ok(Some(Arc::new(HttpGateway::open(place, &config.gateway_ca, secret)?)));
    }
    Ok(Some(Arc::new(FileGateway { path: PathBuf::from(place) })))
}

/// The shortest secret, in bytes: that of the signature's hash.
const SECRET_BYTES_MIN: usize = 32;

fn secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    if path.as_os_str().is_empty() {
        return Err(
            "messages.signing_key: a gateway over HTTP needs the secret that signs messages".to_owned()
        );
    }
    let read =
        std::fs::read(path).map_err(|error| format!("messages.signing_key: {}: {error}", path.display()));
    let bytes = Zeroizing::new(read?);
    let secret = Zeroizing::new(bytes.trim_ascii().to_vec());
    if secret.len() < SECRET_BYTES_MIN {
        return Err(format!("messages.signing_key: it has less than {SECRET_BYTES_MIN} bytes"));
    }
    Ok(secret)
}
