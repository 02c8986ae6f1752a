//! A row of `encrypted_identity`: an identity encrypted field by field, with blind indexes for the search.

use sea_orm::ActiveValue::Set;

use super::certificate_cell;
use super::rows::{encrypted_identity, version_number};
use super::vault::{EncryptedFields, Vault};
use crate::platform::Fault;
use crate::ticket::{CallerIdentity, TicketNumber};

/// The names of the fields in the vault, in the order of their encryption.
const NAMES: [&str; 10] = [
    "enterprise_name",
    "social_credit_code",
    "contact_name",
    "contact_phone",
    "subject",
    "content",
    "given_code",
    "given_phone",
    "certificate",
    "email",
];
/// The fields that can be searched. The index of a main number has the name of the telephone number, and that of a
/// certificate the name of the code, so that one search finds both.
pub(super) const CODE: &str = NAMES[1];
pub(super) const PHONE: &str = NAMES[3];

/// The row of an identity, encrypted under the active key.
pub(super) async fn encrypt(
    vault: &Vault,
    number: TicketNumber,
    is_confidential: bool,
    identity: &CallerIdentity,
) -> Result<encrypted_identity::ActiveModel, Fault> {
    let certificate = identity.certificate.as_ref().map(certificate_cell::text);
    let texts = [
        &identity.enterprise_name,
        &identity.social_credit_code,
        &identity.contact_name,
        &identity.contact_phone,
        &identity.subject,
        &identity.content,
        &identity.given_code,
        &identity.given_phone,
        &certificate,
        &identity.email,
    ];
    let fields: Vec<_> = NAMES.into_iter().zip(texts.map(|text| text.as_deref())).collect();
    let EncryptedFields { key_version, wrapped_key, cells } = vault.encrypt(number.as_i64(), &fields).await?;
    let mut indexes = [None, None, None, None];
    for (index, (name, key)) in indexes.iter_mut().zip(keys_of(identity)) {
        if let Some(key) = key {
            *index = Some(vault.index(key_version, name, &key).await?);
        }
    }
    let mut cells = cells.into_iter();
    let mut cell = || cells.next().flatten();
    let [code_index, certificate_index, phone_index, main_phone_index] = indexes;
    Ok(encrypted_identity::ActiveModel {
        ticket_number: Set(number.as_i64()),
        is_confidential: Set(is_confidential),
        key_version: Set(version_number(key_version)),
        wrapped_key: Set(wrapped_key),
        enterprise_name: Set(cell()),
        social_credit_code: Set(cell()),
        contact_name: Set(cell()),
        contact_phone: Set(cell()),
        subject: Set(cell()),
        content: Set(cell()),
        given_code: Set(cell()),
        given_phone: Set(cell()),
        certificate: Set(cell()),
        email: Set(cell()),
        code_index: Set(code_index),
        certificate_index: Set(certificate_index),
        phone_index: Set(phone_index),
        main_phone_index: Set(main_phone_index),
    })
}

/// What an identity is looked up by, with the names of the fields: its code, its certificate, its telephone number,
/// and the main number of that.
fn keys_of(identity: &CallerIdentity) -> [(&'static str, Option<String>); 4] {
    let code = identity.code_reading().and_then(|(given, read)| read.key(given));
    let certificate = identity.certificate.as_ref().and_then(|one| one.reading().key(&one.number));
    let [phone, main_phone] = identity.phone_reading().map_or([None, None], |(given, read)| read.keys(given));
    [(CODE, code), (CODE, certificate), (PHONE, phone), (PHONE, main_phone)]
}

/// Decrypts a row.
pub(super) async fn decrypt(vault: &Vault, row: encrypted_identity::Model) -> Result<CallerIdentity, Fault> {
    let encrypted = EncryptedFields {
        key_version: row.key_version.unsigned_abs(),
        wrapped_key: row.wrapped_key,
        cells: vec![
            row.enterprise_name,
            row.social_credit_code,
            row.contact_name,
            row.contact_phone,
            row.subject,
            row.content,
            row.given_code,
            row.given_phone,
            row.certificate,
            row.email,
        ],
    };
    let texts = vault.decrypt(row.ticket_number, &NAMES, &encrypted).await.map_err(|fault| {
        let fault = Fault::from(fault);
        Fault { detail: format!("the identity of {}: {}", row.ticket_number, fault.detail), ..fault }
    })?;
    let mut texts = texts.into_iter().map(|text| text.map(|text| text.as_str().to_owned()));
    let mut text = || texts.next().flatten();
    Ok(CallerIdentity {
        enterprise_name: text(),
        social_credit_code: text(),
        contact_name: text(),
        contact_phone: text(),
        subject: text(),
        content: text(),
        given_code: text(),
        given_phone: text(),
        certificate: text().map(|cell| certificate_cell::read(&cell)),
        email: text(),
    })
}
