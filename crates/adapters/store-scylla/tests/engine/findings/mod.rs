//! What the schema and the statements of this adapter stand on, asked of a real Cassandra through the plain
//! driver, in the adapter's own tables. Each test says what would break if the answer were another one.

mod batches;
mod clocks;
mod conditions;
mod order;
pub mod plain;
