//! `hotline.v1.AuditService`: what auditors ask.

use hotline_proto::v1 as pb;
use pb::audit_service_server::AuditService;
use tonic::{Request, Response, Status};

use super::{identity, permit_of, status};
use crate::closed_loop::ClosedLoop;
use crate::oversight::verify::VerifyOptions;

/// Serves the audit.
#[derive(Debug, Clone)]
pub struct AuditSwitchboard {
    /// The database that is asked.
    pub closed_loop: ClosedLoop,
    /// Which checkpoints are accepted.
    pub accepted: VerifyOptions,
}

#[tonic::async_trait]
impl AuditService for AuditSwitchboard {
    async fn list_identity_reads(
        &self,
        request: Request<pb::ListIdentityReadsRequest>,
    ) -> Result<Response<pb::ListIdentityReadsResponse>, Status> {
        let permit = permit_of(&request)?;
        let answered = identity::list_reads(&self.closed_loop, &permit, request.get_ref()).await;
        answered.map(Response::new).map_err(status::of)
    }

    async fn list_audit_records(
        &self,
        request: Request<pb::ListAuditRecordsRequest>,
    ) -> Result<Response<pb::ListAuditRecordsResponse>, Status> {
        let permit = permit_of(&request)?;
        self.list_records(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn verify_timeline(
        &self,
        request: Request<pb::VerifyTimelineRequest>,
    ) -> Result<Response<pb::VerifyTimelineResponse>, Status> {
        let permit = permit_of(&request)?;
        self.verify(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }
}
