//! The turn of one host.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use http::Method;
use tokio::time::{Instant, timeout};
use url::Url;

use super::{Courier, answer::Verdict, signing::NoKey};
use crate::{
    app::{
        App, AppError,
        deliveries::{self, Attempt, Attempted, DueDelivery, Taken},
        expansion::rendition_for,
    },
    domain::{delivery::HostNews, federation::Rendition},
    federation::{
        fetch::Fetcher,
        http_client::{TransportError, read_body},
        signatures::sign_post,
    },
};

/// Requests to one host at the same time.
const CONCURRENCY: usize = 4;
/// After so long, no request of this turn begins any more: well before the lease ends.
const TURN: Duration = Duration::from_mins(1);
/// How much of an answer is read, and for how long, so that the connection can serve again. Its
/// content is nobody's business.
const MOST_ANSWER_BYTES: usize = 16 * 1024;
const ANSWER_PATIENCE: Duration = Duration::from_secs(1);

/// What the turn taught about the host. The first trouble ends the turn.
#[derive(Default)]
struct Learnt {
    news: Option<HostNews>,
    detail: Option<String>,
}

impl Learnt {
    fn hear(&mut self, verdict: &Verdict) {
        if self.is_trouble() || verdict.news == HostNews::Unknown {
            return;
        }
        self.news = Some(verdict.news);
        if let Attempt::HostUnable(detail) = &verdict.attempt {
            self.detail = Some(detail.clone());
        }
    }

    fn is_trouble(&self) -> bool {
        matches!(
            self.news,
            Some(HostNews::AsksToWait(_) | HostNews::Fails(_))
        )
    }
}

impl Courier {
    /// Serves a host for one turn; gives how many deliveries were tried.
    pub(super) async fn serve(&self, taken: Taken) -> usize {
        let host = taken.host.host.clone();
        match self.take_turn(taken).await {
            Ok(tried) => tried,
            Err(error) => {
                // the lease runs out and the turn is done again
                tracing::error!(%host, %error, "a turn could not be done");
                0
            }
        }
    }

    async fn take_turn(&self, taken: Taken) -> Result<usize, AppError> {
        let due = deliveries::list_due(&self.app, &taken).await?;
        let software = self.software_for(&taken, &due).await?;
        let rendition = software.as_deref().map(rendition_for);
        // what one actor says keeps its order; actors do not wait for each other
        let mut by_speaker: BTreeMap<_, Vec<DueDelivery>> = BTreeMap::new();
        for delivery in due {
            by_speaker
                .entry(delivery.speaker)
                .or_default()
                .push(delivery);
        }
        let begun = Instant::now();
        let learnt = Mutex::new(Learnt::default());
        let attempted: Vec<Vec<Attempted>> = stream::iter(by_speaker.into_values())
            .map(|line| self.work_through(line, rendition, &learnt, begun))
            .buffer_unordered(CONCURRENCY)
            .collect()
            .await;
        let attempted = attempted.concat();
        let learnt = learnt.into_inner().unwrap_or_else(PoisonError::into_inner);
        let news = learnt.news.unwrap_or(HostNews::Unknown);
        let news = (news, learnt.detail.as_deref());
        deliveries::record_turn(&self.app, taken, &attempted, news).await?;
        Ok(attempted.len())
    }

    /// The deliveries of one speaker, one after the other.
    async fn work_through(
        &self,
        line: Vec<DueDelivery>,
        known: Option<Rendition>,
        learnt: &Mutex<Learnt>,
        begun: Instant,
    ) -> Vec<Attempted> {
        let mut attempted = Vec::with_capacity(line.len());
        for delivery in line {
            let is_over = begun.elapsed() > TURN
                || learnt
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .is_trouble();
            if is_over {
                break;
            }
            let decided = delivery.rendition.or(known);
            let verdict = self
                .attempt(&delivery, decided.unwrap_or(Rendition::Note))
                .await;
            learnt
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .hear(&verdict);
            if let Attempt::Refused(detail) = &verdict.attempt {
                tracing::info!(inbox = delivery.inbox, detail, "a delivery was refused");
            }
            attempted.push(Attempted {
                delivery,
                rendition: decided,
                attempt: verdict.attempt,
            });
        }
        attempted
    }

    async fn attempt(&self, delivery: &DueDelivery, rendition: Rendition) -> Verdict {
        let body = match rendition {
            Rendition::Note => &delivery.note_body,
            Rendition::Article => &delivery.article_body,
        };
        let Some(body) = body else {
            return Verdict::unsent(Attempt::NothingToSay);
        };
        match self.post(delivery, body).await {
            Ok(verdict) | Err(verdict) => verdict,
        }
    }

    /// Signs and posts; an `Err` when it came to no answer.
    async fn post(&self, delivery: &DueDelivery, body: &str) -> Result<Verdict, Verdict> {
        let unsendable = |words: &str| Verdict::unsent(Attempt::Refused(words.to_owned()));
        let key = self.keys.of_speaker(&self.app, delivery);
        let key = key.map_err(|reason| match reason {
            NoKey::NotYet => Verdict::unsent(Attempt::NoKey),
            NoKey::Unreadable => {
                tracing::error!(actor = %delivery.speaker, "its private key cannot be read");
                let words = "the key of the speaker cannot be read".to_owned();
                Verdict::unsent(Attempt::Later(words, None))
            }
        })?;
        let url = Url::parse(&delivery.inbox).map_err(|_| unsendable("the inbox is no address"))?;
        let now = self.app.now();
        let request = self.client.request(Method::POST, &url);
        let request = request.map_err(|reason| Verdict::of_refusal(&reason))?;
        let headers = sign_post(&key, &url, body.as_bytes(), now)
            .map_err(|reason| unsendable(&reason.to_string()))?;
        let request = request.headers(headers).body(body.to_owned());
        let response = request
            .send()
            .await
            .map_err(|error| Verdict::of_failure(&TransportError::from(error)))?;
        let verdict = Verdict::of_answer(response.status(), response.headers(), now);
        // whatever happens to the rest of the answer, its status is known
        let _ = timeout(ANSWER_PATIENCE, read_body(response, MOST_ANSWER_BYTES)).await;
        Ok(verdict)
    }

    /// The software of a host, when a delivery needs it; the host is asked when nobody did.
    async fn software_for(
        &self,
        taken: &Taken,
        due: &[DueDelivery],
    ) -> Result<Option<String>, AppError> {
        let is_needed = due.iter().any(|delivery| delivery.rendition.is_none());
        if !is_needed || !deliveries::must_be_asked(&self.app, &taken.host) {
            return Ok(taken.host.software.clone());
        }
        let host = taken.host.host.as_str();
        let software = ask_software(&self.app, &self.fetcher, host).await;
        deliveries::save_software(&self.app, host, software.as_deref()).await?;
        Ok(software)
    }
}

/// Asks a host which software it runs, through `NodeInfo`; `None` when it does not say.
pub(super) async fn ask_software(app: &App, fetcher: &Fetcher, host: &str) -> Option<String> {
    match fetcher.fetch_node_info(host, app.now()).await {
        Ok(info) => Some(info.software_name),
        Err(error) => {
            tracing::debug!(host, %error, "a host did not say which software it runs");
            None
        }
    }
}
