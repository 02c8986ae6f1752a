//! How a noun of the command line is made: a table of its verbs, with the methods of the contract that each calls.
//!
//! A new noun is one file. It holds a `verbs!` table and the flags of each verb. A verb on a ticket that only passes
//! its flags on is declared with `ticket_verb!`, a list with `list_verb!`. One more line in `cli.rs` makes it known.

/// The verbs of a noun: `/// Help. \n Verb = Flags calls "Method";`. It makes the enum `Command` with `run`, and
/// `METHODS`, from which a guard learns which methods the command line calls.
macro_rules! verbs {
    ($($(#[$about:meta])* $verb:ident = $flags:ty, calls $($method:literal),*;)+) => {
        /// The verbs of this noun.
        #[derive(Debug, clap::Subcommand)]
        pub(crate) enum Command {
            $($(#[$about])* $verb(Box<$flags>),)+
        }

        impl Command {
            /// Runs the command; returns what it prints.
            pub(crate) async fn run(self, context: &$crate::context::Context) -> $crate::context::Done {
                match self {
                    $(Self::$verb(flags) => Box::pin((*flags).run(context)).await,)+
                }
            }
        }

        /// Each verb with the methods of the contract that it calls.
        #[cfg(test)]
        pub(crate) const METHODS: &[(&str, &[&str])] = &[$((stringify!($verb), &[$($method),*])),+];
    };
}

/// A verb on a ticket that passes its flags on: `Verb = method(Command) { required flags, | optional flags, }`. A text
/// after the command is asked before the change, because it can't be undone.
macro_rules! ticket_verb {
    (
        $name:ident = $method:ident($command:ident $(, $question:literal)?) {
            $($(#[$must_meta:meta])* $must:ident: $must_kind:ty,)*
            $(| $($(#[$may_meta:meta])* $may:ident: $may_kind:ty,)+)?
        }
    ) => {
        /// The flags of the verb.
        #[derive(Debug, clap::Args)]
        pub(crate) struct $name {
            #[command(flatten)]
            on: $crate::context::OnTicket,
            $($(#[$must_meta])* $must: $must_kind,)*
            $($($(#[$may_meta])* $may: $may_kind,)+)?
        }

        impl $name {
            pub(crate) async fn run(self, context: &$crate::context::Context) -> $crate::context::Done {
                $(context.confirm(&format!("{} of ticket {}", $question, self.on.ticket))?;)?
                let command = hotline_client::$command::new(self.on.ticket, $(self.$must),*)
                    $($(.$may(self.$may))+)?
                    .etag(self.on.etag)
                    .request_id(self.on.request.id);
                context.ticket(&context.client().await?.tickets().$method(command).await?)
            }
        }
    };
}

/// A list: `Verb = service.method(Filter), COLUMNS { flags }`.
macro_rules! list_verb {
    (
        $name:ident = $service:ident.$method:ident($filter:ident), $columns:expr => {
            $($(#[$meta:meta])* $field:ident: $kind:ty,)*
        }
    ) => {
        /// The flags of the verb.
        #[derive(Debug, clap::Args)]
        pub(crate) struct $name {
            $($(#[$meta])* $field: $kind,)*
            #[command(flatten)]
            limit: $crate::context::ListLimit,
        }

        impl $name {
            pub(crate) async fn run(self, context: &$crate::context::Context) -> $crate::context::Done {
                let which = hotline_client::$filter::default()$(.$field(self.$field))*;
                let listing = context.client().await?.$service().$method(which);
                context.list($columns, listing, self.limit).await
            }
        }
    };
}

pub(crate) use {list_verb, ticket_verb, verbs};
