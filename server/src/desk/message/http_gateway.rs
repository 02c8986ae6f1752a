//! A gateway over HTTP. Each message is a POST of one JSON object, signed with HMAC-SHA256. Redirects are not followed,
//! and the body of the response is not read. With `https` only the configured authority is trusted.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{Request, StatusCode, Uri, header};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::gateway::{Gateway, GatewayFault, OutgoingMessage};
use crate::platform::http_client::{self, Connector};
use crate::ticket::Instant;

/// The time limit of a request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// The header with the id of the message.
const ID_HEADER: &str = "hotline-message-id";
/// The header with the instant and the signature.
const SIGNATURE_HEADER: &str = "hotline-signature";

/// Posts messages to a provider.
pub(super) struct HttpGateway {
    uri: Uri,
    client: Client<Connector, Full<Bytes>>,
    secret: Zeroizing<Vec<u8>>,
}

/// Never shows the secret.
impl fmt::Debug for HttpGateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpGateway({})", self.uri)
    }
}

impl HttpGateway {
    /// A gateway at a URL.
    ///
    /// # Errors
    /// The key that is wrong, and why.
    pub(super) fn open(url: &str, ca: &Path, secret: Zeroizing<Vec<u8>>) -> Result<Self, String> {
        // Messages hold addresses and codes, so that they leave the machine over TLS only.
        let uri = http_client::url("messages.gateway", url)?;
        let roots = http_client::roots(&uri, "messages.gateway_ca", ca, |_| Ok(()))?;
        let client = Client::builder(TokioExecutor::new()).build(http_client::connector(roots)?);
        Ok(Self { uri, client, secret })
    }

    /// The value of the signature's header: `t=SECONDS,v1=HEX`, over `SECONDS.BODY`. The instant lets the provider
    /// refuse an old request that somebody sends again.
    fn signature(&self, body: &str, now: Instant) -> Result<String, GatewayFault> {
        let refused = |_| GatewayFault::Refused("the signing key can't be used".to_owned());
        let seconds = now.timestamp();
        let mac = Hmac::<Sha256>::new_from_slice(&self.secret).map_err(refused)?;
        let mac = mac.chain_update(format!("{seconds}.")).chain_update(body).finalize();
        Ok(format!("t={seconds},v1={}", hex::encode(mac.into_bytes())))
    }
}

/// What an answer means. A conflict says that the provider knows the id already.
fn outcome(status: StatusCode) -> Result<(), GatewayFault> {
    match status {
        StatusCode::CONFLICT => Ok(()),
        status if status.is_success() => Ok(()),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            Err(GatewayFault::NotNow(format!("the gateway answers {status}")))
        }
        status if status.is_client_error() => {
            Err(GatewayFault::Refused(format!("the gateway answers {status}")))
        }
        status => Err(GatewayFault::NotNow(format!("the gateway answers {status}"))),
    }
}

#[async_trait::async_trait]
impl Gateway for HttpGateway {
    async fn send(&self, message: &OutgoingMessage, now: Instant) -> Result<(), GatewayFault> {
        let body = message.json();
        let request = Request::post(&self.uri)
            .header(header::CONTENT_TYPE, "application/json")
            .header(ID_HEADER, &message.id)
            .header(SIGNATURE_HEADER, self.signature(&body, now)?)
            .body(Full::new(Bytes::copy_from_slice(body.as_bytes())))
            .map_err(|error| GatewayFault::Refused(error.to_string()))?;
        let answered = tokio::time::timeout(REQUEST_TIMEOUT, self.client.request(request)).await;
        let answered =
            answered.map_err(|_| GatewayFault::NotNow("the gateway does not answer".to_owned()))?;
        let response = answered.map_err(|error| GatewayFault::NotNow(error.to_string()))?;
        outcome(response.status())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gateway() -> HttpGateway {
        let secret = Zeroizing::new(b"0123456789abcdef0123456789abcdef".to_vec());
        HttpGateway::open("http://127.0.0.1:9/messages", Path::new(""), secret)
            .expect("loopback needs no TLS")
    }

    #[test]
    fn addresses_leave_the_machine_over_tls_only() {
        let open = |url: &str| HttpGateway::open(url, Path::new(""), Zeroizing::new(vec![0; 32]));
        assert!(open("http://sms.example/messages").is_err_and(|error| error.contains("loopback")));
        assert!(open("https://sms.example/messages").is_err_and(|error| error.contains("gateway_ca")));
    }

    #[test]
    fn a_signature_is_over_the_instant_and_the_body() {
        let (gateway, now) = (gateway(), Instant::default());
        let signature = gateway.signature("{}", now).expect("a key of any length");
        assert!(signature.starts_with("t=0,v1=") && signature.len() == 7 + 64, "{signature}");
        assert_ne!(signature, gateway.signature("{ }", now).expect("a key of any length"));
    }

    #[test]
    fn an_answer_is_final_or_not_now() {
        for accepted in [200, 202, 409] {
            assert_eq!(outcome(StatusCode::from_u16(accepted).expect("a code")), Ok(()), "{accepted}");
        }
        for (code, is_final) in
            [(400, true), (403, true), (408, false), (429, false), (302, false), (503, false)]
        {
            let fault = outcome(StatusCode::from_u16(code).expect("a code")).expect_err("not accepted");
            assert_eq!(matches!(fault, GatewayFault::Refused(_)), is_final, "{code}");
        }
    }
}
