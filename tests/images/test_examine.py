from __future__ import annotations

import io
import struct
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageFile

from fapfav.errors import BadPicture
from fapfav.images.examine import Examined, Preparation, examine
from fapfav.model import EXTENSIONS, HASHES
from tests.images.making import MOVING, every_type, moving, saved, scene, views

EVERY_TYPE = every_type()
MOVED = {kind: moving(kind, [40, 100, 250, 40]) for kind in MOVING}
LARGE = {
    "baseline": saved(scene(0, 1300, 1100), "jpg"),
    "progressive": saved(scene(0, 1300, 1100), "jpg", progressive=True),
}


class Small:
    """A network of eight numbers: the means of eight upright strips."""

    space = "cnn/small"
    width = 8

    def __init__(self) -> None:
        self.seen: list[tuple[str, tuple[int, int]]] = []

    def __call__(self, rgb: Image.Image) -> NDArray[np.float32]:
        self.seen.append((rgb.mode, rgb.size))
        vector = np.asarray(rgb.resize((8, 1)).convert("L"), np.float32)[0] + 1
        unit: NDArray[np.float32] = vector / np.linalg.norm(vector)
        return unit


def distance(one: Examined, other: Examined) -> int:
    """Bits that differ in all four hashes together."""
    return sum(
        (getattr(one.fingerprint, method) ^ getattr(other.fingerprint, method)).bit_count()
        for method in HASHES
    )


def test_every_type_the_model_names_is_tested_here() -> None:
    assert set(EVERY_TYPE) == set(EXTENSIONS)


@pytest.mark.parametrize("preparation", ["scaled", "exact"])
@pytest.mark.parametrize("kind", EXTENSIONS)
def test_the_true_type_and_size_are_told(kind: str, preparation: Preparation) -> None:
    facts = examine(EVERY_TYPE[kind], preparation)

    assert (facts.ext, facts.width, facts.height) == (kind, 120, 80)
    assert (facts.animated, facts.duration, facts.orientation) == (False, 0, 1)
    assert facts.thumb
    assert facts.thumb_problem == ""


@pytest.mark.parametrize("kind", MOVING)
def test_animations_tell_their_frames_and_playing_time(kind: str) -> None:
    facts = examine(MOVED[kind])

    assert (facts.ext, facts.animated, facts.frames, facts.duration) == (kind, True, 4, 430)


@pytest.mark.parametrize("kind", MOVING)
def test_an_animation_is_known_by_its_first_frame(kind: str) -> None:
    first = examine(saved(scene(0, 60, 40), "png"))

    assert distance(examine(MOVED[kind]), first) <= 12
    assert distance(examine(MOVED["png"]), first) == 0


def test_views_and_pages_are_no_animation() -> None:
    first, *rest = [scene(number) for number in range(3)]
    pages = saved(first, "tif", save_all=True, append_images=rest)

    found = [examine(views(3)), examine(pages)]

    assert [facts.frames for facts in found] == [3, 3]
    assert not any(facts.animated for facts in found)


def test_frames_without_a_time_are_no_animation() -> None:
    facts = examine(moving("gif", [0, 0, 0]))

    assert (facts.frames, facts.duration, facts.animated) == (3, 0, False)


@pytest.mark.parametrize("quality", [10, 50, 75, 92, 100])
def test_the_quality_of_a_jpeg_is_estimated(quality: int) -> None:
    assert examine(saved(scene(), "jpg", quality=quality)).quality == quality


