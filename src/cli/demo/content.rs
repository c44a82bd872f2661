//! The sample content of a demonstration. Everybody and everything here is invented.

/// A site of the demonstration.
pub struct SampleSite {
    pub name: &'static str,
    pub description: &'static str,
    pub accent: &'static str,
    pub associations: &'static [SampleAssociation],
}

/// An association with its ads.
pub struct SampleAssociation {
    pub name: &'static str,
    /// INSEE code.
    pub commune: &'static str,
    /// Name and address of the person who acts for it.
    pub person: (&'static str, &'static str),
    pub ads: &'static [SampleAd],
}

/// An ad, told as its association typed it.
pub struct SampleAd {
    pub kind: &'static str,
    pub title: &'static str,
    pub need: &'static str,
    pub software: &'static str,
    pub licence: &'static str,
    pub territory: &'static str,
    pub budget: &'static str,
    pub hashtags: &'static str,
    /// Days since its publication.
    pub age_days: i64,
    pub steps: &'static [SampleStep],
    /// Replies of the visitor, the first one accepted.
    pub replies: &'static [&'static str],
    /// Whether it still waits for a moderator.
    pub stage: Stage,
}

/// How far an ad went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Draft,
    InReview,
    Published,
}

/// A milestone.
pub struct SampleStep {
    pub kind: &'static str,
    /// Days since the publication of the ad.
    pub after_days: i64,
    pub text: &'static str,
}

