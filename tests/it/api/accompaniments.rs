//! Accompaniments, from their declaration to what an association writes.

use super::*;

on_both_engines! {
    async fn a_program_declares_and_sees_what_the_other_side_says(engine: Engine) {
        let story = Story::start(engine).await;
        let camille = &story.camille;
        story.host().await;
        let path = format!("/accompaniments/{}", story.accompaniment().await);
        let declared = camille.get(&path).await.expect(200);
        assert_eq!((&declared["state"], &declared["side"]), (&json!("proposed"), &json!("host")));
        assert!(!declared.to_string().contains('@'), "addresses are not shown");
        let listed = camille.get("/accompaniments").await.expect(200);
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        let mut wrong = accompaniment();
        wrong["started_on"] = json!("2026-07-01");
        wrong["email"] = json!("personne");
        let refused = camille.post("/accompaniments?organisation=les-amis-du-velo", wrong).await;
        let refused = refused.expect_problem(422, "invalid");
        let fields: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|it| &it["field"]).collect();
        assert_eq!(fields, ["ended_on", "email"]);
        let alone = camille.post(&format!("{path}/statements"), json!({"say": "confirmed"})).await;
        alone.expect_problem(409, "conflict");
        let writing = camille.put(&format!("{path}/recommendation"), json!({})).await;
        writing.expect_problem(403, "forbidden");
        let said = camille.post(&format!("{path}/statements"), json!({"say": "abandoned"})).await;
        assert_eq!(said.expect(200)["state"], "abandoned");
    }
}
