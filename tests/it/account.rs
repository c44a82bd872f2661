//! The signed-in area of a person.

use emancipasso::{
    app::{AppError, Token, Who, api_tokens, permissions},
    domain::account::Scope,
};

use crate::support::{Engine, Instance};

const CAMILLE: &str = "camille@asso.example";

on_both_engines! {
    async fn a_profile_is_changed_and_the_header_says_so(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let browser = instance.signed_in(CAMILLE, "Camille").await;
        let refused = browser.post_form("/compte/profil", &[("name", "")]).await;
        assert_eq!(refused.status, 422);
        let saved = browser.post_form("/compte/profil", &[("name", "Camille P."), ("locale", "en")]).await;
        let page = browser.follow(saved).await;
        assert_eq!(page.attributes("html", "lang"), ["en"]);
        assert_eq!(page.attributes("input[name=name]", "value"), ["Camille P."]);
    }

    async fn a_key_is_shown_once_works_within_its_scopes_and_is_revoked(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let browser = instance.signed_in(CAMILLE, "Camille").await;
        let refused = browser.post_form("/compte/cles", &[("name", "Notre site")]).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.attributes("input[name=name]", "value"), ["Notre site"]);
        let made = browser
            .submit(&refused, "/compte/cles", &[("name", "Notre site"), ("scopes", "ads:read"), ("scopes", "ads:write")])
            .await;
        assert_eq!(made.status, 200);
        let secret = made.text("#cle");
        assert_eq!(made.header("cache-control"), "no-store");

        let find = async || api_tokens::find(&instance.app, &Token::from_text(&secret)).await.unwrap();
        let Some(who) = find().await else { panic!("the key works") };
        let Who::Program { account, scopes } = &who else { panic!("a key is a program") };
        assert_eq!(account.email, CAMILLE);
        assert_eq!(scopes[..], [Scope::AdsRead, Scope::AdsWrite]);
        assert!(matches!(permissions::manage_own_account(&who), Err(AppError::Forbidden(_))));

        let page = browser.get("/compte/cles").await;
        assert!(!page.html.contains(&secret), "shown once");
        let action = page.attributes("main form[action^='/compte/cles/']", "action").remove(0);
        let other = instance.signed_in("sacha@asso.example", "Sacha").await;
        let csrf = other.get("/compte").await.attributes("input[name=csrf]", "value").remove(0);
        assert_eq!(other.post(&action, &[("csrf", &csrf)]).await.status, 404);
        assert!(find().await.is_some());
        browser.submit(&page, &action, &[]).await;
        assert_eq!(find().await, None);
    }
}
