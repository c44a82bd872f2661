//! What our actors say, as ActivityStreams documents: one function from an
//! [`Outbound`] to the bytes that leave.
//!
//! Nothing is sent here; `delivery` stores what is rendered, so that every server gets the same
//! bytes whatever happens in between.

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    app::{
        App, AppError,
        actors::{self, OutboxActivity, Profile},
        ads::reading,
        host_actors,
    },
    domain::{
        addresses::{ActorAddresses, INSTANCE_PATH},
        federation::{Actor, Post, PostSubject, Rendition},
        ids::{ActorId, PostId, RecommendationId},
        outbound::{Listed, Outbound},
    },
    federation::{
        actors::ActorDocument,
        objects::{
            article::ArticleDocument, note::NoteDocument, recommendation,
            tombstone::TombstoneDocument,
        },
        proofs,
        vocabulary::{
            PUBLIC, actor_context, plain_context, post_context, signed_context, timestamp,
        },
    },
};

/// An activity ready to leave.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    /// For every server; `None` when there is nothing to tell them.
    pub note: Option<Value>,
    /// For Mobilizon, when it differs; `None` when there is nothing to tell it.
    pub article: Option<Value>,
}

/// An activity on the wire. `to` and `cc` are both always there: some servers demand it.
#[derive(Clone, Debug, Serialize)]
struct ActivityDocument<T> {
    #[serde(rename = "@context")]
    context: Value,
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    actor: String,
    published: String,
    to: Vec<String>,
    cc: Vec<String>,
    object: T,
}

/// Renders an activity as things stand now; `None` when what it speaks of is gone since.
pub async fn render(app: &App, activity: &OutboxActivity) -> Result<Option<Rendered>, AppError> {
    let Some(speaker) = actors::find(app, activity.actor_id).await? else {
        return Ok(None);
    };
    let say = Sentence {
        app,
        activity,
        speaker: &speaker,
    };
    match &activity.event {
        Outbound::Create { post } => say.post("Create", *post).await,
        Outbound::Update { post } => say.post("Update", *post).await,
        Outbound::Delete { post } => say.delete(*post).await,
        Outbound::Announce { post } => say.announce(*post).await,
        Outbound::UndoAnnounce { post, announced_by } => {
            let announce = ActorAddresses::new(speaker.uri.as_str()).activity(*announced_by);
            say.undo_announce(*post, &announce).await
        }
        Outbound::UpdateActor | Outbound::UpdateKeys => say.update_actor().await,
        Outbound::Recommend { recommendation } => say.recommend("Create", *recommendation).await,
        Outbound::AmendRecommendation { recommendation } => {
            say.recommend("Update", *recommendation).await
        }
        Outbound::WithdrawRecommendation { recommendation } => say.withdraw(*recommendation).await,
        Outbound::Add { object, to } => say.list("Add", object, *to).map(Some),
        Outbound::Remove { object, from } => say.list("Remove", object, *from).map(Some),
        Outbound::DeleteActor => Ok(Some(say.delete_actor())),
        Outbound::Follow { followed } => say.follow(*followed).await,
        Outbound::AcceptFollow { follower, activity } => {
            say.answer("Accept", *follower, activity).await
        }
        Outbound::RejectFollow { follower, activity } => {
            say.answer("Reject", *follower, activity).await
        }
    }
}

/// One activity being put into words.
struct Sentence<'a> {
    app: &'a App,
    activity: &'a OutboxActivity,
    speaker: &'a Actor,
}

