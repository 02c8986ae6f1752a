//! Compiles the contract with protox (no protoc on the machine) into Rust and a descriptor set.
//!
//! It also makes two tables from the options: who may call a method, and what a reason for refusal means. A method or a
//! reason without its option does not build. Lists of the methods are made here too: the answer of each request, and
//! the methods of each service.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use prost_reflect::{DescriptorPool, DynamicMessage, Value};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    println!("cargo:rerun-if-changed=proto/hotline");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let sources = sources(Path::new("proto/hotline/v1"))?;
    let mut compiler = protox::Compiler::new(["proto"])?;
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(&sources)?;

    let encoded = compiler.encode_file_descriptor_set();
    fs::write(out.join("hotline.v1.bin"), &encoded)?;
    let pool = DescriptorPool::decode(encoded.as_slice())?;
    fs::write(out.join("methods.rs"), methods(&pool)?)?;
    fs::write(out.join("reasons.rs"), reasons(&pool)?)?;
    fs::write(out.join("requests.rs"), requests(&pool)?)?;
    fs::write(out.join("services.rs"), services(&pool)?)?;
    fs::write(out.join("events.rs"), events(&pool)?)?;

    tonic_prost_build::configure()
        // They are much larger than the other entries of the stream.
        .boxed(".hotline.v1.WatchTicketsResponse.entry.event")
        .boxed(".hotline.v1.WatchTicketsResponse.entry.snapshot_ticket")
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}

fn sources(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "proto") {
            found.push(path.strip_prefix("proto")?.to_path_buf());
        }
    }
    found.sort();
    Ok(found)
}

/// The table of methods, from `(hotline.v1.rule)`.
fn methods(pool: &DescriptorPool) -> Outcome<String> {
    let rule = extension(pool, "hotline.v1.rule")?;
    let mut rows = String::from(
        "/// Every method of the contract, with the rule in its options.\npub const METHODS: &[MethodRow] = &[\n",
    );
    for service in pool.services() {
        for method in service.methods() {
            let name = method.full_name();
            let options = method.options();
            let value = options.get_extension(&rule).into_owned();
            let value = message(&value, name)?;
            let roles: Vec<String> = list(value, "roles")?
                .iter()
                .map(|role| enum_variant(pool, "hotline.v1.Role", role, "ROLE_"))
                .collect::<Outcome<_>>()?;
            let retry = value.get_field_by_name("retry").ok_or("no retry")?.into_owned();
            let retry = enum_variant(pool, "hotline.v1.RetryClass", &retry, "RETRY_CLASS_")?;
            if roles.is_empty() || retry == "Unspecified" {
                return Err(
                    format!("{name} has no option (hotline.v1.rule) with roles and a retry class").into()
                );
            }
            let relations: Vec<String> = list(value, "relations")?
                .iter()
                .map(|relation| enum_variant(pool, "hotline.v1.UnitRelation", relation, "UNIT_RELATION_"))
                .collect::<Outcome<_>>()?;
            let names_ticket = method.input().get_field_by_name("ticket_number").is_some();
            let is_needed = names_ticket && roles.iter().any(|role| role == "Unit");
            if is_needed == relations.is_empty() || relations.iter().any(|one| one == "Unspecified") {
                let what =
                    if is_needed { "needs relations: units call it on a ticket" } else { "has relations" };
                return Err(format!("{name} {what} in its option (hotline.v1.rule)").into());
            }
            let roles = variants("Role", &roles);
            let relations = variants("UnitRelation", &relations);
            writeln!(
                rows,
                "    MethodRow {{ path: \"/{}/{}\", service: \"{}\", method: \"{}\", roles: &[{roles}], retry: RetryClass::{retry}, relations: &[{relations}], is_stream: {} }},",
                service.full_name(),
                method.name(),
                service.name(),
                method.name(),
                method.is_server_streaming(),
            )?;
        }
    }
    rows.push_str("];\n");
    Ok(rows)
}

