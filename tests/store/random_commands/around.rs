//! The commands around the work: notes, assignments inside a unit, questions, supplements, and requests for help.

use hotline_server::closed_loop::Change;
use hotline_server::closed_loop::add_note::AddNote;
use hotline_server::closed_loop::add_supplement::AddSupplement;
use hotline_server::closed_loop::ask_company::AskCompany;
use hotline_server::closed_loop::assign_inside::AssignInside;
use hotline_server::closed_loop::link_tickets::LinkTickets;
use hotline_server::closed_loop::request_help::RequestHelp;
use hotline_server::closed_loop::upload_attachment::UploadAttachment;
use hotline_server::identity::attachment_keys::StoredFile;
use hotline_server::platform::Fault;
use hotline_server::ticket::{Command, Ticket};

use super::RandomCommands;
use crate::guards::sample_upload::upload_sample;
use crate::store::consistency;
use crate::store::fixture::{clerk, new_key, staff};

impl RandomCommands<'_> {
    pub(super) async fn run_around(&mut self, command: Command, ticket: &Ticket) -> Result<Ticket, Fault> {
        match command {
            // No unit may read it.
            Command::AddNote => self.change(ticket, AddNote { note: "a word of staff".to_owned() }).await,
            Command::LinkTickets => {
                let other = *self.random.pick(&self.numbers);
                let verb = LinkTickets { other, note: String::new() };
                let change = Change { key: new_key(), number: ticket.number, etag: None, verb };
                let linked = self.hotline.closed_loop.link_tickets(staff("LinkTickets"), change).await;
                consistency::check(self.hotline, other).await;
                linked
            }
            Command::AssignInside => {
                let clerk = Some(format!("clerk-{}", self.random.below(3)));
                let note = "a word inside".to_owned();
                self.change(ticket, AssignInside { bureau: None, clerk, inner_due_at: None, note }).await
            }
            Command::AskCompany => {
                self.change(ticket, AskCompany { question: "what more".to_owned(), wanted: String::new() })
                    .await
            }
            Command::AddSupplement => {
                self.change(ticket, AddSupplement { content: "a paper".to_owned() }).await
            }
            Command::UploadAttachment => {
                let name = format!("{:032x}", 7);
                let vault = self.hotline.closed_loop.ledger.vault();
                let (_, key) = vault.new_data_key(&name).await.expect("the vault has keys");
                let file = Some(StoredFile { name, key });
                self.change(ticket, UploadAttachment { file, ..upload_sample() }).await
            }
            _ if self.random.percent(60) => {
                let unit = ticket.lead_unit().cloned().unwrap_or_else(|| self.unit());
                let ask = RequestHelp::Ask { reason: "it is stuck".to_owned() };
                self.hotline.change(clerk("RequestHelp", &unit), ticket.number, ask).await
            }
            _ => {
                let answer = RequestHelp::Answer { answer: "it is done".to_owned() };
                self.hotline.change(staff("RequestHelp"), ticket.number, answer).await
            }
        }
    }
}
