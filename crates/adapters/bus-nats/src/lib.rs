//! The bus between processes, on NATS core subjects.
