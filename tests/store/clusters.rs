//! Clusters in the database: if there are too many tickets, every n-th one is compared, and the same ones each time.

use hotline_server::assessment::analysis::find_clusters::{FindClusters, FoundClusters};
use hotline_server::assessment::analysis::{Analysis, AnalysisFilter, Days};
use hotline_server::assessment::follow::Follower;

use super::both;
use super::fixture::{Database, Hotline};

both! {
    a_sample_is_the_same_each_time
}

/// Tickets that say the same.
const TICKETS: u32 = 12;

async fn find(hotline: &Hotline, compared_max: u64) -> FoundClusters {
    let analysis = Analysis::new(hotline.store.clone(), hotline.clock.clone());
    let day = "2019-10-12".parse().expect("a day");
    let (days, filter) = (Days { first: day, last: day }, AnalysisFilter::default());
    let asked = FindClusters { days, filter, clusters_max: 9, compared_max };
    analysis.find_clusters(&asked).await.expect("the database is there")
}

async fn a_sample_is_the_same_each_time(database: Database) {
    let hotline = Hotline::open(&database).await;
    hotline.create_appeals(TICKETS).await;
    hotline.feed().sequencer().number_all().await.expect("the database is there");
    let (store, clock) = (hotline.store.clone(), hotline.clock.clone());
    Follower { store, clock, tickets_max: None }.follow_all().await.expect("the database is there");
    for (compared_max, step, compared) in [(12, 1, 12), (11, 2, 6), (4, 3, 4)] {
        let found = find(&hotline, compared_max).await;
        assert_eq!((found.tickets, found.sample_step), (12, step));
        let [(cluster, _)] = &found.clusters[..] else { panic!("one cluster: {found:?}") };
        assert_eq!((cluster.tickets, cluster.period_before), (compared, 0));
        let step = i64::try_from(step).expect("a small step");
        assert!(cluster.numbers.iter().all(|number| number.as_i64() / 10 % step == 0), "{found:?}");
        assert_eq!(find(&hotline, compared_max).await, found);
    }
}
