//! The HTML of our posts: only what every server keeps (no heading, no table, no picture).

use std::fmt::Write as _;

use chrono::NaiveDate;

use crate::{
    app::{
        ads::reading::AdPage,
        host_actors::{HostPage, Statement},
    },
    domain::{
        ad::{AdKind, AdState, Milestone},
        host::{Capacity, HostRole},
        html::{Markdown, excerpt, paragraphs, plain_text},
        recommendation::Answers,
    },
    locales::{Locale, Texts},
};

/// Most characters of a summary: Mobilizon and previews show it whole.
const SUMMARY_LENGTH: usize = 400;

/// Largest need, in bytes of HTML, that a post holds: each post carries its text twice (`content`
/// and `contentMap`), and 64 KB is what the most careful servers read of a whole activity.
const MOST_NEED_BYTES: usize = 20 * 1024;

/// Characters of the beginning of a need that is larger; escaped, at most 21 KB.
const NEED_BEGINNING: usize = 3_500;

/// Our posts are in the language of the people who wrote them: French.
const TEXTS: Texts = Texts::of(Locale::Fr);

/// Escapes text for HTML.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// The announcement of an ad, complete by itself. Its first line is its title.
pub fn announcement(page: &AdPage, hashtags: &[(String, String)]) -> String {
    let ad = &page.ad;
    let mut html = format!("<p><strong>{}</strong></p>", escape(&ad.content.title));
    let _ = write!(html, "<p>{}</p>", facts(page).join("<br>"));
    html.push_str(&need(&ad.content.need));
    push_link(&mut html, &page.actor.url);
    push_hashtags(&mut html, hashtags);
    html
}

/// The need whole; when it would make a post bigger than servers read, its beginning without its
/// form. The link that follows leads to the rest.
fn need(markdown: &str) -> String {
    let html = Markdown::new(markdown).wire_html();
    if html.len() <= MOST_NEED_BYTES {
        return html;
    }
    let beginning = excerpt(&plain_text(&html), NEED_BEGINNING);
    format!("<p>{}</p>", escape(&beginning))
}

/// A milestone, as a reply to the announcement.
pub fn milestone(page: &AdPage, milestone: &Milestone) -> String {
    let mut html = format!(
        "<p><strong>{}</strong> · {}</p>",
        escape(milestone_label(milestone)),
        escape(&day(milestone.reached_on)),
    );
    for paragraph in milestone.text.split("\n\n") {
        let _ = write!(html, "<p>{}</p>", escape(paragraph).replace('\n', "<br>"));
    }
    push_link(&mut html, &page.actor.url);
    html
}

/// One paragraph that says it all, at most 400 characters of text, for the profile of the ad and
/// for the `Article` that Mobilizon lists.
pub fn summary(page: &AdPage) -> String {
    let facts: Vec<String> = facts(page).iter().map(|fact| plain_text(fact)).collect();
    let need = plain_text(&Markdown::new(&page.ad.content.need).wire_html());
    let text = format!("{} — {need}", facts.join(" · "));
    format!("<p>{}</p>", escape(&excerpt(&text, SUMMARY_LENGTH)))
}

/// Who needs what, where it stands, until when, under which licence. HTML.
fn facts(page: &AdPage) -> Vec<String> {
    let ad = &page.ad;
    let mut facts = vec![format!(
        "{} : {}",
        escape(&page.organisation.name),
        escape(TEXTS.tr(kind_label(ad.content.kind))),
    )];
    if !ad.content.software.is_empty() {
        facts.push(format!("Logiciel : {}", escape(&ad.content.software)));
    }
    facts.push(format!("Où : {}", escape(&ad.content.territory.label())));
    facts.push(format!(
        "État : {}",
        escape(TEXTS.tr(state_label(ad.state)))
    ));
    if let Some(deadline) = ad.content.deadline {
        facts.push(format!("Pour le : {}", escape(&day(deadline))));
    }
    if let Some(licence) = ad.content.licence {
        facts.push(format!("Licence du résultat : {}", escape(licence.id())));
    }
    facts
}

/// What an association says of a structure, what it can do now first. Plain text, as HTML.
pub fn recommendation(answers: &Answers) -> String {
    let parts = [
        ("Ce que nous pouvons faire maintenant", &answers.can_do_now),
        ("Notre situation", &answers.context),
        ("Ce qui était difficile", &answers.difficulty),
        ("Ce qui a été fait", &answers.work_done),
        ("Ce qui pourrait être mieux", &answers.could_be_better),
    ];
    let mut html = String::new();
    for (title, words) in parts.iter().filter(|(_, words)| !words.trim().is_empty()) {
        let _ = write!(html, "<p><strong>{title}</strong></p>{}", paragraphs(words));
    }
    html
}

/// First line of the post of a structure that is recommended.
pub fn recommendation_title(statement: &Statement) -> String {
    let (author, structure) = (&statement.author.name, &statement.structure.name);
    format!("{author} recommande {structure}")
}

