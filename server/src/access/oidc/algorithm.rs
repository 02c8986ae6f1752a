//! The signature algorithms that a provider may use (RFC 7518, RFC 8037). All are asymmetric: an algorithm with a
//! shared secret cannot be named here. `ring` verifies the signatures; TLS uses it too.

use std::str::FromStr;

use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey, VerificationAlgorithm,
};

/// A signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the standards")]
pub enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    EdDsa,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 9] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::EdDsa,
    ];

    /// Its name in a token and in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    const fn rsa(self) -> Option<&'static RsaParameters> {
        Some(match self {
            Self::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
            Self::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
            Self::Ps256 => &RSA_PSS_2048_8192_SHA256,
            Self::Ps384 => &RSA_PSS_2048_8192_SHA384,
            Self::Ps512 => &RSA_PSS_2048_8192_SHA512,
            Self::Es256 | Self::Es384 | Self::EdDsa => return None,
        })
    }
}

impl FromStr for Algorithm {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name).ok_or(())
    }
}

/// A provider's public key.
#[derive(Debug)]
pub(super) enum PublicKey {
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    /// An uncompressed point.
    P256(Vec<u8>),
    /// An uncompressed point.
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

impl PublicKey {
    /// Whether an algorithm signs with a key of this type.
    pub(super) const fn fits(&self, algorithm: Algorithm) -> bool {
        match self {
            Self::Rsa(_) => algorithm.rsa().is_some(),
            Self::P256(_) => matches!(algorithm, Algorithm::Es256),
            Self::P384(_) => matches!(algorithm, Algorithm::Es384),
            Self::Ed25519(_) => matches!(algorithm, Algorithm::EdDsa),
        }
    }

    /// Whether a signature of a message is valid.
    pub(super) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let raw = |parameters: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(parameters, key).verify(message, signature).is_ok()
        };
        self.fits(algorithm)
            && match self {
                Self::Rsa(key) => algorithm
                    .rsa()
                    .is_some_and(|parameters| key.verify(parameters, message, signature).is_ok()),
                Self::P256(key) => raw(&ECDSA_P256_SHA256_FIXED, key),
                Self::P384(key) => raw(&ECDSA_P384_SHA384_FIXED, key),
                Self::Ed25519(key) => raw(&ED25519, key),
            }
    }
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
        KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
        RSA_PSS_SHA512, RsaKeyPair,
    };

    use super::*;

    const MESSAGE: &[u8] = b"header.claims";

    #[test]
    fn an_algorithm_is_known_by_its_exact_name() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.name().parse(), Ok(algorithm));
        }
        for name in ["HS256", "HS512", "none", "ES512", "ES256K", "rs256", "EDDSA", "RS256 ", ""] {
            assert_eq!(name.parse::<Algorithm>(), Err(()), "{name}");
        }
    }

    type Signatures = Vec<(Algorithm, Vec<u8>)>;

    /// A key of each type with signatures of every algorithm that it fits.
    fn signed() -> Vec<(PublicKey, Signatures)> {
        let random = SystemRandom::new();
        let der = include_str!("../../../../tests/support/signing_key.b64");
        let der = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, der.trim());
        let rsa = RsaKeyPair::from_der(&der.expect("the file is base64")).expect("a key");
        let by_rsa = |padding: &'static dyn ring::signature::RsaEncoding| {
            let mut signature = vec![0; rsa.public().modulus_len()];
            rsa.sign(padding, &random, MESSAGE, &mut signature).expect("it signs");
            signature
        };
        let by_point = |kind| {
            let der = EcdsaKeyPair::generate_pkcs8(kind, &random).expect("a key");
            let pair = EcdsaKeyPair::from_pkcs8(kind, der.as_ref(), &random).expect("a key");
            let signature = pair.sign(&random, MESSAGE).expect("it signs").as_ref().to_vec();
            (pair.public_key().as_ref().to_vec(), signature)
        };
        let (p256, es256) = by_point(&ECDSA_P256_SHA256_FIXED_SIGNING);
        let (p384, es384) = by_point(&ECDSA_P384_SHA384_FIXED_SIGNING);
        let edwards = Ed25519KeyPair::generate_pkcs8(&random).expect("a key");
        let edwards = Ed25519KeyPair::from_pkcs8(edwards.as_ref()).expect("a key");
        let rsa_signatures = vec![
            (Algorithm::Rs256, by_rsa(&RSA_PKCS1_SHA256)),
            (Algorithm::Rs384, by_rsa(&RSA_PKCS1_SHA384)),
            (Algorithm::Rs512, by_rsa(&RSA_PKCS1_SHA512)),
            (Algorithm::Ps256, by_rsa(&RSA_PSS_SHA256)),
            (Algorithm::Ps384, by_rsa(&RSA_PSS_SHA384)),
            (Algorithm::Ps512, by_rsa(&RSA_PSS_SHA512)),
        ];
        vec![
            (PublicKey::Rsa(RsaPublicKeyComponents::from(rsa.public())), rsa_signatures),
            (PublicKey::P256(p256), vec![(Algorithm::Es256, es256)]),
            (PublicKey::P384(p384), vec![(Algorithm::Es384, es384)]),
            (
                PublicKey::Ed25519(edwards.public_key().as_ref().to_vec()),
                vec![(Algorithm::EdDsa, edwards.sign(MESSAGE).as_ref().to_vec())],
            ),
        ]
    }

    #[test]
    fn each_algorithm_verifies_its_own_signatures_and_no_others() {
        for (key, signatures) in signed() {
            for (by, signature) in &signatures {
                for algorithm in Algorithm::ALL {
                    let is_good = key.verifies(algorithm, MESSAGE, signature);
                    assert_eq!(is_good, algorithm == *by, "{algorithm:?} of one by {by:?}");
                }
                assert!(!key.verifies(*by, b"header.other", signature), "{by:?}");
                assert!(!key.verifies(*by, MESSAGE, &signature[1..]), "{by:?}");
                assert!(!key.verifies(*by, MESSAGE, b""), "{by:?}");
            }
            let fitting = Algorithm::ALL.into_iter().filter(|algorithm| key.fits(*algorithm)).count();
            assert_eq!(fitting, signatures.len());
        }
    }
}
