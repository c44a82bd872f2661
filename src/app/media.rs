//! Pictures: who may see which.

use crate::{
    app::{App, AppError, Missing, Who, permissions},
    domain::ad::Media,
    store::{ads, media, memberships},
};

/// A picture with its content.
#[derive(Clone, Debug)]
pub struct StoredPicture {
    pub media: Media,
    pub bytes: Vec<u8>,
    /// Whether a public ad shows it; otherwise it is for the members of its organisation, and for
    /// moderators.
    pub is_public: bool,
}

/// The picture of this name. One that this person may not see does not exist for them.
pub async fn read(app: &App, who: &Who, file_name: &str) -> Result<StoredPicture, AppError> {
    const ABSENT: AppError = AppError::NotFound(Missing::Media);
    let (media, is_public) = {
        let mut tx = app.store().read().await?;
        let media = media::find_by_file_name(&mut tx, file_name)
            .await?
            .ok_or(ABSENT)?;
        let states = ads::list_states_by_image(&mut tx, media.id).await?;
        let is_public = states.iter().any(|state| state.is_public());
        if !is_public {
            let role = match who.account_id() {
                Some(account) => {
                    memberships::find_role(&mut tx, media.organisation_id, account).await?
                }
                None => None,
            };
            permissions::see_unpublished_ad(who, role).map_err(|_| ABSENT)?;
        }
        (media, is_public)
    };
    // the name comes from the row, never from the request
    let bytes = tokio::fs::read(app.media_dir().join(&media.file_name))
        .await
        .map_err(AppError::internal)?;
    Ok(StoredPicture {
        media,
        bytes,
        is_public,
    })
}
