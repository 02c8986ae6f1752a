//! Who may use server reflection.

use serde::{Deserialize, Serialize};

use super::Config;

/// Who may use server reflection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reflection {
    /// Everybody while development credentials are served, which happens only on loopback; otherwise as
    /// [`Self::Credential`].
    Auto,
    /// Everybody.
    Open,
    /// A caller with a credential.
    Credential,
    /// Nobody.
    Off,
}

impl<P> Config<P> {
    /// Whether reflection answers only callers with a credential.
    #[must_use]
    pub fn reflection_needs_credential(&self) -> bool {
        match self.access.reflection {
            Reflection::Auto => self.credentials_path().is_some(),
            Reflection::Credential => true,
            // Without the service there is nothing to protect.
            Reflection::Open | Reflection::Off => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::platform::config::{Config, Overrides, read};

    fn with(keys: &[(&str, &str)]) -> Config<serde::de::IgnoredAny> {
        let keys = keys.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        read(&Overrides { file: None, keys }).expect("the keys are known")
    }

    #[test]
    fn reflection_needs_a_credential_unless_it_is_opened() {
        for (reflection, credentials, needs_credential) in [
            ("auto", "", false),
            ("auto", "credentials.toml", true),
            ("open", "credentials.toml", false),
            ("credential", "", true),
            ("off", "", false),
        ] {
            let config = with(&[("access.reflection", reflection), ("access.credentials", credentials)]);
            assert_eq!(
                config.reflection_needs_credential(),
                needs_credential,
                "{reflection} with {credentials:?}"
            );
        }
    }
}
