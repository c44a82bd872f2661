use image::{ExtendedColorType, GenericImageView, Rgb, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;

/// A photograph as far as encoders are concerned: smooth, but nowhere flat.
fn photograph(width: u32, height: u32) -> DynamicImage {
    let byte = |value: u32| u8::try_from(value & 0xff).unwrap();
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
        let noise = x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503);
        Rgb([
            byte(x * 255 / width),
            byte(y * 255 / height),
            byte((noise >> 13) & 0x3f),
        ])
    }))
}

fn written_as(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn reread(picture: &Picture) -> DynamicImage {
    let format = image::guess_format(&picture.bytes).unwrap();
    assert_eq!(format.to_mime_type(), picture.format.media_type());
    let image = image::load_from_memory(&picture.bytes).unwrap();
    assert_eq!(image.dimensions(), (picture.width, picture.height));
    image
}

fn refusal(bytes: &[u8]) -> PictureRefused {
    reencode(bytes, &PictureLimits::default()).unwrap_err()
}

/// CRC-32 of a PNG chunk (PNG specification, annex D).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

/// A valid little PNG whose header claims other dimensions.
fn png_that_claims(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = written_as(&photograph(4, 4), ImageFormat::Png);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

/// Inserts an Exif segment with this orientation, and a comment that must not survive.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    exif.extend(b"GPS 48.8566 2.3522");
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    bytes.extend(exif);
    bytes.extend(&jpeg[2..]);
    bytes
}

#[test]
fn each_accepted_format_is_read_whatever_the_name_of_the_file() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let bytes = written_as(&photograph(120, 80), format);
        let picture = reencode(&bytes, &PictureLimits::default()).unwrap();
        assert_eq!((picture.width, picture.height), (120, 80), "{format:?}");
        reread(&picture);
    }
}

#[test]
fn a_large_photograph_becomes_a_jpeg_of_1600_pixels_under_two_megabytes() {
    let bytes = written_as(&photograph(2_000, 1_000), ImageFormat::Jpeg);
    let picture = reencode(&bytes, &PictureLimits::default()).unwrap();
    assert_eq!(picture.format, PictureFormat::Jpeg);
    assert_eq!((picture.width, picture.height), (1_600, 800));
    assert!(picture.bytes.len() < 2_000_000);
    reread(&picture);
}

#[test]
fn a_small_picture_is_never_enlarged() {
    let bytes = written_as(&photograph(3, 2), ImageFormat::Png);
    let picture = reencode(&bytes, &PictureLimits::default()).unwrap();
    assert_eq!((picture.width, picture.height), (3, 2));
}

#[test]
fn a_very_flat_banner_keeps_at_least_one_pixel_of_height() {
    let bytes = written_as(&photograph(7_000, 1), ImageFormat::Png);
    let picture = reencode(&bytes, &PictureLimits::default()).unwrap();
    assert_eq!((picture.width, picture.height), (1_600, 1));
}

#[test]
fn transparency_survives_as_png() {
    let mut logo = RgbaImage::from_pixel(64, 64, Rgba([200, 10, 10, 255]));
    logo.put_pixel(0, 0, Rgba([0, 0, 0, 0]));
    let bytes = written_as(&DynamicImage::ImageRgba8(logo), ImageFormat::WebP);
    let picture = reencode(&bytes, &PictureLimits::default()).unwrap();
    assert_eq!(picture.format, PictureFormat::Png);
    assert_eq!(reread(&picture).get_pixel(0, 0).0[3], 0);
}

#[test]
fn an_alpha_channel_without_transparency_changes_nothing() {
    let limits = PictureLimits::default();
    let opaque = photograph(300, 300);
    let with_alpha = DynamicImage::ImageRgba8(opaque.to_rgba8());
    assert_eq!(
        reencode(&written_as(&with_alpha, ImageFormat::Png), &limits),
        reencode(&written_as(&opaque, ImageFormat::Png), &limits)
    );
}

#[test]
fn a_flat_drawing_stays_lossless() {
    let drawing = RgbImage::from_fn(400, 300, |x, _| Rgb([if x < 200 { 0 } else { 255 }; 3]));
    let bytes = written_as(&DynamicImage::ImageRgb8(drawing.clone()), ImageFormat::Png);
    let picture = reencode(&bytes, &PictureLimits::default()).unwrap();
    assert_eq!(picture.format, PictureFormat::Png);
    assert_eq!(reread(&picture).to_rgb8(), drawing);
}

