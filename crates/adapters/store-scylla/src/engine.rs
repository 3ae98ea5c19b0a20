//! The session with the database and the few ways it is used.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::try_join_all;
use petit_ports::StoreError;
use scylla::{
    client::{execution_profile::ExecutionProfile, session::Session, session_builder::SessionBuilder},
    deserialize::row::DeserializeRow,
    errors::{ExecutionError, NewSessionError},
    policies::{
        load_balancing::DefaultPolicy,
        retry::{DefaultRetryPolicy, FallthroughRetryPolicy},
    },
    response::query_result::QueryResult,
    serialize::row::SerializeRow,
    statement::{
        Consistency, SerialConsistency,
        batch::{Batch, BatchType},
        prepared::PreparedStatement,
    },
    value::Row,
};
use tokio::time::timeout;
use uuid::Uuid;

use crate::{
    breaker::Breaker,
    error::{Odd, is_outage, store_error},
    memory::{Buckets, Senders},
    settings::Settings,
    statement::{Cql, Prepared},
};

/// How long one statement may take. The database itself gives up at two seconds.
const REQUEST: Duration = Duration::from_millis(2_500);
const CONNECT: Duration = Duration::from_secs(5);
/// How many small rows are written in one request. Cassandra complains about more than 5 KiB, and about more
/// than ten partitions: rows of one partition stand side by side.
const TOGETHER: usize = 32;

/// The session, what is prepared on it, and whose space it serves.
pub(crate) struct Engine {
    pub(crate) session: Session,
    prepared: Prepared,
    breaker: Breaker,
    pub(crate) space: Uuid,
    pub(crate) buckets: Buckets,
    pub(crate) senders: Senders,
    pub(crate) statements: AtomicU64,
}

/// A session that uses no keyspace yet.
pub(crate) async fn session(settings: &Settings) -> Result<Session, NewSessionError> {
    let policy =
        DefaultPolicy::builder().prefer_datacenter(settings.datacenter.clone()).token_aware(true).build();
    let profile = ExecutionProfile::builder()
        .request_timeout(Some(REQUEST))
        .load_balancing_policy(policy)
        .retry_policy(Arc::new(DefaultRetryPolicy::new()))
        .build();
    let mut builder = SessionBuilder::new()
        .known_nodes(&settings.nodes)
        .connection_timeout(CONNECT)
        .schema_agreement_interval(Duration::from_millis(50))
        .default_execution_profile_handle(profile.into_handle());
    if let Some((user, password)) = &settings.login {
        builder = builder.user(user, password);
    }
    builder.build().await
}

impl Engine {
    pub(crate) fn new(session: Session, space: Uuid) -> Arc<Self> {
        Arc::new(Self {
            session,
            prepared: Prepared::default(),
            breaker: Breaker::default(),
            space,
            buckets: Buckets::default(),
            senders: Senders::default(),
            statements: AtomicU64::new(0),
        })
    }

    /// Runs one statement.
    pub(crate) async fn run(&self, cql: &Cql, values: impl SerializeRow) -> Result<QueryResult, StoreError> {
        let statement = self.prepared(cql).await.map_err(store_error)?;
        self.guarded(self.session.execute_unpaged(&statement, values)).await.map_err(store_error)
    }

    /// Every row of the answer.
    pub(crate) async fn rows<R>(&self, cql: &Cql, values: impl SerializeRow) -> Result<Vec<R>, StoreError>
    where
        R: for<'f, 'm> DeserializeRow<'f, 'm>,
    {
        let answer = self.run(cql, values).await?.into_rows_result().map_err(Odd)?;
        let rows = answer.rows::<R>().map_err(Odd)?;
        rows.collect::<Result<_, _>>().map_err(|error| Odd(error).into())
    }

    /// The first row of the answer, if there is one.
    pub(crate) async fn row<R>(&self, cql: &Cql, values: impl SerializeRow) -> Result<Option<R>, StoreError>
    where
        R: for<'f, 'm> DeserializeRow<'f, 'm>,
    {
        let answer = self.run(cql, values).await?.into_rows_result().map_err(Odd)?;
        answer.maybe_first_row::<R>().map_err(|error| Odd(error).into())
    }

    /// Runs a conditional statement; whether its condition held.
    pub(crate) async fn applies(&self, cql: &Cql, values: impl SerializeRow) -> Result<bool, StoreError> {
        let mut lwt = self.prepared(cql).await.map_err(store_error)?;
        lwt.set_retry_policy(Some(Arc::new(FallthroughRetryPolicy)));
        let answer = self.guarded(self.session.execute_unpaged(&lwt, values)).await.map_err(store_error)?;
        applied(answer)
    }

