//! The performance goals: A is what the first release must reach, B the promise.

use serde::Serialize;

/// Which side of the limits is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    AtLeast,
    AtMost,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Goal {
    pub name: &'static str,
    pub part: &'static str,
    pub better: Better,
    pub stage_a: f64,
    pub stage_b: f64,
    /// What the limits are: times the floor, unless this names a unit.
    pub unit: &'static str,
}

impl Goal {
    pub fn met_a(&self, value: f64) -> bool {
        self.met(value, self.stage_a)
    }

    pub fn met_b(&self, value: f64) -> bool {
        self.met(value, self.stage_b)
    }

    fn met(&self, value: f64, limit: f64) -> bool {
        match self.better {
            Better::AtLeast => value >= limit,
            Better::AtMost => value <= limit,
        }
    }

    pub const fn sign(&self) -> &'static str {
        match self.better {
            Better::AtLeast => "≥",
            Better::AtMost => "≤",
        }
    }
}

const fn at_least(name: &'static str, part: &'static str, stage_a: f64, stage_b: f64) -> Goal {
    Goal { name, part, better: Better::AtLeast, stage_a, stage_b, unit: "×" }
}

const fn at_most(
    name: &'static str,
    part: &'static str,
    stage_a: f64,
    stage_b: f64,
    unit: &'static str,
) -> Goal {
    Goal { name, part, better: Better::AtMost, stage_a, stage_b, unit }
}

pub const G1_ROOM: Goal = at_least("G1", "room of 1,000: deliveries per CPU-second", 0.55, 0.80);
pub const G1_BIG_ROOM: Goal = at_least("G1", "room of 9,500: deliveries per CPU-second", 0.50, 0.68);
pub const G2: Goal = at_least("G2", "burst: deliveries per CPU-second", 2.0, 6.0);
pub const G5_P50: Goal = at_most("G5", "delivery time p50", 1.8, 1.4, "×");
pub const G5_P99: Goal = at_most("G5", "delivery time p99", 2.0, 1.4, "×");
pub const G6: Goal = at_most("G6", "small rooms: post to last member p99", 6.0, 3.0, "×");
pub const G7_64: Goal = at_least("G7", "64 posters: durable posts per second", 0.15, 0.35);
pub const G7_1: Goal = at_least("G7", "one poster: durable posts per second", 0.4, 0.7);
pub const G8_CPU: Goal = at_most("G8", "history page: server CPU", 10.0, 5.0, "×");
pub const G8_P99: Goal = at_most("G8", "history page: p99", 10.0, 5.0, " ms");
pub const G9: Goal = at_most("G9", "equal requests: reads that reach the store", 10.0, 3.0, "");
pub const G10: Goal = at_most("G10", "memory per idle socket", 1.6, 0.7, "×");
pub const G11_REST: Goal = at_most("G11", "memory at rest", 10.0, 6.0, "×");
pub const G11_EMPTY: Goal = at_most("G11", "start to first durable post, empty store", 30.0, 12.0, "×");
pub const G11_LOADED: Goal = at_most("G11", "start to first durable post, loaded store", 150.0, 60.0, "×");
pub const G11_SIZE: Goal = at_most("G11", "binary", 40.0, 25.0, " MB");

pub const G7_CPU: Goal = at_most("G7", "64 posters, one chat: CPU per durable post", 2.0, 2.0, "×");
pub const G7_RATE: Goal = at_least("G7", "64 posters, one chat: durable posts per second", 0.5, 0.5);
pub const G7_GROUP: Goal =
    Goal { unit: "", ..at_least("G7", "64 posters, one chat: messages in a group", 16.0, 16.0) };
pub const G7_PAIR: Goal = at_least("G7", "two api processes: posts beside one's", 0.9, 1.0);

/// All that is judged of several processes on a database.
pub const CLUSTER: [Goal; 4] = [G7_CPU, G7_RATE, G7_GROUP, G7_PAIR];

/// All that is judged of the embedded profile.
pub const ALL: [Goal; 16] = [
    G1_ROOM,
    G1_BIG_ROOM,
    G2,
    G5_P50,
    G5_P99,
    G6,
    G7_64,
    G7_1,
    G8_CPU,
    G8_P99,
    G9,
    G10,
    G11_REST,
    G11_EMPTY,
    G11_LOADED,
    G11_SIZE,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_count_as_met() {
        assert!(G1_ROOM.met_a(0.55) && !G1_ROOM.met_a(0.549) && !G1_ROOM.met_b(0.55));
        assert!(G5_P50.met_a(1.8) && !G5_P50.met_a(1.81) && G5_P50.met_b(1.0));
    }

    #[test]
    fn the_promise_is_never_easier_than_the_first_release() {
        for goal in ALL.iter().chain(&CLUSTER) {
            assert!(goal.met_a(goal.stage_b), "{} {}", goal.name, goal.part);
        }
    }
}