/// The answer of each request, and which requests change a ticket.
fn requests(pool: &DescriptorPool) -> Outcome<String> {
    let (mut code, mut answers) = (String::new(), String::new());
    let methods = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
    for (row, method) in methods.enumerate() {
        let (request, response) = (method.input().name().to_owned(), method.output().name().to_owned());
        let named = match method.input().get_field_by_name("ticket_number") {
            Some(_) => "Some(&self.ticket_number)",
            None => "None",
        };
        let ticket = method.output().get_field_by_name("ticket").filter(|field| !field.is_list());
        let is_ticket = ticket.is_some_and(|field| {
            field.kind().as_message().is_some_and(|message| message.full_name() == "hotline.v1.Ticket")
        });
        let (name, answered) = if is_ticket {
            ("response", "response.ticket.as_ref().map(|ticket| ticket.number.as_str())")
        } else {
            ("_", "None")
        };
        writeln!(
            code,
            "impl RpcRequest for v1::{request} {{
                type Response = v1::{response};
                const METHOD: &'static MethodRow = &METHODS[{row}];
                fn named_ticket(&self) -> Option<&str> {{ {named} }}
                fn answered_ticket({name}: &v1::{response}) -> Option<&str> {{ {answered} }}
            }}",
        )?;
        if method.output().get_field_by_name("ticket").is_none() {
            continue;
        }
        let has = |field: &str| method.input().get_field_by_name(field).is_some();
        let is_ticket_alone = method.output().fields().count() == 1;
        if is_ticket_alone && ["request_id", "ticket_number", "etag"].iter().all(|field| has(field)) {
            writeln!(
                code,
                "impl TicketRequest for v1::{request} {{
                    fn request_id(&self) -> &str {{ &self.request_id }}
                    fn ticket_number(&self) -> &str {{ &self.ticket_number }}
                    fn etag(&self) -> &str {{ &self.etag }}
                    fn response(ticket: v1::Ticket) -> v1::{response} {{ v1::{response} {{ ticket: Some(ticket) }} }}
                }}",
            )?;
        }
        if has("request_id") {
            write!(answers, "{response}, ")?;
        }
    }
    writeln!(
        code,
        "/// Hands the answers of what changes a ticket to a macro: `Response, …`.
        #[macro_export]
        macro_rules! ticket_responses {{
            ($macro:ident) => {{ $macro! {{ {answers} }} }};
        }}"
    )?;
    Ok(code)
}

/// A macro for each service, which passes its methods to another macro.
fn services(pool: &DescriptorPool) -> Outcome<String> {
    let mut code = String::new();
    for service in pool.services() {
        let name = service.name().to_owned();
        let (mut methods, mut streams, mut uploads) = (String::new(), String::new(), String::new());
        for method in service.methods() {
            let (request, response) = (method.input().name().to_owned(), method.output().name().to_owned());
            if method.is_client_streaming() {
                write!(uploads, "{}({request}) -> {response}; ", snake(method.name()))?;
            } else if method.is_server_streaming() {
                let stream = format!("{}Stream", method.name());
                write!(streams, "{}({request}) -> {stream} of {response}; ", snake(method.name()))?;
            } else {
                write!(methods, "{}({request}) -> {response}; ", snake(method.name()))?;
            }
        }
        writeln!(
            code,
            "/// Hands the methods of `{name}` to a macro: `{name} for $api {{ method(Request) -> Response; }}`, those
            /// that answer with a stream: `{{ method(Request) -> Stream of Response; }}`, and those that take a stream.
            #[macro_export]
            macro_rules! {}_methods {{
                ($macro:ident for $api:ident) => {{ $macro! {{ {name} for $api {{ {methods} }} {{ {streams} }} {{ {uploads} }} }} }};
            }}",
            snake(&name),
        )?;
    }
    Ok(code)
}

/// A macro that passes the events of a ticket, each with its comment, to another macro.
fn events(pool: &DescriptorPool) -> Outcome<String> {
    let event = pool.get_message_by_name("hotline.v1.TicketEvent").ok_or("no TicketEvent")?;
    let detail = event.oneofs().find(|one| one.name() == "detail").ok_or("TicketEvent has no detail")?;
    let file = event.parent_file();
    let proto = file.file_descriptor_proto();
    let locations = proto.source_code_info.as_ref().map(|info| info.location.as_slice()).unwrap_or_default();
    let mut events = String::new();
    for field in detail.fields() {
        let message = field.kind().as_message().map(|message| message.name().to_owned());
        let name = message.ok_or("an event that is no message")?;
        let comment = locations.iter().find(|location| location.path == field.path());
        let comment = comment.map(|location| location.leading_comments().trim()).unwrap_or_default();
        if comment.is_empty() {
            return Err(format!("{name} has no comment among the events of a ticket").into());
        }
        write!(events, "#[doc = {comment:?}] {name}, ")?;
    }
    Ok(format!(
        "/// Hands the events of a ticket to a macro: `#[doc = \"…\"] Event, …`.
        #[macro_export]
        macro_rules! ticket_events {{
            ($macro:ident) => {{ $macro! {{ {events} }} }};
        }}"
    ))
}

