//! `UpdateCaller`: its request as a command, and its answer with warnings.

use hotline_proto::v1 as pb;

use super::caller_fields::{identity, warnings};
use super::limits::NAME_CHARS_MAX;
use super::{ETAG_CHARS_MAX, visible};
use crate::access::Permit;
use crate::closed_loop::Change;
use crate::closed_loop::update_caller::UpdateCaller;
use crate::platform::Fault;
use crate::platform::idempotency::{RequestKey, fingerprint};
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::ticket::TicketApi;
use crate::ticket::{CallerField, CallerUpdate, TicketNumber, pii};

impl Handler<TicketApi> for pb::UpdateCallerRequest {
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::at(api.closed_loop.clock.now());
        let request_id = fields.request_id(&self.request_id);
        let number = fields.number("ticket_number", &self.ticket_number);
        let etag = fields.optional("etag", &self.etag, ETAG_CHARS_MAX);
        let update = decode(self, &mut fields);
        let warnings = warnings(&update.given);
        let fingerprint = fingerprint_of(permit, number, etag.as_deref(), &update.fields);
        let key = RequestKey { principal: permit.principal().to_owned(), request_id, fingerprint };
        let change = fields.finish(Change { key, number, etag, verb: UpdateCaller(update) })?;
        let ticket = api.closed_loop.update_caller(permit, change).await?;
        Ok(pb::UpdateCallerResponse { ticket: Some(visible(permit, &ticket)), warnings })
    }
}

/// The fingerprint that identifies repeats. It has none of the values: eleven digits can be guessed from a digest, and
/// an answer that compared them would tell a right guess.
fn fingerprint_of(
    permit: &Permit,
    number: TicketNumber,
    etag: Option<&str>,
    fields: &[CallerField],
) -> String {
    let paths = fields.iter().map(|field| field.path()).collect::<Vec<_>>().join(",");
    let comparable = format!("{number}\n{}\n{paths}", etag.unwrap_or_default());
    fingerprint(permit.method().path, None, comparable.as_bytes())
}

fn decode(request: &pb::UpdateCallerRequest, fields: &mut Fields) -> CallerUpdate {
    let given =
        identity(request.enterprise.as_ref(), request.contact.as_ref(), request.certificate.as_ref(), fields);
    let industry = fields.optional("industry", &request.industry, NAME_CHARS_MAX);
    let industry = industry.map(|industry| pii::mask(&industry, &given).text);
    let update = CallerUpdate::of_given(given, industry);
    let Some(mask) = request.update_mask.as_ref().filter(|mask| !mask.paths.is_empty()) else {
        if update.fields.is_empty() {
            fields.wrong("update_mask", "is required, or a field that is not empty");
        }
        return update;
    };
    let named = named_fields(&mask.paths, fields);
    let others: Vec<_> = CallerField::ALL.into_iter().filter(|field| !named.contains(field)).collect();
    CallerUpdate { fields: named, ..update.without(&others) }
}

/// The fields that a mask names, in the order of the contract.
fn named_fields(paths: &[String], fields: &mut Fields) -> Vec<CallerField> {
    if paths.len() > CallerField::ALL.len() {
        fields.wrong("update_mask", "names a field at most once");
        return Vec::new();
    }
    for (place, path) in paths.iter().enumerate() {
        if CallerField::ALL.iter().all(|field| field.path() != path) {
            fields.wrong(format!("update_mask.paths[{place}]"), "is no field about the caller");
        }
    }
    CallerField::ALL.into_iter().filter(|field| paths.iter().any(|path| path == field.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, mask: &[&str]) -> pb::UpdateCallerRequest {
        let paths = mask.iter().map(|path| (*path).to_owned()).collect();
        pb::UpdateCallerRequest {
            contact: Some(pb::Contact { name: name.to_owned(), phone: String::new() }),
            industry: "批发".to_owned(),
            update_mask: Some(prost_types::FieldMask { paths }),
            ..Default::default()
        }
    }

    #[test]
    fn a_mask_names_what_is_replaced() {
        use CallerField::{ContactName, ContactPhone, Industry};
        for (mask, replaced, is_named) in [
            (&[][..], &[ContactName, Industry][..], true),
            (&["contact.name"], &[ContactName], true),
            (&["contact.phone"], &[ContactPhone], false),
            (&["industry", "contact.phone", "contact.name"], &[ContactName, ContactPhone, Industry], true),
        ] {
            let mut fields = Fields::default();
            let update = decode(&named("欧阳示例", mask), &mut fields);
            assert!(fields.finish(()).is_ok(), "{mask:?}");
            assert_eq!(update.fields, replaced, "{mask:?}");
            assert_eq!(update.given.contact_name.is_some(), is_named, "what is not named is ignored");
            assert_eq!(update.industry.is_some(), replaced.contains(&Industry), "{mask:?}");
        }
    }

    #[test]
    fn what_is_not_about_the_caller_is_refused() {
        for (request, wrong) in [
            (pb::UpdateCallerRequest::default(), "update_mask"),
            (named("欧阳示例", &["contact.name", "subject"]), "update_mask.paths[1]"),
            (named("欧阳示例", &["contact.name"; 7]), "update_mask"),
        ] {
            let mut fields = Fields::default();
            decode(&request, &mut fields);
            let fault = fields.finish(()).expect_err(wrong);
            assert_eq!(fault.violations[0].field, wrong);
        }
    }

    #[test]
    fn an_industry_that_names_the_caller_is_masked() {
        let request = pb::UpdateCallerRequest {
            industry: "欧阳示例的批发".to_owned(),
            ..named("欧阳示例", &[])
        };
        let update = decode(&request, &mut Fields::default());
        assert_eq!(update.industry.as_deref(), Some("某某的批发"));
    }
}
