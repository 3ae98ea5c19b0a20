use std::time::{Duration, Instant};

/// Waits until `is_so`, for at most ten seconds. Leaves the machine to others between two looks.
pub async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !is_so().await {
        assert!(Instant::now() < deadline, "{what}: not within ten seconds");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
