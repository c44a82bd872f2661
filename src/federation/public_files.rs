//! Text files that structures publish about themselves: [`PublicFiles`] over guarded fetches.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use url::Url;

use super::fetch::{FetchError, Fetcher};
use crate::{
    app::hosts::import::{NoFile, PublicFiles},
    domain::chatonsinfos::FILE_LENGTH,
};

#[async_trait]
impl PublicFiles for Fetcher {
    async fn fetch_text(&self, url: &Url, now: DateTime<Utc>) -> Result<Vec<u8>, NoFile> {
        let content = self.fetch_text_file(url, now).await;
        let content = content.map_err(|error| {
            tracing::debug!(host = url.host_str(), %error, "a file was not read");
            reason_of(&error)
        })?;
        if content.len() > FILE_LENGTH {
            return Err(NoFile::TooLarge);
        }
        Ok(content)
    }
}

/// Why, in the words of who asked for the file.
const fn reason_of(error: &FetchError) -> NoFile {
    match error {
        FetchError::Refused(_) => NoFile::Forbidden,
        FetchError::NotFound
        | FetchError::Gone
        | FetchError::Unauthorized
        | FetchError::Forbidden
        | FetchError::Status(_) => NoFile::NotFound,
        FetchError::WrongType => NoFile::NotText,
        FetchError::TooBig => NoFile::TooLarge,
        _ => NoFile::NoAnswer,
    }
}
