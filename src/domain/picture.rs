//! Pictures that people attach to what they publish: checked, stripped, made small.
//!
//! Bytes in, bytes out. What comes out was written by our own encoder from plain pixels: no
//! position of the photographer, no thumbnail, no comment, no colour profile, and nothing of the
//! original file that a browser could read as something else than a picture.

use std::fmt;
use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngEncoder};
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader};
use thiserror::Error;

/// What we accept, and what we make of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureLimits {
    /// Heaviest file accepted, in bytes.
    pub max_bytes: usize,
    /// Longest side accepted, in pixels.
    pub max_side: u32,
    /// Largest area accepted, in pixels.
    pub max_pixels: u64,
    /// Memory that the decoder may use, in bytes. Callers bound how many pictures are read at once.
    pub max_memory: u64,
    /// Longest side of the result, in pixels.
    pub result_side: u32,
    /// Heaviest result, in bytes.
    pub result_bytes: usize,
}

impl Default for PictureLimits {
    /// 8 MiB, 8000 px and 40 Mpx in (what telephones of the day produce); 1600 px and 2 MB out.
    fn default() -> Self {
        Self {
            max_bytes: 8 * 1024 * 1024,
            max_side: 8_000,
            max_pixels: 40_000_000,
            max_memory: 256 * 1024 * 1024,
            result_side: 1_600,
            result_bytes: 2_000_000,
        }
    }
}

/// A picture that is fit to be served: re-encoded, upright, without metadata.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Format of `bytes`.
    pub format: PictureFormat,
    /// Width in pixels, as displayed.
    pub width: u32,
    /// Height in pixels, as displayed.
    pub height: u32,
    /// The file.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture")
            .field("format", &self.format)
            .field("width", &self.width)
            .field("height", &self.height)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

/// The formats that we write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PictureFormat {
    /// Photographs, and everything opaque that is lighter this way.
    Jpeg,
    /// Pictures with transparency, and flat drawings that are lighter this way.
    Png,
}

impl PictureFormat {
    /// The media type, for `Content-Type` and `mediaType`.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// The usual end of a file name, without its dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }
}

/// Why a file is not accepted as a picture. Pages turn each case into a sentence that says what
/// to do; `Display` is for logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PictureRefused {
    /// The content is of no image format that we know, whatever the name of the file says.
    #[error("the file is not an image")]
    NotAnImage,
    /// An image, or a document often taken for one, in a format that we do not read.
    #[error("{name} files are not accepted")]
    UnsupportedFormat {
        /// The name that people know: `GIF`, `SVG`, `HEIC`…
        name: &'static str,
    },
    /// The file is too heavy.
    #[error("the file is heavier than {max} bytes")]
    TooHeavy {
        /// Heaviest file accepted, in bytes.
        max: usize,
    },
    /// The picture has too many pixels, as announced by its header: it was not decoded.
    #[error("the picture is larger than {max_side} px on a side or {max_pixels} px in all")]
    TooLarge {
        /// Longest side accepted, in pixels.
        max_side: u32,
        /// Largest area accepted, in pixels.
        max_pixels: u64,
    },
    /// The file is truncated or damaged.
    #[error("the picture cannot be read to its end")]
    Broken,
}

/// Reads a picture (PNG, JPEG or WebP, told by its content and not by its name) and writes it anew:
/// turned upright, scaled down to [`PictureLimits::result_side`], without metadata. Of an animation
/// the first image is kept.
///
/// Takes up to a second of processor time on a large photograph: call it off the async threads.
///
/// # Errors
/// [`PictureRefused`]; size and dimensions are checked before any pixel is decoded.
pub fn reencode(bytes: &[u8], limits: &PictureLimits) -> Result<Picture, PictureRefused> {
    if bytes.len() > limits.max_bytes {
        return Err(PictureRefused::TooHeavy {
            max: limits.max_bytes,
        });
    }
    let source = sniff(bytes)?;
    let (image, orientation) = decode(bytes, source, limits)?;
    let mut image = fit(image, limits.result_side);
    image.apply_orientation(orientation);
    write_within(image, source, limits.result_bytes)
}

