"""What a tab asks for, moves, and complains about, and how far a page reaches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

PICTURES = ("/viewer/show/", "/viewer/thumb/", "/viewer/blob/")

_AHEAD = ("fetch", "xhr")  # pages to come, and what is asked again and again

SHIFTS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
self.shifted = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) self.shifted += each.value;
}).observe({ type: "layout-shift", buffered: true });
"""
"""Runs before each page: counts how far what is shown jumps, and says what the policy refuses."""

REACH = """() => {
  const width = document.documentElement.clientWidth;
  const open = (one) => {
    for (let up = one.parentElement; up && up !== document.body; up = up.parentElement) {
      if (getComputedStyle(up).overflowX !== "visible") return false;
    }
    return true;
  };
  const past = [...document.body.querySelectorAll("*")].filter((one) => one.checkVisibility()
    && one.getBoundingClientRect().right > width + 1 && open(one));
  const wide = document.documentElement.scrollWidth > width;
  const scrolls = [...document.body.querySelectorAll("*")].filter((one) => one.checkVisibility()
    && /auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1
    && !one.matches(".table-scroll, .strip, .scrubber, .scrubber *, pre, code, select, input"));
  const words = (one) => one.outerHTML.slice(0, 120);
  return [...(wide ? past.slice(0, 3).map(words).concat(["the page"]) : []), ...scrolls.map(words)];
}"""
"""What makes the page, or a part that is no table, scroll sideways."""


@dataclass  # without slots: the browser's driver marks who listens
class Watch:
    """Everything that a tab asked for and complained about since it was told to forget."""

    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, page: Page) -> Watch:
        """Begins to watch a tab."""
        watch = cls()
        page.add_init_script(SHIFTS)
        page.on("request", watch._asked)
        page.on("pageerror", watch._thrown)
        page.on("console", watch._said)
        return watch

    def _asked(self, request: Request) -> None:
        self.requests.append(request)

    def _thrown(self, error: Any) -> None:
        self.complaints.append(str(error))

    def _said(self, message: ConsoleMessage) -> None:
        # A browser reports the status of every answer; whether that is as it should be is asked
        # of the page itself.
        is_status = message.text.startswith("Failed to load resource: the server responded")
        if message.type in ("error", "warning") and not is_status:
            self.complaints.append(message.text)

    def forget(self) -> None:
        """Begins anew."""
        self.requests.clear()
        self.complaints.clear()

    @property
    def status(self) -> int:
        """What the last page that was gone to, or asked for by a script, was answered with."""
        pages = [one for one in self.requests if one.resource_type in ("document", "fetch")]
        response = pages[-1].response() if pages else None
        return response.status if response is not None else 0

    def parts(self) -> dict[str, int]:
        """What a page is made of besides its pictures, each with its bytes."""
        found: dict[str, int] = {}
        for request in self.requests:
            path = urlsplit(request.url).path
            is_part = not path.startswith(PICTURES) and request.resource_type not in _AHEAD
            response = request.response() if is_part else None
            if response is not None:
                found[path] = int(response.headers.get("content-length", 0))
        return found
