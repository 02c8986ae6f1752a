//! `hotline.v1.SimulationService`.

use hotline_proto::v1 as pb;
use pb::simulation_service_server::SimulationService;
use tonic::{Request, Response, Status};

use super::fields::Fields;
use super::wire::time;
use super::{permit_of, status};
use crate::oversight::Simulation;

/// Serves the simulated clock.
#[derive(Debug, Clone)]
pub struct SimulationSwitchboard {
    /// The simulated clock and what it sets in motion.
    pub simulation: Simulation,
}

#[tonic::async_trait]
impl SimulationService for SimulationSwitchboard {
    async fn get_time(
        &self,
        request: Request<pb::GetTimeRequest>,
    ) -> Result<Response<pb::GetTimeResponse>, Status> {
        permit_of(&request)?;
        let now = self.simulation.now().map_err(status::of)?;
        Ok(Response::new(pb::GetTimeResponse { now: Some(time(now)) }))
    }

    async fn advance_to(
        &self,
        request: Request<pb::AdvanceToRequest>,
    ) -> Result<Response<pb::AdvanceToResponse>, Status> {
        permit_of(&request)?;
        let mut fields = Fields::default();
        let instant = fields.required_time("time", request.get_ref().time.as_ref());
        let instant = fields.finish(instant).map_err(status::of)?;
        let fired = self.simulation.advance_to(instant).await.map_err(status::of)?;
        let now = self.simulation.now().map_err(status::of)?;
        let rungs_fired = i32::try_from(fired).unwrap_or(i32::MAX);
        Ok(Response::new(pb::AdvanceToResponse { now: Some(time(now)), rungs_fired }))
    }
}
