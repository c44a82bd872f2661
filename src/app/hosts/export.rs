//! Our profiles, as files that others read.

use crate::{
    app::{App, AppError, Missing},
    domain::{
        chatonsinfos::{Described, write_organisation},
        host::host_path,
    },
    store::{host_fields, hosts},
};

use super::organisation_of;

/// The `ChatonsInfos` file of a structure that is in the directory.
pub async fn chatonsinfos(app: &App, handle: &str) -> Result<String, AppError> {
    let mut tx = app.store().read().await?;
    let host = hosts::find_by_handle(&mut tx, handle).await?;
    let host = host
        .filter(|host| host.listing.standing.is_in_directory())
        .ok_or(AppError::NotFound(Missing::Host))?;
    let organisation = organisation_of(&mut tx, &host).await?;
    let profile = host_fields::read_profile(&mut tx, host.id).await?.profile;
    Ok(write_organisation(&Described {
        organisation: &organisation,
        profile: &profile,
        page: &app.url(&host_path(&host.handle)),
        updated_at: host.updated_at,
    }))
}
