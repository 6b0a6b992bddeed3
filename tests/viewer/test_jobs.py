"""The jobs pages without JavaScript: starting, watching, cancelling, and what it came to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fapfav.jobs import journal
from fapfav.model import Job, User
from fapfav.practice.child import Child
from tests.support import PASSWORD, album
from tests.viewer.browsing import Visitor
from tests.viewer.working import alone, at_home, over, pictures, practice, until, working
from viewer import workers
from viewer.state import Viewer

JOBS = "/viewer/jobs/"
NASTY = "<img src=x onerror=alert(1)>\u202e"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    with practice(tmp_path_factory.mktemp("site")) as child:
        yield child


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    (tmp_path / "home").mkdir()
    with at_home(tmp_path / "home") as patch:
        yield patch


@pytest.fixture
def there(home: pytest.MonkeyPatch, site: Child) -> pytest.MonkeyPatch:
    """The practice site."""
    home.setenv("FAPFAV_IMAGEFAP_URL", site.url)
    home.setenv("FAPFAV_PACE", "0.05,0.05")
    return home


@pytest.fixture
def viewer(tmp_path: Path) -> Iterator[Viewer]:
    with working(tmp_path / "archive", sealed=False) as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    album(tmp_path / "pictures" / NASTY, 3)
    return tmp_path / "pictures"


def with_user(viewer: Viewer) -> None:
    with viewer.archive() as archive, archive.write("read") as tx:
        tx.put(User("imagefap", "100001", NASTY))


def test_there_is_nothing_yet(visitor: Visitor) -> None:
    page = visitor.get(JOBS)

    assert page.status == 200
    assert "Nothing is running." in page.text
    assert "No job has ended yet." in page.text
    assert page.all("#start-site")
    assert page.all("#start-audit") == [], "nobody was read whose pictures could be looked for"


def test_a_folder_is_read_from_the_page_and_taken_back(
    viewer: Viewer, visitor: Visitor, folder: Path
) -> None:
    page = visitor.get(JOBS).submit("#start-folder", local=str(folder))
    assert page.status == 200
    assert f"Started: Read the folder {folder}." in page.text
    over(1)
    assert pictures(viewer) == 3

    page = visitor.get(JOBS)
    assert "saved: 3" in page.one("#past-1").text_content()
    job = page.follow("#past-1 a")
    assert job.title == "Job 1"
    assert job.one("dl").text_content().startswith("Saved3")
    assert "img src=x onerror=alert(1)" in job.text
    assert job.all("main img") == []
    assert "\u202e" not in job.source

    back = job.submit("main form")
    assert back.status == 200
    assert pictures(viewer) == 0
    assert visitor.get(JOBS).all("#past-1 form") == []


def test_a_site_is_read_while_the_page_shows_how_far(
    viewer: Viewer, visitor: Visitor, there: pytest.MonkeyPatch
) -> None:
    there.setenv("FAPFAV_PACE", "60,60")  # it goes on until it is cancelled
    page = visitor.get(JOBS).submit("#start-site", user="practice")
    until(lambda: workers.job(1).progress)
    page = visitor.get(JOBS)
    assert "Read favourites of practice" in page.one("#job-1").text_content()
    assert page.one("#job-1 progress") is not None
    assert page.one("#jobs-now").get("hx-headers") == '{"X-Background": "1"}'
    assert "1" in page.one("header a[aria-current] .badge").text_content()

    page = page.submit("#job-1 form")
    assert "it ends, and keeps what is done" in page.text
    assert over(1).state == "cancelled"
    assert "cancelled" in visitor.get(JOBS).one("#past-1").text_content()


def test_an_unknown_user_fails_in_the_sites_words(
    visitor: Visitor, there: pytest.MonkeyPatch
) -> None:
    visitor.get(JOBS).submit("#start-site", user="nobody")
    over(1)
    page = visitor.get(JOBS).follow("#past-1 a")

    assert "Failed" in page.text
    assert "nobody" in page.one("main .error").text_content()


@pytest.mark.parametrize(
    ("form", "fields", "field", "words"),
    [
        ("site", {}, "user", "whose favourites?"),
        ("site", {"user": "a", "number": "1"}, "number", "give one of them"),
        ("site", {"number": "x"}, "number", "takes a user's number"),
        ("site", {"user": "lolicon"}, "user", "never keeps"),
        ("site", {"user": "a", "folder": "a\x07"}, "folder", "characters that no name has"),
        ("folder", {}, "local", "which folder?"),
        ("folder", {"local": NASTY}, "local", "give the whole path"),
        ("folder", {"local": "/nowhere/at/all"}, "local", "/nowhere/at/all"),
        ("audit", {"number": "7"}, "number", "knows no user"),
        ("audit", {}, "number", "whose pictures?"),
        ("retry", {"number": "7"}, "number", "knows no user"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(
    viewer: Viewer, visitor: Visitor, form: str, fields: dict[str, str], field: str, words: str
) -> None:
    with_user(viewer)
    page = visitor.get(JOBS)
    empty = {each.get("name"): "" for each in page.all(f"#start-{form} [name]")}
    token = page.one(f"#start-{form} [name=csrfmiddlewaretoken]").get("value")
    sent = {**empty, "form": form, "csrfmiddlewaretoken": token, **fields}
    page = visitor.post(JOBS, list(sent.items()))

    assert page.status == 400
    wrong = page.one(f"#start-{form} .wrong")
    assert words in wrong.text_content()
    at = page.one(f"#start-{form} [name={field}]")
    assert at.get("aria-invalid") == "true"
    assert at.get("aria-describedby") == wrong.get("id")
    if at.tag == "input" and form != "audit":
        assert at.get("value") == fields.get(field, "")
    assert workers.running() == ()
    with alone(viewer) as archive:
        assert len(archive.jobs) == 0


def test_a_form_that_starts_no_job_is_refused(visitor: Visitor) -> None:
    token = visitor.get(JOBS).one("#start-find [name=csrfmiddlewaretoken]").get("value")
    for form in ("", "plan", "dance"):
        page = visitor.post(JOBS, [("form", form), ("csrfmiddlewaretoken", token)])
        assert page.status == 400
    assert visitor.post(JOBS, [("form", "find")]).status == 403
    assert workers.running() == ()


def test_looking_changes_nothing(viewer: Viewer, visitor: Visitor) -> None:
    visitor.get(JOBS).submit("#start-find")
    over(1)
    with viewer.archive() as archive:
        before = archive.last
    for address in (JOBS, JOBS + "1/", JOBS + "running/?seen=1", JOBS + "1/progress/"):
        assert visitor.get(address).status == 200
    assert visitor.get(JOBS + "1/cancel/").status == 405
    assert visitor.get(JOBS + "7/").status == 404
    with alone(viewer) as archive:
        assert archive.last == before


def test_asking_how_far_is_no_visit(viewer: Viewer, visitor: Visitor) -> None:
    viewer.lock_after = 1e9
    visitor.get(JOBS)
    before = viewer.seconds_left
    visitor.get(JOBS + "running/", **{"X-Background": "1"})
    visitor.get(JOBS + "running/", **{"X-Background": "1"})

    assert viewer.seconds_left is not None
    assert before is not None
    assert viewer.seconds_left < before


def test_what_has_ended_since_comes_with_what_runs(visitor: Visitor) -> None:
    visitor.get(JOBS).submit("#start-find")
    over(1)

    assert visitor.get(JOBS + "running/?seen=1").all("#jobs-past[hx-swap-oob] #past-1")
    assert not visitor.get(JOBS + "running/?seen=").all("#jobs-past")
    assert visitor.get(JOBS + "1/progress/").response["HX-Refresh"] == "true"


def test_failures_are_listed_and_cut(viewer: Viewer, visitor: Visitor) -> None:
    with viewer.archive() as archive:
        number = journal.begin(archive, "read", {"user": NASTY})
        failures = [["album", f"{NASTY}{each}", "why"] for each in range(1000)]
        report = {"saved": 0, "failed": 1000, "failures": failures, "warnings": ["careful"]}
        journal.finish(archive, number, "done", report)
    page = visitor.get(f"{JOBS}{number}/")

    assert "The first 200 of 1,000." in page.text
    assert "careful" in page.text
    assert page.all("main img") == []
    assert "\u202e" not in page.source


def test_an_odd_row_is_shown_as_far_as_it_makes_sense(viewer: Viewer, visitor: Visitor) -> None:
    report = {"saved": "x", "failures": [1, "a", ["b"]], "albums": [3], "warnings": [None]}
    with viewer.archive() as archive, archive.write("settings") as tx:
        tx.put(Job(5, "dance", {"user": [1]}, "done", 0, 0, report), Job(6, "read", {}, "odd", 0))
        tx.put(Job(7, "plan", {"sets": 3}, "running", 5))

    assert visitor.get(JOBS).status == 200
    assert [visitor.get(f"{JOBS}{number}/").status for number in (5, 6, 7)] == [200] * 3
    assert "Broken off" in visitor.get(f"{JOBS}7/").text


def test_a_sealed_archives_pages_carry_no_name_in_title_or_address(
    tmp_path: Path, folder: Path
) -> None:
    with working(tmp_path / "sealed", sealed=True) as viewer:
        visitor = Visitor(viewer)
        visitor.get(JOBS).submit("#start-folder", local=str(folder))
        over(1)
        page = visitor.get(JOBS).follow("#past-1 a")
        assert (page.title, page.address.split("/")[-2]) == ("Job 1", "1")
        assert page.response["Cache-Control"] == "no-store"

        viewer.lock()
        assert visitor.get(JOBS).status == 423
        assert visitor.get(JOBS + "running/", **{"X-Background": "1"}).status == 423
        viewer.unlock(PASSWORD)