def test_what_is_no_jpeg_has_no_quality() -> None:
    assert {examine(EVERY_TYPE[kind]).quality for kind in ("png", "gif", "webp")} == {0}


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "tif", "mpo"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_orientation_is_told_and_the_size_is_as_stored(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = views(exif=exif) if kind == "mpo" else saved(scene(), kind, exif=exif)

    facts = examine(file)

    assert (facts.orientation, facts.width, facts.height) == (orientation, 120, 80)


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_there_is_not_counts_as_upright(value: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = value

    assert examine(saved(scene(), "jpg", exif=exif)).orientation == 1


def test_hashes_do_not_follow_the_orientation() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    turned = examine(saved(scene(), "jpg", exif=exif))

    assert distance(turned, examine(saved(scene(), "jpg"))) == 0


@pytest.mark.parametrize("kind", ["png", "bmp", "tif", "webp"])
def test_a_copy_in_another_type_has_nearly_the_same_hashes(kind: str) -> None:
    picture = scene(3, 1400, 1100)
    jpeg = examine(saved(picture, "jpg", quality=92))

    assert distance(jpeg, examine(saved(picture, kind))) <= 8


def test_scaled_and_exact_hashes_are_near() -> None:
    assert distance(examine(LARGE["baseline"]), examine(LARGE["baseline"], "exact")) <= 12


# Pinned: archives keep these numbers, so another way to them is another preparation.
@pytest.mark.parametrize(
    ("kind", "size", "expected"),
    [
        (
            "jpg",
            (120, 80),
            (0xED3272CDF232CCA1, 0x00000383FBFBFBC0, 0x0F0F0F076363660E, 0x00000383FFFFFFC2),
        ),
        (
            "jpg",
            (1300, 1100),
            (0xED3272CD7232CDA2, 0x00000383FBFBFBC0, 0x0F0F0F076363660E, 0x00000383FFFFFFC2),
        ),
        (
            "png",
            (1300, 1100),
            (0xED3272CD7232CDA4, 0x00000383FBFBFBC0, 0x0F0F0F076363660E, 0x00000383FFFFFFC2),
        ),
        (
            "gif",
            (300, 900),
            (0xED3272CD7032CDE2, 0x00000183FBFBFBC2, 0x0E0F0F176263660E, 0x00000383FFFFFFC2),
        ),
    ],
)
def test_scaled_hashes_are_constant(
    kind: str, size: tuple[int, int], expected: tuple[int, ...]
) -> None:
    fingerprint = examine(saved(scene(5, *size), kind)).fingerprint

    assert tuple(getattr(fingerprint, method) for method in HASHES) == expected


def test_deep_values_keep_their_upper_half_in_scaled_hashes() -> None:
    grey = np.asarray(scene(2).convert("L")).astype(np.uint16)
    deep = saved(Image.fromarray((grey * 257).astype(np.uint16)), "png")
    plain = saved(Image.fromarray(grey.astype(np.uint8)), "png")

    assert distance(examine(deep), examine(plain)) == 0


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F", "I", "YCbCr"])
@pytest.mark.parametrize("preparation", ["scaled", "exact"])
def test_every_mode_of_pixels_is_taken(mode: str, preparation: Preparation) -> None:
    picture = scene().convert("L").convert(mode) if mode in ("I;16", "F", "I") else None

    facts = examine(saved(picture or scene().convert(mode), "tif"), preparation)

    assert facts.thumb_problem == ""
    assert max(Image.open(io.BytesIO(facts.thumb)).size) == 120


def test_one_pixel_is_a_picture() -> None:
    facts = examine(saved(Image.new("RGB", (1, 1), "red"), "png"))

    assert (facts.width, facts.height) == (1, 1)
    assert facts.thumb


def test_a_very_long_picture_is_taken() -> None:
    facts = examine(saved(scene(0, 9000, 3), "png"))

    assert Image.open(io.BytesIO(facts.thumb)).size == (280, 1)


def test_the_network_is_given_a_reduced_rgb_picture() -> None:
    network = Small()

    for file in (LARGE["baseline"], saved(scene(0, 1300, 1100), "png"), EVERY_TYPE["gif"]):
        vector = examine(file, embed=network, thumbnail=False).fingerprint.cnn
        assert vector is not None
        assert vector.shape == (8,)

    assert network.seen == [("RGB", (325, 275)), ("RGB", (325, 275)), ("RGB", (120, 80))]


def test_without_a_network_there_is_no_vector() -> None:
    assert examine(EVERY_TYPE["jpg"]).fingerprint.cnn is None


def test_what_the_network_raises_is_not_blamed_on_the_picture() -> None:
    class Broken(Small):
        def __call__(self, rgb: Image.Image) -> NDArray[np.float32]:
            raise RuntimeError("out of order")

    with pytest.raises(RuntimeError, match="out of order"):
        examine(EVERY_TYPE["jpg"], embed=Broken())


def test_no_thumbnail_is_made_unless_asked_for() -> None:
    facts = examine(EVERY_TYPE["jpg"], thumbnail=False)

    assert (facts.thumb, facts.thumb_problem) == (b"", "")


def test_threads_find_what_one_thread_finds() -> None:
    files = [*EVERY_TYPE.values(), *MOVED.values(), *LARGE.values()] * 3

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(examine, files))

    assert together == [examine(file) for file in files]


WHOLE = {**EVERY_TYPE, **{f"{kind} moving": MOVED[kind] for kind in MOVING}, **LARGE}


@pytest.mark.parametrize("name", sorted(set(WHOLE) - {"mpo"}))
def test_a_truncated_file_fails_wherever_it_ends(name: str) -> None:
    whole = WHOLE[name]
    # A GIF's last byte only says that nothing follows.
    longest = len(whole) - (2 if whole.startswith(b"GIF") else 1)
    lengths = {
        0,
        1,
        2,
        3,
        12,
        longest,
        longest - 1,
        longest - 9,
        *range(20, longest, 1 + longest // 25),
    }

    for length in sorted(lengths):
        with pytest.raises(BadPicture):
            examine(whole[:length], thumbnail=False)


def test_an_mpo_whose_first_view_is_cut_fails() -> None:
    whole = EVERY_TYPE["mpo"]
    second = whole.rindex(b"\xff\xd8\xff")

    with pytest.raises(BadPicture, match="truncated"):
        examine(whole[: second // 2])


@given(st.sampled_from(sorted(WHOLE)), st.data())
@settings(deadline=None, max_examples=120)
def test_damaged_bytes_are_a_picture_or_a_bad_picture(name: str, data: st.DataObject) -> None:
    file = bytearray(WHOLE[name])
    # Half of the damage to the headers, where it matters most.
    places = st.one_of(st.integers(0, min(400, len(file) - 1)), st.integers(0, len(file) - 1))
    for at, value in data.draw(
        st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=6)
    ):
        file[at] = value
    end = data.draw(st.one_of(st.just(len(file)), st.integers(0, len(file))))

    try:
        facts = examine(bytes(file[:end]))
    except BadPicture:
        return
    assert facts.ext in EXTENSIONS
    assert facts.thumb or facts.thumb_problem


@given(st.binary(max_size=300))
@settings(deadline=None, max_examples=60)
def test_noise_is_no_picture(noise: bytes) -> None:
    with pytest.raises(BadPicture):
        examine(noise)


def test_nothing_of_pillow_is_switched_for_the_whole_process() -> None:
    before = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)
    examine(EVERY_TYPE["jpg"])

    assert (
        (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES) == before == (89_478_485, False)
    )


def test_damaged_exif_is_no_reason_to_refuse_a_picture() -> None:
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 60_000) + b"\x12\x01\x03\0" * 4

    assert examine(saved(scene(), "jpg", exif=exif)).orientation == 1
