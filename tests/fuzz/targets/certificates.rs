//! Client certificates, which others have made and signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hotline_server::access::PeerCertificate;

use super::random::Random;

/// A certificate with a URI and a host name.
const CERTIFICATE: &str = "MIIBVzCCAQmgAwIBAgIUMzUbFusFu1STIjEfei8BFCHuk4swBQYDK2VwMAwxCjAIBgNVBAMMAXQwHhcNMjYxMTI0MjIxMTU3\
    WhcNMzYxMTIxMjIxMTU3WjAMMQowCAYDVQQDDAF0MCowBQYDK2VwAyEAV6TMpDOPZ3A6EK3kQvL98QkQcFbziAW1dzePScen\
    /nmjfTB7MB0GA1UdDgQWBBQyE6wNootJ+igdHcfADx6+lcUUwzAfBgNVHSMEGDAWgBQyE6wNootJ+igdHcfADx6+lcUUwzAP\
    BgNVHRMBAf8EBTADAQH/MCgGA1UdEQQhMB+GGnNwaWZmZTovL2hvdGxpbmUvdGVsZXBob255ggF0MAUGAytlcANBAMcTOmnx\
    Mz08Nm8CkNnPt02xxg40uZ5rqjpBpIdolC1C2c7QONK5Cq0EwgqoIpQySwIxwFKw3M/h3QLAmjfpKAI=";

/// A certificate in DER, as it comes from a handshake.
pub(crate) fn certificate(bytes: &[u8]) {
    let Some(read) = PeerCertificate::read(bytes) else { return };
    assert_eq!(PeerCertificate::read(bytes).as_ref(), Some(&read), "it says the same again");
}

pub(crate) fn generate_certificate(random: &mut Random) -> Vec<u8> {
    let mut bytes = STANDARD.decode(CERTIFICATE).unwrap_or_default();
    if random.percent(50) {
        let place = random.below(bytes.len());
        bytes[place] = random.byte();
    }
    bytes
}
