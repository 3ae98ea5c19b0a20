//! Who watches whom, and what is looked at again because an event may have been lost.

use std::{collections::HashSet, sync::Arc};

use petit_app::{AppError, Caller};
use petit_domain::UserId;
use petit_ports::Subject;

use super::{Hub, dispatch::end};
use crate::connection::Connection;

/// How many sessions one question is about.
const SESSIONS: usize = 200;

impl Hub {
    /// Makes `users` the people a connection watches, but for those it shares no chat with. Answers
    /// whom it watches now.
    pub(crate) async fn watch(
        &self,
        connection: &Arc<Connection>,
        viewer: UserId,
        users: Vec<UserId>,
    ) -> Result<Vec<UserId>, AppError> {
        let allowed = self.stage.backstage.visible_to(viewer, users).await?;
        let _turn = self.watching.lock().await;
        self.stop_watching(connection, |_| true).await;
        connection.with(|state| state.set_watching(allowed.clone()));
        for user in &allowed {
            self.index.lock().watch(connection, *user);
            self.interests.hold(Subject::Presence(*user)).await;
        }
        Ok(allowed)
    }

    pub(super) async fn unwatch_all(&self, connection: &Arc<Connection>) {
        let _turn = self.watching.lock().await;
        self.stop_watching(connection, |_| true).await;
    }

    /// Needs the turn: two who change the same list at once would leave something behind.
    async fn stop_watching(&self, connection: &Arc<Connection>, ends: impl Fn(&UserId) -> bool) {
        let ended = connection.with(|state| {
            let (ended, kept): (Vec<_>, Vec<_>) = state.watching().into_iter().partition(ends);
            state.set_watching(kept);
            ended
        });
        for user in ended {
            self.index.lock().unwatch(connection, user);
            self.interests.release(Subject::Presence(user)).await;
        }
    }

    /// Somebody left a chat: it may have been the last they shared with those they watch, or with
    /// those who watch them.
    pub(super) async fn recheck_watching(&self, user: UserId) {
        let own = self.index.lock().connections_of(user).to_vec();
        let others = self.index.lock().watchers_of(user);
        for connection in own.iter().chain(&others) {
            if let Err(error) = self.recheck_watcher(connection).await {
                tracing::warn!(%error, "could not look again at who may watch whom");
            }
        }
    }

    async fn recheck_watcher(&self, connection: &Arc<Connection>) -> Result<(), AppError> {
        let watched = connection.with(|state| state.watching());
        let Some(caller) = connection.caller().filter(|_| !watched.is_empty()) else { return Ok(()) };
        let allowed = self.stage.backstage.visible_to(caller.user, watched.clone()).await?;
        let _turn = self.watching.lock().await;
        self.stop_watching(connection, |user| watched.contains(user) && !allowed.contains(user)).await;
        Ok(())
    }

    /// Reads everybody's chats and sessions again.
    pub(super) async fn read_everything_again(self: &Arc<Self>) {
        let users = self.index.lock().users();
        self.read_chats_again(users).await;
        self.recheck_sessions(&self.all()).await;
    }

    /// Ends the connections whose session has ended, whoever ended it.
    pub(crate) async fn recheck_sessions(&self, connections: &[Arc<Connection>]) {
        let callers: HashSet<Caller> = connections.iter().filter_map(|each| each.caller()).collect();
        let callers: Vec<_> = callers.into_iter().collect();
        for some in callers.chunks(SESSIONS) {
            // When the store does not answer nobody is signed out.
            let Ok(ended) = self.stage.backstage.ended(some).await else { continue };
            let is_over =
                |each: &&Arc<Connection>| each.caller().is_some_and(|caller| ended.contains(&caller));
            connections.iter().filter(is_over).for_each(|connection| end(connection));
        }
    }
}
