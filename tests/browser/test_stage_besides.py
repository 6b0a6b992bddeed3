"""From the stage to full screen and tags, by touch on a phone, and sets of very many pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from fapfav.jobs import preferences
from fapfav.model import Verdict
from tests.browser import sets
from tests.browser.hands import Hands, touch
from tests.browser.serving import PATIENCE, Served, serving
from tests.browser.staging import open_set, set_with, wait_for_stage
from tests.support import encoded
from tests.viewer.archives import copied, opened

MANY = 120
FULL = "dialog.full"


@pytest.fixture(scope="module")
def made_sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of two pairs, and a set of very many small pictures."""
    base = tmp_path_factory.mktemp("besides")
    sets.write_small_sets(base / "pictures", 2)
    picture = sets.mosaic(7, 240, 160)
    for at in range(MANY):
        raw = encoded(picture.resize((96, 64)), "JPEG", quality=95 - at // 4, comment=str(at))
        (base / "pictures" / f"many {at:03d}.jpg").write_bytes(raw)
    return sets.make_sets(base / "archive", base / "pictures")


@pytest.fixture
def besides(made_sets: Path, tmp_path: Path) -> Iterator[Served]:
    """A server of a copy of it."""
    with serving(copied(made_sets, tmp_path / "archive"), sealed=False) as found:
        yield found


@pytest.fixture
def tab(context: BrowserContext, besides: Served) -> Page:
    """A tab that was let in."""
    page = context.new_page()
    page.goto(besides.link)
    return page


def close_changed(page: Page) -> None:
    """Leaves full screen for the set, which is shown as it is by now."""
    page.evaluate("document.querySelector('.stage').dataset.old = 'yes'")
    page.keyboard.press("Escape")
    page.wait_for_selector(".stage:not([data-old])")
    wait_for_stage(page)


def test_the_active_picture_is_tagged_by_key(tab: Page, besides: Served) -> None:
    other = set_with(besides, "100 b.jpg")
    open_set(tab, besides, other, "?order=bytes")
    tab.keyboard.press("ArrowRight")

    tab.keyboard.press("t")
    expect(tab.locator(f"{FULL} input[name=add_tag]")).to_be_focused()
    tab.keyboard.type("lakes")
    expect(tab.locator(f"{FULL} [role=option]").first).to_contain_text("New tag lakes")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    expect(tab.locator(f"{FULL} .tag-list")).to_contain_text("lakes")
    close_changed(tab)

    assert tab.url.endswith("/?order=bytes")
    assert "lakes" in str(tab.locator("#picture-2 .facts-of").text_content())
    with opened(besides.where, sealed=False) as archive:
        assert [key[:32] for key in archive.rows_of("tagged")] == [other]


def test_in_full_screen_the_same_key_judges_the_picture_and_the_set_follows(
    tab: Page, besides: Served
) -> None:
    open_set(tab, besides, set_with(besides, "100 a.jpg"))
    tab.locator("#picture-1 .open-picture").click()
    expect(tab.locator(f"{FULL} .picture-stage")).to_be_focused()
    tab.keyboard.press("k")
    keep = tab.locator(f"{FULL} [name=verdict][value=keep]")
    expect(keep).to_have_attribute("aria-pressed", "true")
    close_changed(tab)

    assert tab.get_attribute("#picture-1", "data-verdict") == "keep"
    assert Hands(tab, besides).verdicts("100 a.jpg", "100 b.jpg") == [Verdict.KEEP, Verdict.NEW]


def test_full_screen_without_a_change_gives_the_set_back_as_it_was(
    tab: Page, besides: Served
) -> None:
    open_set(tab, besides, set_with(besides, "100 a.jpg"))
    tab.evaluate("document.querySelector('.stage').dataset.old = 'yes'")
    tab.locator("#picture-2 .open-picture").click()
    expect(tab.locator(f"{FULL} .picture-stage")).to_be_focused()
    tab.keyboard.press("Escape")

    expect(tab.locator("#picture-2 .open-picture")).to_be_focused()
    assert tab.locator(".stage[data-old][data-painted]").count() == 1


def test_nothing_blinks_by_itself_where_the_settings_want_less_motion(
    tab: Page, besides: Served
) -> None:
    with besides.viewer.archive() as archive:
        less = preferences.Preferences(motion=preferences.Motion.LESS)
        preferences.save(archive, less, by="viewer")
    open_set(tab, besides, set_with(besides, "100 a.jpg"))

    assert tab.locator('[data-stage="alternate"]').is_disabled()


def test_a_sheet_of_very_many_loads_what_is_seen(tab: Page, besides: Served) -> None:
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    open_set(tab, besides, set_with(besides, "many 000.jpg"), "?view=sheet")

    assert tab.locator(".pane .verdict").count() == MANY
    assert 4 <= len({url for url in asked if "/show/" in url}) < MANY - 40
    tab.locator(".pane .frame").last.scroll_into_view_if_needed()
    expect(tab.locator(".pane .shot").last).to_have_js_property("naturalWidth", 96)


@pytest.fixture
def phone(browser: Browser, besides: Served) -> Iterator[Page]:
    """A tab of a phone, at a pair."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(besides.link)
    open_set(page, besides, set_with(besides, "100 a.jpg"))
    yield page
    context.close()


def scale(page: Page, picture: int) -> float:
    """How large a picture is drawn, in pixels of the screen for each of its own."""
    return float(
        page.evaluate(
            """async (at) => {
              await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
              const shot = document.querySelector(`#picture-${at} .shot`);
              return shot.getBoundingClientRect().width / shot.offsetWidth;
            }""",
            picture,
        )
    )


def test_by_touch_a_tap_and_a_swipe_show_the_other_one_and_two_fingers_zoom_both(
    phone: Page, besides: Served
) -> None:
    box = phone.locator("#picture-1 .frame").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    active = phone.locator(".pane[data-active]")
    phone.touchscreen.tap(300, y)
    expect(active).to_have_attribute("data-picture", "2")
    touch(phone, [(280, y)], [(200, y + 2)], [(90, y + 4)])
    expect(active).to_have_attribute("data-picture", "1")
    before = scale(phone, 1), scale(phone, 2)
    touch(phone, [(150, y), (210, y)], [(120, y), (240, y)], [(90, y), (270, y)])
    after = scale(phone, 1), scale(phone, 2)

    assert after[0] / before[0] == pytest.approx(3, rel=0.1)
    assert after[1] / before[1] == pytest.approx(after[0] / before[0])
    assert Hands(phone, besides).verdicts("100 a.jpg", "100 b.jpg") == [Verdict.NEW] * 2


def test_on_a_phone_a_set_is_decided_by_the_thumb(phone: Page, besides: Served) -> None:
    buttons = phone.locator(".quick button")
    boxes = [box for one in buttons.all() if one.is_visible() and (box := one.bounding_box())]
    seen = [box for box in boxes if box["height"] > 2]

    assert len(seen) >= 4
    assert all(box["height"] >= 44 and box["y"] + box["height"] <= 740 for box in seen)
    phone.locator(".quick-keep-all button").tap()
    phone.wait_for_selector("#messages .success")
    assert Hands(phone, besides).verdicts("100 a.jpg", "100 b.jpg") == [Verdict.KEEP] * 2


def decide(page: Page, key: str) -> None:
    """Presses a key that decides, and waits for the page that answers."""
    page.evaluate("document.querySelector('.stage').dataset.old = 'yes'")
    page.keyboard.press(key)
    page.wait_for_selector(".stage:not([data-old])")
    wait_for_stage(page)


@pytest.mark.parametrize("keeps", [False, True])
def test_the_zoom_stays_within_a_set_and_to_the_next_if_that_is_set(
    tab: Page, besides: Served, keeps: bool
) -> None:
    with besides.viewer.archive() as archive:
        preferences.save(archive, preferences.Preferences(keep_zoom=keeps), by="viewer")
    open_set(tab, besides, set_with(besides, "100 a.jpg"), "?scope=perceptual")
    fit = scale(tab, 1)
    for _ in range(3):
        tab.keyboard.press("+")
    near = scale(tab, 1)
    decide(tab, "k")
    same = scale(tab, 1)
    decide(tab, "a")
    following = scale(tab, 1)
    tab.keyboard.press("0")

    assert near / fit == pytest.approx(1.25**3, rel=0.01)
    assert same == pytest.approx(near)
    assert following / scale(tab, 1) == pytest.approx(1.25**3 if keeps else 1, rel=0.01)
