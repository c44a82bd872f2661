//! The life of an ad: publication, milestones, end; the latest first.

use crate::{
    app::ads::reading::AdPage,
    domain::{
        ad::{AdState, Milestone, MilestoneKind},
        html::paragraphs,
    },
    locales::Texts,
    web::components::{TimelineEntry, When},
};

/// The steps of a public ad.
pub fn timeline(t: Texts, ad_page: &AdPage) -> Vec<TimelineEntry> {
    let ad = &ad_page.ad;
    let mut steps = Vec::new();
    if let (AdState::Expired, Some(end)) = (ad.state, ad.ended_at) {
        steps.push(TimelineEntry {
            when: When::day(t, end),
            title: t.tr("L’annonce est arrivée à son terme").to_owned(),
            html: String::new(),
            icon: "clock",
            anchor: String::new(),
        });
    }
    // stored by day, then in the order they were told
    steps.extend(
        ad_page
            .milestones
            .iter()
            .rev()
            .map(|step| entry(t, ad_page, step)),
    );
    if let Some(published) = ad.published_at {
        steps.push(TimelineEntry {
            when: When::day(t, published),
            title: t.tr("L’annonce est publiée").to_owned(),
            html: String::new(),
            icon: "megaphone",
            anchor: String::new(),
        });
    }
    steps
}

fn entry(t: Texts, ad_page: &AdPage, step: &Milestone) -> TimelineEntry {
    let mut posts = ad_page.posts.iter();
    let post = posts.find(|post| post.id == step.post_id);
    TimelineEntry {
        when: When {
            machine: step.reached_on.to_string(),
            text: t.day(step.reached_on),
        },
        title: t.milestone_kind(step.kind).to_owned(),
        html: paragraphs(&step.text),
        icon: icon(step.kind),
        anchor: post.map_or_else(String::new, |post| format!("etape-{}", post.number)),
    }
}

fn icon(kind: MilestoneKind) -> &'static str {
    match kind {
        MilestoneKind::News => "info",
        MilestoneKind::Gathering => "users",
        MilestoneKind::Agreed => "handshake",
        MilestoneKind::InDevelopment => "code",
        MilestoneKind::Delivered => "circle-check",
        MilestoneKind::Closed => "x",
    }
}
