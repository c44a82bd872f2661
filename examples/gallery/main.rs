//! Writes every component and every page of the site, with invented content, to a folder.
//!
//! `cargo run --example gallery -- OUT`, then serve `OUT` and look at it: the files load
//! `/static/…` from the same place.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use anyhow::Context as _;
use askama::Template;
use chrono::{DateTime, Utc};
use emancipasso::locales::{Locale, Texts};
use emancipasso::web::components::{
    AdCard, Badge, Choice, Comment, Fact, Pagination, Strip, TimelineEntry, When,
};
use emancipasso::web::error_pages::{ErrorPage, Problem};
use emancipasso::web::form::{FieldErrors, Form};
use emancipasso::web::page::{Flash, Page, SignedIn, Site, Tone};
use emancipasso::web::site_pages::{
    AboutPage, AccessibilityPage, HomePage, LegalPage, ModerationRulesPage, PrivacyPage, Publisher,
    Retention, SiteMapPage,
};
use emancipasso::web::static_files;
// The shared templates name `crate::web::paths`.
use emancipasso::web;

#[derive(Template)]
#[template(path = "components.html")]
struct ComponentsPage {
    page: Page,
    state: Badge,
    steps: Vec<TimelineEntry>,
    comments: Vec<Comment>,
    facts: Vec<Fact>,
    cards: Vec<AdCard>,
    strips: Vec<Strip>,
    pages: Pagination,
    tones: [Tone; 4],
    choices: Vec<Choice>,
    empty_form: Form,
}

#[derive(Template)]
#[template(path = "form.html")]
struct FormPage {
    page: Page,
    form: Form,
    choices: Vec<Choice>,
    licences: Vec<Choice>,
    areas: Vec<Choice>,
}

fn main() -> anyhow::Result<()> {
    let folder = PathBuf::from(env::args().nth(1).context("usage: gallery FOLDER")?);
    fs::create_dir_all(folder.join("static"))?;
    for file in static_files::FILES.iter() {
        fs::write(folder.join("static").join(file.name), file.content)?;
    }
    for locale in Locale::ALL {
        let folder = folder.join(locale.tag());
        fs::create_dir_all(&folder)?;
        write_site_pages(&folder, locale)?;
        write_errors(&folder, locale)?;
        write(&folder, "components", &components(locale)?)?;
        write(&folder, "form", &form(locale, &FieldErrors::default()))?;
        write(&folder, "form-errors", &form(locale, &mistakes()))?;
    }
    println!("{}", folder.display());
    Ok(())
}

fn write(folder: &Path, name: &str, page: &impl Template) -> anyhow::Result<()> {
    fs::write(folder.join(format!("{name}.html")), page.render()?)?;
    Ok(())
}

fn page(locale: Locale, path: &str) -> Page {
    let site = Site {
        name: "Le Tableau libre".into(),
        public_url: "https://annonces.example".into(),
        accent: None,
        logo: None,
    };
    Page::new(Arc::new(site), locale, path)
}

fn write_site_pages(folder: &Path, locale: Locale) -> anyhow::Result<()> {
    let t = Texts::of(locale);
    let at = |path: &str, title: &str| {
        page(locale, path)
            .titled(title)
            .described(title)
            .under("…", "/annonces")
    };
    let latest = cards(t)?;
    write(
        folder,
        "home",
        &HomePage {
            page: page(locale, "/"),
            latest,
            active_count: 12,
            delivered_count: 3,
        },
    )?;
    write(
        folder,
        "home-empty",
        &HomePage {
            page: page(locale, "/"),
            latest: Vec::new(),
            active_count: 0,
            delivered_count: 0,
        },
    )?;
    let about = AboutPage {
        page: at("/projet", t.tr("Le projet")),
        version: "0.1.0",
        source_url: "https://forge.example/emancipasso".into(),
    };
    write(folder, "about", &about)?;
    let publisher = publisher();
    let legal = at("/mentions-legales", t.tr("Mentions légales"));
    write(
        folder,
        "legal",
        &LegalPage {
            page: legal,
            publisher: publisher.clone(),
        },
    )?;
    let retention = Retention {
        session_days: 30,
        sign_in_link_minutes: 15,
        dead_link_days: 1,
        invitation_days: 7,
        record_days: 30,
    };
    let privacy = at("/vie-privee", t.tr("Vie privée"));
    write(
        folder,
        "privacy",
        &PrivacyPage {
            page: privacy,
            publisher: publisher.clone(),
            retention,
        },
    )?;
    let accessibility = at("/accessibilite", t.tr("Accessibilité"));
    write(
        folder,
        "accessibility",
        &AccessibilityPage {
            page: accessibility,
            publisher: publisher.clone(),
        },
    )?;
    write(
        folder,
        "site-map",
        &SiteMapPage {
            page: at("/plan-du-site", t.tr("Plan du site")),
        },
    )?;
    let rules = at("/moderation", t.tr("Règles de modération"));
    write(
        folder,
        "moderation",
        &ModerationRulesPage {
            page: rules,
            publisher,
        },
    )?;
    Ok(())
}

