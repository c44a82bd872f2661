//! Pictures that people and programs send, made again before anything is kept.

use axum::body::Bytes;

use crate::{
    app::{AppError, pictures},
    domain::{
        picture::{AltText, AltTextRefused, Picture, PictureRefused},
        problem::Problem,
    },
    locales::mark,
};

/// The most bytes of a picture.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Makes a picture again.
///
/// # Errors
/// `Invalid` for the field `image`, with what to do.
pub async fn reencode(bytes: Bytes) -> Result<Picture, AppError> {
    pictures::reencode(bytes)
        .await?
        .map_err(|refusal| AppError::field("image", refused_picture(refusal)))
}

fn refused_picture(refusal: PictureRefused) -> Problem {
    match refusal {
        PictureRefused::NotAnImage => Problem::new(mark(
            "Ce fichier n’est pas une image. Choisissez un fichier PNG, JPEG ou WebP.",
        )),
        PictureRefused::UnsupportedFormat { name } => Problem::new(mark(
            "Le format {name} n’est pas accepté. Enregistrez l’image en PNG, JPEG ou WebP.",
        ))
        .with("name", name),
        PictureRefused::TooHeavy { max } => Problem::new(mark(
            "Cette image est trop lourde : {max} Mo au plus. Réduisez-la, puis choisissez-la de nouveau.",
        ))
        .with("max", max / (1024 * 1024)),
        PictureRefused::TooLarge { max_side, .. } => Problem::new(mark(
            "Cette image est trop grande : {max} pixels de côté au plus. Réduisez-la, puis choisissez-la de nouveau.",
        ))
        .with("max", max_side),
        PictureRefused::Broken => Problem::new(mark(
            "Cette image est abîmée ou incomplète. Essayez de l’enregistrer de nouveau.",
        )),
    }
}

/// Reads the description of a picture.
///
/// # Errors
/// `Invalid` for the field `alt`, with what to do.
pub fn parse_alt(typed: &str) -> Result<AltText, AppError> {
    AltText::parse(typed, None).map_err(|refusal| AppError::field("alt", refused_alt(refusal)))
}

fn refused_alt(refusal: AltTextRefused) -> Problem {
    match refusal {
        AltTextRefused::TooShort { .. } => Problem::new(mark(
            "Décrivez l’image en une phrase, pour les personnes qui ne la voient pas.",
        )),
        AltTextRefused::TooLong { max } => Problem::new(mark(
            "Cette description est trop longue : {max} caractères au plus.",
        ))
        .with("max", max),
        AltTextRefused::FileName => Problem::new(mark(
            "Ceci est le nom d’un fichier. Dites plutôt ce que l’image montre.",
        )),
    }
}
