//! More units than a new database has, put and given credentials as an administrator does.

use hotline_client::{
    ClientKind, CreateClient, Error, HotlineClient, IssueCredential, Proof, PutUnit, Token, Unit, UnitGroup,
};

/// A unit that is in every new database.
pub(crate) const FIRST_UNIT: &str = "district-chaoyang";

/// The reason in the audit log.
const NOTE: &str = "comparison";

/// Puts this many units; returns their codes with a token for each.
///
/// # Errors
/// If a command fails.
pub(crate) async fn put(administrator: &HotlineClient, count: u32) -> Result<Vec<(String, Token)>, Error> {
    let mut units = Vec::new();
    for place in 1..=count {
        let code = format!("street-{place:03}");
        let unit = Unit {
            code: code.clone(),
            name: format!("街道办事处{place}"),
            name_en: None,
            group: UnitGroup::District,
            parent: None,
            district: None,
            active: true,
            successor: None,
            policy_number: None,
            etag: None,
        };
        administrator.directory().put_unit(PutUnit::new(unit)).await?;
        let principal = format!("gateway-{code}");
        let client = CreateClient::for_unit(&principal, ClientKind::Machine, &code, NOTE);
        administrator.admin().create_client(client).await?;
        let issued =
            administrator.admin().issue_credential(IssueCredential::new(&principal, Proof::Token)).await?;
        let token = issued.token.unwrap_or_else(|| Token::from(""));
        units.push((code, token));
    }
    Ok(units)
}
