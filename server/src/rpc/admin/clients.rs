//! `CreateClient`, `GetClient`, `ListClients` and `RevokeClient`.

use hotline_proto::v1 as pb;
use hotline_proto::v1::Role;
use prost::Message as _;

use super::client_fields::{note, principal, revoked};
use super::{AdminApi, credentials};
use crate::access::Permit;
use crate::access::client::read::ClientFilter;
use crate::access::client::{Client, ClientKind};
use crate::access::credentials::roles_fault;
use crate::desk::clients::create_client::CreateClient;
use crate::desk::clients::revoke_client::RevokeClient;
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::fields::{Fields, Lines, PRINCIPAL_CHARS_MAX};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::page::Page;
use crate::rpc::scalars::{code, time};

impl Handler<AdminApi> for pb::CreateClientRequest {
    async fn handle(&self, api: &AdminApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let has_unit = !self.unit.is_empty();
        let command = CreateClient {
            principal: principal("principal", &self.principal, &mut fields),
            kind: fields.choice("kind", self.kind, ClientKind::Machine),
            roles: roles(&self.roles, has_unit, &mut fields),
            unit: has_unit.then(|| fields.unit("unit", &self.unit)),
            note: note(&self.note, &mut fields),
        };
        let answer = |client: &Client| pb::CreateClientResponse { client: Some(encode(client)) };
        api.clients.create_client(permit, key, fields.finish(command)?, answer).await
    }
}

impl Handler<AdminApi> for pb::GetClientRequest {
    async fn handle(&self, api: &AdminApi, _: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let name = fields.text("principal", &self.principal, 1..=PRINCIPAL_CHARS_MAX, Lines::One);
        let (client, held) = api.clients.get_client(&fields.finish(name)?).await?;
        Ok(pb::GetClientResponse {
            client: Some(encode(&client)),
            credentials: held.iter().map(credentials::encode).collect(),
        })
    }
}

impl Handler<AdminApi> for pb::ListClientsRequest {
    async fn handle(&self, api: &AdminApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let is_revoked = match pb::ClientState::try_from(self.state) {
            Ok(pb::ClientState::Unspecified) => None,
            Ok(state) => Some(state == pb::ClientState::Revoked),
            Err(_) => {
                fields.wrong("state", "is not one of the contract's values");
                None
            }
        };
        let unit = (!self.unit.is_empty()).then(|| fields.unit("unit", &self.unit).0);
        let filter = fields.finish(ClientFilter { is_revoked, unit })?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let after = page.cursor::<1>()?.map(|[name]| name);
        let found = api.clients.list_clients(&filter, after.as_deref(), page.fetch_limit()).await?;
        let (clients, next_page_token) = page.encode(&found, |client| client.principal.clone(), encode);
        Ok(pb::ListClientsResponse { clients, next_page_token })
    }
}

impl Handler<AdminApi> for pb::RevokeClientRequest {
    async fn handle(&self, api: &AdminApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let command = RevokeClient {
            principal: principal("principal", &self.principal, &mut fields),
            note: note(&self.note, &mut fields),
        };
        let answer = |client: &Client| pb::RevokeClientResponse { client: Some(encode(client)) };
        api.clients.revoke_client(permit, key, fields.finish(command)?, answer).await
    }
}

fn roles(numbers: &[i32], has_unit: bool, fields: &mut Fields) -> Vec<Role> {
    let known = |number: &i32| Role::try_from(*number).ok().filter(|role| *role != Role::Unspecified);
    let mut roles: Vec<_> = numbers.iter().filter_map(known).collect();
    roles.sort_unstable();
    roles.dedup();
    if roles.len() != numbers.len() {
        fields.wrong("roles", "are the contract's, each once");
    } else if let Some(fault) = roles_fault(&roles, has_unit) {
        fields.wrong("roles", fault);
    }
    roles
}

fn encode(client: &Client) -> pb::Client {
    let (revoked_by, revoke_time, revoke_note) = revoked(client.revoked.as_ref());
    let state = if client.revoked.is_some() { pb::ClientState::Revoked } else { pb::ClientState::Active };
    pb::Client {
        principal: client.principal.clone(),
        kind: client.kind.number(),
        roles: client.roles.iter().map(|role| i32::from(*role)).collect(),
        unit: code(client.unit.as_ref()),
        state: state.into(),
        created_by: client.created.by.clone(),
        create_time: Some(time(client.created.at)),
        note: client.created.note.clone(),
        revoked_by,
        revoke_time,
        revoke_note,
    }
}
