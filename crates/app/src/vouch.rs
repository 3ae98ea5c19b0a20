//! Proofs by which one process tells another whose request it passes on.

use petit_domain::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Caller, Seal};

/// The header that carries a proof. Who takes requests from outside and passes them on removes it.
pub const HEADER: &str = "x-petit-caller";

const PURPOSE: &str = "caller";
const GOOD_FOR_S: i64 = 30;

#[derive(Serialize, Deserialize)]
struct Vouched {
    caller: Caller,
    until: i64,
}

/// A proof that this is the caller, good for half a minute.
pub fn vouch(seal: &Seal, caller: Caller, now: Timestamp) -> String {
    let vouched = Vouched { caller, until: now.plus_seconds(GOOD_FOR_S).micros() };
    seal.sign(PURPOSE, &serde_json::to_vec(&vouched).expect("a caller is plain values"))
}

/// Whom a process of this installation vouches for.
pub fn believe(seal: &Seal, proof: &str, now: Timestamp) -> Option<Caller> {
    let vouched: Vouched = serde_json::from_slice(&seal.verify(PURPOSE, proof)?).ok()?;
    (now.micros() < vouched.until).then_some(vouched.caller)
}

#[cfg(test)]
mod tests {
    use petit_domain::{SessionId, UserId};

    use super::*;

    #[test]
    fn a_proof_is_believed_for_half_a_minute_by_its_own_installation() {
        let (seal, now) = (Seal::new([1; 32]), Timestamp::from_micros(1_700_000_000_000_000));
        let caller = Caller { user: UserId::mint(now, 1), session: SessionId::mint(now, 2) };
        let proof = vouch(&seal, caller, now);
        assert_eq!(believe(&seal, &proof, now.plus_seconds(29)), Some(caller));
        assert_eq!(believe(&seal, &proof, now.plus_seconds(30)), None);
        assert_eq!(believe(&Seal::new([2; 32]), &proof, now), None);
        let other_purpose = seal.sign("socket-ticket", b"{}");
        for bad in ["", "a.b", &proof[1..], &other_purpose] {
            assert_eq!(believe(&seal, bad, now), None, "{bad:?}");
        }
    }
}
