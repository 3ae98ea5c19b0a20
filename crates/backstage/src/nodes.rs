use std::{
    cmp::Reverse,
    hash::{DefaultHasher, Hash, Hasher},
    time::{Duration, Instant},
};

use parking_lot::Mutex;

/// How long a node that did not answer is asked last.
const LEFT_OUT: Duration = Duration::from_secs(3);

/// Nodes that can do the same, and who of them did not answer lately.
pub(crate) struct Nodes {
    addresses: Vec<String>,
    left_out: Mutex<Vec<Option<Instant>>>,
}

impl Nodes {
    pub(crate) fn new(addresses: &[String]) -> Self {
        Self { addresses: addresses.to_vec(), left_out: Mutex::new(vec![None; addresses.len()]) }
    }

    /// In which order to ask about `key`: the same for everybody who knows the same addresses, but those
    /// that did not answer lately come last, and of them the latest at the end: when nodes are restarted one after
    /// the other, the one before is back. `first` is the one to begin with, whatever the key says.
    pub(crate) fn order(&self, key: &impl Hash, first: Option<usize>, now: Instant) -> Vec<usize> {
        let left_out = self.left_out.lock();
        let out_until = |place: usize| left_out[place].filter(|until| *until > now);
        let mut order: Vec<_> = (0..self.addresses.len()).collect();
        order.sort_by_cached_key(|place| {
            (out_until(*place), Some(*place) != first, Reverse(weight(&self.addresses[*place], key)))
        });
        order
    }

    /// This one did not answer.
    pub(crate) fn leave_out(&self, place: usize, now: Instant) {
        self.left_out.lock()[place] = Some(now + LEFT_OUT);
    }
}

fn weight(address: &str, key: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    (address, key).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_asks_the_same_node_first_and_the_silent_one_last() {
        let addresses: Vec<_> = (0..3).map(|n| format!("http://127.0.0.{n}:1")).collect();
        let (one, other, now) = (Nodes::new(&addresses), Nodes::new(&addresses), Instant::now());
        let mut firsts = [0; 3];
        for key in 0..300 {
            let order = one.order(&key, None, now);
            assert_eq!(order, other.order(&key, None, now));
            firsts[order[0]] += 1;
        }
        assert!(firsts.iter().all(|count| (50..150).contains(count)), "spread evenly: {firsts:?}");

        let first = one.order(&7, None, now)[0];
        one.leave_out(first, now);
        let order = one.order(&7, None, now);
        assert_eq!(order.last(), Some(&first), "still asked when nobody else answers");
        assert_eq!(one.order(&7, None, now + LEFT_OUT), other.order(&7, None, now), "and first again later");

        let later = now + LEFT_OUT;
        let wanted = one.order(&7, None, later)[2];
        assert_eq!(one.order(&7, Some(wanted), later)[0], wanted, "the one that is named begins");
        one.leave_out(wanted, later);
        assert_eq!(one.order(&7, Some(wanted), later)[2], wanted, "unless it is silent");
        let soon = later + Duration::from_secs(1);
        let next = one.order(&7, None, soon)[0];
        one.leave_out(next, soon);
        assert_eq!(one.order(&7, Some(next), soon)[1..], [wanted, next], "who was silent first may be back");
    }
}
