//! Organisations: those that the key's account acts for, and what everybody sees of each.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ROOT,
    extract::{Named, Sent},
    key::{Caller, Reader},
    paging::{Listed, PageParams, Paging},
    responses::{Always, WithBody, WithKey, WithName, WithState, WithValues},
};
use crate::{
    app::organisations,
    domain::{
        ids::OrganisationId,
        organisation::{
            LegalForm, Membership, MembershipRole, Organisation, OrganisationInput,
            OrganisationKind, VerificationMethod,
        },
        slug::Slug,
    },
    web::{Web, WebError},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list_organisations, create_organisation))
        .routes(routes!(show_organisation, update_organisation))
}

/// What an organisation says of itself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrganisationBody {
    kind: OrganisationKind,
    legal_form: LegalForm,
    /// 2 to 120 characters.
    #[schema(example = "Les Amis du vélo")]
    name: String,
    /// Number in the Répertoire national des associations.
    #[schema(example = "W691234567")]
    rna: Option<String>,
    /// SIREN (9 digits) or SIRET (14 digits).
    #[schema(example = "732829320")]
    siren: Option<String>,
    /// Of the head office; enough by itself when it has only one commune.
    #[schema(example = "69001")]
    postal_code: Option<String>,
    /// INSEE code of the commune of the head office.
    #[schema(example = "69123")]
    commune: Option<String>,
    #[schema(example = "https://amis-du-velo.example.org")]
    website: Option<String>,
}

impl From<OrganisationBody> for OrganisationInput {
    fn from(body: OrganisationBody) -> Self {
        Self {
            kind: body.kind.as_str().to_owned(),
            legal_form: body.legal_form.as_str().to_owned(),
            name: body.name,
            rna: body.rna.unwrap_or_default(),
            siren: body.siren.unwrap_or_default(),
            commune: body.commune.unwrap_or_default(),
            postal_code: body.postal_code.unwrap_or_default(),
            website: body.website.unwrap_or_default(),
        }
    }
}

/// An organisation, as everybody sees it.
#[derive(Serialize, ToSchema)]
pub(super) struct OrganisationView {
    id: OrganisationId,
    /// Last part of its addresses.
    #[schema(example = "les-amis-du-velo")]
    slug: String,
    #[schema(example = "Les Amis du vélo")]
    name: String,
    kind: OrganisationKind,
    legal_form: LegalForm,
    rna: Option<String>,
    siren: Option<String>,
    siret: Option<String>,
    /// INSEE code.
    commune: Option<String>,
    /// INSEE code.
    departement: Option<String>,
    /// INSEE code.
    region: Option<String>,
    website: Option<String>,
    /// Null until a moderator verified it, and once its name or numbers changed.
    verification: Option<VerificationView>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// How and when a moderator verified an organisation.
#[derive(Serialize, ToSchema)]
struct VerificationView {
    method: VerificationMethod,
    verified_at: DateTime<Utc>,
}

impl From<Organisation> for OrganisationView {
    fn from(it: Organisation) -> Self {
        Self {
            id: it.id,
            slug: it.slug,
            name: it.name,
            kind: it.kind,
            legal_form: it.legal_form,
            rna: it.rna,
            siren: it.siren,
            siret: it.siret,
            commune: it.commune_code,
            departement: it.departement_code,
            region: it.region_code,
            website: it.website,
            verification: it.verification.map(|verification| VerificationView {
                method: verification.method,
                verified_at: verification.verified_at,
            }),
            created_at: it.created_at,
            updated_at: it.updated_at,
        }
    }
}

/// An organisation of the key's account.
#[derive(Serialize, ToSchema)]
struct OwnOrganisation {
    #[serde(flatten)]
    organisation: OrganisationView,
    /// What the account is there.
    role: MembershipRole,
}

impl From<Membership> for OwnOrganisation {
    fn from(membership: Membership) -> Self {
        Self {
            organisation: membership.organisation.into(),
            role: membership.role,
        }
    }
}

/// List the organisations of the key's account
///
/// Scope: `organisations:read`.
#[utoipa::path(
    get,
    path = "/organisations",
    operation_id = "listOrganisations",
    tag = "organisations",
    security(("key" = [])),
    params(PageParams),
    responses(
        (status = 200, description = "A page of organisations", body = Listed<OwnOrganisation>),
        Always, WithKey, WithValues
    )
)]
async fn list_organisations(
    State(web): State<Web>,
    Caller(who): Caller,
    paging: Paging,
) -> Result<Listed<OwnOrganisation>, WebError> {
    let (after, limit) = (paging.after()?, paging.limit_and_one());
    let found = organisations::list_own(&web.app, &who, after, limit).await?;
    Ok(paging.listed(
        found,
        |own| own.organisation.id.to_string(),
        OwnOrganisation::from,
    ))
}

/// Create an organisation
///
/// The key's account administers it. Scope: `organisations:write`.
#[utoipa::path(
    post,
    path = "/organisations",
    operation_id = "createOrganisation",
    tag = "organisations",
    security(("key" = [])),
    request_body = OrganisationBody,
    responses(
        (status = 201, description = "The organisation", body = OrganisationView,
            headers(("Location" = String, description = "Its address in the API"))),
        Always, WithKey, WithBody, WithState
    )
)]
async fn create_organisation(
    State(web): State<Web>,
    Caller(who): Caller,
    Sent(body): Sent<OrganisationBody>,
) -> Result<Response, WebError> {
    let created = organisations::create(&web.app, &who, &body.into()).await?;
    let location = [(
        header::LOCATION,
        format!("{ROOT}/organisations/{}", created.slug),
    )];
    let view = Json(OrganisationView::from(created));
    Ok((StatusCode::CREATED, location, view).into_response())
}

/// Show an organisation
///
/// As everybody sees it, once it is verified or has published an ad; before, with the key of a
/// member or a moderator (scope `organisations:read`).
#[utoipa::path(
    get,
    path = "/organisations/{slug}",
    operation_id = "showOrganisation",
    tag = "organisations",
    security((), ("key" = [])),
    params(("slug" = String, Path, example = "les-amis-du-velo")),
    responses(
        (status = 200, description = "The organisation", body = OrganisationView),
        Always, WithName
    )
)]
async fn show_organisation(
    State(web): State<Web>,
    Reader(who): Reader,
    Named(slug): Named<Slug>,
) -> Result<Json<OrganisationView>, WebError> {
    let shown = organisations::show(&web.app, &who, slug.as_str()).await?;
    Ok(Json(shown.organisation.into()))
}

/// Rewrite an organisation
///
/// Its address stays; a new name or number ends its verification. Scope: `organisations:write`.
#[utoipa::path(
    put,
    path = "/organisations/{slug}",
    operation_id = "updateOrganisation",
    tag = "organisations",
    security(("key" = [])),
    params(("slug" = String, Path, example = "les-amis-du-velo")),
    request_body = OrganisationBody,
    responses(
        (status = 200, description = "The organisation", body = OrganisationView),
        Always, WithKey, WithName, WithBody
    )
)]
async fn update_organisation(
    State(web): State<Web>,
    Caller(who): Caller,
    Named(slug): Named<Slug>,
    Sent(body): Sent<OrganisationBody>,
) -> Result<Json<OrganisationView>, WebError> {
    let edited = organisations::edit(&web.app, &who, slug.as_str(), &body.into()).await?;
    Ok(Json(edited.into()))
}
