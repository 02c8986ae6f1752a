//! The standard health service, under the name of each service. It reports whether the database accepts writes.

use std::time::Duration;

use metrics::gauge;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use crate::oversight::self_check::Alarm;
use crate::platform::OpenFile;
use crate::platform::database_heartbeat::Heartbeat;
use crate::platform::metrics::HEALTH_SERVING;

/// The interval between two checks of the database.
const INTERVAL: Duration = Duration::from_secs(2);
/// The names that health is asked for: the whole server, and each service.
const NAMES: [&str; 12] = [
    "",
    "hotline.v1.TicketService",
    "hotline.v1.DirectoryService",
    "hotline.v1.KnowledgeService",
    "hotline.v1.CallService",
    "hotline.v1.AssessmentService",
    "hotline.v1.AnalysisService",
    "hotline.v1.SeatService",
    "hotline.v1.MessageService",
    "hotline.v1.AdminService",
    "hotline.v1.AuditService",
    "hotline.v1.SimulationService",
];

/// Sets the status under every name.
pub(super) async fn set(reporter: &HealthReporter, status: ServingStatus) {
    gauge!(HEALTH_SERVING).set(u8::from(status == ServingStatus::Serving));
    for name in NAMES {
        reporter.set_service_status(name, status).await;
    }
}

/// Ends the streams of health watchers.
pub(super) async fn end_streams(reporter: &HealthReporter) {
    for name in NAMES {
        reporter.clone().clear_service_status(name).await;
    }
}

/// Keeps health up to date with whether the database accepts writes and keeps them. Ends, with the reason, if the
/// embedded database's file is no longer at its path. What is written to that file is lost with the process.
pub(super) async fn follow(
    mut heartbeat: Heartbeat,
    alarm: Alarm,
    file: Option<OpenFile>,
    reporter: HealthReporter,
) -> String {
    let mut last = None;
    loop {
        if let Some(Err(error)) = file.as_ref().map(OpenFile::check) {
            set(&reporter, ServingStatus::NotServing).await;
            return error;
        }
        let beat = heartbeat.beat().await;
        let is_serving = beat.is_ok() && !alarm.is_raised();
        if last != Some(is_serving) {
            let error = beat.err().map(|fault| fault.detail);
            tracing::info!(is_serving, error, "health changed");
            let status = if is_serving { ServingStatus::Serving } else { ServingStatus::NotServing };
            set(&reporter, status).await;
            last = Some(is_serving);
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