/// The post of a structure that is recommended: who recommends it, and what they can do now.
pub fn recommendation_post(statement: &Statement) -> String {
    let author = &statement.author;
    let mut html = format!(
        "<p><strong>{}</strong></p>",
        escape(&recommendation_title(statement))
    );
    let _ = write!(
        html,
        "<p><span class=\"h-card\"><a href=\"{}\" class=\"u-url mention\">@<span>{}</span></a></span> nous recommande, après un accompagnement mené à son terme.</p>",
        escape(&author.url),
        escape(&author.handle),
    );
    let said = excerpt(&statement.recommendation.answers.can_do_now, NEED_BEGINNING);
    html.push_str(&paragraphs(&said));
    if let Some(url) = &statement.recommendation.uri {
        push_link(&mut html, url);
    }
    html
}

/// The same in one paragraph, at most 400 characters.
pub fn recommendation_summary(statement: &Statement) -> String {
    let said = &statement.recommendation.answers.can_do_now;
    let text = format!("{} — {said}", recommendation_title(statement));
    format!("<p>{}</p>", escape(&excerpt(&text, SUMMARY_LENGTH)))
}

/// One paragraph for the profile of a structure.
pub fn host_summary(page: &HostPage) -> String {
    let text = plain_text(&Markdown::new(&page.profile.presentation).wire_html());
    format!("<p>{}</p>", escape(&excerpt(&text, SUMMARY_LENGTH)))
}

/// The lines of the profile of a structure: `(name, HTML)`.
pub fn host_fields(page: &HostPage) -> Vec<(&'static str, String)> {
    let profile = &page.profile;
    let mut fields = Vec::new();
    let roles: Vec<&str> = profile.roles.iter().map(|role| role_label(*role)).collect();
    if !roles.is_empty() {
        fields.push(("Métier", roles.join(", ")));
    }
    let places: Vec<String> = profile
        .territories
        .iter()
        .map(|place| escape(&place.label()))
        .collect();
    if !places.is_empty() {
        fields.push(("Où", places.join(", ")));
    }
    let capacity = match page.host.capacity {
        Capacity::Open => "accepte des demandes",
        Capacity::Full => "complet pour le moment",
    };
    fields.push(("Disponibilité", capacity.to_owned()));
    let count = page.recommendation_count;
    fields.push(("Recommandations", count.to_string()));
    fields
}

const fn role_label(role: HostRole) -> &'static str {
    match role {
        HostRole::Hosts => "héberge",
        HostRole::Accompanies => "accompagne",
        HostRole::Trains => "forme",
        HostRole::Develops => "développe",
    }
}

/// What an ad looks for, as its followers read it.
pub const fn kind_label(kind: AdKind) -> &'static str {
    match kind {
        AdKind::Software => "cherche un logiciel libre",
        AdKind::Feature => "cherche une fonctionnalité dans un logiciel libre",
        AdKind::Accompaniment => "cherche un accompagnement",
    }
}

/// Where an ad stands, as its followers read it.
pub const fn state_label(state: AdState) -> &'static str {
    match state {
        AdState::Draft | AdState::InReview | AdState::Refused => "en préparation",
        AdState::Open => "ouverte",
        AdState::Gathering => "regroupement en cours",
        AdState::Agreed => "accord trouvé",
        AdState::InDevelopment => "en développement",
        AdState::Delivered => "livrée",
        AdState::Closed => "close sans résultat",
        AdState::Expired => "arrivée à son terme",
        AdState::Withdrawn => "retirée",
    }
}

fn milestone_label(milestone: &Milestone) -> &'static str {
    use crate::domain::ad::MilestoneKind;
    match milestone.kind {
        MilestoneKind::News => "Des nouvelles",
        MilestoneKind::Gathering => "Le regroupement commence",
        MilestoneKind::Agreed => "Accord trouvé",
        MilestoneKind::InDevelopment => "Le développement commence",
        MilestoneKind::Delivered => "C’est livré",
        MilestoneKind::Closed => "Annonce close sans résultat",
    }
}

fn day(day: NaiveDate) -> String {
    TEXTS.day(day)
}

fn push_link(html: &mut String, url: &str) {
    let url = escape(url);
    let _ = write!(html, "<p><a href=\"{url}\">{url}</a></p>");
}

fn push_hashtags(html: &mut String, hashtags: &[(String, String)]) {
    if hashtags.is_empty() {
        return;
    }
    let links: Vec<String> = hashtags
        .iter()
        .map(|(name, href)| {
            format!(
                "<a href=\"{}\" class=\"mention hashtag\" rel=\"tag\">#<span>{}</span></a>",
                escape(href),
                escape(name.trim_start_matches('#')),
            )
        })
        .collect();
    let _ = write!(html, "<p>{}</p>", links.join(" "));
}
