//! The servers of a run with their links, and the faults: servers that are killed and restarted, answers that are
//! delayed, connections that are cut.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};
use tonic::transport::Channel;

use crate::fleet::{Launch, Replica};
use crate::random::Random;
use crate::support::server::program;
use crate::tcp_proxy::Link;

/// Links to each server. A cut link breaks only a part of the running calls.
const LINKS: usize = 16;
/// The lifetime of a server before it is killed, in milliseconds: minimum and maximum.
const LIFE_MS: (i64, i64) = (800, 3_000);
/// The fewest answers of the cluster between two kills of a server, and between two faults of links. On a slow machine
/// faults are rarer too, so that most calls are answered.
const ANSWERS_BETWEEN_KILLS: u64 = 250;
const ANSWERS_BETWEEN_CUTS: u64 = 15;
/// The interval at which answers are counted while a fault waits for them.
const COUNT_EVERY: Duration = Duration::from_millis(20);
/// How long it stays down.
const DOWN_MS: (i64, i64) = (0, 300);
/// The pause between two faults of links.
const PAUSE_MS: (i64, i64) = (20, 250);
/// How long answers are delayed.
const HOLD_MS: (i64, i64) = (10, 150);

/// One server with its links.
#[derive(Debug)]
struct Node {
    replica: Arc<Mutex<Replica>>,
    links: Vec<Link>,
    is_up: watch::Sender<bool>,
}

/// The servers of a run.
#[derive(Debug)]
pub(crate) struct Cluster {
    nodes: Vec<Node>,
    /// Calls that were answered.
    answers: AtomicU64,
}

