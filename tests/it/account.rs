//! The signed-in area of a person.

use emancipasso::{
    app::{AppError, Token, Who, api_tokens, permissions},
    domain::account::Scope,
};

use crate::support::{Engine, Instance};

const CAMILLE: &str = "camille@asso.example";
const PASSWORD: &str = "/compte/mot-de-passe";

on_both_engines! {
    async fn every_change_of_a_password_is_told_by_mail(engine: Engine) {
        let instance = Instance::start(engine, "lyon.test").await;
        let browser = instance.signed_in(CAMILLE, "Camille").await;
        let last = async || instance.mails().await.pop().unwrap();
        let password = [("password_new", "trois petits chats"), ("password_again", "trois petits chats")];

        let short = browser.post_form(PASSWORD, &[("password_new", "court")]).await;
        assert_eq!(short.status, 422);
        assert_eq!(instance.mails().await.len(), 1, "nothing changed");
        for subject in ["Un mot de passe a été ajouté à votre compte", "Votre mot de passe a été changé"] {
            assert_eq!(browser.post_form(PASSWORD, &password).await.status, 303);
            let mail = last().await;
            assert_eq!((mail.to.as_str(), mail.subject.as_str()), (CAMILLE, subject));
            assert!(mail.text.contains("22\u{a0}novembre\u{a0}2026 à 10\u{a0}h\u{a0}00"), "{}", mail.text);
            assert!(mail.text.contains(&instance.url(PASSWORD)));
        }
        let page = browser.get(PASSWORD).await;
        let removed = browser.submit(&page, "/compte/mot-de-passe/retrait", &[]).await;
        assert_eq!(removed.status, 303);
        assert_eq!(last().await.subject, "Votre mot de passe a été retiré");
    }

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
