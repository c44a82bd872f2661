//! Pictures that people send, made again before anything is kept ([`crate::domain::picture`]).

use tokio::sync::Semaphore;

use crate::{
    app::{AppError, computing::compute},
    domain::picture::{self, Picture, PictureLimits, PictureRefused},
};

/// Pictures made again at the same time, whoever sends them: each may take 256 MiB to be decoded,
/// and as much to be made smaller, of the one or two GiB of a small server.
static SLOTS: Semaphore = Semaphore::const_new(1);

/// Makes a picture again, within the usual limits: no larger than 40 Mpx, which its header tells
/// before any pixel is decoded.
///
/// # Errors
/// The refusal inside is for who sent it.
pub async fn reencode(
    bytes: impl AsRef<[u8]> + Send + 'static,
) -> Result<Result<Picture, PictureRefused>, AppError> {
    compute(&SLOTS, move || {
        picture::reencode(bytes.as_ref(), &PictureLimits::default())
    })
    .await
}
