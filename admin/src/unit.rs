//! `hotline unit`: the handling units.

use clap::Args;
use hotline_client::{DeactivateUnit, ListUnits, PutUnit, Unit, UnitGroup};

use crate::context::{Context, Done, ListLimit, RequestId};
use crate::flags::names;
use crate::output::Column;
use crate::verbs::verbs;

const COLUMNS: &[Column] = &[
    ("UNIT", "code"),
    ("GROUP", "group"),
    ("PARENT", "parent"),
    ("DISTRICT", "district"),
    ("ACTIVE", "active"),
    ("NAME", "name"),
];

verbs! {
    /// Lists units.
    List = List, calls "ListUnits";
    /// Prints a unit.
    Show = Show, calls "GetUnit";
    /// Makes a unit. For administrators.
    Create = Create, calls "PutUnit";
    /// Changes a unit; what is not named stays as it is. For administrators.
    Update = Update, calls "GetUnit", "PutUnit";
    /// Deactivates a unit and moves its open work. For administrators.
    Deactivate = Deactivate, calls "GetUnit", "PutUnit";
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// In this group.
    #[arg(long, value_parser = names!(UnitGroup))]
    group: Option<UnitGroup>,
    /// Active units only.
    #[arg(long)]
    active_only: bool,
    #[command(flatten)]
    limit: ListLimit,
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let which = ListUnits::default().group(self.group).active_only(self.active_only);
        context.list(COLUMNS, context.client().await?.directory().list_units(which), self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The unit's code.
    code: String,
}

impl Show {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.record(&context.client().await?.directory().get_unit(self.code).await?)
    }
}

/// The values of a unit.
#[derive(Debug, Args)]
struct UnitFlags {
    /// Its name in English.
    #[arg(long)]
    name_en: Option<String>,
    /// The unit above it.
    #[arg(long, value_name = "CODE")]
    parent: Option<String>,
    /// The division code of its district.
    #[arg(long, value_name = "CODE")]
    district: Option<String>,
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The unit's code.
    code: String,
    /// Its name.
    #[arg(long)]
    name: String,
    /// Its group.
    #[arg(long, value_parser = names!(UnitGroup))]
    group: UnitGroup,
    #[command(flatten)]
    values: UnitFlags,
    #[command(flatten)]
    request: RequestId,
}

impl Create {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let unit = Unit {
            code: self.code,
            name: self.name,
            name_en: self.values.name_en,
            group: self.group,
            parent: self.values.parent,
            district: self.values.district,
            active: true,
            etag: None,
            successor: None,
        };
        let command = PutUnit::new(unit).request_id(self.request.id);
        context.record(&context.client().await?.directory().put_unit(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Update {
    /// The unit's code.
    code: String,
    /// Its name.
    #[arg(long)]
    name: Option<String>,
    /// Its group.
    #[arg(long, value_parser = names!(UnitGroup))]
    group: Option<UnitGroup>,
    #[command(flatten)]
    values: UnitFlags,
    /// Make it active again.
    #[arg(long)]
    activate: bool,
    #[command(flatten)]
    request: RequestId,
}

impl Update {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let directory = context.client().await?.directory();
        let old = directory.get_unit(self.code).await?;
        let unit = Unit {
            name: self.name.unwrap_or(old.name),
            name_en: self.values.name_en.or(old.name_en),
            group: self.group.unwrap_or(old.group),
            parent: self.values.parent.or(old.parent),
            district: self.values.district.or(old.district),
            active: old.active || self.activate,
            ..old
        };
        let command = PutUnit::new(unit).request_id(self.request.id);
        context.record(&directory.put_unit(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Deactivate {
    /// The unit's code.
    code: String,
    /// The unit that gets its open work.
    #[arg(long, value_name = "CODE", required_unless_present = "to_desk", conflicts_with = "to_desk")]
    successor: Option<String>,
    /// Its open work goes back to the desk.
    #[arg(long)]
    to_desk: bool,
    #[command(flatten)]
    request: RequestId,
}

impl Deactivate {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.confirm(&format!("{} is deactivated and its open work moves", self.code))?;
        let directory = context.client().await?.directory();
        let unit = directory.get_unit(self.code).await?;
        let command = match self.successor {
            Some(successor) => DeactivateUnit::in_favour_of(unit, successor),
            None => DeactivateUnit::to_desk(unit),
        };
        context.record(&directory.deactivate_unit(command.request_id(self.request.id)).await?)
    }
}
