//! Messages to the company, their templates, and the progress of a ticket.

use chrono::{DateTime, Utc};

use crate::convert::{open_enum, record};

open_enum! {
    /// What a message tells the company.
    MessageEvent = MessageEvent {
        /// The ticket was taken in, with its number and the code for its progress.
        Received = "已受理",
        /// A unit has accepted it.
        Accepted = "已签收",
        /// It is carried over, until a promised date.
        CarriedOver = "已挂账",
        /// It is complete, and the hotline will call back.
        Completed = "已办结",
        /// The hotline called back and reached nobody, and will call again.
        CallBack = "再次回访",
    }
}

open_enum! {
    /// How the company wishes to be told.
    MessageChannel = MessageChannel {
        /// By short message to the telephone number of the caller.
        Sms = "短信",
        /// By e-mail.
        Email = "电子邮件",
        /// Not at all.
        None = "不通知",
    }
}

open_enum! {
    /// The language of a message.
    MessageLanguage = MessageLanguage {
        /// Chinese.
        Chinese = "中文",
        /// English.
        English = "英文",
    }
}

open_enum! {
    /// Where a message is.
    MessageState = MessageState {
        /// It waits for the gateway, for the end of the quiet hours, or for the next attempt.
        Waiting = "待发送",
        /// The gateway has accepted it.
        Sent = "已发送",
        /// It is not sent again.
        Failed = "发送失败",
        /// The company chose to get no messages before it was sent.
        Withdrawn = "已撤回",
    }
}

open_enum! {
    /// Where a ticket is, in steps that a company knows.
    ProgressStage = ProgressStage {
        /// The hotline has it.
        Received = "已受理",
        /// A unit handles it.
        Handling = "办理中",
        /// It is answered or complete, and the hotline calls back.
        Completed = "已办结",
        /// It is closed.
        Closed = "已关闭",
        /// It was not accepted, or the company has withdrawn it.
        Ended = "已终止",
    }
}

record! {
    /// A version of a template. The last version of an event and a language is in use.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    MessageTemplate = MessageTemplate {
        /// What it tells.
        event: MessageEvent,
        /// Its language.
        language: MessageLanguage,
        /// 1 for the template that the server is shipped with, then one more for each change.
        version: u32,
        /// The text with its placeholders.
        text: String,
        /// When it was put; `None` for a template that the server is shipped with.
        put_time: Option<DateTime<Utc>>,
    }
}

record! {
    /// How the company of a ticket is told.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[non_exhaustive]
    MessageChoice = ChooseMessagesResponse {
        /// The channel.
        channel: MessageChannel,
        /// The language.
        language: MessageLanguage,
    }
}

record! {
    /// A message to the company of a ticket. Neither an address nor the code for the progress is in it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    CompanyMessage = CompanyMessage {
        /// The ticket.
        ticket_number: String,
        /// The sequence of the event that it tells of.
        event_sequence: u32,
        /// What it tells.
        event: MessageEvent,
        /// Where it is.
        state: MessageState,
        /// By which channel.
        channel: MessageChannel,
        /// Its language.
        language: MessageLanguage,
        /// The version of the template; 0 before the first attempt.
        template_version: u32,
        /// The text; `None` before the first attempt.
        text: Option<String>,
        /// When it was put into the outbox.
        create_time: DateTime<Utc>,
        /// When it was accepted, failed or was withdrawn.
        end_time: Option<DateTime<Utc>>,
        /// Attempts so far.
        attempts: u32,
    }
}

record! {
    /// What a company may know of its ticket.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketProgress = TicketProgress {
        /// The ticket.
        ticket_number: String,
        /// Where it is.
        stage: ProgressStage,
        /// The name of the unit that has accepted it.
        unit_name: Option<String>,
        /// The same in English.
        unit_name_en: Option<String>,
        /// The limit in force, while it is handled.
        due_time: Option<DateTime<Utc>>,
        /// Whether the limit is a promised date.
        carried_over: bool,
        /// What the company was told, the oldest first.
        sent: Vec<SentMessage>,
    }
}

record! {
    /// What a company was told.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[non_exhaustive]
    SentMessage = SentMessage {
        /// What.
        event: MessageEvent,
        /// When.
        time: DateTime<Utc>,
    }
}