    /// Writes rows of any partitions, a few in each request. Every write may be done again; after an error
    /// some were done.
    pub(crate) async fn write_all(&self, mut rows: Vec<Bound>) -> Result<(), StoreError> {
        let mut requests = Vec::new();
        while !rows.is_empty() {
            requests.push(self.write_together(rows.split_off(rows.len().saturating_sub(TOGETHER))));
        }
        try_join_all(requests).await.map(drop)
    }

    async fn write_together(&self, mut rows: Vec<Bound>) -> Result<(), StoreError> {
        if rows.len() == 1
            && let Some(Bound { cql, values }) = rows.pop()
        {
            return self.run(cql, values).await.map(drop);
        }
        let mut batch = Batch::new(BatchType::Unlogged);
        let mut values = Vec::with_capacity(rows.len());
        for row in rows {
            batch.append_statement(self.prepared(row.cql).await.map_err(store_error)?);
            values.push(row.values);
        }
        batch.set_consistency(Consistency::LocalQuorum);
        batch.set_is_idempotent(true);
        self.guarded(self.session.batch(&batch, values)).await.map(drop).map_err(store_error)
    }

    /// Runs statements of one partition together, on the condition that one of them carries. An error means
    /// that the outcome is unknown.
    pub(crate) async fn batch(&self, statements: Vec<Bound>) -> Result<bool, ExecutionError> {
        let (texts, values): (Vec<&Cql>, Vec<Values>) =
            statements.into_iter().map(|bound| (bound.cql, bound.values)).unzip();
        let mut batch = Batch::default();
        for cql in texts {
            batch.append_statement(self.prepared(cql).await?);
        }
        batch.set_consistency(Consistency::LocalQuorum);
        batch.set_serial_consistency(Some(SerialConsistency::LocalSerial));
        batch.set_is_idempotent(false);
        batch.set_retry_policy(Some(Arc::new(FallthroughRetryPolicy)));
        let answer = self.guarded(self.session.batch(&batch, values)).await?;
        applied(answer).map_err(|_| ExecutionError::EmptyPlan)
    }

    /// The statement as the engine knows it. To make it known is a request like others, but the driver would
    /// wait for it for ever.
    async fn prepared(&self, cql: &Cql) -> Result<PreparedStatement, ExecutionError> {
        if let Some(known) = self.prepared.find(cql) {
            return Ok(known);
        }
        self.guarded(async {
            let prepared = timeout(REQUEST, self.prepared.make(&self.session, cql)).await;
            Ok(prepared.map_err(|_| ExecutionError::RequestTimeout(REQUEST))??)
        })
        .await
    }

    /// Whether the engine has been away for so long that nobody should go on waiting for it.
    pub(crate) fn is_away(&self) -> bool {
        self.breaker.has_given_up(Instant::now())
    }

    async fn guarded<T>(
        &self,
        request: impl Future<Output = Result<T, ExecutionError>>,
    ) -> Result<T, ExecutionError> {
        if !self.breaker.lets_through(Instant::now()) {
            return Err(ExecutionError::EmptyPlan);
        }
        self.statements.fetch_add(1, Ordering::Relaxed);
        let outcome = request.await;
        match &outcome {
            Err(error) if is_outage(error) => self.breaker.failed(Instant::now()),
            _ => self.breaker.succeeded(),
        }
        outcome
    }
}

pub(crate) type Values = Box<dyn SerializeRow + Send + Sync>;

/// A statement of a batch with its values.
pub(crate) struct Bound {
    cql: &'static Cql,
    values: Values,
}

impl Bound {
    pub(crate) fn new(cql: &'static Cql, values: impl SerializeRow + Send + Sync + 'static) -> Self {
        Self { cql, values: Box::new(values) }
    }
}

/// Only the first column says the same on both engines.
fn applied(answer: QueryResult) -> Result<bool, StoreError> {
    let answer = answer.into_rows_result().map_err(Odd)?;
    let first = answer.maybe_first_row::<Row>().map_err(Odd)?;
    let column = first.and_then(|row| row.columns.into_iter().next().flatten());
    column
        .and_then(|value| value.as_boolean())
        .ok_or_else(|| StoreError::Inconsistent("a conditional write did not say whether it applied".into()))
}