fn write_errors(folder: &Path, locale: Locale) -> anyhow::Result<()> {
    let problems = [
        Problem::BadRequest("Le numéro de page n’est pas un nombre.".into()),
        Problem::Forbidden(String::new()),
        Problem::NotFound,
        Problem::MethodNotAllowed,
        Problem::Gone {
            withdrawn_at: instant("2026-03-01T10:00:00Z")?,
        },
        Problem::TooLarge { limit_mib: 5 },
        Problem::Misdirected,
        Problem::TooMany { retry_after: 40 },
        Problem::Internal,
        Problem::Unavailable,
    ];
    for problem in &problems {
        let error = ErrorPage::new(page(locale, "/annonces/12"), problem, "01JD3K");
        write(folder, &format!("error-{}", problem.status()), &error)?;
    }
    Ok(())
}

fn publisher() -> Publisher {
    Publisher {
        name: "Le Tableau libre".into(),
        registration: "association loi 1901, RNA W691234567".into(),
        address: "12 rue des Exemples\n69001 Lyon".into(),
        email: "contact@annonces.example".into(),
        form: "/signaler?uri=https%3A%2F%2Fannonces.example%2Fannonces".into(),
        phone: String::new(),
        director: "Camille Exemple, présidente".into(),
        host: "Hébergeur Exemple\n1 place du Libre\n44000 Nantes\n02 00 00 00 00".into(),
    }
}

fn instant(text: &str) -> anyhow::Result<DateTime<Utc>> {
    Ok(text.parse()?)
}

fn badge(tone: Tone, icon: &'static str, label: &str) -> Badge {
    Badge {
        tone,
        icon,
        label: label.into(),
    }
}

fn cards(t: Texts) -> anyhow::Result<Vec<AdCard>> {
    let card = |title: &str,
                excerpt: &str,
                kind: Badge,
                state: Badge,
                strips: Vec<Strip>|
     -> anyhow::Result<AdCard> {
        Ok(AdCard {
            url: "/annonces/12-badges".into(),
            title: title.into(),
            kind,
            state,
            organisation: "Les Amis du vélo".into(),
            place: "Rhône".into(),
            published: When::day(t, instant("2026-03-01T10:00:00Z")?),
            excerpt: excerpt.into(),
            strips,
            origin: String::new(),
        })
    };
    let open = badge(Tone::Success, "circle-check", "Ouverte");
    let gathering = badge(Tone::Note, "users", "On se regroupe");
    let mut cards = vec![
        card(
            "Imprimer des badges depuis BénéLibre",
            "Nous accueillons 200 bénévoles par an. Nous voudrions leur imprimer un badge depuis leur fiche, avec une photo facultative.",
            badge(Tone::Note, "puzzle", "Amélioration"),
            gathering,
            vec![
                Strip::new("4", "associations"),
                Strip::new("2", "réponses"),
                Strip::new("22 mai", "échéance"),
            ],
        )?,
        card(
            "Gérer le prêt de matériel entre associations",
            "Un calendrier partagé, des cautions, un état des lieux : de quoi prêter nos barnums sans tableur.",
            badge(Tone::Note, "package", "Logiciel"),
            open.clone(),
            vec![
                Strip::new("1", "association"),
                Strip::new("0", "réponse"),
                Strip::new("6 mois", "restants"),
            ],
        )?,
        card(
            "Quitter notre messagerie et nos documents partagés",
            "Onze personnes salariées, quarante bénévoles. Nous cherchons une structure pour nous accompagner.",
            badge(Tone::Note, "handshake", "Accompagnement"),
            badge(Tone::Warning, "clock", "Bientôt close"),
            vec![
                Strip::new("3", "réponses"),
                Strip::new("30 nov.", "échéance"),
            ],
        )?,
    ];
    if let Some(last) = cards.last_mut() {
        last.origin = "annonces-nord.example".into();
    }
    Ok(cards)
}

