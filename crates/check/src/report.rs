use crate::{
    evidence::Evidence,
    history::{Deed, Operation, Outcome},
    laws::LAWS,
    local::Local,
};

/// How many examples of what broke a law are shown.
const SHOWN: usize = 5;

/// Prints what happened and what it means. Whether every law holds.
pub(crate) fn print(evidence: &Evidence, locals: &[Local], settled_after_s: f64) -> bool {
    let operations = &evidence.operations;
    let count = |wanted: fn(&Outcome) -> bool| operations.iter().filter(|o| wanted(&o.outcome)).count();
    println!(
        "operations {}: {} acknowledged, {} refused, {} unknown",
        operations.len(),
        count(|outcome| matches!(outcome, Outcome::Ok { .. })),
        count(|outcome| matches!(outcome, Outcome::Fail { .. })),
        count(|outcome| matches!(outcome, Outcome::Unknown { .. })),
    );
    let sum = |of: fn(&Local) -> u64| locals.iter().map(of).sum::<u64>();
    println!(
        "connections resumed exactly {}, by number {}; jumps that were repaired {}",
        sum(|local| local.resumed_exactly),
        sum(|local| local.resumed_by_cursor),
        sum(|local| local.jumps),
    );
    println!(
        "longest time without an acknowledged message {:.1} s",
        longest_gap_ms(operations) as f64 / 1000.0
    );
    println!("everybody was right {settled_after_s:.1} s after the last operation");
    let mut holds = true;
    for law in LAWS {
        let broken = (law.judge)(evidence);
        println!(
            "{:4}{:48}{}",
            law.name,
            law.says,
            if broken.is_empty() { "holds".into() } else { format!("BROKEN {}×", broken.len()) }
        );
        broken.iter().take(SHOWN).for_each(|example| println!("      {example}"));
        holds &= broken.is_empty();
    }
    println!("{}", if holds { "verdict: every law holds" } else { "verdict: BROKEN" });
    holds
}

fn longest_gap_ms(operations: &[Operation]) -> u64 {
    let is_sent = |operation: &&Operation| {
        matches!((&operation.deed, &operation.outcome), (Deed::Send { .. }, Outcome::Ok { .. }))
    };
    let mut ends: Vec<u64> = operations.iter().filter(is_sent).map(|operation| operation.ended_ms).collect();
    ends.sort_unstable();
    ends.windows(2).map(|two| two[1] - two[0]).max().unwrap_or(0)
}
