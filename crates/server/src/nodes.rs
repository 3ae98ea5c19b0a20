//! Other processes of the installation: who they are, and how calls between them are proved.

use std::sync::Arc;

use anyhow::{Context, Result};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use hmac::{Hmac, KeyInit, Mac};
use petit_backstage::OwnerOf;
use petit_cluster::OwnedLog;
use petit_config::{Cluster, Config};
use petit_notifier::{Guard, Peers};
use petit_ports::{Clock, LogWriter, Random, SystemRandom};
use sha2::Sha256;
use tonic::Status;
use uuid::Uuid;

use crate::secrets::Secrets;

/// How long a proof is good. Clocks of one installation differ by less.
const GOOD_FOR_S: i64 = 60;
const PROOF: &str = "x-petit-proof";

/// The installation as one of its processes sees it.
pub struct Nodes {
    /// This run of this process.
    pub own: Uuid,
    pub cluster: Cluster,
    pub notifiers: Option<Arc<Peers>>,
    proofs: Proofs,
}

impl Nodes {
    /// `secrets` are the same in every process of the installation.
    pub fn of(config: &Config, secrets: &Secrets, clock: Arc<dyn Clock>) -> Result<Self> {
        let (cluster, random) = (config.cluster.clone(), &SystemRandom);
        let proofs = Proofs { key: secrets.derive("calls between processes"), clock };
        let notifiers = (!cluster.notifiers.is_empty())
            .then(|| Peers::new(&cluster.notifiers, &proofs.prove()))
            .transpose()
            .context("an address in cluster.notifiers is not one")?;
        let own = Uuid::from_u64_pair(random.next_u64(), random.next_u64());
        Ok(Self { own, cluster, notifiers, proofs })
    }

    /// The log as the owners of chats write it.
    pub fn own_log(&self, log: Arc<dyn LogWriter>) -> Result<Arc<OwnedLog<Guard>>> {
        let own = self.cluster.own_address();
        OwnedLog::new(log, &self.cluster.apis, own.as_deref(), &self.proofs.prove())
            .context("an address in cluster.apis is not one")
    }

    /// Who of `cluster.api_urls` owns a chat, if they are the processes of `cluster.apis` in the same order.
    pub fn owners(&self) -> Option<OwnerOf> {
        let Cluster { apis, api_urls, .. } = &self.cluster;
        let apis = (apis.len() == api_urls.len()).then(|| apis.clone())?;
        Some(Box::new(move |chat| petit_cluster::owner(&apis, chat)))
    }

    /// Adds a proof to every call.
    pub fn prove(&self) -> Guard {
        self.proofs.prove()
    }

    /// Refuses calls without one.
    pub fn check(&self) -> Guard {
        self.proofs.check()
    }
}

/// Shows that a caller knows the installation's secret: a moment until which the proof is good, with its
/// HMAC-SHA256.
#[derive(Clone)]
struct Proofs {
    key: [u8; 32],
    clock: Arc<dyn Clock>,
}

impl Proofs {
    fn mac(&self, until: &[u8]) -> Hmac<Sha256> {
        let mut mac =
            <Hmac<Sha256> as KeyInit>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(until);
        mac
    }

    fn prove(&self) -> Guard {
        let proofs = self.clone();
        Guard::new(move |mut request| {
            let until = proofs.clock.now().plus_seconds(GOOD_FOR_S).micros().to_be_bytes();
            let tag = proofs.mac(&until).finalize().into_bytes();
            let proof = BASE64.encode([&until[..], &tag].concat());
            let proof = proof.parse().map_err(|_| Status::internal("a proof is not a header"))?;
            request.metadata_mut().insert(PROOF, proof);
            Ok(request)
        })
    }

    fn check(&self) -> Guard {
        let proofs = self.clone();
        Guard::new(move |request| {
            let proof = request.metadata().get(PROOF).and_then(|proof| proof.to_str().ok());
            if proof.is_some_and(|proof| proofs.holds(proof)) {
                return Ok(request);
            }
            Err(Status::unauthenticated("this call is for processes of the installation"))
        })
    }

    fn holds(&self, proof: &str) -> bool {
        let Ok(bytes) = BASE64.decode(proof) else { return false };
        let Some((until, tag)) = bytes.split_first_chunk::<8>() else { return false };
        let is_ours = self.mac(until).verify_slice(tag).is_ok();
        is_ours && self.clock.now().micros() < i64::from_be_bytes(*until)
    }
}

#[cfg(test)]
mod tests {
    use petit_domain::Timestamp;

    use super::*;

    struct At(i64);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            Timestamp::from_micros(self.0)
        }
    }

    fn proofs(key: u8, at: i64) -> Proofs {
        Proofs { key: [key; 32], clock: Arc::new(At(at)) }
    }

    fn proof(proofs: &Proofs) -> String {
        let mut guard = proofs.prove();
        let request = tonic::service::Interceptor::call(&mut guard, tonic::Request::new(())).expect("proves");
        request.metadata().get(PROOF).expect("a proof").to_str().expect("text").to_owned()
    }

    #[test]
    fn a_proof_is_good_for_a_minute_and_one_installation() {
        let now = 1_700_000_000_000_000;
        let given = proof(&proofs(1, now));
        assert!(proofs(1, now).holds(&given));
        assert!(proofs(1, now + 59_000_000).holds(&given));
        assert!(!proofs(1, now + 60_000_000).holds(&given), "too old");
        assert!(!proofs(2, now).holds(&given), "another installation");
        for bad in ["", "AAAA", &given[1..], "é"] {
            assert!(!proofs(1, now).holds(bad), "{bad:?}");
        }
    }
}