/// Tells the format from the first bytes.
fn sniff(bytes: &[u8]) -> Result<ImageFormat, PictureRefused> {
    let unsupported = |name| Err(PictureRefused::UnsupportedFormat { name });
    match image::guess_format(bytes) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)) => Ok(format),
        Ok(ImageFormat::Gif) => unsupported("GIF"),
        Ok(ImageFormat::Avif) => unsupported("AVIF"),
        Ok(ImageFormat::Tiff) => unsupported("TIFF"),
        Ok(ImageFormat::Bmp) => unsupported("BMP"),
        Ok(ImageFormat::Ico) => unsupported("ICO"),
        _ if is_heic(bytes) => unsupported("HEIC"),
        _ if bytes.starts_with(b"%PDF-") => unsupported("PDF"),
        _ if is_svg(bytes) => unsupported("SVG"),
        _ => Err(PictureRefused::NotAnImage),
    }
}

/// Whether this is the default format of the iPhone: an ISO base media file of a HEVC brand.
fn is_heic(bytes: &[u8]) -> bool {
    const BRANDS: [&[u8]; 5] = [b"heic", b"heix", b"heif", b"mif1", b"msf1"];
    bytes.get(4..8) == Some(b"ftyp") && bytes.get(8..12).is_some_and(|b| BRANDS.contains(&b))
}

/// Whether an `<svg` tag opens within the first kilobyte, after prologue and comments.
fn is_svg(bytes: &[u8]) -> bool {
    let head = bytes.get(..1024).unwrap_or(bytes);
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with('<') && text.contains("<svg")
}

/// Decodes the pixels, and says how to turn them upright. The header is judged first.
fn decode(
    bytes: &[u8],
    format: ImageFormat,
    limits: &PictureLimits,
) -> Result<(DynamicImage, Orientation), PictureRefused> {
    let too_large = PictureRefused::TooLarge {
        max_side: limits.max_side,
        max_pixels: limits.max_pixels,
    };
    let refuse = |error: ImageError| match error {
        ImageError::Limits(_) => too_large,
        _ => PictureRefused::Broken,
    };
    let mut decoder_limits = image::Limits::default();
    decoder_limits.max_image_width = Some(limits.max_side);
    decoder_limits.max_image_height = Some(limits.max_side);
    decoder_limits.max_alloc = Some(limits.max_memory);

    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(decoder_limits);
    let mut decoder = reader.into_decoder().map_err(refuse)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits.max_pixels
        || decoder.total_bytes() > limits.max_memory
    {
        return Err(too_large);
    }
    // A picture with unreadable Exif is still a picture; it may lie on its side.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(refuse)?;
    Ok((image, orientation))
}

/// Scales down so that the long side is at most `side` pixels; never scales up.
fn fit(image: DynamicImage, side: u32) -> DynamicImage {
    if image.width().max(image.height()) <= side {
        return image;
    }
    image.resize(side, side, FilterType::CatmullRom)
}

/// Encodes in the format that suits the picture, giving up quality, then size, until it fits.
fn write_within(
    mut image: DynamicImage,
    source: ImageFormat,
    max_bytes: usize,
) -> Result<Picture, PictureRefused> {
    loop {
        let (format, bytes) = encode(&image, source, max_bytes)?;
        if bytes.len() <= max_bytes || image.width().max(image.height()) < 64 {
            return Ok(Picture {
                format,
                width: image.width(),
                height: image.height(),
                bytes,
            });
        }
        let side = image.width().max(image.height()) * 3 / 4;
        image = fit(image, side);
    }
}

