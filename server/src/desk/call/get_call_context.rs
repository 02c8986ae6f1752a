//! `GetCallContext`: what an agent reads before the first word. Whoever reads it knows the company behind the calling
//! number. So it is recorded as an access to the identity behind each ticket that it finds, in the same transaction.

use super::{Calls, DisclosedCall};
use crate::access::Permit;
use crate::identity;
use crate::identity::LookUp;
use crate::identity::access_log::{self, AccessReason, Occasion, RevealPurpose};
use crate::ledger;
use crate::ledger::list::{Columns, ListQuery, Order, TicketFilter};
use crate::platform::{Fault, Work};
use crate::ticket::codes::PhoneReading;
use crate::ticket::{CallId, CallerIdentity, State, Ticket, TicketNumber};

/// Open tickets of a company that are shown.
const OPEN_MAX: u64 = 20;
/// Earlier tickets of a company that are shown.
const EARLIER_MAX: u64 = 10;

/// A call, and what is known of the company behind its calling number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallContext {
    /// The call.
    pub call: DisclosedCall,
    /// The company and its contact; empty if none is found.
    pub caller: CallerIdentity,
    /// Its open tickets, the newest first.
    pub open: Vec<Ticket>,
    /// Its earlier tickets, the newest first.
    pub earlier: Vec<Ticket>,
}

impl Calls {
    /// The context of a call for a member of staff.
    ///
    /// # Errors
    /// `CALL_NOT_FOUND`; if the database refuses, or the vault can't decrypt an identity.
    pub async fn get_call_context(&self, permit: &Permit, id: CallId) -> Result<CallContext, Fault> {
        let input = (self.clone(), permit.clone(), id);
        self.store
            .run(&self.clock, input, async |work, (calls, permit, id)| calls.context(work, permit, id).await)
            .await
    }

    async fn context(&self, work: &Work, permit: &Permit, id: &CallId) -> Result<CallContext, Fault> {
        let call = self.disclose(work, permit, id, "GetCallContext").await?;
        let calling = call.numbers.calling.as_ref().map(|calling| PhoneReading::sought(&calling.value));
        let mut context =
            CallContext { call, caller: CallerIdentity::default(), open: Vec::new(), earlier: Vec::new() };
        let Some(keys) = calling.filter(|keys| !keys.is_empty()) else { return Ok(context) };
        let caller = LookUp::of(&self.vault, None, Some(&keys)).await?;
        let of = async |is_open: bool, limit| {
            let states = State::ALL.into_iter().filter(|state| state.is_open() == is_open).collect();
            let filter = TicketFilter { states, caller: caller.clone(), ..TicketFilter::default() };
            let (order, columns) = (Order::NewestFirst, Columns::WithoutContent);
            let query = ListQuery { filter, order, columns, after: None, limit };
            ledger::list::page(&work.tx, &permit.scope(), &query).await
        };
        context.open = of(true, OPEN_MAX).await?;
        context.earlier = of(false, EARLIER_MAX).await?;
        self.add_caller(work, permit, &mut context).await?;
        Ok(context)
    }

    /// Adds the company as the newest ticket names it. This ticket's access is recorded with its disclosure.
    async fn add_caller(&self, work: &Work, permit: &Permit, context: &mut CallContext) -> Result<(), Fault> {
        let found = context.open.iter().chain(&context.earlier).map(|ticket| ticket.number);
        let mut numbers: Vec<TicketNumber> = found.collect();
        numbers.sort_unstable();
        let Some(newest) = numbers.pop() else { return Ok(()) };
        let reason = AccessReason {
            purpose: Some(RevealPurpose::Contact),
            note: format!("call/{}", context.call.call.id),
            ..AccessReason::of(Occasion::Call)
        };
        let reader = permit.actor();
        access_log::record(work, &reader, &numbers, &reason).await?;
        let identity = identity::disclose(work, &self.vault, &reader, newest, reason).await?;
        // The texts of one ticket are no part of the context.
        context.caller = CallerIdentity { subject: None, content: None, ..identity };
        Ok(())
    }
}