fn components(locale: Locale) -> anyhow::Result<ComponentsPage> {
    let t = Texts::of(locale);
    let mut page = page(locale, "/annonces/12-badges")
        .titled("Créer des badges dans BénéLibre")
        .under("Petites annonces", "/annonces");
    page.person = Some(SignedIn {
        name: "Camille Exemple".into(),
        to_answer: 2,
        to_moderate: Some(3),
    });
    page.csrf = "jeton".into();
    page.flash = Some(Flash {
        tone: Tone::Success,
        text: "Votre étape est publiée. Les personnes qui suivent l’annonce la reçoivent.".into(),
    });
    let step = |day: &str, title: &str, html: &str, icon| -> anyhow::Result<TimelineEntry> {
        Ok(TimelineEntry {
            when: When::day(t, instant(day)?),
            title: title.into(),
            html: html.into(),
            icon,
            anchor: String::new(),
        })
    };
    let comment = |author: &str, depth, origin: &str| -> anyhow::Result<Comment> {
        Ok(Comment {
            anchor: format!("reponse-{depth}"),
            author: author.into(),
            author_url: "https://social.example/@lea".into(),
            origin: origin.into(),
            original_url: if origin.is_empty() {
                String::new()
            } else {
                "https://social.example/@lea/1".into()
            },
            written: When::ago(
                t,
                instant("2026-03-10T10:00:00Z")?,
                instant("2026-03-10T07:00:00Z")?,
            ),
            is_edited: depth == 0,
            is_from_publisher: depth == 1,
            html: "<p>Nous avons le même besoin. Peut-on en parler ?</p>".into(),
            depth,
        })
    };
    Ok(ComponentsPage {
        page,
        state: badge(Tone::Note, "users", "On se regroupe"),
        steps: vec![
            step(
                "2026-03-08T10:00:00Z",
                "Devis reçu",
                "<p>Deux jours de travail.</p>",
                "euro",
            )?,
            step(
                "2026-03-04T10:00:00Z",
                "Trois associations se joignent",
                "",
                "users",
            )?,
            step("2026-03-01T10:00:00Z", "Annonce publiée", "", "megaphone")?,
        ],
        comments: vec![
            comment("Léa Martin", 0, "depuis social.example")?,
            comment("Les Amis du vélo", 1, "")?,
        ],
        facts: vec![
            Fact::new("Type", "Amélioration d’un logiciel"),
            Fact::linked("Logiciel", "BénéLibre", "/"),
            Fact::new("Licence du résultat", "AGPL-3.0-or-later"),
            Fact::new("Où", "Partout"),
        ],
        cards: cards(t)?,
        strips: vec![
            Strip::new("42", "annonces ouvertes"),
            Strip::new("12", "besoins satisfaits"),
            Strip::new(t.number(1_200_u64), "personnes qui suivent"),
        ],
        pages: Pagination {
            previous: Some("/annonces?avant=2".into()),
            next: Some("/annonces?apres=1".into()),
        },
        tones: [Tone::Success, Tone::Note, Tone::Warning, Tone::Problem],
        choices: kinds(),
        empty_form: Form::default(),
    })
}

fn kinds() -> Vec<Choice> {
    vec![
        Choice::new("software", "Un logiciel")
            .explained("Il n’existe pas, ou vous ne l’avez pas trouvé."),
        Choice::new("feature", "Une amélioration")
            .explained("Il manque une fonction à un logiciel libre."),
        Choice::new("accompaniment", "Un accompagnement")
            .explained("Vous avez besoin d’aide pour changer d’outil."),
    ]
}

fn mistakes() -> FieldErrors {
    let mut errors = FieldErrors::default();
    errors.add("title", "Donnez un titre à l’annonce.");
    errors.add("licence", "Choisissez une licence libre.");
    errors.add("areas", "Cochez au moins un lieu.");
    errors
}

fn form(locale: Locale, errors: &FieldErrors) -> FormPage {
    let mut page = page(locale, "/annonces/nouvelle")
        .titled("Publier un besoin")
        .under("Petites annonces", "/annonces");
    page.has_errors = !errors.is_empty();
    FormPage {
        page,
        form: Form::default()
            .with("kind", "feature")
            .with(
                "need",
                "Nous accueillons 200 bénévoles par an.\nNous voudrions imprimer un badge.",
            )
            .refused(errors.clone()),
        choices: kinds(),
        licences: vec![
            Choice::new("AGPL-3.0-or-later", "AGPL 3.0"),
            Choice::new("MIT", "MIT"),
        ],
        areas: vec![
            Choice::new("69", "Rhône"),
            Choice::new("33", "Gironde"),
            Choice::new("all", "Partout"),
        ],
    }
}
