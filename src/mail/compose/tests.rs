use chrono::{DateTime, Utc};
use scraper::{Html, Selector};

use super::*;
use crate::locales::Locale;

/// What somebody could type in a title to get out of its place.
const HOSTILE: &str = "Un <b>agenda</b> & \"plus\" {link} {{ site.name }}";

const TO: &str = "lea@asso.example";

struct Desk {
    home: Url,
    link: Url,
    unsubscribe: Url,
    date: DateTime<Utc>,
}

impl Desk {
    fn new() -> Self {
        let url = |path: &str| {
            Url::parse("https://annonces.example")
                .unwrap()
                .join(path)
                .unwrap()
        };
        Self {
            home: url("/"),
            link: url("/lien?action=publier&jeton=AbC_123-x&fin=1"),
            unsubscribe: url("/arreter?jeton=Z"),
            date: "2026-11-22T10:30:00Z".parse().unwrap(),
        }
    }

    fn site(&self) -> Site<'_> {
        Site {
            name: "Émancip’asso Bretagne",
            url: &self.home,
        }
    }

    /// Every mail that we can write, with the same hostile text wherever people can type.
    fn every_mail(&self, texts: Texts) -> Vec<(&'static str, Message)> {
        let mut mails = self.account_mails(texts);
        mails.extend(self.password_mails(texts));
        mails.extend(self.ad_mails(texts));
        mails.extend(self.reminders(texts));
        mails.extend(self.reply_mails(texts));
        mails.extend(self.moderation_mails(texts));
        mails.extend(self.accompaniment_mails(texts));
        mails.extend(self.recommendation_mails(texts));
        mails.extend(self.host_mails(texts));
        mails
    }

    fn host_mails(&self, texts: Texts) -> Vec<(&'static str, Message)> {
        let (to, site, link, name) = (TO, self.site(), &self.link, HOSTILE);
        let decision = |kind| {
            let motive = HOSTILE;
            let mail = HostDecision {
                to,
                site,
                kind,
                name,
                motive,
                link,
            };
            host_decision(texts, &mail)
        };
        let confirmation = |turn| {
            let mail = HostConfirmation {
                to,
                site,
                name,
                turn,
                link,
            };
            host_confirmation(texts, &mail)
        };
        let archived = HostArchived {
            to,
            site,
            name,
            link,
        };
        let capacity = HostCapacity {
            to,
            site,
            name,
            link,
        };
        let imported = HostImported {
            to,
            site,
            name,
            link,
        };
        vec![
            ("host accepted", decision(HostDecisionKind::Accepted)),
            ("host refused", decision(HostDecisionKind::Refused)),
            ("host suspended", decision(HostDecisionKind::Suspended)),
            ("host restored", decision(HostDecisionKind::Restored)),
            ("host confirmation", confirmation(Turn::First)),
            ("host confirmation again", confirmation(Turn::Reminder)),
            ("host last confirmation", confirmation(Turn::Last)),
            ("host archived", host_archived(texts, &archived)),
            ("host capacity", host_capacity(texts, &capacity)),
            ("host imported", host_imported(texts, &imported)),
        ]
    }

    fn accompaniment_mails(&self, texts: Texts) -> Vec<(&'static str, Message)> {
        let (to, site, link) = (TO, self.site(), &self.link);
        let day = self.date.date_naive();
        let declared = AccompanimentDeclared {
            to,
            site,
            declared_by: HOSTILE,
            started_on: day,
            ended_on: Some(day),
            text: HOSTILE,
            link,
        };
        let mut mails = vec![
            ("accompaniment", accompaniment_declared(texts, &declared)),
            (
                "ongoing accompaniment",
                accompaniment_declared(
                    texts,
                    &AccompanimentDeclared {
                        ended_on: None,
                        ..declared
                    },
                ),
            ),
        ];
        for (name, news) in [
            ("confirmed", AccompanimentNews::Confirmed),
            ("declined", AccompanimentNews::Declined),
            ("ended", AccompanimentNews::Ended),
            ("finished", AccompanimentNews::Finished),
            ("abandoned", AccompanimentNews::Abandoned),
        ] {
            let mail = AccompanimentNewsMail {
                to,
                site,
                news,
                by: HOSTILE,
                ended_on: Some(day),
                link,
            };
            mails.push((name, accompaniment_news(texts, &mail)));
        }
        mails
    }

    fn recommendation_mails(&self, texts: Texts) -> Vec<(&'static str, Message)> {
        let (to, site, link) = (TO, self.site(), &self.link);
        let structure = HOSTILE;
        let association = HOSTILE;
        let invitation = RecommendationInvitation {
            to,
            site,
            structure,
            association,
            link,
        };
        let expiring = RecommendationExpiring {
            to,
            site,
            structure,
            expires: self.date,
            link,
        };
        let replied = RecommendationReplied {
            to,
            site,
            structure,
            reply: HOSTILE,
            link,
        };
        let withdrawn = RecommendationWithdrawn {
            to,
            site,
            association,
            motive: HOSTILE,
            link,
        };
        let request = CallRequestMail {
            to,
            site,
            name: HOSTILE,
            organisation: HOSTILE,
            structure,
            message: HOSTILE,
            link,
        };
        let answer = CallAnswer {
            to,
            site,
            association,
            answer: HOSTILE,
            link,
        };
        vec![
            ("invitation", recommendation_invitation(texts, &invitation)),
            ("expiring", recommendation_expiring(texts, &expiring)),
            ("replied", recommendation_replied(texts, &replied)),
            ("withdrawn", recommendation_withdrawn(texts, &withdrawn)),
            ("call request", call_request(texts, &request)),
            ("call answer", call_answer(texts, &answer)),
        ]
    }

    fn account_mails(&self, texts: Texts) -> Vec<(&'static str, Message)> {
        let (to, site, link) = (TO, self.site(), &self.link);
        let minutes = 15;
        let invitation = OrganisationInvitation {
            to,
            site,
            organisation: HOSTILE,
            invited_by: HOSTILE,
            role: "édition",
            valid_until: self.date,
            link,
        };
        let verified = OrganisationVerified {
            to,
            site,
            organisation: HOSTILE,
            link,
        };
        let withdrawn = VerificationWithdrawn {
            to,
            site,
            organisation: HOSTILE,
            motive: HOSTILE,
            contact: "contact@annonces.example",
            link,
        };
        vec![
            (
                "sign in",
                sign_in_link(
                    texts,
                    &SignInLink {
                        to,
                        site,
                        link,
                        minutes,
                    },
                ),
            ),
            ("invitation", organisation_invitation(texts, &invitation)),
            ("verified", organisation_verified(texts, &verified)),
            ("withdrawn", verification_withdrawn(texts, &withdrawn)),
        ]
    }

    fn password_mails(&self, texts: Texts) -> Vec<(&'static str, Message)> {
        let changed = |news| PasswordChanged {
            to: TO,
            site: self.site(),
            news,
            at: self.date,
            link: &self.link,
        };
        [
            ("password added", PasswordNews::Added),
            ("password replaced", PasswordNews::Replaced),
            ("password removed", PasswordNews::Removed),
        ]
        .map(|(name, news)| (name, password_changed(texts, &changed(news))))
        .into()
    }

    fn ad_mails(&self, texts: Texts) -> Vec<(&'static str, Message)> {
        let (to, site, link, title) = (TO, self.site(), &self.link, HOSTILE);
        let handle = "@annonce-12@annonces.example";
        let motive = HOSTILE;
        vec![
            (
                "received",
                ad_received(
                    texts,
                    &AdReceived {
                        to,
                        site,
                        title,
                        link,
                    },
                ),
            ),
            (
                "published",
                ad_published(
                    texts,
                    &AdPublished {
                        to,
                        site,
                        title,
                        handle,
                        link,
                    },
                ),
            ),
            (
                "refused",
                ad_refused(
                    texts,
                    &AdRefused {
                        to,
                        site,
                        title,
                        motive,
                        link,
                    },
                ),
            ),
            (
                "expired",
                ad_expired(
                    texts,
                    &AdExpired {
                        to,
                        site,
                        title,
                        link,
                    },
                ),
            ),
        ]
    }

    fn reminders(&self, texts: Texts) -> Vec<(&'static str, Message)> {
        let expiring = |reminder| AdExpiring {
            to: TO,
            site: self.site(),
            title: HOSTILE,
            reminder,
            expires: self.date,
            link: &self.link,
        };
        vec![
            (
                "first reminder",
                ad_expiring(texts, &expiring(Reminder::First)),
            ),
            (
                "last reminder",
                ad_expiring(texts, &expiring(Reminder::Last)),
            ),
        ]
    }

    fn reply_mails(&self, texts: Texts) -> Vec<(&'static str, Message)> {
        let replies = [
            ReplyExcerpt {
                author: HOSTILE,
                origin: Some("mastodon.example"),
                text: HOSTILE,
            },
            ReplyExcerpt {
                author: "Ana",
                origin: None,
                text: "Deux\n\nlignes",
            },
        ];
        let waiting = |waiting| RepliesWaiting {
            to: TO,
            site: self.site(),
            title: HOSTILE,
            replies: &replies,
            waiting,
            link: &self.link,
            unsubscribe: &self.unsubscribe,
        };
        vec![
            ("one reply", replies_waiting(texts, &waiting(1))),
            ("replies", replies_waiting(texts, &waiting(12))),
        ]
    }

    fn moderation_mails(&self, texts: Texts) -> Vec<(&'static str, Message)> {
        let queued = |kind| QueueItem {
            to: TO,
            site: self.site(),
            kind,
            title: HOSTILE,
            organisation: HOSTILE,
            link: &self.link,
            unsubscribe: &self.unsubscribe,
        };
        let report = |origin, text| ReportReceived {
            to: TO,
            site: self.site(),
            about: HOSTILE,
            text,
            origin,
            link: &self.link,
        };
        let remote = report(Some("mastodon.example"), HOSTILE);
        vec![
            ("ad to review", queue_item(texts, &queued(QueuedKind::Ad))),
            (
                "verification",
                queue_item(texts, &queued(QueuedKind::Verification)),
            ),
            ("appeal", queue_item(texts, &queued(QueuedKind::Appeal))),
            ("report", report_received(texts, &remote)),
            (
                "report without words",
                report_received(texts, &report(None, " ")),
            ),
        ]
    }
}

