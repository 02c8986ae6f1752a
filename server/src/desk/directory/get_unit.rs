//! `GetUnit`: one handling unit.

use hotline_proto::v1::ErrorReason;

use super::{Directory, Unit, units};
use crate::platform::Fault;
use crate::ticket::UnitCode;

impl Directory {
    /// A unit by its code.
    ///
    /// # Errors
    /// `UNIT_NOT_FOUND`; if the database refuses.
    pub async fn get_unit(&self, code: &UnitCode) -> Result<Unit, Fault> {
        let found = units::find(self.store.reader(), code).await?;
        found.ok_or_else(|| Fault::new(ErrorReason::UnitNotFound).with("unit", code.as_str()))
    }
}
