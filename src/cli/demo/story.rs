//! Tells the sample content of a site through the use cases, in the order in which it happened.

use chrono::{DateTime, TimeDelta, Utc};

use super::content::{SampleAd, SampleAssociation, SampleSite, SampleStep, Stage};
use crate::{
    app::{
        App, Clock, Who,
        accounts::{self, NewAccount},
        actors,
        ads::{
            life::{self, MilestoneInput},
            publication::{self, Submission},
            reading,
            review::{self, Decision},
            writing,
        },
        organisations,
    },
    config::Config,
    domain::{
        account::Role,
        ad::AdInput,
        ids::{AdId, OrganisationId},
        organisation::{OrganisationInput, VerificationMethod},
    },
    federation::keys::RsaKeyPair,
};

/// Name and address of the moderator of each site.
pub const MODERATOR: (&str, &str) = ("Camille Moreau", "moderation@exemple.example");
/// Older than any ad of the samples.
const BEGINNING: TimeDelta = TimeDelta::days(200);

/// A published ad of the story.
pub struct ToldAd {
    pub id: AdId,
    pub number: i64,
    pub sample: &'static SampleAd,
    pub organisation: OrganisationId,
    pub author: Who,
}

/// What happens, and when.
struct Event {
    at: DateTime<Utc>,
    cast: usize,
    ad: usize,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Write,
    Step(&'static SampleStep),
}

/// An association with the person who acts for it.
struct Cast {
    organisation: OrganisationId,
    author: Who,
    sample: &'static SampleAssociation,
    ads: Vec<Option<AdId>>,
}

/// Tells everything, and gives the ads that are published.
pub async fn tell(config: &Config, sample: &'static SampleSite) -> anyhow::Result<Vec<ToldAd>> {
    let now = Clock::system().now();
    let clock = Clock::manual(now - BEGINNING);
    let app = App::start(config.clone(), clock.clone()).await?;
    make_keys(&app, sample).await?;
    let moderator = person(&app, MODERATOR, Role::Administrator).await?;
    let mut casts = Vec::new();
    for association in sample.associations {
        casts.push(enter(&app, &moderator, association).await?);
    }
    let mut events = events(now, sample);
    events.sort_by_key(|event| event.at);
    for event in events {
        clock.advance(event.at - app.now());
        if let Some(cast) = casts.get_mut(event.cast) {
            play(&app, &moderator, cast, &event).await?;
        }
    }
    let told = published(&app, &casts).await?;
    app.stop().await;
    Ok(told)
}

/// A key pair for each actor of the story, made beforehand.
async fn make_keys(app: &App, sample: &SampleSite) -> anyhow::Result<()> {
    let ads = sample
        .associations
        .iter()
        .map(|association| association.ads.len())
        .sum::<usize>();
    for _ in 0..ads + 2 {
        let pair = tokio::task::spawn_blocking(RsaKeyPair::generate).await??;
        actors::add_key_pair(app, &pair.public_key_pem()?, &pair.to_pkcs8_pem()?).await?;
    }
    Ok(())
}

async fn person(app: &App, (name, email): (&str, &str), role: Role) -> anyhow::Result<Who> {
    let new = NewAccount {
        email,
        name,
        role,
        locale: "fr",
    };
    let account = accounts::create(app, &Who::System, new).await?;
    Ok(Who::Person(Box::new(account)))
}

async fn enter(
    app: &App,
    moderator: &Who,
    sample: &'static SampleAssociation,
) -> anyhow::Result<Cast> {
    let author = person(app, sample.person, Role::Member).await?;
    let input = OrganisationInput {
        kind: "association".into(),
        legal_form: "association-1901".into(),
        name: sample.name.into(),
        commune: sample.commune.into(),
        ..OrganisationInput::default()
    };
    let organisation = organisations::create(app, &author, &input).await?;
    let method = VerificationMethod::Acquaintance;
    organisations::verify(app, moderator, &organisation.slug, method).await?;
    Ok(Cast {
        organisation: organisation.id,
        author,
        sample,
        ads: vec![None; sample.ads.len()],
    })
}

fn events(now: DateTime<Utc>, sample: &'static SampleSite) -> Vec<Event> {
    let mut events = Vec::new();
    for (cast, association) in sample.associations.iter().enumerate() {
        for (ad, sample) in association.ads.iter().enumerate() {
            // some minutes before now, so that what is of today is not of the future
            let written = now - TimeDelta::days(sample.age_days) - TimeDelta::minutes(30);
            events.push(Event {
                at: written,
                cast,
                ad,
                what: What::Write,
            });
            for step in sample.steps {
                let at = written + TimeDelta::days(step.after_days);
                events.push(Event {
                    at,
                    cast,
                    ad,
                    what: What::Step(step),
                });
            }
        }
    }
    events
}

async fn play(app: &App, moderator: &Who, cast: &mut Cast, event: &Event) -> anyhow::Result<()> {
    let Some(sample) = cast.sample.ads.get(event.ad) else {
        return Ok(());
    };
    let known = cast.ads.get(event.ad).copied().flatten();
    match (event.what, known) {
        (What::Write, _) => {
            let id = writing::create(app, &cast.author, cast.organisation, &input(sample)).await?;
            if sample.stage != Stage::Draft {
                let submission = publication::submit(app, &cast.author, id, "").await?;
                if sample.stage == Stage::Published && submission == Submission::InReview {
                    review::decide(app, moderator, id, Decision::Approve).await?;
                }
            }
            if let Some(slot) = cast.ads.get_mut(event.ad) {
                *slot = Some(id);
            }
        }
        (What::Step(step), Some(id)) => {
            let told = MilestoneInput {
                kind: step.kind.into(),
                reached_on: String::new(),
                text: step.text.into(),
            };
            life::add_milestone(app, &cast.author, id, &told).await?;
        }
        (What::Step(_), None) => {}
    }
    Ok(())
}

fn input(sample: &SampleAd) -> AdInput {
    AdInput {
        kind: sample.kind.into(),
        title: sample.title.into(),
        need: sample.need.into(),
        software: sample.software.into(),
        licence: sample.licence.into(),
        territory: sample.territory.into(),
        budget: sample.budget.into(),
        hashtags: sample.hashtags.into(),
        ..AdInput::default()
    }
}

async fn published(app: &App, casts: &[Cast]) -> anyhow::Result<Vec<ToldAd>> {
    let mut told = Vec::new();
    for cast in casts {
        for (sample, id) in cast.sample.ads.iter().zip(&cast.ads) {
            let Some(id) = *id else { continue };
            let ad = reading::show_workshop(app, &cast.author, id).await?.ad;
            if let Some(number) = ad.number {
                told.push(ToldAd {
                    id,
                    number,
                    sample,
                    organisation: cast.organisation,
                    author: cast.author.clone(),
                });
            }
        }
    }
    Ok(told)
}