#[test]
fn deep_and_grey_pictures_are_brought_to_eight_bits() {
    let deep = DynamicImage::ImageRgba16(photograph(40, 30).to_rgba16());
    let grey = DynamicImage::ImageLumaA8(photograph(40, 30).to_luma_alpha8());
    for image in [deep, grey] {
        let bytes = written_as(&image, ImageFormat::Png);
        let picture = reencode(&bytes, &PictureLimits::default()).unwrap();
        assert_eq!(reread(&picture).color(), image::ColorType::Rgb8);
    }
}

#[test]
fn a_photograph_taken_upright_is_turned_and_loses_its_metadata() {
    let jpeg = written_as(&photograph(80, 40), ImageFormat::Jpeg);
    let bytes = with_exif(&jpeg, 6);
    let picture = reencode(&bytes, &PictureLimits::default()).unwrap();
    assert_eq!((picture.width, picture.height), (40, 80));
    // Turned by a quarter clockwise: the dark corner moves from the top left to the top right.
    let upright = reread(&picture).to_rgb8();
    assert!(upright.get_pixel(38, 1).0[0] < 60 && upright.get_pixel(38, 1).0[1] < 60);
    for trace in [&b"Exif"[..], b"GPS"] {
        assert!(
            !picture
                .bytes
                .windows(trace.len())
                .any(|window| window == trace)
        );
    }
}

#[test]
fn an_orientation_that_does_not_exist_is_ignored() {
    let jpeg = written_as(&photograph(80, 40), ImageFormat::Jpeg);
    let picture = reencode(&with_exif(&jpeg, 99), &PictureLimits::default()).unwrap();
    assert_eq!((picture.width, picture.height), (80, 40));
}

#[test]
fn what_is_appended_to_a_picture_is_not_served() {
    let mut bytes = written_as(&photograph(20, 20), ImageFormat::Jpeg);
    bytes.extend(b"<script>alert(1)</script>");
    let picture = reencode(&bytes, &PictureLimits::default()).unwrap();
    assert!(!picture.bytes.windows(7).any(|window| window == b"<script"));
}

#[test]
fn a_result_that_stays_too_heavy_gives_up_quality_then_size() {
    let limits = PictureLimits {
        result_bytes: 6_000,
        ..PictureLimits::default()
    };
    let mut noisy = photograph(400, 400).to_rgba8();
    let opaque = written_as(&DynamicImage::ImageRgba8(noisy.clone()), ImageFormat::Png);
    noisy.put_pixel(3, 3, Rgba([0, 0, 0, 0]));
    let transparent = written_as(&DynamicImage::ImageRgba8(noisy), ImageFormat::Png);
    for bytes in [opaque, transparent] {
        let picture = reencode(&bytes, &limits).unwrap();
        assert!(picture.bytes.len() <= 6_000, "{picture:?}");
        assert!(picture.width < 400);
        reread(&picture);
    }
}

#[test]
fn a_heavy_file_is_refused_before_it_is_looked_at() {
    let bytes = vec![0; 8 * 1024 * 1024 + 1];
    assert_eq!(refusal(&bytes), PictureRefused::TooHeavy { max: 8 << 20 });
    assert_eq!(refusal(&bytes[1..]), PictureRefused::NotAnImage);
}

#[test]
fn a_header_that_announces_too_many_pixels_is_refused_without_decoding() {
    let too_large = PictureRefused::TooLarge {
        max_side: 8_000,
        max_pixels: 40_000_000,
    };
    for (width, height) in [(8_001, 1), (1, 8_001), (8_000, 5_001), (60_000, 60_000)] {
        let bytes = png_that_claims(width, height);
        assert_eq!(refusal(&bytes), too_large, "{width} × {height}");
    }
    // Just inside the limits, the same lie is found out by the missing pixels.
    assert_eq!(
        refusal(&png_that_claims(2_000, 2_000)),
        PictureRefused::Broken
    );
}

#[test]
fn a_picture_deeper_than_the_memory_allows_is_refused() {
    let deep = DynamicImage::ImageRgba16(photograph(64, 64).to_rgba16());
    let limits = PictureLimits {
        max_memory: 64 * 64 * 8 - 1,
        ..PictureLimits::default()
    };
    assert!(matches!(
        reencode(&written_as(&deep, ImageFormat::Png), &limits),
        Err(PictureRefused::TooLarge { .. })
    ));
}

#[test]
fn a_bomb_that_inflates_beyond_its_announced_size_stays_small() {
    // 30 MB of zeroes that deflate to some 30 kB, announced as one pixel.
    let side = 5_500;
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image_of_zeroes(side)
        .unwrap();
    bytes[16..20].copy_from_slice(&1_u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&1_u32.to_be_bytes());
    let sum = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    match reencode(&bytes, &PictureLimits::default()) {
        Ok(picture) => assert_eq!((picture.width, picture.height), (1, 1)),
        Err(refused) => assert_eq!(refused, PictureRefused::Broken),
    }
}

