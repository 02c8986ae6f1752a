//! `ProposeScheme`: a scheme from a month on. A wrong document is refused with all its faults, and nothing is stored.

use prost::Message;
use serde_json::json;

use super::scheme_record::{self, SchemeHistory, SchemeRecord, SchemeState};
use super::score::{Month, Scheme};
use super::{Assessment, Step};
use crate::access::Permit;
use crate::audit_log::records;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Violations, Work};

/// A scheme to propose.
#[derive(Debug)]
pub struct ProposeScheme {
    /// The document in TOML.
    pub text: String,
    /// The first month that it counts.
    pub from_month: Month,
    /// Why.
    pub reason: String,
    /// What is wrong with the other fields, so that all faults are answered together.
    pub wrong: Violations,
}

impl Assessment {
    /// Proposes a scheme, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `INVALID_FIELDS` with every fault of the document, `SCHEME_OUTDATED`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn propose_scheme<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: ProposeScheme,
        answer: fn(&SchemeRecord) -> A,
    ) -> Result<A, Fault> {
        let ProposeScheme { text, from_month, reason, mut wrong } = command;
        let scheme = Scheme::read(&text);
        for fault in scheme.as_ref().err().into_iter().flatten() {
            let path = if fault.path.is_empty() { String::new() } else { format!(".{}", fault.path) };
            wrong.add(format!("document{path}"), fault.rule.clone());
        }
        wrong.into_result(())?;
        let scheme = scheme.map_err(|_| Fault::internal("a wrong scheme without a fault"))?;
        let proposed = (permit.clone(), text, scheme, from_month, reason, answer);
        self.store
            .run_once(&self.clock, key, proposed, async |work, input| {
                let (permit, text, scheme, from_month, reason, answer) = input;
                let proposed = propose(work, permit, (text, scheme), *from_month, reason).await?;
                Ok(answer(&proposed))
            })
            .await
    }
}

async fn propose(
    work: &Work,
    permit: &Permit,
    (text, scheme): (&str, &Scheme),
    from_month: Month,
    reason: &str,
) -> Result<SchemeRecord, Fault> {
    scheme_record::check_from(work, from_month).await?;
    let proposed = Step { by: permit.principal().to_owned(), at: work.now(), note: reason.to_owned() };
    let record = SchemeRecord {
        number: 0,
        revision: 1,
        from_month,
        state: SchemeState::Proposed,
        text: text.to_owned(),
        scheme: scheme.clone(),
        history: SchemeHistory { proposed, tried: None, approved: None },
    };
    let record = scheme_record::add(work, record).await?;
    record_change(work, permit, &record).await?;
    Ok(record)
}

/// Records a change of a scheme in the audit log.
pub(super) async fn record_change(work: &Work, permit: &Permit, one: &SchemeRecord) -> Result<(), Fault> {
    let subject = format!("scheme/{}", one.number);
    let details = json!({ "from_month": one.from_month.to_string(), "etag": one.etag() });
    records::record(work, &permit.actor(), permit.method().method, &subject, details).await
}
