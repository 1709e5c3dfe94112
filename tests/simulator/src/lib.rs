//! A simulated Entra, Graph and LMS on loopback: real servers, a scripted world.
//!
//! [`Simulator::start`] opens three listeners: login and Graph over TLS (with a certificate of its own), the
//! LMS, and the control API through which people act on the world ([`control::HELP`]). [`World`] is the same
//! in process. It answers as the pages of handler/reference say real Graph does; what is unconfirmed
//! (handler/reference/graph-events.md#switches) is a switch ([`world::matrix::Matrix`]); what real Graph
//! would refuse is refused, and so is every path, query option and property that is not simulated (rich
//! notifications, recurrence), lest a wrong request pass unseen. What it is asked to write is answered as
//! handler/reference/graph-publishing.md says, with switches of its own
//! ([`world::write_matrix::WriteMatrix`]), and every mail that Exchange would send for it is counted
//! ([`World::mails`]).
//!
//! | module | holds |
//! |---|---|
//! | [`world`] | tenants, mailboxes, copies of meetings, acts; no HTTP |
//! | `entra`, `consent` | the token endpoint; the admin-consent page |
//! | `graph` | reads, writes of events, subscriptions, `$batch`, throttling, the record of requests |
//! | `notify`, `temper` | notifications with delay, duplicates and retries; what slow endpoints suffer |
//! | [`disorder`] | which notifications are lost, doubled and late, at random; silent gaps and bursts |
//! | [`lms`] | sessions, places, the log of effects, the hook; what the LMS tells by itself |
//! | [`faults`] | what goes wrong on purpose |
//! | [`control`] | the HTTP API for people |
//! | [`serve`] | listeners that lose an answer, or refuse a connection |
//! | [`blobs`] | a container that holds a configuration |
//! | [`publishing`] | what a stage needs for Regrets to invite whom the LMS tells of |
//! | [`cheap`] | another, of which nothing is kept: Graph for a hundred thousand mailboxes |
//! | [`azurite`] | a real queue and table service: Microsoft's emulator, installed and started by itself |
//! | [`forward`] | the same world without a wire and without waiting: for runs of weeks |
//! | [`contract`] | holds requests and answers against Graph's OpenAPI description, where that is at hand |

pub mod blobs;
pub mod cheap;
pub mod contract;
pub mod control;
pub mod disorder;
pub mod faults;
pub mod forward;
pub mod lms;
pub mod options;
pub mod publishing;
pub mod serve;
pub mod stage;
pub mod world;

mod afterlife;
mod consent;
mod entra;
mod graph;
mod handle;
mod kill;
mod kit;
mod notify;
mod state;
mod temper;
mod tls;
mod written;

use crate::disorder::Draws;
use crate::faults::Faults;
use crate::graph::record::Recorder;
use crate::graph::registry::Registry;
use crate::lms::Lms;
use crate::notify::Outbox;
use crate::state::{Endpoints, Shared};
use crate::temper::Temper;
use crate::world::Model;
use crate::world::directory::Tenant;
use crate::world::ids::Mint;
use axum::Router;
use axum::routing::{get, post};
pub use azurite;
pub use faults::Fault;
pub use graph::record::Recorded;
pub use handle::World;
pub use options::{CLIENT_SECRET, LMS_SECRET, Options, PUSH_SECRET, TenantSeed, UserSeed};
use parking_lot::Mutex;
use rand::SeedableRng;
pub use state::Counters;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Why the simulator could not start.
#[derive(Debug, Error)]
pub enum StartError {
    #[error("no listener on loopback: {0}")]
    Listen(#[from] std::io::Error),
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    #[error("no HTTP client for notifications: {0}")]
    Client(#[from] reqwest::Error),
}

/// Runs until dropped.
#[derive(Debug)]
pub struct Simulator {
    world: World,
    endpoints: Endpoints,
    ca_pem: String,
}

/// How often expiries are looked at, in real time.
const TICK: Duration = Duration::from_millis(100);

impl Simulator {
    /// Must be called inside a Tokio runtime, on which everything then runs.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let identity = tls::identity()?;
        let mut anchors: Vec<&str> = options.trust.iter().map(String::as_str).collect();
        anchors.push(&identity.ca_pem);
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::client(&anchors)?)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        let (graph, lms, control) = (
            bind(options.ports.graph).await?,
            bind(options.ports.lms).await?,
            bind(options.ports.control).await?,
        );
        let endpoints = Endpoints {
            graph: format!("https://localhost:{}", graph.local_addr()?.port()),
            lms: format!("http://127.0.0.1:{}", lms.local_addr()?.port()),
            control: format!("http://127.0.0.1:{}", control.local_addr()?.port()),
        };
        let world = World(Arc::new(shared(options, http, endpoints.clone())));
        let stop = world.0.stop.clone();
        let down = world.clone();
        let up = || false;
        tokio::spawn(serve::serve(
            graph,
            Some(identity.acceptor),
            graph_router(world.clone()),
            up,
            stop.clone(),
        ));
        tokio::spawn(serve::serve(
            lms,
            None,
            lms::http::router(world.clone()),
            move || lms::http::is_down(&down),
            stop.clone(),
        ));
        tokio::spawn(serve::serve(control, None, control::router(world.clone()), up, stop));
        let ticking = world.clone();
        world.spawn(async move {
            loop {
                tokio::time::sleep(TICK).await;
                ticking.tend_subscriptions();
            }
        });
        world.begin_spells();
        Ok(Self { world, endpoints, ca_pem: identity.ca_pem })
    }

