//! Configurations that can't be served, whatever the database holds.

use hotline_proto::FILE_DESCRIPTOR_SET;

use super::failure::Failure;
use crate::access::contract;
use crate::deadline::Policy;
use crate::platform::Clock;
use crate::platform::config::Config;

/// Refuses a configuration that can't be served.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check(config: &Config<Policy>, clock: &Clock) -> Result<(), Failure> {
    contract::check(FILE_DESCRIPTOR_SET)?;
    if let Err(faults) = config.policy.check() {
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        return Err(faults.join("; ").into());
    }
    config.check_bounds()?;
    config.metrics_listen()?;
    if !config.is_loopback() && clock.is_simulated() {
        return Err("a simulated clock is served on loopback only".into());
    }
    if !config.is_loopback() && config.credentials_path().is_none() {
        return Err("development credentials are served on loopback only; set access.credentials".into());
    }
    if !config.is_loopback() && config.vault.keys.as_os_str().is_empty() {
        return Err("the vault's development keys are served on loopback only; set vault.keys".into());
    }
    if !config.is_loopback() && config.audit_log.signing_key.as_os_str().is_empty() {
        return Err(
            "a signing key for development is used on loopback only; set audit_log.signing_key".into()
        );
    }
    config.tls.check()?;
    if !config.is_loopback() && !config.tls.is_on() && !config.tls.terminated_by_proxy {
        return Err(
            "the server is listened to beyond loopback with TLS only; set tls.certificate and tls.key, or \
                    tls.terminated_by_proxy where a proxy ends TLS"
                .into(),
        );
    }
    Ok(())
}
