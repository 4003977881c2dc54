//! The stack as a whole: started, and stopped.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use slipway_aws::{Clients, Local, Meter};
use slipway_catalog::{AuditContext, Table, Writer, create_table};
use slipway_domain::audit::EventType;
use slipway_domain::{GenerateId, Principal, Sha256, Timestamp};
use slipway_edge::clock::{Clock, entropy};
use slipway_edge::presign_lifetime::PRESIGN_EXPIRES_SECONDS;
use slipway_edge::services::{AUDIT_RETENTION_DAYS, OUTCOMES_PER_HOUR, audit_retention, webhooks};
use slipway_edge::{
    ArtifactStore, ExternalAccess, OperatorSettings, RegistryAccess, Services, Settings,
    TrustedIssuerSettings,
};
use slipway_local_s3::Store;
use slipway_signing::{Context, directory};
use slipway_signing_kms::SealingKey;
use slipway_snapshot::{ConfigDocument, NewSnapshotConfig, SnapshotConfig};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::Error;
use crate::artifact_storage::ExternalStore;
use crate::data::DataDirectory;
use crate::engines::{self, Engines};
use crate::events::{self, StreamCheckpoints, StreamReader, StreamWatcher};
use crate::gateway::{Gateway, Limits};
use crate::lambda::InvocationQueue;
use crate::public_url::PublicUrl;
use crate::server;
use crate::store_check::check_store;

/// DynamoDB names streams after tables, and tools want such names to have 28 characters or more.
const TABLE: &str = "slipway-local-catalog";
const BUCKET: &str = "slipway-local-artifacts";
/// How long requests under way may take when the stack stops.
const GRACE: Duration = Duration::from_secs(10);

/// How to start a stack.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the API listens. S3 listens on the next port, DynamoDB on loopback and the one after
    /// that; all on free ones, where the port is 0.
    pub listen: SocketAddr,
    /// Where data is kept; nowhere, where it is not set.
    pub data: Option<PathBuf>,
    /// The bootstrap token; one of its own, where it is not set.
    pub admin_token: Option<String>,
    /// Where clients reach the API, if something stands in front of it.
    pub public_url: Option<PublicUrl>,
    /// Where clients reach S3; where it is not set, on the host of `public_url` and S3's own port.
    pub s3_public_url: Option<PublicUrl>,
    /// How long decisions may rest on what was read before.
    pub decision_cache: SignedDuration,
    /// How often the decisions that were counted are stored, at the most; never, where it is not set.
    pub adoption_interval: Option<SignedDuration>,
    /// How many outcomes of a release are taken from one network in an hour.
    pub outcomes_per_hour: u32,
    /// How long a URL of release-artifact-presign works.
    pub presign_lifetime: SignedDuration,
    /// How long audit events are kept; for ever, where it is not set.
    pub audit_retention: Option<SignedDuration>,
    /// How long changes are collected before they make snapshots.
    pub batch_window: SignedDuration,
    /// From which hosts external artifacts are fetched to be checked.
    pub external: ExternalAccess,
    /// To which hosts webhooks send.
    pub webhooks: ExternalAccess,
    /// Which hosts of the own network integrations may be with.
    pub registries: RegistryAccess,
    /// The bucket that artifacts are in, where that is not the embedded S3.
    pub external_store: Option<ExternalStore>,
    /// The configuration of snapshots that is set at the start.
    pub snapshots: Option<ConfigDocument>,
    /// Whose JWTs are credentials of operators.
    pub operators: Option<OperatorSettings>,
    /// Which issuers trust rules may name.
    pub trusted_issuers: TrustedIssuerSettings,
    /// Tells the time.
    pub clock: Clock,
    /// How long clients of the API may take, and how many may be connected.
    pub limits: Limits,
    /// Whether each request is told on standard error.
    pub log: RequestLog,
    /// What becomes of events.
    pub events: EventDelivery,
}

/// What becomes of events: of objects that arrive, of rows that are inserted, and of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventDelivery {
    /// They start the jobs that wait for them.
    Enabled,
    /// They are kept for the next start: tests that carry out a job themselves want no other one at
    /// work.
    Disabled,
}

/// What the stack tells about requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestLog {
    /// Nothing.
    Silent,
    /// A line each on standard error.
    Lines,
}

impl Options {
    /// A stack that keeps nothing, on free ports of loopback, for tests.
    #[must_use]
    pub fn ephemeral() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            data: None,
            admin_token: None,
            public_url: None,
            s3_public_url: None,
            decision_cache: SignedDuration::from_secs(5),
            adoption_interval: None,
            outcomes_per_hour: OUTCOMES_PER_HOUR,
            presign_lifetime: SignedDuration::from_secs(PRESIGN_EXPIRES_SECONDS.into()),
            audit_retention: audit_retention(AUDIT_RETENTION_DAYS),
            batch_window: SignedDuration::from_secs(1),
            external: ExternalAccess::to_hosts(Vec::new()),
            webhooks: webhooks(Vec::new()),
            external_store: None,
            registries: RegistryAccess::default(),
            snapshots: None,
            operators: None,
            trusted_issuers: TrustedIssuerSettings::default(),
            clock: Clock::system(),
            limits: Limits::default(),
            log: RequestLog::Silent,
            events: EventDelivery::Enabled,
        }
    }
}