fn for_every_mail(mut check: impl FnMut(&str, Texts, &Message)) {
    let desk = Desk::new();
    for locale in Locale::ALL {
        let texts = Texts::of(locale);
        for (name, message) in desk.every_mail(texts) {
            check(&format!("{name} ({})", locale.tag()), texts, &message);
        }
    }
}

fn links(html: &Html) -> Vec<String> {
    html.select(&Selector::parse("a").unwrap())
        .map(|a| a.attr("href").unwrap().to_owned())
        .collect()
}

fn words(html: &Html) -> String {
    let text: String = html
        .select(&Selector::parse("body").unwrap())
        .flat_map(|b| b.text())
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn both_renditions_of_every_mail_carry_the_one_link() {
    let desk = Desk::new();
    for_every_mail(|name, _, message| {
        let on_its_own_line = message
            .text
            .lines()
            .filter(|line| *line == desk.link.as_str());
        assert_eq!(on_its_own_line.count(), 1, "{name}:\n{}", message.text);

        let html = Html::parse_document(&message.html);
        let mut expected = vec![desk.link.to_string(), desk.home.to_string()];
        expected.extend(message.list_unsubscribe.as_ref().map(Url::to_string));
        assert_eq!(links(&html), expected, "{name}");
        // Also written out, for readers whose button does not work.
        assert!(words(&html).contains(desk.link.as_str()), "{name}");
    });
}

#[test]
fn both_renditions_of_every_mail_say_the_same() {
    for_every_mail(|name, _, message| {
        let html = words(&Html::parse_document(&message.html));
        let paragraphs = message
            .text
            .lines()
            .map(|line| line.trim_start_matches("> "));
        for line in paragraphs.filter(|line| line.ends_with(['.', '?']) && !line.contains(": ")) {
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(html.contains(&line), "{name}: {line:?} is not in\n{html}");
        }
    });
}

#[test]
fn what_people_typed_stays_text() {
    for_every_mail(|name, _, message| {
        let html = Html::parse_document(&message.html);
        assert_eq!(
            html.select(&Selector::parse("b").unwrap()).count(),
            0,
            "{name}"
        );
        if message.text.contains("agenda") {
            assert!(message.text.contains(HOSTILE), "{name}:\n{}", message.text);
            assert!(words(&html).contains(HOSTILE), "{name}");
        }
    });
}

#[test]
fn every_mail_is_short_and_refers_to_nothing_outside_itself() {
    for_every_mail(|name, texts, message| {
        assert!(message.text.split_whitespace().count() < 160, "{name}");
        let subject = message.subject.replace(HOSTILE, "");
        assert!(
            (3..80).contains(&subject.trim().chars().count()),
            "{name}: {subject}"
        );

        let html = Html::parse_document(&message.html);
        let loads =
            Selector::parse("img, link, script, style, iframe, [src], [background]").unwrap();
        assert_eq!(html.select(&loads).count(), 0, "{name}");
        assert!(!message.html.contains("url("), "{name}");
        assert_eq!(
            html.root_element().attr("lang"),
            Some(texts.locale.tag()),
            "{name}"
        );
    });
}

#[test]
fn every_mail_says_hello_who_writes_and_why() {
    for_every_mail(|name, _, message| {
        assert!(
            message.text.starts_with(['B', 'H']),
            "{name}:\n{}",
            message.text
        );
        let (_, signature) = message.text.split_once("\n\n-- \n").expect(name);
        let mut lines = signature.lines();
        assert_eq!(
            lines.next(),
            Some("Émancip’asso Bretagne · https://annonces.example/"),
            "{name}"
        );
        assert!(
            lines.next().is_some_and(|reason| reason.ends_with('.')),
            "{name}"
        );
        assert!(
            !message.text.contains("\n\n\n"),
            "{name}:\n{}",
            message.text
        );
        assert_eq!(
            message.list_unsubscribe.is_some(),
            lines.next().is_some(),
            "{name}"
        );
    });
}

#[test]
fn a_sign_in_link_says_how_long_it_lasts_and_what_to_do_when_nobody_asked() {
    let desk = Desk::new();
    let mail = SignInLink {
        to: "lea@asso.example",
        site: desk.site(),
        link: &desk.link,
        minutes: 15,
    };
    let message = sign_in_link(Texts::of(Locale::Fr), &mail);
    assert_eq!(message.to, "lea@asso.example");
    assert!(message.text.contains("15 minutes"));
    assert!(
        message
            .text
            .contains("Si vous n’avez rien demandé, ignorez ce message")
    );
}

#[test]
fn only_the_last_reminder_says_that_it_is_the_last() {
    let desk = Desk::new();
    let text = |reminder| {
        let mail = AdExpiring {
            to: "lea@asso.example",
            site: desk.site(),
            title: "Agenda partagé",
            reminder,
            expires: desk.date,
            link: &desk.link,
        };
        ad_expiring(Texts::of(Locale::Fr), &mail).text
    };
    assert!(text(Reminder::First).contains("22\u{a0}novembre\u{a0}2026"));
    assert!(!text(Reminder::First).contains("dernier rappel"));
    assert!(text(Reminder::Last).contains("dernier rappel"));
}

#[test]
fn a_reply_is_quoted_with_its_author_and_origin() {
    let desk = Desk::new();
    let replies = [ReplyExcerpt {
        author: "Ana",
        origin: Some("mastodon.example"),
        text: "Nous aussi\nbonne idée",
    }];
    let mail = RepliesWaiting {
        to: "lea@asso.example",
        site: desk.site(),
        title: "Agenda partagé",
        replies: &replies,
        waiting: 1,
        link: &desk.link,
        unsubscribe: &desk.unsubscribe,
    };
    let message = replies_waiting(Texts::of(Locale::Fr), &mail);
    assert!(
        message
            .text
            .contains("> Nous aussi\n> bonne idée\n> — Ana, depuis mastodon.example\n")
    );
    assert_eq!(message.subject, "1 réponse attend votre accord");
    assert_eq!(message.list_unsubscribe, Some(desk.unsubscribe));
}
