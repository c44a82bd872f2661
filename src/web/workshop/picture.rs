//! The picture of an ad, as it was sent.

use crate::{
    app::{AppError, pictures},
    domain::picture::{AltText, AltTextRefused, Picture, PictureRefused},
    locales::Texts,
    web::{
        form::FieldErrors,
        forms::{CsrfMultipart, FileContent, MAX_FILE},
    },
};

/// The field of the file.
pub const FILE: &str = "image";
/// The field of the words that replace it.
pub const ALT: &str = "alt";
/// The box that takes the present picture away.
pub const REMOVE: &str = "image_remove";

/// What somebody wants of the picture of an ad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Leave it as it is.
    Keep,
    /// Take it away.
    Remove,
    /// The same picture, with these words.
    Describe(AltText),
    /// Another one.
    Replace(Picture, AltText),
}

/// Reads the picture of a form and its words.
///
/// `has_picture` says whether the ad has one already. What is wrong is told beside the fields.
pub async fn read(
    t: Texts,
    sent: &CsrfMultipart,
    has_picture: bool,
) -> Result<Result<Wish, FieldErrors>, AppError> {
    let mut errors = FieldErrors::default();
    let alt = AltText::parse(sent.form.value(ALT), None).map_err(|why| alt_sentence(t, why));
    let picture = match sent.file(FILE).map(|file| &file.content) {
        Some(FileContent::Whole(bytes)) => pictures::reencode(bytes.clone()).await?.map(Some),
        Some(FileContent::TooHeavy) => Err(PictureRefused::TooHeavy { max: MAX_FILE }),
        None => Ok(None),
    };
    let is_removed = has_picture && sent.form.is_chosen(REMOVE, "on");
    let wish = match (picture, alt) {
        (Ok(None), _) if is_removed => Ok(Wish::Remove),
        (Ok(None), Ok(alt)) if has_picture => Ok(Wish::Describe(alt)),
        (Ok(None), Err(sentence)) if has_picture => Err((ALT, sentence)),
        (Ok(None), _) => Ok(Wish::Keep),
        (Ok(Some(picture)), Ok(alt)) => Ok(Wish::Replace(picture, alt)),
        (Ok(Some(_)), Err(sentence)) => {
            errors.add(
                FILE,
                t.tr("Choisissez de nouveau l’image : elle sera gardée avec sa description."),
            );
            Err((ALT, sentence))
        }
        (Err(why), _) => Err((FILE, picture_sentence(t, why))),
    };
    Ok(wish.map_err(|(field, sentence)| {
        errors.add(field, sentence);
        errors
    }))
}

fn alt_sentence(t: Texts, why: AltTextRefused) -> String {
    match why {
        AltTextRefused::TooShort { .. } => t
            .tr("Décrivez l’image en une phrase, pour les personnes qui ne la voient pas.")
            .to_owned(),
        AltTextRefused::TooLong { max } => t.trf(
            "Cette description est trop longue : {max} caractères au plus.",
            [("max", max.to_string())],
        ),
        AltTextRefused::FileName => t
            .tr("Ceci est le nom d’un fichier. Dites plutôt ce que l’image montre.")
            .to_owned(),
    }
}

fn picture_sentence(t: Texts, why: PictureRefused) -> String {
    match why {
        PictureRefused::NotAnImage => t.tr("Ce fichier n’est pas une image. Choisissez un fichier PNG, JPEG ou WebP.").to_owned(),
        PictureRefused::UnsupportedFormat { name } => t.trf("Le format {name} n’est pas accepté. Enregistrez l’image en PNG, JPEG ou WebP.", [("name", name)]),
        PictureRefused::TooHeavy { max } => t.trf("Cette image est trop lourde : {max} Mo au plus. Réduisez-la, puis choisissez-la de nouveau.", [("max", (max / (1024 * 1024)).to_string())]),
        PictureRefused::TooLarge { max_side, .. } => t.trf("Cette image est trop grande : {max} pixels de côté au plus. Réduisez-la, puis choisissez-la de nouveau.", [("max", t.number(max_side))]),
        PictureRefused::Broken => t.tr("Cette image est abîmée ou incomplète. Essayez de l’enregistrer de nouveau.").to_owned(),
    }
}