impl Sentence<'_> {
    fn document<T: Serialize>(
        &self,
        kind: &'static str,
        context: Value,
        (to, cc): (&[String], &[String]),
        object: T,
    ) -> Result<Value, AppError> {
        serde_json::to_value(ActivityDocument {
            context,
            id: self.activity.uri.clone(),
            kind,
            actor: self.speaker.uri.clone(),
            published: timestamp(self.activity.created_at),
            to: to.to_vec(),
            cc: cc.to_vec(),
            object,
        })
        .map_err(AppError::internal)
    }

    /// Everybody, and the followers of the speaker.
    fn public(&self) -> (Vec<String>, Vec<String>) {
        (
            vec![PUBLIC.to_owned()],
            self.speaker.followers.iter().cloned().collect(),
        )
    }

    async fn post(&self, kind: &'static str, id: PostId) -> Result<Option<Rendered>, AppError> {
        let subject = self.find_post(id).await?.map(|post| post.subject);
        match subject {
            Some(PostSubject::Ad(_)) => self.ad_post(kind, id).await,
            Some(PostSubject::Recommendation(_)) => self.recommendation_post(kind, id).await,
            None => Ok(None),
        }
    }

    async fn recommendation_post(
        &self,
        kind: &'static str,
        id: PostId,
    ) -> Result<Option<Rendered>, AppError> {
        let (post, statement) = match host_actors::show_post(self.app, id).await {
            Ok(found) => found,
            Err(AppError::NotFound(_) | AppError::Gone { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let note = NoteDocument::of_recommendation(&post, &statement)
            .map(|note| self.document(kind, post_context(), note.audience(), &note))
            .transpose()?;
        let public_url = &self.app.config().public_url;
        let article = ArticleDocument::of_recommendation(&post, &statement, public_url)
            .map(|article| self.document(kind, post_context(), article.audience(), &article))
            .transpose()?;
        Ok(Some(Rendered { note, article }))
    }

    async fn ad_post(&self, kind: &'static str, id: PostId) -> Result<Option<Rendered>, AppError> {
        let (post, page) = match reading::show_post(self.app, id).await {
            Ok(found) => found,
            Err(AppError::NotFound(_) | AppError::Gone { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let public_url = &self.app.config().public_url;
        let note = NoteDocument::new(&post, &page, public_url)
            .map(|note| {
                let (to, cc) = note.audience();
                self.document(kind, post_context(), (to, cc), &note)
            })
            .transpose()?;
        let article = ArticleDocument::new(&post, &page, public_url)
            .map(|article| {
                let (to, cc) = article.audience();
                self.document(kind, post_context(), (to, cc), &article)
            })
            .transpose()?;
        Ok(Some(Rendered { note, article }))
    }

    async fn find_post(&self, id: PostId) -> Result<Option<Post>, AppError> {
        actors::find_post_by_id(self.app, id).await
    }

    async fn delete(&self, id: PostId) -> Result<Option<Rendered>, AppError> {
        let Some(post) = self.find_post(id).await? else {
            return Ok(None);
        };
        let (to, cc) = self.public();
        let tombstone = |uri: &str| {
            let object = TombstoneDocument::new(uri, None, None);
            self.document("Delete", plain_context(), (&to, &cc), object)
        };
        Ok(Some(Rendered {
            note: Some(tombstone(&post.note_uri)?),
            article: post.article_uri.as_deref().map(tombstone).transpose()?,
        }))
    }

    async fn announce(&self, id: PostId) -> Result<Option<Rendered>, AppError> {
        let Some(post) = self
            .find_post(id)
            .await?
            .filter(|post| post.deleted_at.is_none())
        else {
            return Ok(None);
        };
        let author = actors::find(self.app, post.actor_id).await?;
        let (to, mut cc) = self.public();
        cc.extend(author.map(|author| author.uri));
        let announce = |uri: &str| self.document("Announce", plain_context(), (&to, &cc), uri);
        Ok(Some(Rendered {
            note: Some(announce(&post.note_uri)?),
            article: post.article_uri.as_deref().map(announce).transpose()?,
        }))
    }

    async fn undo_announce(
        &self,
        id: PostId,
        announce: &str,
    ) -> Result<Option<Rendered>, AppError> {
        let Some(post) = self.find_post(id).await? else {
            return Ok(None);
        };
        let (to, cc) = self.public();
        // embedded whole: GoToSocial ignores the Undo of a bare id
        let undone = |uri: &str| json!({ "id": announce, "type": "Announce", "actor": self.speaker.uri, "object": uri });
        let undo = |uri: &str| self.document("Undo", plain_context(), (&to, &cc), undone(uri));
        Ok(Some(Rendered {
            note: Some(undo(&post.note_uri)?),
            article: post.article_uri.as_deref().map(undo).transpose()?,
        }))
    }

    async fn update_actor(&self) -> Result<Option<Rendered>, AppError> {
        let profile: Profile = match actors::show(self.app, &self.speaker.uri).await {
            Ok(profile) => profile,
            Err(AppError::NotFound(_) | AppError::Gone { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(document) = ActorDocument::new(self.app, &profile) else {
            return Ok(None);
        };
        let (to, cc) = self.public();
        let update = self.document("Update", actor_context(), (&to, &cc), document)?;
        Ok(Some(Rendered {
            note: Some(update.clone()),
            article: Some(update),
        }))
    }

    /// A recommendation, by its id alone: servers that do not know the word would choke on it, and
    /// those that do read it from its origin.
    async fn recommend(
        &self,
        kind: &'static str,
        id: RecommendationId,
    ) -> Result<Option<Rendered>, AppError> {
        let statement = match host_actors::show_statement_by_id(self.app, id).await {
            Ok(statement) => statement,
            Err(AppError::NotFound(_) | AppError::Gone { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let to = [PUBLIC.to_owned()];
        let cc = [statement.structure.uri.clone(), self.peers()];
        let uri = statement.recommendation.uri;
        let said = self.document(kind, plain_context(), (&to, &cc), uri)?;
        Ok(Some(Rendered::alike(said)))
    }

    /// The end of a recommendation, with a proof: whoever holds a copy can show that its author took
    /// it back, even when this site is no more.
    async fn withdraw(&self, id: RecommendationId) -> Result<Option<Rendered>, AppError> {
        let Some((uri, structure)) = host_actors::find_withdrawn(self.app, id).await? else {
            return Ok(None);
        };
        let to = [PUBLIC.to_owned()];
        let cc: Vec<String> = structure.into_iter().chain([self.peers()]).collect();
        let tombstone = TombstoneDocument::new(uri, None, None);
        let delete = self.document("Delete", signed_context(), (&to, &cc), tombstone)?;
        let signer = recommendation::signer_of(self.app, self.speaker).await?;
        let signed = proofs::sign(delete, &signer, self.activity.created_at);
        Ok(Some(Rendered::alike(signed.map_err(AppError::internal)?)))
    }

    /// Something is in a collection of the speaker from now on, or no more.
    fn list(&self, kind: &'static str, object: &str, of: Listed) -> Result<Rendered, AppError> {
        let target = ActorAddresses::new(self.speaker.uri.as_str()).collection(of.as_str());
        let (to, cc) = self.public();
        let mut said = self.document(kind, plain_context(), (&to, &cc), object)?;
        if let Some(members) = said.as_object_mut() {
            members.insert("target".into(), json!(target));
        }
        Ok(Rendered::alike(said))
    }

    /// The servers that follow the instance.
    fn peers(&self) -> String {
        ActorAddresses::new(self.app.url(INSTANCE_PATH)).followers()
    }

    fn delete_actor(&self) -> Rendered {
        let (to, cc) = self.public();
        let delete = self
            .document("Delete", plain_context(), (&to, &cc), &self.speaker.uri)
            .ok();
        Rendered {
            note: delete.clone(),
            article: delete,
        }
    }

    /// Asks to follow a remote actor.
    async fn follow(&self, followed: ActorId) -> Result<Option<Rendered>, AppError> {
        let Some(recipient) = actors::find(self.app, followed).await? else {
            return Ok(None);
        };
        let to = [recipient.uri.clone()];
        let follow = self.document("Follow", plain_context(), (&to, &[]), recipient.uri)?;
        Ok(Some(Rendered {
            note: Some(follow.clone()),
            article: Some(follow),
        }))
    }

    /// Accepts or rejects a follow, embedded with all that identifies it: servers match on the id,
    /// on the actors, or on both.
    async fn answer(
        &self,
        kind: &'static str,
        follower: ActorId,
        follow: &str,
    ) -> Result<Option<Rendered>, AppError> {
        let Some(recipient) = actors::find(self.app, follower).await? else {
            return Ok(None);
        };
        let object = json!({
            "id": follow,
            "type": "Follow",
            "actor": recipient.uri,
            "object": self.speaker.uri,
        });
        let to = [recipient.uri.clone()];
        let answer = self.document(kind, plain_context(), (&to, &[]), object)?;
        Ok(Some(Rendered {
            note: Some(answer.clone()),
            article: Some(answer),
        }))
    }
}

impl Rendered {
    /// The same for every server.
    fn alike(said: Value) -> Self {
        Self {
            note: Some(said.clone()),
            article: Some(said),
        }
    }

    /// The bytes for a server that reads this rendition.
    pub fn body(&self, rendition: Rendition) -> Option<&Value> {
        match rendition {
            Rendition::Note => self.note.as_ref(),
            Rendition::Article => self.article.as_ref(),
        }
    }
}