impl Options {
    /// How the functions of a stack with these options are set up, whose API is at `public_url`.
    fn settings(
        &self,
        data: &DataDirectory,
        admin_token: &str,
        public_url: String,
    ) -> Result<Settings, Error> {
        let external = self.external_store.as_ref();
        Ok(Settings {
            table: TABLE.to_owned(),
            bucket: external.map_or(BUCKET, |external| &external.bucket).to_owned(),
            store: external.map_or(ArtifactStore::AWS, |external| external.store.clone()),
            admin_token: Sha256::of(admin_token.as_bytes()),
            decision_cache: self.decision_cache,
            adoption_interval: self.adoption_interval,
            outcomes_per_hour: self.outcomes_per_hour,
            presign_lifetime: self.presign_lifetime,
            audit_retention: self.audit_retention,
            key_directory: Some(data.directory("keys")?),
            public_url: Some(public_url),
            batch_window: self.batch_window,
            stack: Some(engines::STACK.to_owned()),
            metrics_stack: None,
            stack_id: None,
            external: self.external.clone(),
            webhooks: self.webhooks.clone(),
            registries: self.registries.clone(),
            secret_directory: Some(data.directory("secrets")?),
            envelope_key: None,
            operators: self.operators.clone(),
            trusted_issuers: self.trusted_issuers.clone(),
        })
    }
}

/// A running stack.
pub struct Stack {
    /// Where the API is.
    pub base_url: String,
    /// The bootstrap token.
    pub admin_token: String,
    /// Where its engines are.
    pub local: Local,
    /// How its functions are set up.
    pub settings: Settings,
    /// What its functions have.
    pub services: Arc<Services>,
    stop: watch::Sender<bool>,
    running: Vec<JoinHandle<()>>,
    // Last: an ephemeral directory is deleted when everything that writes to it is gone.
    _data: DataDirectory,
}

impl Stack {
    /// Starts a stack; table, bucket and keys are made where they are missing.
    pub async fn start(options: Options) -> Result<Self, Error> {
        // On the heap: callers hold the future within theirs.
        Box::pin(Self::assemble(options)).await
    }

    async fn assemble(options: Options) -> Result<Self, Error> {
        let data =
            options.data.as_deref().map_or_else(DataDirectory::ephemeral, DataDirectory::kept)?;
        let admin_token = options.admin_token.clone().map_or_else(|| data.admin_token(), Ok)?;
        let (stop, stopping) = watch::channel(false);
        let listener =
            engines::listen(options.listen.ip(), options.listen.port(), "the API").await?;
        let address = listener.local_addr()?;
        let base_url = format!("http://{address}");
        let (public_url, s3_public_url) = (&options.public_url, options.s3_public_url.clone());
        let derived = |port| public_url.as_ref().map(|url| url.http_on_port(port));
        let public_s3 = |port| s3_public_url.map(|url| url.to_string()).or_else(|| derived(port));
        let ports = ports(options.listen.port());
        let Engines { local, store, database, stream_records, queue, servers: mut running } =
            engines::start(&data, address.ip(), ports, public_s3, &stopping).await?;

        let public_url = public_url.as_ref().map_or_else(|| base_url.clone(), ToString::to_string);
        let settings = options.settings(&data, &admin_token, public_url)?;
        let clients = settings.store.reached_by(Clients::local(&local));
        let clock = options.clock.clone();
        set_up(&clients, &settings, options.snapshots, clock.now()).await?;
        let services = Services::new(&settings, &clients, options.clock);

        let api = Arc::clone(&services);
        let gateway = Arc::new(Gateway::new(api, clock.clone(), options.limits, options.log));
        let answer = move |request| {
            let gateway = Arc::clone(&gateway);
            async move { gateway.answer(request).await }
        };
        running.push(tokio::spawn(server::serve(
            listener,
            options.limits,
            answer,
            stopping.clone(),
        )));
        if options.events == EventDelivery::Enabled {
            let delivery = Delivery { services: &services, log: options.log, stopping: &stopping };
            if settings.store.traits.event_notifications {
                running.push(delivery.of_objects(store));
            }
            running.push(delivery.of_invocations(queue));
            let positions = StreamCheckpoints::new(data.directory("stream")?);
            let window = options.batch_window.unsigned_abs();
            let watcher = StreamWatcher::new(stream_records, TABLE, positions, clock.clone());
            running.push(delivery.of_rows(StreamReader::open(database, TABLE)?, watcher, window));
            running.push(delivery.of_schedules(clock));
        }
        Ok(Self { base_url, admin_token, local, settings, services, stop, running, _data: data })
    }

