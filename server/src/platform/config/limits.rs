//! Which limits go together.

use super::Limits;

/// The shortest time that a peer must be given to read, in milliseconds: the listener looks once a second.
const UNREAD_TIMEOUT_MS_MIN: u64 = 1000;

impl Limits {
    /// What does not go together.
    ///
    /// # Errors
    /// The key that is wrong, and why.
    pub fn check(&self) -> Result<(), String> {
        let in_order = [
            ("unsent_bytes_per_connection_max", 1, self.unsent_bytes_per_connection_max),
            (
                "unsent_bytes_per_principal_max",
                self.unsent_bytes_per_connection_max,
                self.unsent_bytes_per_principal_max,
            ),
            ("unsent_bytes_max", self.unsent_bytes_per_principal_max, self.unsent_bytes_max),
        ];
        if let Some((key, min, _)) = in_order.iter().find(|(_, min, value)| value < min) {
            return Err(format!("limits.{key}: at least {min}"));
        }
        if self.unread_timeout_ms < UNREAD_TIMEOUT_MS_MIN {
            return Err(format!("limits.unread_timeout_ms: at least {UNREAD_TIMEOUT_MS_MIN}"));
        }
        Ok(())
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
    fn bounds_on_unsent_bytes_go_together() {
        let check = |keys: &[(&str, &str)]| with(keys).limits.check();
        assert_eq!(check(&[]), Ok(()));
        for (key, value) in [
            ("limits.unsent_bytes_max", "1"),
            ("limits.unsent_bytes_per_principal_max", "1"),
            ("limits.unsent_bytes_per_connection_max", "0"),
            ("limits.unread_timeout_ms", "999"),
        ] {
            let refused = check(&[(key, value)]).expect_err("it is too small");
            assert!(refused.contains("at least"), "{refused}");
        }
    }
}
