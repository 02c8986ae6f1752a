//! A directory service in this process that answers as scripted by a test, and records the requests. Clients reach it
//! in memory, so that a test can stop the clock, and over a network that a test can break.

use std::future::{self, Future};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use hotline_client::{Builder, HotlineClient, Unit, UnitGroup};
use hotline_proto::v1::directory_service_server::{DirectoryService, DirectoryServiceServer};
use hotline_proto::v1::{self};
use tonic::{Request, Response, Status};

use crate::network::Network;

/// The answer of the service to the n-th call, from 0.
type Script = dyn Fn(usize) -> ScriptedAnswer + Send + Sync;

/// One answer.
pub(crate) enum ScriptedAnswer {
    /// The normal answer.
    Succeed,
    /// A refusal.
    Refuse(Status),
    /// No answer.
    Hang,
    /// A page: how many topics, and the token of the next page.
    Page(usize, &'static str),
}

/// The data of one call.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReceivedRequest {
    pub(crate) request_id: String,
    pub(crate) page_token: String,
    pub(crate) authorization: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) timeout: Option<String>,
    pub(crate) traceparent: Option<String>,
}

/// The service and its records.
#[derive(Clone)]
pub(crate) struct ScriptedServer {
    script: Arc<Script>,
    received: Arc<Mutex<Vec<ReceivedRequest>>>,
}

impl ScriptedServer {
    /// Starts a server and prepares a client for it.
    pub(crate) fn start(script: impl Fn(usize) -> ScriptedAnswer + Send + Sync + 'static) -> (Self, Builder) {
        let (server, network) = Self::with_network(script);
        let builder = HotlineClient::builder().endpoint("http://hotline").token("token-7");
        (server, builder.connector(network))
    }

    /// Starts a server, and the network to it.
    pub(crate) fn with_network(
        script: impl Fn(usize) -> ScriptedAnswer + Send + Sync + 'static,
    ) -> (Self, Network) {
        let scripted = Self { script: Arc::new(script), received: Arc::default() };
        let network = Network::to(DirectoryServiceServer::new(scripted.clone()));
        (scripted, network)
    }

    /// Every call so far, in order.
    pub(crate) fn received(&self) -> Vec<ReceivedRequest> {
        self.received.lock().unwrap().clone()
    }

    async fn act<T>(&self, request: &Request<T>, known: ReceivedRequest) -> Result<ScriptedAnswer, Status> {
        let header = |name| request.metadata().get(name).map(|value| value.to_str().unwrap().to_owned());
        let call = ReceivedRequest {
            authorization: header("authorization"),
            language: header("accept-language"),
            timeout: header("grpc-timeout"),
            traceparent: header("traceparent"),
            ..known
        };
        let index = {
            let mut received = self.received.lock().unwrap();
            received.push(call);
            received.len() - 1
        };
        match (self.script)(index) {
            ScriptedAnswer::Refuse(status) => Err(status),
            ScriptedAnswer::Hang => {
                let never: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(future::pending());
                never.await;
                Err(Status::internal("not reached"))
            }
            act => Ok(act),
        }
    }
}

/// A unit to put.
pub(crate) fn unit() -> Unit {
    Unit {
        code: "dept-example".into(),
        name: "示例局".into(),
        name_en: None,
        group: UnitGroup::Department,
        parent: None,
        district: None,
        active: true,
        etag: None,
        successor: None,
        policy_number: None,
    }
}

#[tonic::async_trait]
impl DirectoryService for ScriptedServer {
    async fn put_unit(
        &self,
        request: Request<v1::PutUnitRequest>,
    ) -> Result<Response<v1::PutUnitResponse>, Status> {
        let request_id = request.get_ref().request_id.clone();
        self.act(&request, ReceivedRequest { request_id, ..ReceivedRequest::default() }).await?;
        Ok(Response::new(v1::PutUnitResponse { unit: request.into_inner().unit, transfer_number: 0 }))
    }

    async fn get_unit(
        &self,
        request: Request<v1::GetUnitRequest>,
    ) -> Result<Response<v1::GetUnitResponse>, Status> {
        self.act(&request, ReceivedRequest::default()).await?;
        Ok(Response::new(v1::GetUnitResponse { unit: None }))
    }

    async fn list_topics(
        &self,
        request: Request<v1::ListTopicsRequest>,
    ) -> Result<Response<v1::ListTopicsResponse>, Status> {
        let page_token = request.get_ref().page_token.clone();
        let act = self.act(&request, ReceivedRequest { page_token, ..ReceivedRequest::default() }).await?;
        let ScriptedAnswer::Page(count, next) = act else {
            return Err(Status::internal("no page in the script"));
        };
        let topics = vec![v1::Topic { code: "tax.invoice".into(), ..Default::default() }; count];
        Ok(Response::new(v1::ListTopicsResponse { topics, next_page_token: next.into() }))
    }

    async fn list_units(
        &self,
        _: Request<v1::ListUnitsRequest>,
    ) -> Result<Response<v1::ListUnitsResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn list_catalogue_entries(
        &self,
        _: Request<v1::ListCatalogueEntriesRequest>,
    ) -> Result<Response<v1::ListCatalogueEntriesResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn put_catalogue_entry(
        &self,
        _: Request<v1::PutCatalogueEntryRequest>,
    ) -> Result<Response<v1::PutCatalogueEntryResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn put_topic(
        &self,
        _: Request<v1::PutTopicRequest>,
    ) -> Result<Response<v1::PutTopicResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn preview_deadline(
        &self,
        _: Request<v1::PreviewDeadlineRequest>,
    ) -> Result<Response<v1::PreviewDeadlineResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn put_seat(
        &self,
        _: Request<v1::PutSeatRequest>,
    ) -> Result<Response<v1::PutSeatResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn put_skill(
        &self,
        _: Request<v1::PutSkillRequest>,
    ) -> Result<Response<v1::PutSkillResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn list_skills(
        &self,
        _: Request<v1::ListSkillsRequest>,
    ) -> Result<Response<v1::ListSkillsResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn put_shift(
        &self,
        _: Request<v1::PutShiftRequest>,
    ) -> Result<Response<v1::PutShiftResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn list_shifts(
        &self,
        _: Request<v1::ListShiftsRequest>,
    ) -> Result<Response<v1::ListShiftsResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn put_roster(
        &self,
        _: Request<v1::PutRosterRequest>,
    ) -> Result<Response<v1::PutRosterResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn set_absence(
        &self,
        _: Request<v1::SetAbsenceRequest>,
    ) -> Result<Response<v1::SetAbsenceResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn list_absences(
        &self,
        _: Request<v1::ListAbsencesRequest>,
    ) -> Result<Response<v1::ListAbsencesResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn put_text_template(
        &self,
        _: Request<v1::PutTextTemplateRequest>,
    ) -> Result<Response<v1::PutTextTemplateResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn list_text_templates(
        &self,
        _: Request<v1::ListTextTemplatesRequest>,
    ) -> Result<Response<v1::ListTextTemplatesResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }

    async fn list_rosters(
        &self,
        _: Request<v1::ListRostersRequest>,
    ) -> Result<Response<v1::ListRostersResponse>, Status> {
        Err(Status::unimplemented("not in the script"))
    }
}
