//! What programs do, from a draft to the end of an ad.

use super::*;

on_both_engines! {
    async fn an_ad_lives_from_draft_to_tombstone(engine: Engine) {
        let story = Story::start(engine).await;
        let (camille, moderator) = (&story.camille, &story.moderator);
        let path = format!("/ads?organisation={}", story.organisation_id());
        let created = camille.post(&path, json!({"kind": "software"})).await;
        let location = created.header("location").to_owned();
        let draft = created.expect(201);
        let id = draft["id"].as_str().unwrap();
        assert_eq!(location, format!("/api/v1/ads/{id}"));
        assert_eq!((&draft["state"], &draft["role"]), (&json!("draft"), &json!("administrator")));

        let publish = format!("/ads/{id}/publish");
        let early = camille.post(&publish, json!({})).await.expect_problem(422, "invalid");
        let fields: Vec<_> = early["errors"].as_array().unwrap().iter().map(|it| &it["field"]).collect();
        assert_eq!(fields, ["title", "need", "licence"]);

        let version = draft["version"].as_i64().unwrap();
        let update = format!("/ads/{id}?version={version}");
        let updated = camille.put(&update, ad("Un agenda partagé")).await.expect(200);
        assert_eq!(updated["title"], "Un agenda partagé");
        assert_eq!(updated["hashtags"], json!(["agenda", "libre"]));
        camille.put(&update, ad("Plus ancien")).await.expect_problem(409, "conflict");

        assert_eq!(camille.post(&publish, json!({})).await.expect(200), json!({"status": "in-review"}));
        camille.post(&publish, json!({})).await.expect_problem(409, "conflict");
        let waiting = moderator.get("/moderation/ads").await.expect(200);
        assert_eq!(waiting["items"][0]["id"], id);
        let file = moderator.get(&format!("/moderation/ads/{id}")).await.expect(200);
        assert_eq!((&file["is_recused"], &file["published_before"]), (&json!(false), &json!(0)));
        let decision = format!("/moderation/ads/{id}/decision");
        let mute = moderator.post(&decision, json!({"decision": "refuse"})).await;
        assert_eq!(mute.expect_problem(422, "invalid")["errors"][0]["field"], "motive");
        let published = moderator.post(&decision, json!({"decision": "approve"})).await.expect(200);
        assert_eq!(published["url"], "http://lyon.test/annonces/1-un-agenda-partage");
        assert_eq!(published["handle"], "@annonce_1@lyon.test");
        moderator.post(&decision, json!({"decision": "approve"})).await.expect_problem(409, "conflict");

        let stranger = story.instance.stranger();
        let read = stranger.get("/ads/by-number/1").await.expect(200);
        assert_eq!((&read["id"], &read["organisation_name"]), (&json!(id), &json!("Les Amis du vélo")));
        let found = stranger.get("/ads?q=agendas&territory=region:53").await.expect(200);
        assert_eq!(found["items"][0]["number"], 1);

        let milestones = format!("/ads/{id}/milestones");
        let told = camille.post(&milestones, json!({"text": "Un devis est arrivé"})).await.expect(201);
        assert_eq!((&told["kind"], &told["reached_on"]), (&json!("news"), &json!("2026-11-22")));
        assert_eq!(stranger.get(&milestones).await.expect(200)["items"], json!([told]));
        let outcome = format!("/ads/{id}/outcome");
        let words = json!({"outcome": "L’agenda est en service."});
        camille.put(&outcome, words.clone()).await.expect_problem(409, "conflict");
        camille.post(&format!("/ads/{id}/renew"), json!({})).await.expect(200);
        let delivered = json!({"kind": "delivered", "text": "L’agenda est livré."});
        camille.post(&milestones, delivered).await.expect(201);
        assert_eq!(camille.put(&outcome, words.clone()).await.expect(200)["outcome"], words["outcome"]);

        let withdraw = format!("/ads/{id}/withdraw");
        assert_eq!(camille.post(&withdraw, json!({})).await.expect(200)["state"], "withdrawn");
        let gone = stranger.get("/ads/by-number/1").await.expect_problem(410, "gone");
        assert_eq!(gone["since"], "2026-11-22T09:00:00Z");
        let delete = camille.call(Method::DELETE, &format!("/ads/{id}"), None).await;
        delete.expect_problem(409, "conflict");
    }

    async fn a_draft_is_deleted_for_good(engine: Engine) {
        let story = Story::start(engine).await;
        let path = format!("/ads/{}", story.draft("Un agenda partagé").await);
        let deleted = story.camille.call(Method::DELETE, &path, None).await;
        assert_eq!(deleted.expect(204), Value::Null);
        story.camille.get(&path).await.expect_problem(404, "not-found");
    }

    async fn a_refused_ad_is_answered(engine: Engine) {
        let story = Story::start(engine).await;
        let id = story.draft("Un agenda partagé").await;
        let publish = format!("/ads/{id}/publish");
        story.camille.post(&publish, json!({})).await.expect(200);
        let refusal = json!({"decision": "refuse", "motive": "Dites pour combien de personnes."});
        let decision = format!("/moderation/ads/{id}/decision");
        let refused = story.moderator.post(&decision, refusal).await.expect(200);
        assert_eq!((&refused["state"], &refused["url"]), (&json!("refused"), &Value::Null));
        story.camille.post(&publish, json!({"answer": "Pour douze."})).await.expect(200);
        let file = story.moderator.get(&format!("/moderation/ads/{id}")).await.expect(200);
        let steps: Vec<_> = file["steps"].as_array().unwrap().iter().map(|it| &it["step"]).collect();
        assert_eq!(steps, ["submitted", "refused", "answered"]);
    }

    async fn a_picture_is_made_again_and_described(engine: Engine) {
        let story = Story::start(engine).await;
        let path = format!("/ads/{}/image", story.draft("Un agenda partagé").await);
        let send = async |kind: &str, alt: &str, bytes: Vec<u8>| {
            let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("alt", alt).finish();
            let request = story.camille.request(Method::PUT, &format!("{path}?{query}"));
            story.camille.send(request.header("content-type", kind).body(bytes)).await
        };
        let mut png = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(40, 30).write_to(&mut png, image::ImageFormat::Png).unwrap();
        let png = png.into_inner();
        let alt = "Un vélo bleu";
        let shown = send("image/png", alt, png.clone()).await.expect(200);
        assert_eq!(shown["image"]["alt"], alt);
        assert_eq!((&shown["image"]["width"], &shown["image"]["height"]), (&json!(40), &json!(30)));

        let nameless = send("image/png", "velo.png", png.clone()).await.expect_problem(422, "invalid");
        assert_eq!(nameless["errors"][0]["field"], "alt");
        let broken = send("image/png", alt, png[..60].to_vec()).await.expect_problem(422, "invalid");
        assert_eq!(broken["errors"][0]["field"], "image");
        send("image/svg+xml", alt, png.clone()).await.expect_problem(415, "unsupported-media-type");
        send("image/png", alt, vec![0; 8 * 1024 * 1024 + 1]).await.expect_problem(413, "too-large");
        let without = story.camille.call(Method::DELETE, &path, None).await.expect(200);
        assert_eq!(without["image"], Value::Null);
    }

    async fn an_organisation_is_created_changed_and_verified(engine: Engine) {
        let story = Story::start(engine).await;
        let (camille, moderator) = (&story.camille, &story.moderator);
        assert_eq!(story.organisation["slug"], "les-amis-du-velo");
        assert_eq!(story.organisation["region"], "53");
        let own = camille.get("/organisations").await.expect(200);
        assert_eq!(own["items"][0]["role"], "administrator");
        let path = "/organisations/les-amis-du-velo";
        let stranger = story.instance.stranger();
        stranger.get(path).await.expect_problem(404, "not-found");
        camille.get(path).await.expect(200);

        let waiting = moderator.get("/moderation/organisations").await.expect(200);
        assert_eq!(waiting["items"][0]["slug"], "les-amis-du-velo");
        let verification = "/moderation/organisations/les-amis-du-velo/verification";
        moderator.post(verification, json!({"method": "website"})).await.expect(204);
        moderator.post(verification, json!({"method": "rna"})).await.expect_problem(409, "conflict");
        let verified = moderator.get("/moderation/organisations?standing=verified").await.expect(200);
        assert_eq!(verified["items"][0]["verification"]["method"], "website");
        assert_eq!(stranger.get(path).await.expect(200)["id"], story.organisation["id"]);
        let end = format!("{verification}/end");
        moderator.post(&end, json!({"motive": "Une autre association."})).await.expect(204);

        let renamed = camille.put(path, organisation("Les Amis du train")).await.expect(200);
        assert_eq!((&renamed["slug"], &renamed["name"]), (&json!("les-amis-du-velo"), &json!("Les Amis du train")));
        let wrong = camille.put(path, json!({"kind": "association", "legal_form": "entreprise", "name": "x"}));
        let wrong = wrong.await.expect_problem(422, "invalid");
        assert_eq!(wrong["errors"].as_array().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn a_key_describes_itself() {
    let instance = Instance::start(Engine::Sqlite, "lyon.test").await;
    let program = instance
        .program("camille", Role::Member, &["ads:write"])
        .await;
    let me = program.get("/me").await.expect(200);
    assert_eq!(me["account"]["name"], "camille");
    assert_eq!(me["scopes"], json!(["ads:write"]));
}
