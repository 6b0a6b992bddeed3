from __future__ import annotations

import io

import pytest
from PIL import Image, ImageCms

from fapfav.errors import BadPicture
from fapfav.images import rendition
from fapfav.images.rendition import render
from tests.support import encoded, landscape


def opened(made: rendition.Rendition) -> Image.Image:
    found = Image.open(io.BytesIO(made.data))
    found.load()
    return found


@pytest.mark.parametrize("kind", ["TIFF", "JPEG", "PNG", "WEBP", "BMP", "GIF"])
def test_an_opaque_picture_is_a_jpeg_of_all_its_pixels(kind: str) -> None:
    made = render(encoded(landscape(1, 300, 200), kind))

    assert made.ext == "jpg"
    assert opened(made).format == "JPEG"
    assert opened(made).size == (300, 200)


def test_one_that_is_transparent_somewhere_stays_so() -> None:
    picture = landscape(1, 300, 200).convert("RGBA")
    picture.putpixel((5, 5), (1, 2, 3, 0))

    made = render(encoded(picture, "TIFF"))

    assert made.ext == "png"
    assert opened(made).getpixel((5, 5))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16", "LA"])
def test_every_kind_of_pixels_can_be_shown(mode: str) -> None:
    grey = landscape(1, 60, 40).convert("L")
    picture = Image.new("I;16", (60, 40), 40_000) if mode == "I;16" else grey.convert(mode)

    assert opened(render(encoded(picture, "TIFF"))).size == (60, 40)


def test_it_stands_upright() -> None:
    picture = landscape(1, 300, 200)
    exif = Image.Exif()
    exif[0x0112] = 6
    for kind in ("JPEG", "PNG", "TIFF"):
        made = opened(render(encoded(picture, kind, exif=exif)))
        assert made.size == (200, 300)
        assert made.getexif().get(0x0112, 1) == 1


def test_no_more_pixels_than_a_browser_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendition, "MOST", 15_000)

    made = opened(render(encoded(landscape(1, 300, 200), "PNG")))

    assert made.width * made.height <= 15_000
    assert made.size == (150, 100)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_side_makes_it_small_and_never_larger(kind: str) -> None:
    data = encoded(landscape(1, 1920, 1280), kind)

    assert opened(render(data, 480)).size == (480, 320)
    assert opened(render(data, 1600)).size[0] == 1600
    assert opened(render(encoded(landscape(1, 300, 200), kind), 480)).size == (300, 200)


def test_of_an_animation_the_first_frame_is_shown() -> None:
    out = io.BytesIO()
    frames = [landscape(seed, 60, 40) for seed in range(3)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100)

    assert getattr(opened(render(out.getvalue())), "n_frames", 1) == 1


def test_a_colour_profile_comes_along_where_it_is_true_of_the_pixels() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = landscape(1, 60, 40)

    kept = opened(render(encoded(picture, "TIFF", icc_profile=profile)))
    other = profile[:16] + b"CMYK" + profile[20:]
    dropped = opened(render(encoded(picture, "TIFF", icc_profile=other)))

    assert kept.info["icc_profile"] == profile
    assert "icc_profile" not in dropped.info


def test_nothing_else_of_the_file_comes_along() -> None:
    exif = Image.Exif()
    exif[0x010E] = "a name of somebody"

    made = render(encoded(landscape(1, 60, 40), "JPEG", exif=exif, comment=b"somebody"))

    assert b"somebody" not in made.data


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"II*\0broken", b"\xff\xd8\xff"])
def test_what_is_no_picture_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(BadPicture):
        render(data)
