//! Lists: whole, in order, nothing twice, while others add to them.

use super::*;

/// Walks a list to its end, two items at a time, doing something between pages.
pub(super) async fn walk(program: &Program, path: &str, between: impl AsyncFn()) -> Vec<String> {
    let mark = if path.contains('?') { '&' } else { '?' };
    let mut next = format!("{path}{mark}limit=2");
    let mut ids = Vec::new();
    loop {
        let answer = program.get(&next).await;
        let link = answer.header("link").to_owned();
        let page = answer.expect(200);
        let items = page["items"].as_array().unwrap();
        ids.extend(
            items
                .iter()
                .map(|item| item["id"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            None => {
                assert_eq!(link, "");
                return ids;
            }
            Some(cursor) => {
                assert_eq!(items.len(), 2);
                assert!(link.ends_with("; rel=\"next\""), "{link}");
                next = link["</api/v1".len()..]
                    .split('>')
                    .next()
                    .unwrap()
                    .to_owned();
                assert!(next.ends_with(&format!("after={cursor}")), "{link}");
            }
        }
        between().await;
    }
}

on_both_engines! {
    async fn lists_are_walked_whole_while_others_add_to_them(engine: Engine) {
        let story = Story::start(engine).await;
        let mut published = Vec::new();
        for number in 1..=5 {
            published.push(story.publish(&format!("Un agenda partagé {number}")).await.0);
        }
        published.reverse();

        let one_more = async || {
            story.publish("Un agenda de plus").await;
        };
        let stranger = story.instance.stranger();
        let found = walk(&stranger, "/ads?q=partag%C3%A9", one_more).await;
        assert_eq!(found, published, "the most recent first");

        let own = format!("/ads/mine?organisation={}", story.organisation_id());
        let before = walk(&story.camille, &own, async || ()).await;
        let one_more = async || {
            story.draft("Un brouillon de plus").await;
        };
        assert_eq!(walk(&story.camille, &own, one_more).await, before);

        let milestones = format!("/ads/{}/milestones", published[0]);
        let tell = async || {
            let step = json!({"text": "Un devis est arrivé"});
            let told = story.camille.post(&milestones, step).await.expect(201);
            told["id"].as_str().unwrap().to_owned()
        };
        let mut told = Vec::new();
        for _ in 0..5 {
            told.push(tell().await);
        }
        assert_eq!(walk(&stranger, &milestones, async || ()).await, told, "the oldest first");

        for number in 0..5 {
            let name = format!("Les Amis {number}");
            story.camille.post("/organisations", organisation(&name)).await.expect(201);
        }
        let own = walk(&story.camille, "/organisations", async || ()).await;
        assert_eq!(own.len(), 6);
        let waiting = walk(&story.moderator, "/moderation/organisations", async || ()).await;
        assert_eq!(waiting, own);
    }

    async fn the_queue_of_ads_is_walked_whole(engine: Engine) {
        let story = Story::start(engine).await;
        let mut waiting = Vec::new();
        for number in 1..=5 {
            let id = story.draft(&format!("Un agenda partagé {number}")).await;
            story.camille.post(&format!("/ads/{id}/publish"), json!({})).await.expect(200);
            waiting.push(id);
        }
        assert_eq!(walk(&story.moderator, "/moderation/ads", async || ()).await, waiting);
    }
}

#[tokio::test]
async fn a_page_that_does_not_exist_is_refused() {
    let story = Story::start(Engine::Sqlite).await;
    for path in [
        "/ads?after=hier",
        "/moderation/ads?after=hier",
        "/organisations?after=-1",
    ] {
        let refused = story
            .moderator
            .get(path)
            .await
            .expect_problem(422, "invalid");
        assert_eq!(refused["errors"][0]["field"], "after", "{path}");
    }
    for path in ["/ads?limit=0", "/ads?limit=101", "/ads?limit=deux"] {
        let refused = story
            .moderator
            .get(path)
            .await
            .expect_problem(400, "malformed");
        assert_eq!(refused["errors"][0]["field"], "limit", "{path}");
    }
}
