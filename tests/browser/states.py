"""Every kind of page of the viewer and every state it can be in, brought about in a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import expect

from tests.browser.rich import TAGS
from tests.browser.walk import Walk
from tests.support import PASSWORD

Steps = Callable[[Walk], None]


@dataclass(frozen=True, slots=True)
class State:
    """A page in one of its states: how one gets there, and the status its answer has."""

    name: str
    open: Steps
    status: int = 200
    is_plain_visit: bool = False
    """Whether it is what opening one address shows."""


def _at(name: str, path: str, status: int = 200) -> State:
    return State(name, lambda walk: walk.go(path), status, is_plain_visit=True)


def _of(name: str, key: str, query: str = "") -> State:
    return State(name, lambda walk: walk.go(walk.found[key] + query), is_plain_visit=True)


# People and pictures


def _delete_user(walk: Walk) -> None:
    walk.go("users/")
    walk.press("td .danger-text")


def _filtered_to_nothing(walk: Walk) -> None:
    walk.go(walk.found["album"])
    walk.page.fill("#tag1", TAGS[2])
    walk.page.select_option("[name=tf1]", "2")
    walk.page.keyboard.press("Escape")
    walk.press("#filters button[data-tags]")
    expect(walk.page.locator("#nothing")).to_be_visible()


def _besides_opened(walk: Walk) -> None:
    walk.go(walk.found["album"])
    for summary in walk.page.locator(".besides summary").all():
        summary.click()


def _selected(walk: Walk) -> None:
    walk.go(walk.found["album"])
    walk.press("#lock")
    for box in walk.page.locator("input[name=pick]").all()[:3]:
        box.check(force=True)
    expect(walk.page.locator(".selected-count strong")).to_have_text("3")


def _suggested(walk: Walk) -> None:
    _selected(walk)
    walk.page.locator("#tools input[name=tag_select]").type("q")
    expect(walk.page.locator("#tools [role=option]").first).to_be_visible()


def _full_screen(walk: Walk) -> None:
    walk.go(walk.found["album"])
    walk.page.locator("li.cell a.to").nth(1).click()
    expect(walk.page.locator("dialog.full .picture-stage")).to_be_focused()


def _full_screen_facts(walk: Walk) -> None:
    _full_screen(walk)
    walk.page.keyboard.press("i")
    expect(walk.page.locator("dialog.full .picture-side")).to_be_visible()


def _trashed_picture(walk: Walk) -> None:
    name = walk.links("trash/", "#restore [name=pick]")[0].get("value")
    walk.go(f"picture/{name}/")


def _delete_tag(walk: Walk) -> None:
    walk.go(walk.found["tag"])
    walk.page.locator(".tag-edit > summary").click()
    walk.press("#ask-delete button")


def _searched(walk: Walk) -> None:
    walk.go("")
    walk.page.fill("#seek", "zander")
    expect(walk.page.locator("#found a").first).to_be_visible()


def _found(walk: Walk) -> None:
    walk.go("search/")
    walk.page.fill("#search input[name=q]", "ulme")
    walk.press("#search button")


def _help(walk: Walk) -> None:
    walk.go(walk.found["2 pictures"])
    walk.page.keyboard.press("?")
    expect(walk.page.locator("dialog.keys-help")).to_be_visible()


def _menu(walk: Walk) -> None:
    walk.go("")
    walk.page.locator("details.menu summary").click()


# Duplicates


def _wrong_limit(walk: Walk) -> None:
    walk.go("duplicates/")
    walk.page.fill("#limits [name=regular_percept]", "many")
    walk.press("#limits button")
    expect(walk.page.locator("#limits [aria-invalid]")).to_have_count(1)


def _other_limit(walk: Walk) -> None:
    walk.go("duplicates/")
    for kind in ("regular", "animated"):
        walk.page.fill(f"#limits [name={kind}_percept]", "1")
    walk.press("#limits button")


def _ask(form: str) -> Steps:
    def steps(walk: Walk) -> None:
        walk.go("duplicates/")
        walk.press(f"#{form} button")
        expect(walk.page.locator("#confirm")).to_be_visible()

    return steps


def _refused(walk: Walk) -> None:
    walk.go(walk.found["2 pictures"])
    for radio in walk.page.locator("input[value=skip]").all():
        radio.evaluate("one => (one.checked = true)")
    walk.page.locator("#verdicts button").click()
    expect(walk.page.locator(".message.error")).to_be_visible()
    walk.page.wait_for_selector(".stage[data-painted]")


def _changed_meanwhile(walk: Walk) -> None:
    walk.go(walk.found["2 pictures"])
    walk.page.locator("input[name=seen]").evaluate_all("all => all.forEach(x => (x.value = 'x'))")
    walk.page.locator("#verdicts button").click()
    expect(walk.page.locator("h1")).to_contain_text("changed since")


def _evidence(walk: Walk) -> None:
    walk.go(walk.found["3 pictures"])
    for summary in walk.page.locator("main details > summary").all():
        if summary.is_visible():
            summary.click()


def _wrong_rule(walk: Walk) -> None:
    walk.go("duplicates/rules/1/")
    walk.page.fill("[name=probability_at_least]", "2")
    walk.press("#rule button.primary")
    expect(walk.page.locator("#rule [aria-invalid]")).to_have_count(1)


def _sampled(walk: Walk) -> None:
    walk.go("review/plan/")
    walk.press("#plan a:has-text('at random')")
    walk.page.locator(".bars > summary").click()


def _undo_all(walk: Walk) -> None:
    walk.go("review/summary/")
    walk.press("main button.danger")


def _locked(walk: Walk) -> None:
    walk.go("")
    walk.served.viewer.lock()
    walk.go(walk.found["album"])


def _wrong_password(walk: Walk) -> None:
    walk.go("")
    walk.page.fill("#password", "perhaps")
    walk.press("#unlock button")
    expect(walk.page.locator("#wrong")).to_be_visible()


def _at_work(walk: Walk) -> None:
    walk.go("jobs/")
    walk.page.fill("#start-site [name=user]", "practice")
    walk.press("#start-site button")
    expect(walk.page.locator("#jobs-now progress").first).to_be_visible()


def _undone_out_of_order(walk: Walk) -> None:
    walk.go("history/")
    walk.press(f"#change-{walk.extra['stale']} button")
    expect(walk.page.locator("h1")).to_contain_text("Not undone")


# Work


def _export_effect(walk: Walk) -> None:
    walk.go("export/")
    walk.page.check("[name=renumber]")
    walk.press("#choose button")
    expect(walk.page.locator("#preview")).to_be_visible()


def _wrong_job(walk: Walk) -> None:
    walk.go("jobs/")
    walk.page.fill("#start-folder [name=local]", "/nowhere/at/all")
    walk.press("#start-folder button")
    expect(walk.page.locator("#start-folder [aria-invalid]")).to_have_count(1)


def _wrong_word(walk: Walk) -> None:
    walk.go("trash/")
    walk.page.fill("#word", "perhaps")
    walk.press("#empty-form button")


def _wrong_settings(walk: Walk) -> None:
    walk.go("settings/")
    walk.page.locator("main details summary").first.click()
    walk.page.locator("input.key").first.fill("Enter")
    walk.press("button[name=save]")
    expect(walk.page.locator("[aria-invalid]").first).to_be_visible()


def _recovery_code(walk: Walk) -> None:
    walk.go("archive/encrypt/")
    if not walk.page.locator("#make-code").count():
        walk.go("archive/keys/")
    walk.press("#make-code button")
    expect(walk.page.locator(".code")).to_be_visible()


def _wrong_key(walk: Walk) -> None:
    walk.go("archive/keys/")
    form = "#change" if walk.page.locator("#change").count() else "#encrypt"
    for field in walk.page.locator(f"{form} [type=password]").all():
        name = field.get_attribute("name")
        field.fill(PASSWORD if name == "password" else f"perhaps {name}")
    walk.press(f"{form} button")
    expect(walk.page.locator("[aria-invalid]").first).to_be_visible()


def _no_backup(walk: Walk) -> None:
    walk.go("archive/restore/")
    walk.page.fill("#source", "/nowhere/at/all")
    walk.press("#look button")


PEOPLE = (
    _at("home", ""),
    State("home, menu open", _menu),
    State("home, found while typing", _searched),
    _at("users", "users/"),
    State("delete a user?", _delete_user),
    _of("albums", "user"),
    _at("search", "search/"),
    State("search results", _found),
    _at("settings", "settings/"),
    State("settings refused", _wrong_settings, 400),
    _at("nowhere", "picture/" + "0" * 64 + "/", 404),
)

PICTURES = (
    _of("album", "album"),
    State("album, what is besides", _besides_opened),
    _of("large album", "large"),
    _of("large album, page 2", "large", "?page=2"),
    State("album filtered to nothing", _filtered_to_nothing),
    State("locked for tagging, 3 selected", _selected),
    State("a tag is typed", _suggested),
    _at("tags", "tag/0/"),
    _of("tag", "tag"),
    _of("tag without pictures", TAGS[2]),
    State("delete a tag?", _delete_tag),
    _of("picture", "picture"),
    State("full screen", _full_screen),
    State("full screen, facts", _full_screen_facts),
)

SETS = (
    _of("set of two", "2 pictures"),
    _of("set of three", "3 pictures"),
    _of("set of five", "5 pictures"),
    _of("exact copies", "2 places"),
    _of("slider", "2 pictures", "?view=over"),
    _of("difference", "2 pictures", "?view=diff"),
    _of("sheet", "5 pictures", "?view=sheet"),
    State("evidence and places", _evidence),
    State("keys of a review", _help),
    State("choices refused", _refused, 400),
    State("changed meanwhile", _changed_meanwhile, 409),
)

DUPLICATES = (
    _at("duplicates", "duplicates/"),
    _at("no such duplicates", "duplicates/?state=decided&kind=exact"),
    State("sensitivity refused", _wrong_limit, 400),
    State("sensitivity, its effect", _other_limit),
    _at("what verdicts say", "duplicates/?learned=1"),
    State("find again?", _ask("find")),
    State("delete pending?", _ask("pending")),
    State("delete all?", _ask("all")),
    _at("review", "review/"),
    _at("plan", "review/plan/"),
    State("plan, some at random", _sampled),
    _at("rules", "duplicates/rules/"),
    State("rule refused", _wrong_rule, 400),
    _at("what rules come to", "duplicates/rules/plan/"),
    _at("summary", "review/summary/"),
    State("undo all?", _undo_all),
)

WORK = (
    _at("history", "history/"),
    State("not undone", _undone_out_of_order, 409),
    _at("trash", "trash/"),
    State("trash, wrong word", _wrong_word, 400),
    State("picture in the trash", _trashed_picture),
    _at("export", "export/"),
    State("export, its effect", _export_effect),
    _at("jobs", "jobs/"),
    State("job refused", _wrong_job, 400),
    _at("a job that ended", "jobs/1/"),
    _at("a job that failed", "jobs/2/"),
    _at("archive", "archive/"),
    _at("what can be repaired", "jobs/3/"),
    _at("keys", "archive/keys/"),
    _at("encrypt or decrypt", "archive/decrypt/"),
    _at("restore", "archive/restore/"),
    State("recovery code", _recovery_code),
    State("key refused", _wrong_key, 400),
    State("no backup there", _no_backup, 400),
)

ALL = PEOPLE + PICTURES + SETS + DUPLICATES + WORK
"""Every page, but for those of somebody who is not let in."""

OUTSIDE = (
    _at("who is there?", "", 403),
    _at("who is there, far in?", "users/", 403),
    State("a wrong code", _wrong_password, 403),
)
"""What somebody sees who is not let in."""

LOCKED = (
    State("locked", _locked, 423),
    State("a wrong password", _wrong_password, 423),
)
"""What is left of an encrypted archive once it is locked; this locks it."""

AT_WORK = (
    State("jobs, one at work", _at_work),
    _at("a job at work", "jobs/4/"),
    _at("home while a job is at work", ""),
)
"""Pages while a site is read; this begins to read it."""
