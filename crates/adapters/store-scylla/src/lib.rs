//! The store on ScyllaDB or Apache Cassandra: one CQL schema for both.
