//! The code with which a company asks for the progress of its ticket. It is derived from the number by a key of the
//! vault, so it is stored nowhere, and a restored backup has the same codes. While a key can decrypt, its codes hold.

use crate::identity::vault::Vault;
use crate::platform::Fault;
use crate::ticket::TicketNumber;

/// The field of the vault's index.
const FIELD: &str = "progress_code";
/// Characters of a code: 40 bits, so that guessing is hopeless under the limit on wrong codes.
const CODE_CHARS: usize = 8;
/// Digits and letters without those that look alike (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The code for a ticket, in two groups.
pub(super) async fn code(vault: &Vault, ticket: TicketNumber) -> Result<String, Fault> {
    let version = vault.keys().active();
    let index = vault.index(version, FIELD, &ticket.as_i64().to_string()).await?;
    let letters = letters(&index);
    let (first, second) = letters.split_at(CODE_CHARS / 2);
    Ok(format!("{first}-{second}"))
}

/// Whether a given code is one of the ticket. The work does not depend on the ticket, on whether it exists, or on how
/// much of the code is right.
pub(super) async fn is_code(vault: &Vault, ticket: TicketNumber, given: &str) -> Result<bool, Fault> {
    let given = normal(given);
    let mut is_right = false;
    for index in vault.indexes(FIELD, &ticket.as_i64().to_string()).await? {
        is_right |= is_equal(letters(&index).as_bytes(), given.as_bytes());
    }
    Ok(is_right)
}

fn letters(index: &[u8]) -> String {
    let bits = index.iter().take(5).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let letter = |place: usize| {
        let shift = 5 * (CODE_CHARS - 1 - place);
        char::from(ALPHABET[usize::try_from(bits >> shift & 31).unwrap_or_default()])
    };
    (0..CODE_CHARS).map(letter).collect()
}

/// A code as people type it: without spaces and hyphens, in upper case, with the digits that letters were taken for.
fn normal(given: &str) -> String {
    let kept = given.chars().filter(|character| !character.is_whitespace() && *character != '-');
    let read = kept.map(|character| match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    });
    read.collect()
}

/// Compares without an early end. Only the length of what was given shows.
fn is_equal(right: &[u8], given: &[u8]) -> bool {
    right.len() == given.len() && right.iter().zip(given).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_code_is_of_one_ticket_and_read_as_people_type_it() {
        let vault = Vault::in_memory().expect("randomness");
        let ticket = TicketNumber::PLACEHOLDER;
        let code = code(&vault, ticket).await.expect("a code");
        assert_eq!(code.len(), CODE_CHARS + 1);
        for typed in [code.clone(), code.to_ascii_lowercase(), code.replace('-', " "), code.replace('0', "o")]
        {
            assert_eq!(is_code(&vault, ticket, &typed).await, Ok(true), "{typed}");
        }
        let other = Vault::in_memory().expect("randomness");
        assert_eq!(is_code(&other, ticket, &code).await, Ok(false), "another key");
        for wrong in ["", "0", &code[..CODE_CHARS], &format!("{code}0")] {
            assert_eq!(is_code(&vault, ticket, wrong).await, Ok(false), "{wrong}");
        }
    }

    #[test]
    fn letters_are_five_bits_each() {
        assert_eq!(letters(&[0; 16]), "00000000");
        assert_eq!(letters(&[255; 16]), "ZZZZZZZZ");
        assert_eq!(letters(&[0, 0, 0, 0, 33, 9]), "00000011");
    }
}
