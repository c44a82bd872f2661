//! Ads: what readers see of them ([`published`]), and the work of their organisations
//! ([`workshop`], [`life`], [`image`]).

mod body;
mod image;
mod life;
mod published;
pub(super) mod view;
mod workshop;

use utoipa_axum::router::OpenApiRouter;

use crate::web::Web;

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .merge(published::routes())
        .merge(workshop::routes())
        .merge(life::routes())
        .merge(image::routes())
}
