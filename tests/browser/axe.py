"""What axe-core, the checker of accessibility rules, finds in a page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

_SOURCE = Path(__file__).parent / "vendor" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page, *rules: str) -> list[str]:
    """Each broken rule with the elements that break it, as lines; of all rules, or of some."""
    page.wait_for_load_state()  # what a click led to may have begun only
    # Evaluated in the page's world by the browser itself: its policy forbids scripts in the page.
    page.evaluate(_SOURCE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "runOnly => axe.run(document, {runOnly, resultTypes: ['violations']})",
        {"type": "rule", "values": rules} if rules else _RULES,
    )
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
