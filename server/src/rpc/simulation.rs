//! `hotline.v1.SimulationService`.

use hotline_proto::v1 as pb;
use pb::simulation_service_server::SimulationService;

use super::fields::Fields;
use super::handler::{Handler, serve};
use super::scalars::time;
use crate::access::Permit;
use crate::oversight::{SPEED_MAX, Simulation};
use crate::platform::Fault;

/// Serves the simulated clock.
#[derive(Debug, Clone)]
pub struct SimulationApi {
    /// The simulated clock and its runner.
    pub simulation: Simulation,
}

hotline_proto::simulation_service_methods!(serve for SimulationApi);

impl Handler<SimulationApi> for pb::GetTimeRequest {
    async fn handle(&self, api: &SimulationApi, _: &Permit) -> Result<Self::Response, Fault> {
        Ok(pb::GetTimeResponse { now: Some(time(api.simulation.now()?)) })
    }
}

impl Handler<SimulationApi> for pb::AdvanceToRequest {
    async fn handle(&self, api: &SimulationApi, _: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let instant = fields.required_time("time", self.time.as_ref());
        let fired = api.simulation.advance_to(fields.finish(instant)?).await?;
        let now = api.simulation.now()?;
        let rungs_fired = i32::try_from(fired).unwrap_or(i32::MAX);
        Ok(pb::AdvanceToResponse { now: Some(time(now)), rungs_fired })
    }
}

impl Handler<SimulationApi> for pb::ResumeClockRequest {
    async fn handle(&self, api: &SimulationApi, _: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let speed = u32::try_from(self.speed).ok().filter(|speed| *speed <= SPEED_MAX);
        if speed.is_none() {
            fields.wrong("speed", format!("is 0 to {SPEED_MAX}"));
        }
        let now = api.simulation.resume_clock(fields.finish(speed.unwrap_or(0))?.max(1))?;
        Ok(pb::ResumeClockResponse { now: Some(time(now)) })
    }
}
