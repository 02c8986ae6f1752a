//! All services, built from the modules below. The composition root and the tests build them here.

use std::sync::Arc;

use super::{
    AdminApi, AnalysisApi, AssessmentApi, AuditApi, CallApi, DirectoryApi, KnowledgeApi, MessageApi, SeatApi,
    SimulationApi, TicketApi,
};
use crate::access::Authenticator;
use crate::assessment::Assessment;
use crate::assessment::analysis::Analysis;
use crate::closed_loop::ClosedLoop;
use crate::closed_loop::queries::TicketQueries;
use crate::desk::absence::Absences;
use crate::desk::attachment::Attachments;
use crate::desk::call::Calls;
use crate::desk::clients::ClientAdmin;
use crate::desk::directory::Directory;
use crate::desk::knowledge::{ArticleTexts, KnowledgeBase};
use crate::desk::message::Messages;
use crate::desk::reveal::CallerIdentities;
use crate::desk::roster::Rosters;
use crate::desk::rules::RuleAdmin;
use crate::desk::seat::Seats;
use crate::desk::suggest::Suggestions;
use crate::desk::text_template::TextTemplates;
use crate::feed::Feed;
use crate::oversight::Simulation;
use crate::oversight::audit::Audit;
use crate::oversight::verify::VerifyOptions;

/// The services of the contract.
#[derive(Debug, Clone)]
pub struct Services {
    /// `TicketService`.
    pub tickets: TicketApi,
    /// `DirectoryService`.
    pub directory: DirectoryApi,
    /// `KnowledgeService`.
    pub knowledge: KnowledgeApi,
    /// `CallService`.
    pub calls: CallApi,
    /// `AssessmentService`.
    pub assessment: AssessmentApi,
    /// `AnalysisService`.
    pub analysis: AnalysisApi,
    /// `SeatService`.
    pub seats: SeatApi,
    /// `MessageService`.
    pub messages: MessageApi,
    /// `AdminService`.
    pub admin: AdminApi,
    /// `AuditService`.
    pub audit: AuditApi,
    /// `SimulationService`.
    pub simulation: SimulationApi,
}

impl Services {
    /// The services over one database. Without an authenticator, no reveal can be approved.
    #[must_use]
    pub fn new(
        closed_loop: ClosedLoop,
        feed: Feed,
        simulation: Simulation,
        attachments: Attachments,
        authenticator: Option<Arc<Authenticator>>,
        verify_options: VerifyOptions,
    ) -> Self {
        let ClosedLoop { store, clock, ledger, .. } = closed_loop.clone();
        let (book, vault) = (ledger.rules().clone(), ledger.vault().clone());
        let identities = CallerIdentities {
            store: store.clone(),
            clock: clock.clone(),
            vault: vault.clone(),
            authenticator,
        };
        let queries = TicketQueries {
            store: store.clone(),
            clock: clock.clone(),
            rules: book.clone(),
            identities: identities.clone(),
            feed: feed.clone(),
        };
        let seats = Seats::new(store.clone(), clock.clone(), book.clone(), vault.clone(), feed);
        let directory = Directory {
            store: store.clone(),
            clock: clock.clone(),
            rules: book.clone(),
            recall: Arc::new(closed_loop.clone()),
        };
        let absences = Absences { store: store.clone(), clock: clock.clone() };
        let text_templates = TextTemplates { store: store.clone(), clock: clock.clone() };
        let rosters = Rosters { store: store.clone(), clock: clock.clone(), ledger };
        let knowledge =
            KnowledgeBase { store: store.clone(), clock: clock.clone(), texts: ArticleTexts::default() };
        let suggestions = Suggestions::new(store.clone(), clock.clone());
        let messages = Messages::new(store.clone(), clock.clone(), vault.clone());
        let calls =
            Calls { store: store.clone(), clock: clock.clone(), rules: book.clone(), vault: vault.clone() };
        let analysis = Analysis::new(store.clone(), clock.clone());
        let assessment =
            Assessment { store: store.clone(), clock: clock.clone(), rules: book.clone(), vault };
        let clients = ClientAdmin { store: store.clone(), clock: clock.clone() };
        let rules = RuleAdmin { store: store.clone(), clock, book };
        Self {
            tickets: TicketApi {
                closed_loop,
                queries,
                identities: identities.clone(),
                directory: directory.clone(),
                rosters: rosters.clone(),
                attachments,
                large_pages: Arc::default(),
            },
            directory: DirectoryApi { directory, seats: seats.clone(), rosters, absences, text_templates },
            knowledge: KnowledgeApi { knowledge, suggestions },
            calls: CallApi { calls, seats: seats.clone() },
            seats: SeatApi { seats },
            assessment: AssessmentApi { assessment },
            analysis: AnalysisApi { analysis },
            messages: MessageApi { messages },
            admin: AdminApi { rules, clients },
            audit: AuditApi { audit: Audit { store, verify_options }, identities },
            simulation: SimulationApi { simulation },
        }
    }
}
