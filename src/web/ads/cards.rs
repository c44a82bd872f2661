//! Ads as notes on the board.

use crate::{
    domain::{
        ad::ListedAd,
        addresses::ADS_PATH,
        html::{Markdown, excerpt, plain_text},
    },
    locales::Texts,
    web::{
        ads::{kind_badge, state_badge},
        components::{AdCard, Strip, When},
    },
};

/// Characters of the need on a card.
const EXCERPT_LENGTH: usize = 180;

/// The card of a public ad; `None` for one that has no address yet, which no list holds.
pub fn card(t: Texts, listed: &ListedAd) -> Option<AdCard> {
    let ad = &listed.ad;
    Some(AdCard {
        url: format!("{ADS_PATH}/{}", ad.address()?),
        title: ad.content.title.clone(),
        kind: kind_badge(t, ad.content.kind),
        state: state_badge(t, ad.state),
        organisation: listed.organisation.clone(),
        place: t.territory(ad.content.territory),
        published: When::day(t, ad.published_at?),
        excerpt: need_in_short(&ad.content.need, EXCERPT_LENGTH),
        strips: strips(t, listed),
        origin: String::new(),
    })
}

/// The cards of a list.
pub fn cards(t: Texts, ads: &[ListedAd]) -> Vec<AdCard> {
    ads.iter().filter_map(|listed| card(t, listed)).collect()
}

/// The first words of a need, without markup.
pub fn need_in_short(need: &str, max_chars: usize) -> String {
    excerpt(&plain_text(&Markdown::new(need).page_html()), max_chars)
}

/// Its number, and what others made of it: nothing is said of nobody.
fn strips(t: Texts, listed: &ListedAd) -> Vec<Strip> {
    let number = listed.ad.number.unwrap_or_default();
    let (followers, replies) = (listed.follower_count, listed.comment_count);
    let mut strips = vec![Strip::new(
        t.trf("n° {number}", [("number", t.number(number))]),
        t.tr("annonce"),
    )];
    if followers > 0 {
        let words = t.trn("abonnement", "abonnements", followers);
        strips.push(Strip::new(t.number(followers), words));
    }
    if replies > 0 {
        let words = t.trn("réponse", "réponses", replies);
        strips.push(Strip::new(t.number(replies), words));
    }
    strips
}