    /// Stops it: requests under way are answered first.
    pub async fn stop(self) {
        // Fails where everybody has stopped already.
        let _ = self.stop.send(true);
        for task in self.running {
            if timeout(GRACE, task).await.is_err() {
                eprintln!(
                    "something took longer than {GRACE:?} to stop and was cut off; nothing that was acknowledged is lost"
                );
            }
        }
    }
}

/// The tasks that start jobs.
struct Delivery<'a> {
    services: &'a Arc<Services>,
    log: RequestLog,
    stopping: &'a watch::Receiver<bool>,
}

impl Delivery<'_> {
    /// A job for each object that arrives in `store`.
    fn of_objects(&self, store: Store) -> JoinHandle<()> {
        let (services, stopping) = (Arc::clone(self.services), self.stopping.clone());
        tokio::spawn(events::deliver_objects(store, services, self.log, stopping))
    }

    /// A job for each message in `queue`.
    fn of_invocations(&self, queue: InvocationQueue) -> JoinHandle<()> {
        let (services, stopping) = (Arc::clone(self.services), self.stopping.clone());
        tokio::spawn(events::deliver_invocations(queue, services, self.log, stopping))
    }

    /// A job for the rows that `source` shows within `window`, from where the checkpoints of
    /// `watcher` say that the last start left off.
    fn of_rows(
        &self,
        source: StreamReader,
        watcher: StreamWatcher,
        window: Duration,
    ) -> JoinHandle<()> {
        let (services, stopping) = (Arc::clone(self.services), self.stopping.clone());
        let jobs = slipway_registry::jobs();
        tokio::spawn(events::deliver_rows(
            source, jobs, watcher, services, window, self.log, stopping,
        ))
    }

    /// The jobs whose time has come by `clock`.
    fn of_schedules(&self, clock: Clock) -> JoinHandle<()> {
        let (services, stopping) = (Arc::clone(self.services), self.stopping.clone());
        let jobs = slipway_registry::jobs();
        tokio::spawn(events::keep_schedule(jobs, clock, services, self.log, stopping))
    }
}

fn ports(api: u16) -> (u16, u16) {
    if api == 0 { (0, 0) } else { (api.saturating_add(1), api.saturating_add(2)) }
}

/// What template.yaml and its deployer do on AWS: table, bucket, and keys.
async fn set_up(
    clients: &Clients,
    settings: &Settings,
    snapshots: Option<ConfigDocument>,
    now: Timestamp,
) -> Result<(), Error> {
    create_table(&clients.dynamodb, &settings.table).await?;
    set_up_bucket(clients, settings).await?;
    let table = Table::new(clients.dynamodb.clone(), &settings.table, Meter::default());
    let catalog = Writer::new(table, Principal::system().into());
    if let Some(document) = snapshots {
        set_up_snapshots(&catalog, document, settings.batch_window, now).await?;
    }
    if let Some(keys) = &settings.key_directory {
        SealingKey::create_file(keys, entropy()?).await?;
    }
    for context in [Context::Decision, Context::Snapshot] {
        if catalog.get_key_ring().await?.signer(context.purpose(), now).is_none() {
            let keys =
                settings.key_directory.as_deref().ok_or("the local stack keeps keys in files")?;
            let key = directory::create(keys, entropy()?, context, now).await?;
            catalog
                .update_key_ring(
                    |_| Ok(vec![key.clone()]),
                    EventType::KeyAdded,
                    &key.kid,
                    &audit(now)?,
                )
                .await?;
        }
    }
    Ok(())
}

/// Makes the bucket of the embedded S3, where it is missing, and checks one that something else serves.
/// A stack that stores no artifacts has none.
async fn set_up_bucket(clients: &Clients, settings: &Settings) -> Result<(), Error> {
    if settings.bucket.is_empty() {
        return Ok(());
    }
    if let Some(elsewhere) = &settings.store.elsewhere {
        return check_store(&clients.s3, &settings.bucket, &elsewhere.endpoint_url).await;
    }
    if clients.s3.head_bucket().bucket(&settings.bucket).send().await.is_err() {
        clients.s3.create_bucket().bucket(&settings.bucket).send().await?;
    }
    Ok(())
}

/// Sets the configuration of snapshots that a file says, where it is another one.
async fn set_up_snapshots(
    catalog: &Writer,
    document: ConfigDocument,
    batch_window: SignedDuration,
    now: Timestamp,
) -> Result<(), Error> {
    let new = NewSnapshotConfig { snapshots: Some(document), ..NewSnapshotConfig::default() };
    let config = new.at(now, batch_window)?;
    let standing = catalog.find_snapshot_config().await?.map(|stored| stored.value);
    let is_same = |standing: SnapshotConfig| {
        SnapshotConfig { updated_at: config.updated_at, ..standing } == config
    };
    if !standing.is_some_and(is_same) {
        catalog.put_snapshot_config(&config, |_| Ok(()), &audit(now)?).await?;
    }
    Ok(())
}

/// What the stack's own changes are recorded with.
fn audit(now: Timestamp) -> Result<AuditContext, Error> {
    let event_id = GenerateId::generate(now, entropy()?);
    Ok(AuditContext::new(now, "slipway-local", "start", event_id))
}
