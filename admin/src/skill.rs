//! `hotline skill`: what seats can do. Each skill has a queue.

use clap::Args;
use hotline_client::{PutSkill, Skill};

use crate::context::{Context, Done, ListLimit, RequestId};
use crate::output::Column;
use crate::verbs::verbs;

const COLUMNS: &[Column] =
    &[("SKILL", "code"), ("ACTIVE", "active"), ("NAME", "name"), ("ENGLISH", "name_en"), ("ETAG", "etag")];

verbs! {
    /// Lists skills.
    List = List, calls "ListSkills";
    /// Makes a skill, or puts it in place of the one with this code. For administrators.
    Put = Put, calls "PutSkill";
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    limit: ListLimit,
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.list(COLUMNS, context.client().await?.directory().list_skills(), self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Put {
    /// The skill's code.
    code: String,
    /// Its name in Chinese.
    #[arg(long)]
    name: String,
    /// Its name in English.
    #[arg(long)]
    name_en: Option<String>,
    /// No calls can be transferred to it.
    #[arg(long)]
    inactive: bool,
    /// The etag of the skill that is changed.
    #[arg(long)]
    etag: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

impl Put {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let Self { code, name, name_en, inactive, etag, request } = self;
        let command = PutSkill::new(Skill { code, name, name_en, active: !inactive, etag });
        let command = command.request_id(request.id);
        context.record(&context.client().await?.directory().put_skill(command).await?)
    }
}
