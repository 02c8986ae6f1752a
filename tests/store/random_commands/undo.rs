//! The commands that undo slips, open tickets again, and call companies again.

use hotline_server::closed_loop::Change;
use hotline_server::closed_loop::record_recheck::RecordRecheck;
use hotline_server::closed_loop::record_repeat_call::RecordRepeatCall;
use hotline_server::closed_loop::reinstate_ticket::ReinstateTicket;
use hotline_server::closed_loop::reopen_ticket::{ReopenPurpose, ReopenTicket};
use hotline_server::closed_loop::unmerge_ticket::UnmergeTicket;
use hotline_server::platform::Fault;
use hotline_server::ticket::{Command, Resolved, Satisfied, Ticket};

use super::RandomCommands;
use crate::store::consistency;
use crate::store::fixture::{new_key, staff};

impl RandomCommands<'_> {
    pub(super) async fn run_undo(&mut self, command: Command, ticket: &Ticket) -> Result<Ticket, Fault> {
        match command {
            Command::ReinstateTicket => {
                self.change(ticket, ReinstateTicket { note: "a slip".to_owned() }).await
            }
            Command::ReopenTicket => {
                let purpose = *self.random.pick(&[ReopenPurpose::Survey, ReopenPurpose::Rework]);
                self.change(ticket, ReopenTicket { purpose, note: "it called".to_owned() }).await
            }
            Command::RecordRepeatCall => {
                let repeat = ticket.repeats.first().copied().unwrap_or(ticket.number);
                let is_reached = self.random.percent(50);
                self.change(ticket, RecordRepeatCall { repeat, is_reached, note: String::new() }).await
            }
            Command::RecordRecheck => {
                let (responded, resolved) = (None, *self.random.pick(&[None, Some(Resolved::No)]));
                let (satisfied, comment) = (Some(Satisfied::Satisfied), String::new());
                self.change(ticket, RecordRecheck { responded, resolved, satisfied, comment }).await
            }
            Command::UnmergeTicket => self.unmerge(ticket).await,
            _ => self.run_around(command, ticket).await,
        }
    }

    /// Undoes a merge, which changes every ticket that stands for the repeat.
    async fn unmerge(&mut self, ticket: &Ticket) -> Result<Ticket, Fault> {
        let from = ticket.merged_into.unwrap_or(ticket.number);
        let verb = UnmergeTicket { from, note: "a slip".to_owned(), chain: Vec::new() };
        let change = Change { key: new_key(), number: ticket.number, etag: None, verb };
        let unmerged = self.hotline.closed_loop.unmerge_ticket(staff("UnmergeTicket"), change).await;
        let mut standing = Some(from);
        while let Some(number) = standing {
            consistency::check(self.hotline, number).await;
            standing = self.hotline.find(number).await.merged_into;
        }
        unmerged
    }
}
