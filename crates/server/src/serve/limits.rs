use anyhow::Result;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::runtime::{Builder, Runtime};

/// Threads for what would block: password hashes (bounded by their own pool), backups, closing the store.
const BLOCKING_THREADS: usize = 16;
/// Our deepest stacks are a fraction of this.
const STACK_BYTES: usize = 1024 * 1024;

/// The runtime of the server: a worker for each core.
pub fn runtime() -> Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    builder.enable_all().max_blocking_threads(BLOCKING_THREADS).thread_stack_size(STACK_BYTES);
    Ok(builder.thread_name("petit").build()?)
}

/// Every connection is an open file, and the usual limit is far below what is allowed.
pub fn raise_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "could not raise the limit of open files");
    }
}