/// The table of reasons, from `(hotline.v1.reason)`.
fn reasons(pool: &DescriptorPool) -> Outcome<String> {
    let reason = extension(pool, "hotline.v1.reason")?;
    let all = pool.get_enum_by_name("hotline.v1.ErrorReason").ok_or("no ErrorReason")?;
    let mut rows = String::from(
        "/// Every reason for refusal, with the meaning in its options.\npub const REASONS: &[ReasonRow] = &[\n",
    );
    for value in all.values().filter(|value| value.number() != 0) {
        let options = value.options();
        let meaning = options.get_extension(&reason).into_owned();
        let meaning = message(&meaning, value.name())?;
        let [code, en, zh, example] = ["code", "en", "zh", "example"].map(|field| text(meaning, field));
        if [&code, &en, &zh, &example].iter().any(|text| text.is_empty()) {
            return Err(format!("{} has no complete option (hotline.v1.reason)", value.name()).into());
        }
        let name = value.name().strip_prefix("ERROR_REASON_").ok_or("a reason without its prefix")?;
        writeln!(
            rows,
            "    ReasonRow {{ reason: ErrorReason::{}, name: \"{name}\", code: \"{code}\", en: {en:?}, zh: {zh:?}, example: {example:?} }},",
            camel(name),
        )?;
    }
    rows.push_str("];\n");
    Ok(rows + &reason_macro(&all)?)
}

/// A macro that passes the reasons, each with its meaning, to another macro.
fn reason_macro(all: &prost_reflect::EnumDescriptor) -> Outcome<String> {
    let pool = all.parent_pool();
    let reason = extension(pool, "hotline.v1.reason")?;
    let mut list = String::new();
    for value in all.values().filter(|value| value.number() != 0) {
        let options = value.options();
        let meaning = options.get_extension(&reason).into_owned();
        let about = text(message(&meaning, value.name())?, "en");
        let name = value.name().strip_prefix("ERROR_REASON_").ok_or("a reason without its prefix")?;
        let sentence = format!(" `{name}`: {about}.");
        write!(list, "#[doc = {sentence:?}] {} = {name:?}, ", camel(name))?;
    }
    Ok(format!(
        "/// Hands the reasons for refusal to a macro: `#[doc = \"…\"] Reason = \"REASON\", …`.
        #[macro_export]
        macro_rules! error_reasons {{
            ($macro:ident) => {{ $macro! {{ {list} }} }};
        }}"
    ))
}

/// The variants of an enum, as a list of Rust.
fn variants(of: &str, names: &[String]) -> String {
    names.iter().map(|name| format!("{of}::{name}")).collect::<Vec<_>>().join(", ")
}

fn extension(pool: &DescriptorPool, name: &str) -> Outcome<prost_reflect::ExtensionDescriptor> {
    pool.get_extension_by_name(name).ok_or_else(|| format!("no extension {name}").into())
}

fn message<'a>(value: &'a Value, at: &str) -> Outcome<&'a DynamicMessage> {
    value.as_message().ok_or_else(|| format!("{at}: the option is not a message").into())
}

fn list(message: &DynamicMessage, field: &str) -> Outcome<Vec<Value>> {
    let value = message.get_field_by_name(field).ok_or_else(|| format!("no field {field}"))?;
    Ok(value.as_list().map(<[Value]>::to_vec).unwrap_or_default())
}

fn text(message: &DynamicMessage, field: &str) -> String {
    message.get_field_by_name(field).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn enum_variant(pool: &DescriptorPool, name: &str, value: &Value, prefix: &str) -> Outcome<String> {
    let descriptor = pool.get_enum_by_name(name).ok_or_else(|| format!("no enum {name}"))?;
    let number = value.as_enum_number().ok_or("not an enum")?;
    let value = descriptor.get_value(number).ok_or("no such enum value")?;
    Ok(camel(value.name().strip_prefix(prefix).unwrap_or(value.name())))
}

/// `ROLE_NOT_ALLOWED` → `RoleNotAllowed`, as prost names variants.
fn camel(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let (first, rest) = word.split_at(1.min(word.len()));
            first.to_uppercase() + &rest.to_lowercase()
        })
        .collect()
}

/// `RuleOnReturn` → `rule_on_return`, as tonic names methods.
fn snake(name: &str) -> String {
    name.chars().fold(String::new(), |mut snake, letter| {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
        snake
    })
}
