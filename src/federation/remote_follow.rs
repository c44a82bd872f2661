//! What other servers tell for visitors of ours: [`RemoteDirectory`] over guarded fetches.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use url::Url;

use super::fetch::{FetchError, Fetcher};
use crate::app::remote_follow::{NoTemplate, RemoteDirectory, Template};

#[async_trait]
impl RemoteDirectory for Fetcher {
    async fn list_templates(
        &self,
        account: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<Template>, NoTemplate> {
        let jrd = self
            .fetch_jrd(account, now)
            .await
            .map_err(|error| match error {
                FetchError::NotFound | FetchError::Gone | FetchError::Status(_) => {
                    NoTemplate::Unknown
                }
                _ => NoTemplate::NoAnswer,
            })?;
        let templates = jrd.links.into_iter().filter_map(|link| {
            Some(Template {
                rel: link.rel,
                template: link.template?,
            })
        });
        Ok(templates.collect())
    }

    async fn find_software(&self, host: &str, now: DateTime<Utc>) -> Option<String> {
        let info = self.fetch_node_info(host, now).await.ok()?;
        Some(info.software_name)
    }

    fn root_of(&self, host: &str) -> Option<Url> {
        Self::root_of(self, host).ok()
    }

    fn is_allowed(&self, url: &Url) -> bool {
        self.policy().check_url(url).is_ok()
    }
}
