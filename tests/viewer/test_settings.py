"""Settings: what they do to every page, and what is refused."""

from __future__ import annotations

import json

import pytest

from fapfav.jobs import preferences
from fapfav.jobs.preferences import LONGEST, Preferences, Theme
from tests.viewer.browsing import Page, Visitor
from viewer.state import Viewer


@pytest.fixture
def settings(visitor: Visitor) -> Page:
    return visitor.get("/viewer/settings/")


def kept(viewer: Viewer) -> Preferences:
    with viewer.archive() as archive:
        return preferences.read(archive)


def test_the_look_is_that_of_every_page(settings: Page) -> None:
    look = {"theme": "dark", "density": "compact", "motion": "less"}
    saved = settings.submit("form#settings", keep_zoom=1, **look)

    assert saved.address.endswith("/viewer/settings/")
    assert "saved" in saved.one(".message.success").text_content()
    root = settings.visitor.get("/viewer/").tree
    assert (root.get("data-theme"), root.get("data-density")) == ("dark", "compact")
    assert root.get("data-motion") == "less"
    assert "data-keep-zoom" in root.attrib
    assert "data-keep-zoom" not in settings.tree.attrib
    assert saved.one("input[name=theme][checked]").get("value") == "dark"


def test_a_moved_key_is_told_to_every_page(settings: Page) -> None:
    settings.submit("form#settings", **{"key k": "Q", "key b": ""})

    root = settings.visitor.get("/viewer/users/").tree
    assert json.loads(root.get("data-keys")) == {"k": "Shift+q", "b": ""}


def test_all_single_keys_can_be_switched_off(visitor: Visitor) -> None:
    settings = visitor.get("/viewer/settings/")
    box = settings.one("input[name=single_keys]")
    box.attrib.pop("checked")
    fields = [
        (name, value)
        for name, value in settings.one("form#settings").form_values()
        if name != "single_keys"
    ]

    page = visitor.post("/viewer/settings/", fields)

    told = json.loads(page.tree.get("data-keys"))
    assert set(told.values()) == {""}
    assert {"k", "/", "?", "1"} <= set(told)


def test_keys_that_clash_are_named_in_red_and_nothing_is_saved(
    settings: Page, viewer: Viewer
) -> None:
    page = settings.submit("form#settings", theme="dark", **{"key k": "s"})

    assert page.status == 400
    assert "Nothing was saved" in page.one(".message.error").text_content()
    field = page.one("input[name='key k']")
    assert field.get("aria-invalid") == "true"
    words = page.one(f"#{field.get('aria-describedby')}").text_content()
    assert "s is taken" in words
    assert page.one(".message.error a").get("href") == f"#{field.get('id')}"
    assert kept(viewer) == Preferences()


@pytest.mark.parametrize("minutes", ["-1", "soon", str(LONGEST + 1), "1.5"])
def test_minutes_that_make_no_sense_are_refused(
    settings: Page, viewer: Viewer, minutes: str
) -> None:
    page = settings.submit("form#settings", lock_minutes=minutes)

    assert page.status == 400
    assert page.one("#lock_minutes").get("value") == minutes
    assert kept(viewer).lock_minutes is None


def test_it_locks_itself_after_the_minutes_that_were_saved(settings: Page, viewer: Viewer) -> None:
    settings.submit("form#settings", lock_minutes="7")

    assert viewer.lock_after == 7 * 60
    settings.submit("form#settings", lock_minutes="0")
    assert viewer.lock_after == 0
    assert viewer.seconds_left is None


def test_keys_go_back_to_what_they_usually_are_and_the_rest_stays(
    settings: Page, viewer: Viewer
) -> None:
    saved = settings.submit("form#settings", theme="dark", **{"key k": "q"})

    saved.submit("form#settings", button="reset_keys=1")

    assert kept(viewer) == Preferences(theme=Theme.DARK)


def test_saving_what_is_so_already_changes_nothing(settings: Page, viewer: Viewer) -> None:
    saved = settings.submit("form#settings", theme="dark")
    with viewer.archive() as archive:
        before = archive.last

    saved.submit("form#settings")

    with viewer.archive() as archive:
        assert archive.last == before
