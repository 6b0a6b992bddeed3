"""A visitor without JavaScript: asks for pages, follows links, fills in forms, sees answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from django.http import HttpResponse
from django.test import Client
from lxml import html

from viewer.state import Viewer

PORT = "8000"
HOST = f"127.0.0.1:{PORT}"
ORIGIN = f"http://{HOST}"


@dataclass(slots=True)
class Page:
    """An answer as a person sees it, and what can be done from there."""

    visitor: Visitor
    address: str
    response: HttpResponse

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.response.status_code)

    @property
    def source(self) -> str:
        """The HTML as it came."""
        return self.response.content.decode()

    @property
    def tree(self) -> Any:
        """The HTML as elements."""
        return html.fromstring(self.source)

    @property
    def text(self) -> str:
        """All text, with single spaces."""
        return " ".join(self.tree.text_content().split())

    @property
    def title(self) -> str:
        """What the browser's tab and history say."""
        return str(self.tree.findtext(".//title")).strip()

    def all(self, selector: str) -> list[Any]:
        """Elements by a CSS selector."""
        return list(self.tree.cssselect(selector))

    def one(self, selector: str) -> Any:
        """The only element of a CSS selector."""
        found = self.all(selector)
        assert len(found) == 1, f"{len(found)} elements are {selector!r}"
        return found[0]

    def follow(self, selector: str) -> Page:
        """The page a link leads to."""
        return self.visitor.get(urljoin(self.address, self.one(selector).get("href")))

    def submit(self, selector: str, button: str = "", **values: Any) -> Page:
        """Sends a form as a browser would, by one of its buttons, and goes where that leads.

        `button` is `name=value` of the button that is pressed.
        """
        form = self.one(selector)
        fields = [(name, value) for name, value in form.form_values() if name not in values]
        for name, value in values.items():
            wanted = value if isinstance(value, list | tuple) else [value]
            fields += [(name, str(each)) for each in wanted]
        if button:
            fields.append(tuple(button.split("=", 1)))  # type: ignore[arg-type]
        address = urljoin(self.address, form.get("action") or self.address)
        if form.get("method", "get").lower() == "get":
            return self.visitor.get(f"{address.split('?')[0]}?{urlencode(fields)}")
        return self.visitor.post(address, fields)


class Visitor:
    """One browser; `let_in` with the code of the run unless told otherwise."""

    def __init__(self, viewer: Viewer, *, let_in: bool = True) -> None:
        self._client = Client(enforce_csrf_checks=True, headers={"host": HOST})
        self._client.raise_request_exception = False
        if let_in:
            self.get(f"/viewer/?code={viewer.code}")

    def get(self, address: str, **headers: str) -> Page:
        """Asks for a page, and follows where it is sent on to."""
        page = self._page(
            address, self._client.get(_path(address), headers=headers, SERVER_PORT=PORT)
        )
        return self._followed(page)

    def post(self, address: str, fields: list[tuple[str, str]], **headers: str) -> Page:
        """Sends fields, and goes where the answer leads."""
        return self._followed(self.send(address, fields, **headers))

    def send(self, address: str, fields: list[tuple[str, str]], **headers: str) -> Page:
        """Sends fields; the answer itself."""
        response = self._client.post(
            _path(address),
            urlencode(fields),
            content_type="application/x-www-form-urlencoded",
            headers={"Origin": ORIGIN, **headers},
            SERVER_PORT=PORT,
        )
        return self._page(address, response)

    def _page(self, address: str, response: Any) -> Page:
        return Page(self, address, response)

    def _followed(self, page: Page) -> Page:
        hops = 0
        while page.status in (301, 302, 303):
            hops += 1
            assert hops < 5, page.address
            page = self._page(
                target := urljoin(page.address, page.response["Location"]),
                self._client.get(_path(target), SERVER_PORT=PORT),
            )
        return page


def _path(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")
