//! The plain driver on the adapter's tables.

use petit_ports::{Random, SystemRandom};
use scylla::{
    client::{session::Session, session_builder::SessionBuilder},
    deserialize::row::DeserializeRow,
    errors::ExecutionError,
    response::query_result::QueryResult,
    serialize::row::SerializeRow,
    statement::{Consistency, Statement, batch::Batch},
    value::Row,
};
use uuid::Uuid;

use crate::support;

pub type Values = Box<dyn SerializeRow>;

pub struct Plain(pub Session);

/// A new name: of a chat, a person, a space. So no test sees another one's rows.
pub fn id() -> Uuid {
    Uuid::from_u64_pair(SystemRandom.next_u64(), SystemRandom.next_u64())
}

impl Plain {
    pub async fn connect() -> Self {
        // Opening the store makes its tables.
        drop(support::fresh().await);
        let settings = support::settings();
        let session = SessionBuilder::new().known_nodes(&settings.nodes).build().await;
        let session = session.expect("Cassandra answers");
        session.use_keyspace(settings.keyspace, false).await.expect("the keyspace of the tests");
        Self(session)
    }

    pub async fn ask(&self, cql: &str, values: impl SerializeRow) -> Result<QueryResult, ExecutionError> {
        let statement = self.0.prepare(cql).await.expect("a statement");
        self.0.execute_unpaged(&statement, values).await
    }

    pub async fn run(&self, cql: &str, values: impl SerializeRow) {
        self.ask(cql, values).await.expect("Cassandra does it");
    }

    pub async fn rows<R>(&self, cql: &str, values: impl SerializeRow) -> Vec<R>
    where
        R: for<'f, 'm> DeserializeRow<'f, 'm>,
    {
        all(self.ask(cql, values).await.expect("Cassandra reads"))
    }

    pub async fn serial<R>(&self, cql: &str, values: impl SerializeRow) -> Vec<R>
    where
        R: for<'f, 'm> DeserializeRow<'f, 'm>,
    {
        let mut statement = self.0.prepare(cql).await.expect("a statement");
        statement.set_consistency(Consistency::LocalSerial);
        all(self.0.execute_unpaged(&statement, values).await.expect("Cassandra reads"))
    }

    /// Whether a conditional statement was applied, with the whole row that says so.
    pub async fn condition(&self, cql: &str, values: impl SerializeRow) -> (bool, Row) {
        applied(self.ask(cql, values).await.expect("Cassandra decides"))
    }

    pub async fn batch(&self, statements: Vec<(&str, Values)>) -> Result<(bool, Row), ExecutionError> {
        let (texts, values): (Vec<&str>, Vec<Values>) = statements.into_iter().unzip();
        let mut batch = Batch::default();
        for text in texts {
            batch.append_statement(Statement::new(text));
        }
        let batch = self.0.prepare_batch(&batch).await.expect("statements");
        self.0.batch(&batch, values).await.map(applied)
    }
}

fn all<R>(answer: QueryResult) -> Vec<R>
where
    R: for<'f, 'm> DeserializeRow<'f, 'm>,
{
    let rows = answer.into_rows_result().expect("rows");
    rows.rows::<R>().expect("of this shape").collect::<Result<_, _>>().expect("of this shape")
}

/// One row, whatever was decided: nothing else may be read of it on both engines.
fn applied(answer: QueryResult) -> (bool, Row) {
    let row = answer.into_rows_result().expect("rows").single_row::<Row>().expect("one row");
    let first = row.columns.first().cloned().flatten().and_then(|value| value.as_boolean());
    (first.expect("the first column is [applied]"), row)
}
