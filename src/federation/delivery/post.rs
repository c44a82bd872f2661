//! One signed `POST`.

use chrono::{DateTime, Utc};
use reqwest::{Method, StatusCode};
use url::Url;

use crate::federation::{
    http_client::{RemoteClient, TransportError, read_body},
    keys::SigningKey,
    signatures::sign_post,
};

/// The most that is read of an answer whose words do not matter.
const ANSWER_BYTES: usize = 4 * 1024;

/// Why a document could not be posted.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    #[error("the address is refused: {0}")]
    Refused(#[from] crate::federation::addresses::RefusedAddress),
    #[error("it cannot be signed")]
    Unsigned,
    #[error(transparent)]
    Transport(#[from] TransportError),
}

/// Posts one document, signed, without the queue: for who has no queue, such as the visitor of the
/// demonstration. Gives the status of the answer.
pub async fn post_document(
    client: &RemoteClient,
    key: &SigningKey,
    inbox: &Url,
    body: String,
    now: DateTime<Utc>,
) -> Result<StatusCode, PostError> {
    let request = client.request(Method::POST, inbox)?;
    let headers = sign_post(key, inbox, body.as_bytes(), now).map_err(|_| PostError::Unsigned)?;
    let response = request
        .headers(headers)
        .body(body)
        .send()
        .await
        .map_err(TransportError::from)?;
    let status = response.status();
    read_body(response, ANSWER_BYTES).await?;
    Ok(status)
}