/// The two sites.
pub const SITES: [SampleSite; 2] = [
    SampleSite {
        name: "Emancip’Asso Bretagne",
        description: "Les associations de Bretagne y publient leurs besoins en logiciels libres.",
        accent: "#8a4b08",
        associations: &[
            SampleAssociation {
                name: "Vélo solidaire du Ponant",
                commune: "29019",
                person: ("Monique Le Gall", "monique@velo-ponant.example"),
                ads: &[
                    SampleAd {
                        kind: "feature",
                        title: "Un agenda partagé lisible sur téléphone, dans Paheko",
                        need: "Nous tenons quatre ateliers de réparation par semaine avec **trente bénévoles**. Le tableau des permanences circule par courriel : personne n’a la même version.\n\nNous cherchons, dans Paheko que nous utilisons déjà :\n\n- voir les créneaux sur un téléphone, même avec un mauvais réseau ;\n- s’inscrire et se désinscrire soi-même ;\n- recevoir un rappel la veille.\n\nSi votre association a le même besoin, écrivez-nous : nous préférons le payer à plusieurs.",
                        software: "Paheko",
                        licence: "AGPL-3.0-or-later",
                        territory: "everywhere",
                        budget: "1000-5000",
                        hashtags: "#Paheko #agenda #bénévolat",
                        age_days: 41,
                        steps: &[
                            SampleStep {
                                kind: "gathering",
                                after_days: 12,
                                text: "Deux associations nous ont rejoints : une épicerie sociale de Quimper et un club de voile. Nous écrivons ensemble la description précise.",
                            },
                            SampleStep {
                                kind: "agreed",
                                after_days: 33,
                                text: "Le groupe est formé, cinq associations. Une structure de Rennes a répondu et nous avons retenu sa proposition.",
                            },
                        ],
                        replies: &[
                            "Même besoin chez nous, à Douarnenez : quarante bénévoles et un tableau collé au mur. Comptez sur nous.",
                            "Est-ce que les personnes sans téléphone pourront être inscrites par quelqu’un d’autre ?",
                        ],
                        stage: Stage::Published,
                    },
                    SampleAd {
                        kind: "accompaniment",
                        title: "Quitter notre messagerie américaine sans perdre dix ans de courriels",
                        need: "Nous sommes huit au bureau, plutôt à l’aise, et nous voulons une messagerie à notre nom hébergée près de chez nous. Il nous faut quelqu’un qui nous aide à choisir, qui reprenne les anciens messages et qui reste joignable le premier mois.",
                        software: "",
                        licence: "CC-BY-SA-4.0",
                        territory: "departement:29",
                        budget: "under-1000",
                        hashtags: "#courriel #accompagnement",
                        age_days: 9,
                        steps: &[],
                        replies: &[
                            "Bonjour, nous avons fait la même chose l’an dernier : le plus long a été de prévenir tout le monde. Bon courage !",
                        ],
                        stage: Stage::Published,
                    },
                    SampleAd {
                        kind: "software",
                        title: "Un cahier d’atelier pour suivre les vélos réparés",
                        need: "Chaque vélo donné a une histoire : d’où il vient, ce qu’on a changé, à qui il est parti. Aujourd’hui c’est un cahier à spirale.",
                        software: "",
                        licence: "",
                        territory: "everywhere",
                        budget: "unknown",
                        hashtags: "",
                        age_days: 1,
                        steps: &[],
                        replies: &[],
                        stage: Stage::Draft,
                    },
                ],
            },
            SampleAssociation {
                name: "La Récré des Glénan",
                commune: "29039",
                person: ("Yann Kerbiriou", "yann@recre-glenan.example"),
                ads: &[
                    SampleAd {
                        kind: "feature",
                        title: "Des inscriptions de familles qui ne demandent qu’une fois les mêmes choses",
                        need: "Centre de loisirs associatif, 120 familles. Les fiches sanitaires sont redemandées chaque été. Nous voudrions que les parents confirment en un geste ce qui n’a pas changé, et que les documents soient effacés quand ils ne servent plus.",
                        software: "Galette",
                        licence: "GPL-3.0-or-later",
                        territory: "region:53",
                        budget: "5000-20000",
                        hashtags: "#familles #RGPD #Galette",
                        age_days: 150,
                        steps: &[
                            SampleStep {
                                kind: "in-development",
                                after_days: 60,
                                text: "Le développement a commencé, payé par trois centres de loisirs. Les maquettes sont publiques.",
                            },
                            SampleStep {
                                kind: "delivered",
                                after_days: 140,
                                text: "C’est livré et utilisé depuis les vacances d’automne. Le code est dans la version officielle.",
                            },
                        ],
                        replies: &["Bravo et merci : nous l’avons installé cette semaine."],
                        stage: Stage::Published,
                    },
                    SampleAd {
                        kind: "software",
                        title: "Un tableau de covoiturage entre parents, sans compte à créer",
                        need: "Trois lieux, des horaires qui changent, des parents qui n’ont pas tous la même application. Il nous faut une page simple où proposer et demander une place, que l’on retrouve par un lien, et qui s’efface à la fin de la saison.",
                        software: "",
                        licence: "AGPL-3.0-or-later",
                        territory: "departement:29",
                        budget: "volunteer",
                        hashtags: "#covoiturage #familles",
                        age_days: 0,
                        steps: &[],
                        replies: &[],
                        stage: Stage::InReview,
                    },
                ],
            },
        ],
    },
    SampleSite {
        name: "Emancip’Asso Rhône-Alpes",
        description: "Les associations de Rhône-Alpes y publient leurs besoins en logiciels libres.",
        accent: "#0b6b50",
        associations: &[SampleAssociation {
            name: "Jardins partagés de la Duchère",
            commune: "69123",
            person: ("Amina Benali", "amina@jardins-duchere.example"),
            ads: &[
                SampleAd {
                    kind: "software",
                    title: "Partager les outils et l’eau entre six jardins",
                    need: "Six jardins, deux remorques, une tondeuse, un tour d’arrosage. Nous cherchons un outil de réservation que des personnes de tous les âges comprennent du premier coup, en plusieurs langues, sans adresse électronique obligatoire.",
                    software: "",
                    licence: "EUPL-1.2",
                    territory: "departement:69",
                    budget: "1000-5000",
                    hashtags: "#réservation #jardins",
                    age_days: 20,
                    steps: &[SampleStep {
                        kind: "news",
                        after_days: 15,
                        text: "Nous avons essayé deux logiciels existants avec dix jardinier·es. Nos notes sont à disposition de qui veut.",
                    }],
                    replies: &[
                        "Nous avons un besoin proche pour du matériel de fête. On en parle ?",
                    ],
                    stage: Stage::Published,
                },
                SampleAd {
                    kind: "feature",
                    title: "Des convocations d’assemblée générale qui passent aussi par SMS",
                    need: "Un tiers de nos membres n’a pas de courriel. Nous aimerions que le logiciel qui tient notre liste puisse aussi convoquer par SMS et garder la preuve de l’envoi.",
                    software: "Garradin",
                    licence: "AGPL-3.0-or-later",
                    territory: "everywhere",
                    budget: "under-1000",
                    hashtags: "#assembléeGénérale",
                    age_days: 4,
                    steps: &[],
                    replies: &[],
                    stage: Stage::Published,
                },
            ],
        }],
    },
];
