//! Passwords: what is accepted, and argon2id on a bounded pool so that a crowd signing in cannot take
//! every core or all the memory.

use std::sync::Arc;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use petit_app::{AppError, ports::Random};
use petit_domain::{Invalid, Username};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

/// How many hashes are computed at once: each takes a core and 19 MiB for some 30 ms.
const AT_ONCE: usize = 2;
/// How many may wait for their turn, about a second's worth. More are sent away.
const WAITING: usize = 64;
const SHORTEST: usize = 8;
const LONGEST: usize = 256;

/// Stands in for the hash of an account that does not exist, so that asking for one takes as long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$cGV0aXQtY2hhdC1ub2JvZHk$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The beginnings that guessers try first, besides the username.
const COMMON: [&str; 24] = [
    "password",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "12345678",
    "87654321",
    "11111111",
    "00000000",
    "qwertyui",
    "qwerty12",
    "asdfghjk",
    "1q2w3e4r",
    "1qaz2wsx",
    "iloveyou",
    "letmein1",
    "welcome1",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "abcdefgh",
    "abcd1234",
    "changeme",
    "petitchat",
];

/// A password as somebody typed it. Never shown, not even by `Debug`.
pub(crate) struct Password(String);

impl Password {
    /// Takes what was typed to sign in. The same letters may be typed as other code points on another
    /// keyboard, hence one form for all (NIST SP 800-63B §5.1.1.2).
    pub(crate) fn typed(text: &str) -> Self {
        Self(text.chars().take(LONGEST + 1).nfkc().collect())
    }

    /// Takes a new password, if it is not one of those that are guessed at once.
    pub(crate) fn chosen(text: &str, username: &Username) -> Result<Self, Invalid> {
        let length = text.chars().count();
        let lower = text.to_lowercase();
        if !(SHORTEST..=LONGEST).contains(&length) {
            return Err(Invalid::new("invalid_password", "A password has 8 to 256 characters."));
        }
        let repeated = lower.chars().all(|c| lower.starts_with(c));
        let common =
            COMMON.iter().any(|word| lower.starts_with(word) && lower.chars().count() <= word.len() + 2);
        if repeated || common || lower == username.as_str() {
            return Err(Invalid::new(
                "password_too_common",
                "That password is one of the first to be guessed. Three or four words in a row make a good one.",
            ));
        }
        Ok(Self::typed(text))
    }
}

/// A password to hand over: four groups of four, without letters that look alike.
pub(crate) fn generate(random: &dyn Random) -> String {
    const ALPHABET: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut letters = std::iter::repeat_with(|| random.next_u64().to_le_bytes())
        .flatten()
        .filter_map(|byte| ALPHABET.get(usize::from(byte & 31)).map(|letter| char::from(*letter)));
    let groups: Vec<String> = (0..4).map(|_| letters.by_ref().take(4).collect()).collect();
    groups.join("-")
}

/// The pool.
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
    places: Semaphore,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), places: Semaphore::new(WAITING) }
    }

    /// The hash to keep, with OWASP's parameters (19 MiB, two passes).
    pub(crate) async fn hash(&self, password: Password, random: &dyn Random) -> Result<String, AppError> {
        let mut salt = [0; 16];
        random.fill(&mut salt);
        let hashed = move || Argon2::default().hash_password_with_salt(password.0.as_bytes(), &salt);
        let hashed = self.in_turn(hashed).await?;
        hashed.map(|hash| hash.to_string()).map_err(unavailable)
    }

    /// Whether the password is the one of this hash. Without an account it never is, and takes as long.
    pub(crate) async fn matches(&self, password: Password, hash: Option<String>) -> Result<bool, AppError> {
        self.in_turn(move || {
            let expected = hash.as_deref().unwrap_or(NOBODY);
            let same = Argon2::default().verify_password(password.0.as_bytes(), expected).is_ok();
            same && hash.is_some()
        })
        .await
    }

    /// Runs heavy work when its turn comes. The turn goes with the work: somebody who hangs up does
    /// not make room while their hash is still being computed.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AppError> {
        let _place = self.places.try_acquire().map_err(|_| AppError::RateLimited { retry_after_s: 5 })?;
        let turn = self.turns.clone().acquire_owned().await.map_err(unavailable)?;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(unavailable)
    }
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> AppError {
    AppError::Unavailable(Some(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use petit_app::ports::SystemRandom;

    use super::*;

    fn name(text: &str) -> Username {
        Username::try_from(text).expect("a username")
    }

    #[tokio::test]
    async fn a_password_matches_its_own_hash_and_no_other() {
        let pool = Passwords::new();
        let hash = pool.hash(Password::typed("river stone lamp"), &SystemRandom).await.expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(
            pool.matches(Password::typed("river stone lamp"), Some(hash.clone())).await.expect("checked")
        );
        assert!(!pool.matches(Password::typed("river stone lamb"), Some(hash)).await.expect("checked"));
    }

    #[tokio::test]
    async fn nobody_has_a_password() {
        argon2::password_hash::phc::PasswordHash::new(NOBODY)
            .expect("the stand-in is a real hash to compute");
        assert!(!Passwords::new().matches(Password::typed(""), None).await.expect("checked"));
    }

    #[tokio::test]
    async fn letters_typed_as_other_code_points_are_the_same_password() {
        let pool = Passwords::new();
        let hash = pool.hash(Password::typed("cafe\u{301} au lait"), &SystemRandom).await.expect("hashed");
        assert!(pool.matches(Password::typed("caf\u{e9} au lait"), Some(hash)).await.expect("checked"));
    }

    #[test]
    fn what_is_guessed_first_is_refused() {
        for bad in
            ["short", "password", "Password1", "12345678", "aaaaaaaaaaaa", "qwertyui1!", "alice.wonder"]
        {
            assert!(Password::chosen(bad, &name("alice.wonder")).is_err(), "{bad:?} should be refused");
        }
        for good in ["river stone lamp", "password of my aunt", "ключ от дома", "12345678 green bottles"]
        {
            assert!(Password::chosen(good, &name("alice")).is_ok(), "{good:?} should be taken");
        }
        assert!(Password::chosen(&"x y".repeat(86), &name("alice")).is_err(), "258 characters are too many");
    }

    #[test]
    fn generated_passwords_are_readable_and_differ() {
        let (one, two) = (generate(&SystemRandom), generate(&SystemRandom));
        assert_ne!(one, two);
        let groups: Vec<&str> = one.split('-').collect();
        assert!(groups.len() == 4 && groups.iter().all(|group| group.len() == 4), "{one}");
        assert!(!one.contains(['i', 'l', 'o', '0', '1']), "{one}");
        assert!(Password::chosen(&one, &name("alice")).is_ok());
    }
}
