//! Which worker follows which shards.

use petit_ports::CHAT_SHARDS;
use uuid::Uuid;

/// The shards a worker should have when these workers are here, each with the same list.
pub(super) fn share(me: Uuid, workers: &[Uuid]) -> Vec<u16> {
    let mut workers = workers.to_vec();
    workers.sort_unstable();
    workers.dedup();
    let Some(rank) = workers.iter().position(|worker| *worker == me) else { return Vec::new() };
    (0..CHAT_SHARDS).filter(|shard| usize::from(*shard) % workers.len() == rank).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_shard_is_one_workers_and_nobody_has_many_more_than_others() {
        let workers: Vec<Uuid> = (0..5).map(|n| Uuid::from_u64_pair(n * 7 % 5, n)).collect();
        let shares: Vec<Vec<u16>> = workers.iter().map(|worker| share(*worker, &workers)).collect();
        let all: Vec<u16> = shares.concat();
        assert_eq!(all.len(), usize::from(CHAT_SHARDS));
        assert_eq!(all.into_iter().collect::<BTreeSet<_>>().len(), usize::from(CHAT_SHARDS));
        assert!(shares.iter().all(|share| (12..=13).contains(&share.len())));
        assert_eq!(share(Uuid::nil(), &workers[1..]), [0; 0], "who is not here has none");
    }
}
