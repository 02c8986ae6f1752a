//! Injected bugs that the suite must find. Production code has no hooks for them: three are between the client and the
//! network, one in the database.

/// A bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InjectedBug {
    /// Some reads are answered with what the first one showed.
    StaleRead,
    /// Etags do not reach the server, so a command succeeds although its caller has not read the last change.
    LostUpdate,
    /// A repeat reaches the server with another request id.
    RepeatedEffect,
    /// The database loses some updates of a ticket's row (a trigger on PostgreSQL).
    RevertedRow,
}

impl InjectedBug {
    pub(crate) const ALL: [Self; 4] =
        [Self::StaleRead, Self::LostUpdate, Self::RepeatedEffect, Self::RevertedRow];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::StaleRead => "stale-read",
            Self::LostUpdate => "lost-update",
            Self::RepeatedEffect => "repeated-effect",
            Self::RevertedRow => "reverted-row",
        }
    }
}

/// Every seventh version of a ticket is acknowledged and not stored, but its event is.
pub(crate) const REVERTING_TRIGGER: &str = "
    CREATE FUNCTION revert_ticket() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.version % 7 = 0 THEN RETURN OLD; END IF;
        RETURN NEW; END $$;
    CREATE TRIGGER revert BEFORE UPDATE ON ticket FOR EACH ROW EXECUTE FUNCTION revert_ticket()";