trait WriteZeroes {
    fn write_image_of_zeroes(self, side: u32) -> image::ImageResult<()>;
}

impl WriteZeroes for PngEncoder<&mut Vec<u8>> {
    fn write_image_of_zeroes(self, side: u32) -> image::ImageResult<()> {
        let zeroes = vec![0; (side * side) as usize];
        image::ImageEncoder::write_image(self, &zeroes, side, side, ExtendedColorType::L8)
    }
}

#[test]
fn other_formats_are_named_in_the_refusal() {
    let examples: [(&str, &[u8]); 9] = [
        ("GIF", b"GIF89a\x01\0\x01\0\0\0\0;"),
        ("SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        (
            "SVG",
            b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- logo -->\n<svg/>",
        ),
        ("HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        ("AVIF", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1"),
        ("TIFF", b"II*\0\x08\0\0\0"),
        ("BMP", b"BM\x1e\0\0\0\0\0\0\0"),
        ("PDF", b"%PDF-1.7\n"),
        ("ICO", b"\0\0\x01\0\x01\0"),
    ];
    for (name, bytes) in examples {
        assert_eq!(refusal(bytes), PictureRefused::UnsupportedFormat { name });
    }
}

#[test]
fn what_is_no_image_is_called_so() {
    for bytes in [
        &b""[..],
        b"\x89",
        b"bonjour",
        b"<html><body>",
        b"PK\x03\x04",
    ] {
        assert_eq!(refusal(bytes), PictureRefused::NotAnImage);
    }
}

#[test]
fn a_truncated_png_is_broken() {
    let bytes = written_as(&photograph(60, 60), ImageFormat::Png);
    assert_eq!(refusal(&bytes[..bytes.len() / 2]), PictureRefused::Broken);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_bytes_behind_any_signature_never_panic(
        signature in prop::sample::select(vec![
            &b"\x89PNG\r\n\x1a\n"[..],
            b"\xff\xd8\xff\xe0\0\x10JFIF\0",
            b"RIFF\x40\0\0\0WEBPVP8 ",
            b"RIFF\x40\0\0\0WEBPVP8L",
            b"RIFF\x40\0\0\0WEBPVP8X",
            b"",
        ]),
        tail in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let bytes = [signature, &tail].concat();
        let _ = reencode(&bytes, &PictureLimits::default());
    }

    #[test]
    fn truncated_or_damaged_pictures_never_panic_and_results_are_readable(
        format in prop::sample::select(vec![
            ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP,
        ]),
        keep in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut bytes = written_as(&photograph(24, 18), format);
        for (place, value) in damage {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        bytes.truncate(keep.index(bytes.len() + 1));
        // Small limits, so that a damaged header cannot make a test slow.
        let limits = PictureLimits { max_side: 512, ..PictureLimits::default() };
        if let Ok(picture) = reencode(&bytes, &limits) {
            reread(&picture);
        }
    }
}

#[test]
fn a_description_is_trimmed_and_kept_in_one_line() {
    let text = AltText::parse("  Des bénévoles \n trient des livres. ", None).unwrap();
    assert_eq!(text.as_str(), "Des bénévoles trient des livres.");
}

#[test]
fn a_description_is_neither_too_short_nor_too_long() {
    let max = "é".repeat(AltText::MAX);
    assert!(AltText::parse(&max, None).is_ok());
    assert_eq!(
        AltText::parse(&format!("{max}é"), None),
        Err(AltTextRefused::TooLong { max: 1_000 })
    );
    for text in ["", "  \n\t ", "ok", " a b"] {
        let refused = AltText::parse(text, None);
        assert_eq!(refused.is_err(), text != " a b", "{text:?}");
    }
}

#[test]
fn the_name_of_the_file_is_no_description() {
    let examples = [
        ("IMG_2034.jpg", None),
        ("logo.SVG", None),
        ("Photo du local.png", Some("photo du local.png")),
        ("DSC_0042", Some("dsc_0042.JPEG")),
    ];
    for (text, file_name) in examples {
        assert_eq!(
            AltText::parse(text, file_name),
            Err(AltTextRefused::FileName),
            "{text}"
        );
    }
    // Descriptions that merely mention a file, or from which the file took its name.
    for (text, file_name) in [
        ("Le fichier affiche.png ouvert dans Krita", None),
        ("Salle de réunion vide", Some("salle de réunion vide.jpg")),
        ("Affiche", Some("IMG_1.jpg")),
    ] {
        assert!(AltText::parse(text, file_name).is_ok(), "{text}");
    }
}