/// A server with keys creates no database by itself.
fn found(launch: &Launch) {
    let mut migrate = program();
    migrate.arg("migrate").args(&launch.flags).current_dir(&launch.home);
    let output = migrate.output().expect("the program can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The number of faults of each kind.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Faults {
    pub(crate) kills: u32,
    pub(crate) cuts: u32,
}

impl Cluster {
    /// Creates the database and starts a server for each launch, one after another.
    pub(crate) async fn start(launches: Vec<Launch>) -> Self {
        if let Some(first) = launches.first() {
            found(first);
        }
        let mut nodes = Vec::new();
        for launch in launches {
            let replica = spawn_blocking(|| Replica::start(launch)).await.expect("a server starts");
            let address = replica.endpoint();
            let address = address.trim_start_matches("http://").parse().expect("an endpoint has an address");
            let mut links = Vec::new();
            for _ in 0..LINKS {
                links.push(Link::to(address).await.expect("loopback has a free port"));
            }
            let replica = Arc::new(Mutex::new(replica));
            nodes.push(Node { replica, links, is_up: watch::Sender::new(true) });
        }
        Self { nodes, answers: AtomicU64::new(0) }
    }

    /// A channel to a random running server; waits if none runs.
    pub(crate) async fn channel(&self, random: &mut Random) -> Channel {
        let first = random.below(self.nodes.len());
        let (before, behind) = self.nodes.split_at(first);
        let running = behind.iter().chain(before).find(|node| *node.is_up.borrow());
        let node = running.unwrap_or(&self.nodes[first]);
        // The node owns the sender, so it is not dropped meanwhile.
        let _ = node.is_up.subscribe().wait_for(|is_up| *is_up).await;
        node.links[random.below(node.links.len())].channel.clone()
    }

    /// Counts an answered call.
    pub(crate) fn note_answer(&self) {
        self.answers.fetch_add(1, Ordering::Relaxed);
    }

    /// Ends the servers; returns their logged errors.
    pub(crate) async fn end(&self) -> Vec<String> {
        let replicas: Vec<_> = self.nodes.iter().map(|node| Arc::clone(&node.replica)).collect();
        let end = |replica: Arc<Mutex<Replica>>| {
            let mut replica = replica.lock().unwrap_or_else(PoisonError::into_inner);
            replica.kill();
            replica.errors()
        };
        let ended = spawn_blocking(move || replicas.into_iter().flat_map(end).collect());
        ended.await.expect("a server can be killed")
    }
}

/// Running fault injection.
#[derive(Debug)]
pub(crate) struct FaultInjector {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<Faults>>,
}

impl FaultInjector {
    /// Starts: each server has its own killer, and one task breaks links.
    pub(crate) fn begin(cluster: &Arc<Cluster>, seed: u64) -> Self {
        let stop = watch::Sender::new(false);
        let mut tasks =
            vec![tokio::spawn(break_links(Arc::clone(cluster), Random::part(seed, 10), stop.subscribe()))];
        for place in 0..cluster.nodes.len() {
            let random = Random::part(seed, 20 + place as u64);
            tasks.push(tokio::spawn(kill(Arc::clone(cluster), place, random, stop.subscribe())));
        }
        Self { stop, tasks }
    }

    /// Stops; all servers run then.
    pub(crate) async fn end(self) -> Faults {
        self.stop.send_replace(true);
        let mut all = Faults::default();
        for task in self.tasks {
            let one = task.await.expect("a server starts again");
            all = Faults { kills: all.kills + one.kills, cuts: all.cuts + one.cuts };
        }
        all
    }
}

/// Waits for a random time; returns whether to go on.
async fn goes_on(random: &mut Random, (from, to): (i64, i64), stop: &mut watch::Receiver<bool>) -> bool {
    let pause = Duration::from_millis(random.between(from, to).unsigned_abs());
    tokio::time::timeout(pause, stop.wait_for(|stop| *stop)).await.is_err()
}

/// Waits for a random time and for this many answers; returns whether to go on.
async fn goes_on_after(
    cluster: &Cluster,
    answers: u64,
    random: &mut Random,
    pause: (i64, i64),
    stop: &mut watch::Receiver<bool>,
) -> bool {
    let wanted = cluster.answers.load(Ordering::Relaxed) + answers;
    let mut goes = goes_on(random, pause, stop).await;
    while goes && cluster.answers.load(Ordering::Relaxed) < wanted {
        goes = tokio::time::timeout(COUNT_EVERY, stop.wait_for(|stop| *stop)).await.is_err();
    }
    goes
}

async fn kill(
    cluster: Arc<Cluster>,
    place: usize,
    mut random: Random,
    mut stop: watch::Receiver<bool>,
) -> Faults {
    let node = &cluster.nodes[place];
    let mut kills = 0;
    while goes_on_after(&cluster, ANSWERS_BETWEEN_KILLS, &mut random, LIFE_MS, &mut stop).await {
        node.is_up.send_replace(false);
        on(&node.replica, Replica::kill).await;
        kills += 1;
        // It is restarted in any case.
        goes_on(&mut random, DOWN_MS, &mut stop).await;
        on(&node.replica, Replica::restart).await;
        node.is_up.send_replace(true);
    }
    Faults { kills, cuts: 0 }
}

async fn on(replica: &Arc<Mutex<Replica>>, what: fn(&mut Replica)) {
    let replica = Arc::clone(replica);
    let done = spawn_blocking(move || what(&mut replica.lock().unwrap_or_else(PoisonError::into_inner)));
    done.await.expect("a server starts again");
}

async fn break_links(cluster: Arc<Cluster>, mut random: Random, mut stop: watch::Receiver<bool>) -> Faults {
    let mut cuts = 0;
    while goes_on_after(&cluster, ANSWERS_BETWEEN_CUTS, &mut random, PAUSE_MS, &mut stop).await {
        let node = &cluster.nodes[random.below(cluster.nodes.len())];
        let link = &node.links[random.below(node.links.len())];
        let (is_held, is_cut) = (random.percent(70), random.percent(70));
        if is_held {
            link.hold(true);
            goes_on(&mut random, HOLD_MS, &mut stop).await;
        }
        if is_cut {
            link.cut();
            cuts += 1;
        }
        link.hold(false);
    }
    Faults { kills: 0, cuts }
}