/// The lightest faithful encoding: PNG keeps transparency and flat drawings, JPEG the rest.
fn encode(
    image: &DynamicImage,
    source: ImageFormat,
    max_bytes: usize,
) -> Result<(PictureFormat, Vec<u8>), PictureRefused> {
    if is_transparent(image) {
        let pixels = DynamicImage::ImageRgba8(image.to_rgba8());
        return Ok((PictureFormat::Png, to_png(&pixels)?));
    }
    let pixels = DynamicImage::ImageRgb8(image.to_rgb8());
    let mut jpeg = to_jpeg(&pixels, 85)?;
    for quality in [75, 60] {
        if jpeg.len() > max_bytes {
            jpeg = to_jpeg(&pixels, quality)?;
        }
    }
    // Screen captures and logos: lossless text is both sharper and lighter.
    if source != ImageFormat::Jpeg {
        let png = to_png(&pixels)?;
        if png.len() <= jpeg.len() {
            return Ok((PictureFormat::Png, png));
        }
    }
    Ok((PictureFormat::Jpeg, jpeg))
}

/// Whether at least one pixel lets the background through.
fn is_transparent(image: &DynamicImage) -> bool {
    image.color().has_alpha() && image.to_rgba8().pixels().any(|pixel| pixel.0[3] < u8::MAX)
}

fn to_jpeg(pixels: &DynamicImage, quality: u8) -> Result<Vec<u8>, PictureRefused> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    pixels
        .write_with_encoder(encoder)
        .map_err(|_| PictureRefused::Broken)?;
    Ok(bytes)
}

fn to_png(pixels: &DynamicImage) -> Result<Vec<u8>, PictureRefused> {
    let mut bytes = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, PngFilter::Adaptive);
    pixels
        .write_with_encoder(encoder)
        .map_err(|_| PictureRefused::Broken)?;
    Ok(bytes)
}

/// What a picture shows, said in words for those who do not see it (RGAA criterion 1.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AltText(String);

/// Why a text does not describe a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AltTextRefused {
    /// Empty, or too short to say anything.
    #[error("shorter than {min} characters")]
    TooShort {
        /// Fewest characters accepted.
        min: usize,
    },
    /// Too long to be listened to in one go; a long description belongs in the text.
    #[error("longer than {max} characters")]
    TooLong {
        /// Most characters accepted.
        max: usize,
    },
    /// The name of a file (`IMG_2034.jpg`) tells nothing about what it shows.
    #[error("only the name of a file")]
    FileName,
}

impl AltText {
    /// Fewest characters accepted.
    pub const MIN: usize = 3;
    /// Most characters accepted.
    pub const MAX: usize = 1_000;

    /// Reads a description typed by a person. White space is folded, so that it fits an attribute.
    /// `file_name` is the name under which the picture was sent, if any.
    ///
    /// # Errors
    /// [`AltTextRefused`].
    pub fn parse(text: &str, file_name: Option<&str>) -> Result<Self, AltTextRefused> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let length = text.chars().count();
        if length < Self::MIN {
            return Err(AltTextRefused::TooShort { min: Self::MIN });
        }
        if length > Self::MAX {
            return Err(AltTextRefused::TooLong { max: Self::MAX });
        }
        if is_file_name(&text, file_name) {
            return Err(AltTextRefused::FileName);
        }
        Ok(Self(text))
    }

    /// The description.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AltText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a description is the given file name, or one word that ends as pictures do.
fn is_file_name(text: &str, file_name: Option<&str>) -> bool {
    const ENDINGS: [&str; 8] = ["jpg", "jpeg", "png", "webp", "gif", "svg", "heic", "avif"];
    let text = text.to_lowercase();
    let given = file_name.map(str::to_lowercase);
    if given.as_deref() == Some(&text) {
        return true;
    }
    let ends_as_picture = text
        .rsplit_once('.')
        .is_some_and(|(stem, ending)| !stem.is_empty() && ENDINGS.contains(&ending));
    let is_one_word = !text.contains(' ');
    // A stem such as `DSC_0042` is no description; a stem of several words may well be one.
    let is_stem = given
        .as_deref()
        .and_then(|name| name.rsplit_once('.'))
        .is_some_and(|(stem, _)| stem == text);
    is_one_word && (ends_as_picture || is_stem)
}

#[cfg(test)]
mod tests;
