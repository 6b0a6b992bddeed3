"""The box that has pictures looked at closely before they are a set."""

from __future__ import annotations

from fapfav.jobs.find import find_duplicates
from fapfav.model import Config, Judged, Label
from tests.viewer.archives import opened
from tests.viewer.browsing import Page, Visitor
from tests.viewer.reviewed import last
from tests.viewer.working import alone
from viewer.state import Viewer

LIST = "/viewer/duplicates/"


def turned(visitor: Visitor, *, on: bool) -> Page:
    """The effect of the box, ticked or not."""
    form = visitor.get(LIST).one("form#limits")
    sent = [(name, value) for name, value in form.form_values() if name != "closer"]
    return visitor.post(LIST, [*sent, *([("closer", "1")] if on else [])])


def sets(viewer: Viewer) -> tuple[bool, int]:
    with opened(viewer.directory, sealed=False) as archive:
        return archive.looks_closer, len(archive.groups)


def turn_one_down(viewer: Viewer) -> None:
    """Of the first pair that was judged the same, the closer look found otherwise."""
    with alone(viewer) as archive, archive.write("find") as tx:
        two = {group.members for group in archive.groups if len(group.members) == 2}
        pair = next(
            row for row in tx.pairs.records() if row.scores and (row.first, row.second) in two
        )
        judged = Judged(Label.DIFFERENT, 0.9, "different pictures", {}, 1)
        tx.put(type(pair)(pair.first, pair.second, pair.scores, judged))


def test_its_effect_is_shown_and_is_what_it_then_comes_to(viewer: Viewer, visitor: Visitor) -> None:
    turn_one_down(viewer)
    before, (_, now) = last(viewer), sets(viewer)
    asked = turned(visitor, on=False)

    assert "sets follow from the limits alone, at once" in asked.one("#closer").text_content()
    assert last(viewer) == before
    shown = [int(cell.text_content()) for cell in asked.all("tbody tr:first-child td")]
    page = asked.submit("form#confirm")
    assert sets(viewer) == (False, shown[1])
    assert shown[0] == now < shown[1]
    assert not page.all("#limits [name=closer][checked]")
    page.submit(".message.success form")
    assert sets(viewer) == (True, now)


def test_switched_on_it_says_that_the_next_search_looks_and_nothing_changes_before(
    viewer: Viewer, visitor: Visitor
) -> None:
    with alone(viewer) as archive:
        with archive.write("settings") as tx:
            tx.put(Config("closer_look", False))
        find_duplicates(archive)
    _, now = sets(viewer)
    asked = turned(visitor, on=True)

    assert "sets stay as they are until you find again" in asked.one("#closer").text_content()
    page = asked.submit("form#confirm")
    assert "Find again: the next search looks closer." in page.text
    assert "are compared anew" in page.text
    assert sets(viewer) == (True, now)


def test_it_stays_as_it_is_where_only_a_limit_is_changed(viewer: Viewer, visitor: Visitor) -> None:
    asked = visitor.get(LIST).submit("form#limits", regular_percept="3")

    assert "A set is only what a closer look judged the same" in asked.one("#closer").text_content()
    asked.submit("form#confirm")
    assert sets(viewer)[0]


def test_unchanged_it_would_change_nothing(visitor: Visitor) -> None:
    assert "nothing would change" in turned(visitor, on=True).text
