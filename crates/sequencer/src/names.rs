//! Names of messages: hashes of author and client id, as the index of sent messages has them.

use petit_domain::{ClientId, UserId};
use sha2::{Digest, Sha256};

/// The hash of author and client id, the same on every machine and for ever. Two messages may share one, so it
/// only says where to look.
pub fn hash(author: UserId, client_id: &ClientId) -> u64 {
    let digest = Sha256::new().chain_update(author.uuid()).chain_update(client_id.as_str()).finalize();
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// A run of consecutive messages whose names go into the index together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Which run: the first is 0.
    pub number: i64,
    /// The names in the order of the messages.
    pub names: Vec<u64>,
}

/// A question to the index: whether a message that may be new was sent before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The message's name.
    pub name: u64,
    /// Messages that may be the same one.
    pub places: Vec<i64>,
    /// Whether there are merged eras, which may have more such messages.
    pub has_eras: bool,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_name_has_its_number_for_ever() {
        let author = UserId::from_uuid(Uuid::from_u128(7));
        let numbers =
            ["a", "hello"].map(|name| hash(author, &ClientId::try_from(name.to_owned()).expect("a name")));
        assert_eq!(numbers, [18_140_212_833_437_283_397, 13_659_058_607_840_353_050]);
    }
}
