//! Structures, from the draft of their profile to the moderators.

use super::*;

on_both_engines! {
    async fn a_program_writes_a_profile_and_submits_it(engine: Engine) {
        let story = Story::start(engine).await;
        let camille = &story.camille;
        let id = story.host().await;
        let path = format!("/hosts/{id}");
        let started = camille.get(&path).await.expect(200);
        assert_eq!((&started["state"], &started["listing"]), (&json!("draft"), &json!("unlisted")));
        assert_eq!(started["missing"], json!(["presentation", "roles", "territories", "course", "contact_email", "offers"]));
        let again = format!("/hosts?organisation={}", story.organisation_id());
        camille.post(&again, json!({"handle": "autre"})).await.expect_problem(409, "conflict");

        let profile = json!({
            "presentation": "Nous accompagnons les associations cyclistes du Finistère.",
            "roles": ["accompanies"], "software": ["Nextcloud"], "territories": ["departement:29"],
            "course": "Deux rencontres, une migration par étapes, un mois d’aide.",
            "memberships": [{"name": "CHATONS", "since": "2019-03-01"}],
            "data": {"place": "Brest", "has_contract": true},
            "contact_email": "contact@velo.example",
        });
        let version = &started["version"];
        let saved = camille.put(&format!("{path}?version={version}"), profile.clone()).await.expect(200);
        assert_eq!(saved["profile"]["software"], json!(["nextcloud"]));
        assert_eq!(saved["missing"], json!(["offers"]));
        assert_eq!(saved["sources"][0]["source"], "typed");
        let stale = camille.put(&format!("{path}?version={version}"), profile).await;
        stale.expect_problem(409, "conflict");
        let now = &saved["version"];
        let wrong = json!({"roles": ["king"], "territories": ["departement:999"]});
        let refused = camille.put(&format!("{path}?version={now}"), wrong).await.expect_problem(422, "invalid");
        let fields: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|it| &it["field"]).collect();
        assert_eq!(fields, ["roles", "territories"]);
        let unknown = json!({"mystery": 1});
        camille.put(&format!("{path}?version={now}"), unknown).await.expect_problem(400, "malformed");

        let offer = camille.post(&format!("{path}/offers"), offer()).await.expect(201);
        assert_eq!((&offer["number"], &offer["is_all_in_one"]), (&json!(1), &json!(true)));
        let sent = camille.post(&format!("{path}/submit"), json!({})).await.expect(200);
        assert_eq!(sent["state"], "submitted");
        camille.call(Method::DELETE, &format!("{path}/offers/1"), None).await.expect_problem(409, "conflict");
        let full = json!({"capacity": "full", "from": "2027-03"});
        let said = camille.put(&format!("{path}/capacity"), full).await.expect(200);
        assert_eq!(said["capacity_from"], "2027-03");
        camille.post(&format!("{path}/confirm"), json!(null)).await.expect_problem(409, "conflict");
        story.moderator.get(&path).await.expect(200);
    }
}
