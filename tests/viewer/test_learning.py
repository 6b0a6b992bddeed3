"""What verdicts say, on the page where limits are set; without scripts."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fapfav.duplicates.limits import OFF
from fapfav.jobs.review import set_limits
from fapfav.model import Label, Method
from tests.jobs.judged import Pairs, apart, made
from tests.viewer.browsing import Page, Visitor
from tests.viewer.conftest import viewer_of
from tests.viewer.reviewed import last
from viewer.state import Viewer, install

LIST = "/viewer/duplicates/"
Make = Callable[..., Viewer]


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Verdicts that speak for percept 6; only copied."""
    path = tmp_path_factory.mktemp("judged") / "archive"
    made(path, sealed=False).close()
    return path


@pytest.fixture
def judged(usual: Path, tmp_path: Path) -> Iterator[Viewer]:
    shutil.copytree(usual, tmp_path / "archive")
    found = viewer_of(tmp_path / "archive", sealed=False)
    yield found
    found.lock()
    install(None)


@pytest.fixture
def viewer_with(tmp_path: Path) -> Iterator[Make]:
    """Makes a viewer of an archive with such pairs."""
    opened: list[Viewer] = []

    def make(*pairs: Pairs) -> Viewer:
        made(tmp_path / "made", pairs, sealed=False).close()
        opened.append(viewer_of(tmp_path / "made", sealed=False))
        return opened[-1]

    yield make
    for each in opened:
        each.lock()
    install(None)


def rows(page: Page, part: int = 0) -> dict[str, list[str]]:
    """By method, the cells of its row."""
    table = page.all("#learned table")[part]
    return {
        row.cssselect("th")[0].text_content(): [
            " ".join(cell.text_content().split()) for cell in row.cssselect("td")
        ]
        for row in table.cssselect("tbody tr, tfoot tr")
    }


def test_it_is_not_computed_until_it_is_asked_for(judged: Viewer) -> None:
    visitor = Visitor(judged)
    page = visitor.get(LIST)

    assert not page.all("#learned table")
    asked = page.follow("#learned a")
    assert asked.address.endswith("?learned=1#learned")
    assert len(asked.all("#learned table")) == 2


def test_each_method_has_its_figures_and_a_reason(judged: Viewer) -> None:
    before = last(judged)
    page = Visitor(judged).get(f"{LIST}?learned=1")
    still, moving = rows(page), rows(page, 1)

    assert still["percept"] == [
        *("4", "6", "100.0 % 94.0 to 100.0", "57.1 % 47.6 to 66.2", "60 of 60", "105"),
    ]
    assert still["together"][2:5] == ["100.0 % 94.3 to 100.0", "61.0 % 51.4 to 69.7", "64 of 64"]
    assert still["as suggested"][4] == "105 of 105"
    assert still["average"][2:5] == ["", "0.0 % 0.0 to 3.5", "none"]
    assert moving["wavelet"] == ["off", "", "", "0.0 % 0.0 to 56.1", "", "4"]
    assert "as suggested" not in moving
    (reason,) = page.all("#learned .reasons li:not(.muted)")
    assert reason.text_content() == (
        "percept 4 -> 6: 41 of 41 pairs judged at 5 and 6 were the same (41 cases)"
    )
    assert "What was never proposed was never judged" in page.text
    assert "cnn" not in still
    assert last(judged) == before


def test_a_suggestion_is_set_after_its_effect_was_shown(judged: Viewer) -> None:
    visitor = Visitor(judged)
    before = last(judged)
    asked = visitor.get(f"{LIST}?learned=1").submit("form#suggestion")

    assert asked.status == 200
    assert last(judged) == before
    assert asked.one("#pairs").text_content() == "46 pairs would be added, 0 dropped."
    now, then = (int(cell.text_content()) for cell in asked.all("tbody tr:first-child td"))
    assert then == now + 5
    page = asked.submit("form#confirm")
    assert page.all(".message.success form")
    with judged.archive() as archive:
        assert archive.limits()[0].percept == 6
        assert archive.limits()[0].diff == 4
    again = visitor.get(f"{LIST}?learned=1")
    assert not again.all("form#suggestion")
    assert "Nothing else is suggested" in again.text
    page.submit(".message.success form")
    with judged.archive() as archive:
        assert archive.limits()[0].percept == 4


def test_a_page_does_not_compare_more_pictures_than_it_has_time_for(
    judged: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fapfav.jobs.limit_effects import Bounds
    from viewer.pages import duplicates

    monkeypatch.setattr(duplicates, "_COMPARED", Bounds(hashes=10))
    asked = Visitor(judged).get(f"{LIST}?learned=1").submit("form#suggestion")

    assert "At least 46 pairs would be added" in asked.text
    assert "too many pictures" in asked.text


def test_a_method_that_is_off_stays_off_and_asks_for_nothing(judged: Viewer) -> None:
    with judged.archive() as archive:
        off = {Method.DIFF: OFF}
        set_limits(archive, off, off)
    visitor = Visitor(judged)
    page = visitor.get(f"{LIST}?learned=1")

    assert rows(page)["diff"][:2] == ["off", ""]
    assert "diff stays off: what it alone would find was never judged" in page.text
    page.submit("form#suggestion").submit("form#confirm")
    with judged.archive() as archive:
        assert archive.limits()[0].diff == OFF
        assert archive.limits()[0].percept == 6


def test_embeddings_have_a_row_where_there_are_any(viewer_with: Make) -> None:
    some = apart(80, 20, Label.SAME, cosine=0.98), apart(30, 20, Label.DIFFERENT, cosine=0.96)
    visitor = Visitor(viewer_with(*some))
    page = visitor.get(f"{LIST}?learned=1")

    assert rows(page)["cnn"][:2] == ["0.95", "0.965"]
    assert rows(page)["cnn"][4:] == ["80 of 110", "110"]
    assert "cnn 0.95 -> 0.965: none of 30 pairs judged at 0.96" in page.text
    assert "30 dropped" in page.submit("form#suggestion").one("#pairs").text_content()


def test_nothing_judged_yet_is_said(viewer_with: Make) -> None:
    page = Visitor(viewer_with(apart(2, 2, None))).get(f"{LIST}?learned=1")

    assert "Nothing was judged yet" in page.one("#learned").text_content()
    assert not page.all("#learned table")
    assert not page.all("form#suggestion")


def test_verdicts_on_pictures_that_are_gone_say_nothing(viewer_with: Make) -> None:
    viewer = viewer_with(apart(2, 2, Label.SAME))
    with viewer.archive() as archive, archive.write("remove") as tx:
        tx.delete("blobs", *list(archive.blobs))

    page = Visitor(viewer).get(f"{LIST}?learned=1")
    assert "What you judged is no longer here" in page.one("#learned").text_content()