    pub fn world(&self) -> &World {
        &self.world
    }

    /// Graph without a version: the value of `GRAPH_ENDPOINT`.
    pub fn graph_url(&self) -> &str {
        &self.endpoints.graph
    }

    /// Entra: the value of `AZURE_AUTHORITY_HOST`.
    pub fn authority_url(&self) -> &str {
        &self.endpoints.graph
    }

    /// The LMS; its hook is at `/hooks/regrets`.
    pub fn lms_url(&self) -> &str {
        &self.endpoints.lms
    }

    pub fn control_url(&self) -> &str {
        &self.endpoints.control
    }

    /// A client that trusts the simulator's certificate and what [`Options::trust`] names.
    pub fn http(&self) -> reqwest::Client {
        self.world.0.http.clone()
    }

    /// The authority that signed Graph's certificate, for `SSL_CERT_FILE`.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.world.0.stop.cancel();
    }
}

fn graph_router(world: World) -> Router {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/token", post(entra::token))
        .route("/{tenant}/v2.0/adminconsent", get(consent::page_v2).post(consent::press_v2))
        .route("/{tenant}/adminconsent", get(consent::page_v1).post(consent::press_v1))
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(entra::discovery))
        .fallback(graph::http::graph)
        .with_state(world)
}

fn shared(options: Options, http: reqwest::Client, endpoints: Endpoints) -> Shared {
    let mut mint = Mint::new(options.seed);
    let tenants: Vec<Tenant> = options.tenants.iter().map(|seed| seed.build(&mut mint)).collect();
    let mut model = Model::new(tenants, options.matrix.clone(), mint);
    model.writes = options.writes.clone();
    Shared {
        model: Mutex::new(model),
        lms: Mutex::new(Lms::default()),
        faults: Mutex::new(Faults::default()),
        registry: Mutex::new(Registry::default()),
        sync_states: Mutex::default(),
        outbox: Mutex::new(Outbox::default()),
        temper: Mutex::new(Temper::default()),
        recorder: Mutex::new(Recorder::new(options.keep_requests)),
        counters: Mutex::new(Counters::default()),
        slots: Mutex::new(BTreeMap::new()),
        dice: Mutex::new(rand::rngs::StdRng::seed_from_u64(options.seed ^ 0x5eed)),
        draws: Mutex::new(Draws::new(options.seed)),
        ahead: Mutex::new(chrono::Duration::zero()),
        token_key: entra::TokenKey::new(),
        http,
        endpoints: OnceLock::from(endpoints),
        push: OnceLock::new(),
        pending: tokio::sync::watch::Sender::new(0),
        stop: CancellationToken::new(),
        runtime: tokio::runtime::Handle::current(),
        options,
    }
}
