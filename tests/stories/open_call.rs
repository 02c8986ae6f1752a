//! A call that stays open as long as a story needs: its headers are sent, and its message is not.

use futures_util::stream;
use hotline_client::Uuid;
use hotline_proto::v1 as pb;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic::{Response, Status};
use tonic_prost::ProstCodec;

use super::test_env::with_token;

type Outcome = Result<Response<pb::CreateTicketResponse>, Status>;

/// A `CreateTicket` whose message is held back.
pub(crate) struct OpenCall {
    message: oneshot::Sender<pb::CreateTicketRequest>,
    call: JoinHandle<Outcome>,
}

/// A valid request.
pub(crate) fn intake() -> pb::CreateTicketRequest {
    pb::CreateTicketRequest {
        request_id: Uuid::new_v4().to_string(),
        category: pb::TicketCategory::Appeal.into(),
        complexity: pb::TicketComplexity::General.into(),
        channel: pb::Channel::Web.into(),
        subject: "用电报装迟迟未受理".into(),
        content: "两周前提交的用电报装申请没有答复。".into(),
        ..pb::CreateTicketRequest::default()
    }
}

impl OpenCall {
    /// Begins the call. Later calls on the same channel reach the server after it.
    pub(crate) async fn begin(channel: Channel, token: &str) -> Self {
        let (notify, begun) = oneshot::channel();
        let (message, held) = oneshot::channel();
        let body = stream::once(async move {
            notify.send(()).expect("the story waits for it");
            held.await.expect("the story sends it")
        });
        let request = with_token(token, body);
        let mut grpc = Grpc::new(channel);
        grpc.ready().await.expect("the server is there");
        let call = tokio::spawn(async move {
            let path = PathAndQuery::from_static("/hotline.v1.TicketService/CreateTicket");
            let codec = ProstCodec::<pb::CreateTicketRequest, pb::CreateTicketResponse>::default();
            grpc.client_streaming(request, path, codec).await
        });
        begun.await.expect("the call has begun");
        Self { message, call }
    }

    /// Whether it was refused before its message was sent.
    pub(crate) fn is_over(&self) -> bool {
        self.call.is_finished()
    }

    /// Waits, without ever sending the message, until the call is refused.
    pub(crate) async fn refused(self) -> Status {
        let outcome = self.call.await.expect("the call ended");
        drop(self.message);
        outcome.expect_err("it is refused")
    }

    /// Sends the message; returns the number of the new ticket.
    pub(crate) async fn finish(self) -> String {
        let still_waits = self.message.send(intake()).is_ok();
        let outcome = self.call.await.expect("the call ended");
        assert!(still_waits, "the call did not wait for its message: {outcome:?}");
        let answer = outcome.expect("it is answered").into_inner();
        answer.ticket.expect("an answer has a ticket").number
    }
}
