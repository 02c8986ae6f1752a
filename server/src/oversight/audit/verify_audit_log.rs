//! `VerifyAuditLog`: verifies the chains of one ticket, or, part by part, those of all tickets, all other subjects, and
//! the checkpoints.

use crate::oversight::audit::Audit;
use crate::oversight::verify;
use crate::oversight::verify::PartReport;
use crate::platform::Fault;
use crate::ticket::TicketNumber;

/// Where a verification continues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerifyPart {
    /// The tickets after this number.
    Tickets(i64),
    /// The subjects after this one.
    Subjects(String),
    /// The checkpoints after this number.
    Checkpoints(i64),
}

impl VerifyPart {
    /// Where a verification of everything begins.
    pub const FIRST: Self = Self::Tickets(i64::MIN);
}

impl Audit {
    /// Verifies one ticket.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn verify_ticket(&self, number: TicketNumber) -> Result<PartReport, Fault> {
        let number = number.as_i64();
        verify::tickets(&self.store, number - 1, number).await
    }

    /// Verifies one part of everything, about `size` chains of it; returns where to continue, `None` at the end.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn verify_audit_log(
        &self,
        part: VerifyPart,
        size: u64,
    ) -> Result<(PartReport, Option<VerifyPart>), Fault> {
        Ok(match part {
            VerifyPart::Tickets(after) => {
                let end = verify::end_of_part(self.store.reader(), after, size).await?;
                let verified = verify::tickets(&self.store, after, end.unwrap_or(i64::MAX)).await?;
                let next = end.map_or(VerifyPart::Subjects(String::new()), VerifyPart::Tickets);
                (verified, Some(next))
            }
            VerifyPart::Subjects(after) => {
                let (verified, next) = verify::subjects(&self.store, &after, size).await?;
                (verified, Some(next.map_or(VerifyPart::Checkpoints(0), VerifyPart::Subjects)))
            }
            VerifyPart::Checkpoints(after) => {
                let (verified, next) =
                    verify::checkpoints(&self.store, &self.verify_options, after, size).await?;
                (verified, next.map(VerifyPart::Checkpoints))
            }
        })
    }
}
