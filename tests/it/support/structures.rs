//! Structures and recommendations of the stories, as their people would have left them.

use chrono::{NaiveDate, TimeDelta};
use emancipasso::{
    domain::{
        accompaniment::{Accompaniment, AccompanimentState, Confirmations, Party, Scope},
        host::{
            Capacity, Host, HostState, Line, LineKind, Listing, Offer, PriceBracket, PriceModel,
        },
        ids::{Ids, RecommendationId, ReviewId},
        listing::Standing,
        organisation::Organisation,
        recommendation::{Answers, Recommendation, RecommendationState, ReviewEntry, ReviewStep},
    },
    store::{Store, accompaniments, host_offers, hosts, recommendation_reviews, recommendations},
};

use super::Instance;

/// What a story needs to know of a recommendation that waits for moderators.
pub struct Submitted {
    pub id: RecommendationId,
    pub handle: String,
}

impl Instance {
    /// An accepted structure that accompanies, and the recommendation of an association that waits
    /// for moderators, their accompaniment being finished.
    pub async fn submit_recommendation(
        &self,
        structure: &Organisation,
        association: &Organisation,
    ) -> Submitted {
        let store = Store::connect(&self.database_url().parse().unwrap())
            .await
            .unwrap();
        // another node than the one of the instance
        let ids = Ids::new(1_000);
        let now = self.app.now();
        let today: NaiveDate = now.date_naive();
        let host = Host {
            id: ids.next(now),
            organisation_id: structure.id,
            handle: structure.slug.replace('-', "_").chars().take(30).collect(),
            actor_id: None,
            state: HostState::Accepted,
            capacity: Capacity::Open,
            capacity_from: None,
            capacity_said_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
            submitted_at: Some(now),
            confirmed_at: Some(now),
            suspended_at: None,
            suspension_motive: String::new(),
            is_unclaimed: false,
            import_url: None,
            listing: Listing {
                standing: Standing::Unlisted,
                counted: 0,
                listed_since: None,
                unlisted_at: None,
                settle_at: None,
            },
        };
        let offer = Offer {
            id: ids.next(now),
            host_id: host.id,
            number: 1,
            name: "Migration accompagnée".into(),
            description: String::new(),
            lines: vec![Line {
                kind: LineKind::Migration,
                note: String::new(),
            }],
            software: Vec::new(),
            price_model: PriceModel::Quote,
            price_bracket: PriceBracket::Unknown,
            created_at: now,
            updated_at: now,
        };
        let said = Confirmations {
            host: Some(now),
            association: Some(now),
        };
        let accompaniment = Accompaniment {
            id: ids.next(now),
            host_id: host.id,
            organisation_id: association.id,
            number: 1,
            state: AccompanimentState::Finished,
            declared_by: Party::Host,
            host_email: None,
            association_email: None,
            scope: Scope::default(),
            started_on: today - TimeDelta::days(90),
            ended_on: Some(today),
            volunteer_hours: Some(12),
            cost_bracket: None,
            is_founding: false,
            created_at: now,
            updated_at: now,
            began: said,
            ended: said,
        };
        let recommendation = Recommendation {
            id: ids.next(now),
            accompaniment_id: accompaniment.id,
            host_id: host.id,
            organisation_id: association.id,
            number: None,
            state: RecommendationState::InReview,
            answers: Answers {
                context: "Douze bénévoles, aucun salarié.".into(),
                work_done: "Trois ateliers, puis le déménagement.".into(),
                can_do_now: "Nous partageons nos fichiers entre nous.".into(),
                ..Answers::default()
            },
            author_name: "Monique B.".into(),
            author_role: "présidente".into(),
            interest: String::new(),
            would_take_call: false,
            version: 1,
            created_at: now,
            updated_at: now,
            submitted_at: Some(now),
            published_at: None,
            expires_at: None,
            withdrawn_at: None,
            withdrawal_motive: String::new(),
            annulled_at: None,
            reply: String::new(),
            replied_at: None,
            uri: None,
        };
        let step = ReviewEntry {
            id: ids.next::<ReviewId>(now),
            step: ReviewStep::Submitted,
            motive: String::new(),
            version: 1,
            link: String::new(),
            account_id: None,
            author: String::new(),
            created_at: now,
        };
        let mut tx = store.write().await.unwrap();
        hosts::insert(&mut tx, &host).await.unwrap();
        host_offers::insert(&mut tx, &offer).await.unwrap();
        accompaniments::insert(&mut tx, &accompaniment)
            .await
            .unwrap();
        recommendations::insert(&mut tx, &recommendation)
            .await
            .unwrap();
        recommendation_reviews::insert(&mut tx, recommendation.id, &step)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        Submitted {
            id: recommendation.id,
            handle: host.handle,
        }
    }
}
