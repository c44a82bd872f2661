//! `/verifier?uri=`: whether a recommendation of any site would count here, check by check.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use serde::Deserialize;
use url::form_urlencoded;

use super::{Visitor, Web, WebError, errors, form::Form, page::Page, paths};
use crate::{
    app::verification::{self, Verdict},
    domain::recommendation_policy::{Check, NoEvidence, Outcome},
};

/// Routes of the verification.
pub fn routes() -> Router<Web> {
    Router::new().route(paths::VERIFIER, get(verify))
}

/// What is asked for: the address of a recommendation.
#[derive(Debug, Deserialize)]
struct Target {
    #[serde(default)]
    uri: String,
}

/// `/verifier`
#[derive(Debug, Template)]
#[template(path = "verifier.html")]
pub struct VerifierPage {
    page: Page,
    form: Form,
    verdict: Option<Box<Verdict>>,
    refusal: Option<NoEvidence>,
}

impl VerifierPage {
    /// Why nothing can be said, in words.
    fn refused(&self) -> Option<&'static str> {
        Some(self.page.t.no_evidence(self.refusal?))
    }

    /// What becomes of it, in words.
    fn outcome(&self) -> &'static str {
        let outcome = self.verdict.as_ref().map(|it| it.judgement.outcome);
        outcome.map_or("", |outcome| self.page.t.policy_outcome(outcome))
    }

    /// What is wrong with its signature, in words.
    fn flaw(&self) -> Option<&'static str> {
        let flaw = self.verdict.as_ref()?.evidence.flaw?;
        Some(self.page.t.proof_flaw(flaw))
    }

    /// The check that decided, in words; all passed when there is none.
    fn reason(&self) -> Option<&'static str> {
        let check = self.verdict.as_ref()?.judgement.reason?;
        Some(self.page.t.check_failed(check))
    }

    /// Every check with its result. Nothing is known of what was withdrawn but that it was.
    fn checks(&self) -> Vec<(&'static str, bool)> {
        let Some(verdict) = &self.verdict else {
            return Vec::new();
        };
        if verdict.judgement.outcome == Outcome::Withdrawn {
            return Vec::new();
        }
        let t = self.page.t;
        let words = |check: &Check, passed: bool| {
            if passed {
                t.check_passed(*check)
            } else {
                t.check_failed(*check)
            }
        };
        let checks = verdict.judgement.checks.iter();
        checks
            .map(|(check, passed)| (words(check, *passed), *passed))
            .collect()
    }
}

/// `GET /verifier?uri=`. Asks other sites, hence the limit.
async fn verify(
    State(web): State<Web>,
    visitor: Visitor,
    Query(target): Query<Target>,
) -> Result<Response, WebError> {
    let address = target.uri.trim();
    let found = if address.is_empty() {
        None
    } else {
        web.limits.leads_by_client.take(visitor.client())?;
        Some(verification::examine(&web.app, &*web.witness, address).await?)
    };
    let (verdict, refusal) = match found {
        None => (None, None),
        Some(Ok(verdict)) => (Some(Box::new(verdict)), None),
        Some(Err(reason)) => (None, Some(reason)),
    };
    let query: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("uri", address)
        .finish();
    let page = visitor
        .page(visitor.t.tr("Vérifier une recommandation"))
        .unlisted()
        .keeping(&query);
    errors::shown(&VerifierPage {
        page,
        form: Form::from_pairs(vec![("uri".to_owned(), address.to_owned())]),
        verdict,
        refusal,
    })
}
