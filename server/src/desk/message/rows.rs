//! The tables of messages.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::model::{
    Choice, CompanyMessage, MessageChannel, MessageEvent, MessageLanguage, MessageState, Template,
};
use crate::platform::Fault;
use crate::ticket::TicketNumber;
use crate::ticket::columns::{instant, number};

/// A table without relations.
macro_rules! table {
    ($module:ident = $table:literal { $($(#[$key:meta])* $field:ident: $kind:ty,)+ }) => {
        pub(super) mod $module {
            use sea_orm::entity::prelude::*;

            #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub(crate) struct Model { $($(#[$key])* pub $field: $kind,)+ }

            #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
            pub(crate) enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

table!(state = "message_state" {
    #[sea_orm(primary_key, auto_increment = false)]
    id: i16,
    position: i64,
});
table!(template = "message_template" {
    #[sea_orm(primary_key, auto_increment = false)]
    event: i16,
    #[sea_orm(primary_key, auto_increment = false)]
    language: i16,
    #[sea_orm(primary_key, auto_increment = false)]
    version: i32,
    body: String,
    put_at: Option<i64>,
});
table!(choice = "message_choice" {
    #[sea_orm(primary_key, auto_increment = false)]
    ticket_number: i64,
    channel: i16,
    language: i16,
});
table!(message = "company_message" {
    #[sea_orm(primary_key, auto_increment = false)]
    ticket_number: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    sequence: i32,
    event: i16,
    state: i16,
    channel: i16,
    language: i16,
    template_version: i32,
    body: String,
    created_at: i64,
    due_at: i64,
    attempts: i32,
    ended_at: Option<i64>,
});

/// The key of the one row of `message_state`.
const STATE_ID: i16 = 1;

fn known<T>(value: Option<T>) -> Result<T, Fault> {
    value.ok_or_else(|| Fault::internal("a stored value of a message is unknown"))
}

/// How far messages have followed the feed.
pub(super) async fn position(db: &impl ConnectionTrait) -> Result<i64, Fault> {
    let row = state::Entity::find_by_id(STATE_ID).one(db).await?;
    Ok(row.map_or(0, |row| row.position))
}

/// The row of a position.
pub(super) fn position_row(position: i64) -> state::ActiveModel {
    state::ActiveModel { id: Set(STATE_ID), position: Set(position) }
}

/// What a company chose; `None` if it did not choose.
pub(super) async fn choice(db: &impl ConnectionTrait, ticket: TicketNumber) -> Result<Option<Choice>, Fault> {
    let row = choice::Entity::find_by_id(ticket.as_i64()).one(db).await?;
    row.map(|row| choice_of(row.channel, row.language)).transpose()
}

fn choice_of(channel: i16, language: i16) -> Result<Choice, Fault> {
    Ok(Choice {
        channel: known(MessageChannel::of_stored(channel))?,
        language: known(MessageLanguage::of_stored(language))?,
    })
}

/// The row of a choice.
pub(super) fn choice_row(ticket: TicketNumber, choice: Choice) -> choice::ActiveModel {
    choice::ActiveModel {
        ticket_number: Set(ticket.as_i64()),
        channel: Set(choice.channel.stored()),
        language: Set(choice.language.stored()),
    }
}

/// The template in use.
pub(super) async fn last_template(
    db: &impl ConnectionTrait,
    event: MessageEvent,
    language: MessageLanguage,
) -> Result<Template, Fault> {
    let row = template::Entity::find()
        .filter(template::Column::Event.eq(event.stored()))
        .filter(template::Column::Language.eq(language.stored()))
        .order_by_desc(template::Column::Version)
        .limit(1)
        .one(db)
        .await?;
    template_of(known(row)?)
}

/// The template of a row.
pub(super) fn template_of(row: template::Model) -> Result<Template, Fault> {
    Ok(Template {
        event: known(MessageEvent::of_stored(row.event))?,
        language: known(MessageLanguage::of_stored(row.language))?,
        version: row.version.unsigned_abs(),
        text: row.body,
        put_at: row.put_at.map(instant).transpose()?,
    })
}

/// The row of a template.
pub(super) fn template_row(template: &Template) -> template::ActiveModel {
    template::ActiveModel {
        event: Set(template.event.stored()),
        language: Set(template.language.stored()),
        version: Set(i32::try_from(template.version).unwrap_or(i32::MAX)),
        body: Set(template.text.clone()),
        put_at: Set(template.put_at.map(|at| at.timestamp_micros())),
    }
}

/// The message of a row.
pub(super) fn message_of(row: message::Model) -> Result<CompanyMessage, Fault> {
    Ok(CompanyMessage {
        ticket: number(row.ticket_number)?,
        sequence: row.sequence.unsigned_abs(),
        event: known(MessageEvent::of_stored(row.event))?,
        state: known(MessageState::of_stored(row.state))?,
        choice: choice_of(row.channel, row.language)?,
        template_version: row.template_version.unsigned_abs(),
        text: row.body,
        created_at: instant(row.created_at)?,
        due_at: instant(row.due_at)?,
        attempts: row.attempts.unsigned_abs(),
        ended_at: row.ended_at.map(instant).transpose()?,
    })
}

/// The row of a message.
pub(super) fn message_row(message: &CompanyMessage) -> message::ActiveModel {
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    message::ActiveModel {
        ticket_number: Set(message.ticket.as_i64()),
        sequence: Set(number(message.sequence)),
        event: Set(message.event.stored()),
        state: Set(message.state.stored()),
        channel: Set(message.choice.channel.stored()),
        language: Set(message.choice.language.stored()),
        template_version: Set(number(message.template_version)),
        body: Set(message.text.clone()),
        created_at: Set(message.created_at.timestamp_micros()),
        due_at: Set(message.due_at.timestamp_micros()),
        attempts: Set(number(message.attempts)),
        ended_at: Set(message.ended_at.map(|at| at.timestamp_micros())),
    }
}
