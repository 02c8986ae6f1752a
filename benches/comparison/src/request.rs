//! The ticket that all parts create: about 1 KB, each from another company.

use std::sync::atomic::{AtomicU64, Ordering};

use hotline_client::{Category, Channel, Complexity, Contact, CreateTicket, Enterprise};

/// One line that names the matter.
pub(crate) const SUBJECT: &str = "营业执照变更迟迟未办结";

/// The companies that there are, so that look-ups find few tickets of each.
const COMPANIES: u64 = 1_000_000;

/// The characters of a unified social credit code.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The next company that calls.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// The matter itself: 800 bytes.
pub(crate) fn content() -> String {
    "九月提交的变更申请至今没有答复，请协助核实办理进度。".repeat(10)
}

/// A general appeal of the next company.
pub(crate) fn appeal() -> CreateTicket {
    appeal_of(NEXT.fetch_add(1, Ordering::Relaxed) % COMPANIES)
}

/// A general appeal of one company.
pub(crate) fn appeal_of(company: u64) -> CreateTicket {
    CreateTicket::new(Category::Appeal, Complexity::General, Channel::Web, SUBJECT, content())
        .topic("licence.registration")
        .district("110105")
        .industry("retail")
        .enterprise(Enterprise {
            name: "北京示例商贸有限公司".to_owned(),
            social_credit_code: Some(credit_code(company)),
        })
        .contact(Contact { name: "示例联系人".to_owned(), phone: phone(company) })
}

/// The telephone number of a company.
pub(crate) fn phone(company: u64) -> String {
    format!("138{:08}", company % 100_000_000)
}

/// The unified social credit code of a company.
pub(crate) fn credit_code(company: u64) -> String {
    let body = format!("91110105MA{:07}", company % 10_000_000);
    let check = check_character(&body);
    format!("{body}{check}")
}

/// The last character of a unified social credit code (GB 32100-2015).
fn check_character(body: &str) -> char {
    let value = |letter: u8| ALPHABET.iter().position(|known| *known == letter).unwrap_or_default();
    let mut weight = 1;
    let mut sum = 0;
    for letter in body.bytes() {
        sum += value(letter) * weight;
        weight = weight * 3 % ALPHABET.len();
    }
    char::from(ALPHABET[(ALPHABET.len() - sum % ALPHABET.len()) % ALPHABET.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_the_check_character_of_the_standard() {
        // Both companies exist, and their codes are public.
        assert_eq!(check_character("91110108551385082"), 'Q');
        assert_eq!(check_character("91110000802100433"), 'B');
        assert_eq!(credit_code(7).len(), 18);
        assert_ne!(credit_code(7), credit_code(8));
    }
}
