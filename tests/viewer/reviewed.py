"""What tests of reviewing share: sets by what they are of, forms filled in, verdicts as stored."""

from __future__ import annotations

from typing import Any

from fapfav.jobs.sets import Kind, SetView, set_lines, set_view
from fapfav.model import Digest
from tests.viewer.archives import opened
from tests.viewer.browsing import Page, Visitor
from viewer.addresses import name_of, place_name
from viewer.state import Viewer


def keys(viewer: Viewer, members: int = 2, kind: Kind = Kind.PERCEPTUAL) -> list[Digest]:
    """The sets of so many pictures (or places), as `set_lines` has them."""
    with viewer.archive() as archive:
        lines = [x for x in set_lines(archive) if x.kind is kind and x.members == members]
        return sorted(line.key for line in lines)


def address(viewer: Viewer, key: Digest) -> str:
    """The page of a set."""
    with viewer.archive() as archive:
        return f"/viewer/duplicate/{name_of(archive, key)}/"


def view_of(viewer: Viewer, key: Digest) -> SetView:
    """The set as it is on disk, read by an archive opened anew."""
    with opened(viewer.directory, sealed=viewer.is_sealed) as archive:
        return set_view(archive, key)


def verdicts(viewer: Viewer, key: Digest) -> list[str]:
    """What the members show, in their order; of exact copies what the places do."""
    view = view_of(viewer, key)
    if view.kind is Kind.EXACT:
        return [spot.place.verdict.value for spot in view.members[0].spots]
    return [member.verdict.value for member in view.members]


def fields(viewer: Viewer, key: Digest, *asked: str) -> dict[str, Any]:
    """Fields of the form of a set: a verdict for each member, or place, in their order."""
    view = view_of(viewer, key)
    with viewer.archive() as archive:
        if view.kind is Kind.EXACT:
            spots = view.members[0].spots
            names = [place_name(archive, spot.place.key) for spot in spots]
        else:
            names = [name_of(archive, member.blob.digest) for member in view.members]
    return dict(zip(names, asked, strict=True))


def last(viewer: Viewer) -> tuple[int, bytes]:
    """What is another one as soon as anything was written."""
    with viewer.archive() as archive:
        return archive.last


def press(page: Page, quick: str, keep: int | None = None) -> Page:
    """Presses a button that decides the whole set."""
    for form in page.all(".quick form"):
        button = form.find('.//button[@name="quick"]')
        number = form.find('.//input[@name="keep"]')
        same = (
            number is None
            if keep is None
            else number is not None and number.get("value") == str(keep)
        )
        if button is not None and button.get("value") == quick and same:
            form.set("id", "pressed")
            sent = [(name, value) for name, value in form.form_values()]
            return page.visitor.post(form.get("action"), [*sent, ("quick", quick)])
    raise AssertionError(f"no button says {quick} {keep or ''}")


def forged(visitor: Visitor, page: Page, **values: str) -> Page:
    """Sends what no form on the page would, with the page's own secret."""
    form = page.one("form#verdicts")
    kept = dict(form.form_values())
    sent = {"csrfmiddlewaretoken": kept["csrfmiddlewaretoken"], "seen": kept["seen"], **values}
    return visitor.post(page.address, [(name, value) for name, value in sent.items() if value])


def shown(page: Page) -> str:
    """Which set a page shows."""
    stages = page.all(".stage")
    return str(stages[0].get("data-set")) if stages else ""
