//! What people set for themselves, on all their devices.

use petit_domain::{Event, Setting, Settings};
use petit_ports::{Announcement, Change, Subject};
use petit_protocol::UpdateSettings;

use crate::{App, AppError, Caller};

/// What the caller set.
pub async fn get(app: &App, caller: &Caller) -> Result<Settings, AppError> {
    Ok(app.store().settings.get(caller.user).await?)
}

/// Sets some of them; those that are not named stay. Answers all of them. Again changes nothing and tells nobody.
pub async fn update(app: &App, caller: &Caller, request: &UpdateSettings) -> Result<Settings, AppError> {
    let UpdateSettings { undo_s, receipts } = request;
    let wanted: Vec<Setting> =
        undo_s.map(Setting::undo).into_iter().chain(receipts.map(Setting::receipts)).collect();
    let (settings, change) = app.store().settings.set(caller.user, &wanted, app.now()).await?;
    if change == Change::Done {
        let event = Event::SettingsChanged { settings: settings.clone() };
        app.publish(Subject::User(caller.user), Announcement::new(event)).await;
    }
    Ok(settings)
}
