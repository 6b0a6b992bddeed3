"""Every form that changes something carries the secret of the run, and does nothing without it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin

from tests.viewer.browsing import Page, Visitor
from tests.viewer.routes import addresses
from viewer.state import Viewer

SECRET = "csrfmiddlewaretoken"


def pages(viewer: Viewer, visitor: Visitor) -> Iterator[Page]:
    """Every page of the archive, galleries also as they are while one tags."""
    with viewer.archive() as archive:
        everywhere = addresses(archive)
    for address in everywhere:
        for query in ("", "?lock=1"):
            page = visitor.get(address + query)
            is_page = page.response.get("Content-Type", "").startswith("text/html")
            if is_page and page.source.strip():
                yield page


def test_every_form_has_it_and_does_nothing_without_it(viewer: Viewer, visitor: Visitor) -> None:
    with viewer.archive() as archive:
        before = archive.last
    forms: dict[str, list[tuple[str, str]]] = {}
    for page in pages(viewer, visitor):
        for form in page.all("form[method=post]"):
            fields = list(form.form_values())
            assert SECRET in dict(fields), page.address
            target = urljoin(page.address, form.get("action") or "").split("?")[0]
            button = form.find(".//button[@name]")
            pressed = [] if button is None else [(button.get("name"), button.get("value") or "")]
            fields = [one for one in fields if one[0] != SECRET] + pressed
            forms[f"{target} {sorted(dict(fields))}"] = fields

    for form, fields in forms.items():
        answer = visitor.post(form.split(" ")[0], fields)
        assert answer.status == 403, form
    assert len(forms) > 30
    assert len({form.split(" ")[0] for form in forms}) > 12
    with viewer.archive() as archive:
        assert archive.last == before
    assert viewer.is_open
