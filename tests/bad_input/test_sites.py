"""Users, folders and pages that are not there, not shown, or not what they were."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fapfav.practice.kinds import other_bytes, status
from fapfav.practice.pages import Style, strange
from fapfav.practice.site import Account, PracticeSite
from fapfav.practice.troubles import Kind
from tests.bad_input.online import FILES, LISTS, NEW, PHOTOS, READ, USER, WHOLE, Visitor
from tests.bad_input.trouble import OFF, digests, opened, refused
from tests.cli.running import Home
from tests.jobs.sites import ACCOUNT, LAKES, hills, image, photos

NOBODY = Account("100009", "Nobody")


@pytest.fixture
def visitor(home: Home) -> Iterator[Visitor]:
    """Nothing is read yet."""
    with PracticeSite([ACCOUNT, NOBODY], page_size=4) as site:
        yield Visitor(home, site)


@pytest.fixture
def reader(visitor: Visitor, read_home: Path) -> Visitor:
    """Everything is read."""
    shutil.copytree(read_home, visitor.home.path, dirs_exist_ok=True)
    return visitor


@pytest.fixture(scope="module")
def read_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose archive holds everything; only copied, never used."""
    path = tmp_path_factory.mktemp("read")
    with PracticeSite([ACCOUNT, NOBODY], page_size=4) as site:
        done = Visitor(Home(path), site).run(*NEW)
    assert done.code == 0, done.err
    return path


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("read", "-u", "carol", *OFF), "no favourites of 'carol': there is no such user"),
        (("read", "-i", "424242", *OFF), "no favourites of '424242': there is no such user"),
        (("get", "-u", "carol", "-f", "x", "-o", "out"), "no favourites of 'carol'"),
        (("list", "-i", "9" * 20), f"no favourites of '{'9' * 20}'"),
        (("read", *USER, "-f", "Lake", *OFF), "has no folder 'Lake'; there are 'Peaks' (20002), "),
        (("read", *USER, "-f", "777", *OFF), "has no folder '777'; there are 'Peaks' (20002), "),
        (("get", *USER, "-f", "777", "-o", "out"), "no folder '777'; there are 'Peaks' (20002), "),
        (("read", *USER, "-n", "all OF it", *OFF), "'All of it' (20003) holds galleries"),
        (("get", *USER, "-f", "20003", "-o", "out"), "'All of it' (20003) holds galleries"),
        (("read", "-u", "nobody", *OFF), "the favourites are hidden, or there are none yet"),
        (("list", "-u", "nobody"), "the favourites are hidden, or there are none yet"),
        (("get", "-u", "nobody", "-f", "x"), "the favourites are hidden, or there are none yet"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(
    visitor: Visitor, words: tuple[str, ...], message: str
) -> None:
    more = ("--no-password",) if words[0] == "read" else ()

    run = visitor.run if more else visitor.quick
    refused(run(*words, *more), 4, message)

    assert photos(visitor.site) == []
    assert not (visitor.home.path / "out").exists()
    assert visitor.kept() == set()


def test_folders_that_are_not_there_leave_an_archive_as_it_was(reader: Visitor) -> None:
    refused(reader.run("read", *USER, "-f", "Lake", *OFF), 4, "'Lakes & rivers' (20001)")
    refused(reader.quick("read", *USER, "-f", "All of it", *OFF), 4, "holds galleries")
    refused(reader.run("read", "-u", "carol", *OFF), 4, "'carol': there is no such user")
    refused(reader.run("read", "-u", "nobody", *OFF), 4, "or there are none yet")

    assert reader.kept() == set(WHOLE)
    reader.goes_on("--force")


@pytest.mark.parametrize("verb", ["read", "list", "get"])
def test_hidden_favourites_are_said_to_be_hidden(visitor: Visitor, verb: str) -> None:
    visitor.site.hide(ACCOUNT.user)
    words = {"read": NEW, "list": ("list", *USER), "get": ("get", *USER, "-f", "Peaks")}

    refused(visitor.run(*words[verb]), 4, "no folders of 'Alice'", "hidden")

    visitor.site.hide(ACCOUNT.user, hidden=False)
    visitor.goes_on()


def test_a_user_who_hides_the_favourites_later_loses_nothing(reader: Visitor) -> None:
    reader.site.hide(ACCOUNT.user)

    refused(reader.run(*READ, "--force"), 4, "no folders of 'Alice'", "hidden")

    assert reader.kept() == set(WHOLE)
    reader.site.hide(ACCOUNT.user, hidden=False)
    reader.goes_on("--force")


def test_a_user_who_vanishes_between_two_runs_loses_nothing(home: Home) -> None:
    with PracticeSite([ACCOUNT]) as site:
        assert Visitor(home, site).quick(*NEW).code == 0
    with PracticeSite([NOBODY]) as site:
        later = Visitor(home, site)
        refused(later.run(*READ, "--force"), 4, ACCOUNT.user, "that user is gone or hides them")
        assert later.kept() == set(WHOLE)

        audited = later.run("audit", *USER, "--json")

        assert audited.code == 0, audited.err
        assert (audited.object["checked"], audited.object["gone"]) == (12, 12)
        assert later.kept() == set(WHOLE)


def test_a_folder_removed_while_it_is_read_is_a_warning(visitor: Visitor) -> None:
    # Of its second page on the site knows nothing of Peaks, nor does any later list.
    visitor.play(status(404), "page=[1-9].*folderid=20002")
    visitor.play(status(404), "folderid=20002", after=1)

    done = visitor.run(*NEW, "--json")

    assert done.code == 0, done.err
    assert "Peaks: user 100001 of imagefap has no folder 20002" in done.err
    # What its first page named is still on the site, and wanted.
    assert visitor.kept() == digests(map(hills, range(9)))
    visitor.goes_on("--force")


def test_a_folder_removed_between_two_runs_keeps_its_pictures(reader: Visitor) -> None:
    reader.site.remove_folder("20001")

    again = reader.run(*READ, "--force", "--json")

    assert again.code == 0, again.err
    assert (again.object["failed"], again.object["saved"]) == (0, 0)
    refused(reader.run("get", *USER, "-f", "20001", "-o", "out"), 4, "'Peaks' (20002)")
    refused(reader.run(*READ, "-f", "Lakes & rivers", "--force"), 4, "no folder 20001")
    assert reader.kept() == set(WHOLE)


@pytest.mark.parametrize(
    ("path", "words", "named"),
    [
        ("/profile/", NEW, "alice"),
        (LISTS, NEW, "showfavorites.php?userid=100001"),
        ("folderid=20002", NEW, "folderid=20002"),
        (PHOTOS, NEW, f"/photo/{image(4)}/"),
        (LISTS, ("list", *USER), "showfavorites.php?userid=100001"),
        ("folderid=20002", ("get", *USER, "-f", "Peaks", "-o", "out"), "folderid=20002"),
        (PHOTOS, ("get", *USER, "-f", "Lakes & rivers", "-o", "out"), f"/photo/{image(4)}/"),
    ],
)
def test_a_site_that_changed_its_pages_is_said_to_have(
    visitor: Visitor, path: str, words: tuple[str, ...], named: str
) -> None:
    visitor.play(other_bytes(strange("Practice").encode()), path)

    done = visitor.run(*words) if words is NEW else visitor.quick(*words)

    refused(done, 4, named)
    if path != "/profile/":  # without a link to the favourites it is what an unknown user has
        refused(done, 4, "may have changed its pages", "newer version")
    assert visitor.kept() == set()
    if words is NEW:
        visitor.goes_on()


def test_a_site_that_changes_while_it_is_read_damages_nothing(visitor: Visitor) -> None:
    visitor.play(other_bytes(strange("Practice").encode()), PHOTOS, after=6)

    done = visitor.run(*NEW, "--json")

    assert done.code == 4, done.err
    assert "may have changed its pages" in done.object["error"]
    assert (done.object["saved"], done.object["failed"]) == (6, 0)
    assert visitor.kept() == digests(map(hills, range(6)))
    visitor.site.forget()
    visitor.goes_on()
    assert photos(visitor.site) == [image(number) for number in range(6, 12)]


@pytest.mark.parametrize("after", [0, 3])
def test_a_changed_site_says_of_no_picture_that_it_is_gone(reader: Visitor, after: int) -> None:
    reader.play(other_bytes(strange("Practice").encode()), PHOTOS, after=after)

    done = reader.run("audit", *USER, "--json")

    assert done.code == 4, done.out
    assert "may have changed its pages" in done.object["error"]
    assert done.object["gone"] == 0
    reader.site.troubles.clear()
    again = reader.quick("audit", *USER, "--json").object
    assert (again["checked"] + again["skipped"], again["newly_gone"], again["back"]) == (12, 0, 0)
    assert again["gone"] == 0


def test_an_audit_when_everything_vanished_deletes_nothing_and_hears_of_what_comes_back(
    reader: Visitor,
) -> None:
    for number in range(12):
        reader.site.vanish(image(number))

    gone = reader.run("audit", *USER, "--json")

    assert gone.code == 0, gone.err
    assert (gone.object["gone"], gone.object["newly_gone"]) == (12, 12)
    assert reader.kept() == set(WHOLE)
    for number in range(12):
        reader.site.come_back(image(number))
    a_month_later(reader)
    back = reader.quick("audit", *USER, "--json")
    assert (back.object["gone"], back.object["back"]) == (0, 12)


def a_month_later(reader: Visitor) -> None:
    """Sets back when everything was checked, so that it is time to check it again."""
    with opened(reader.archive) as archive, archive.write("age") as tx:
        for check in list(tx.checks.records()):
            tx.put(replace(check, checked=check.checked - 30 * 86400))


@pytest.mark.parametrize("kind", [status(403), status(500)])
def test_an_audit_that_is_refused_everywhere_records_nothing_as_gone(
    reader: Visitor, kind: Kind
) -> None:
    reader.play(kind, FILES)

    done = reader.run("audit", *USER, "--json")

    assert done.code == 4, done.out
    assert done.object["gone"] == 0
    reader.site.troubles.clear()
    again = reader.quick("audit", *USER, "--json").object
    assert (again["checked"], again["gone"]) == (12, 0)


def test_an_audit_and_a_retry_without_a_user_who_was_read_ask_nothing(reader: Visitor) -> None:
    for verb in ("audit", "retry"):
        refused(reader.quick(verb, "-u", "nobody"), 2, "knows no user 'nobody'", "'Alice' (100001)")
    nothing = reader.run("retry", *USER, "--json")

    assert (nothing.code, nothing.object["saved"], nothing.object["failed"]) == (0, 0, 0)
    assert reader.site.log == ()


def test_a_user_all_of_whose_folders_are_empty_is_read_to_the_end(home: Home) -> None:
    empty = replace(ACCOUNT, folders=(replace(LAKES, items=()),))
    with PracticeSite([empty], style=Style(links="")) as site:
        visitor = Visitor(home, site)
        done = visitor.run(*NEW, "--json")

        assert (done.code, done.object["saved"]) == (0, 0), done.err
        nothing = visitor.run("audit", *USER, "--json")
        assert (nothing.code, nothing.object["checked"]) == (0, 0)
        got = visitor.run("get", *USER, "-f", "20001", "-o", "out", "--json")
        assert (got.code, got.object["saved"]) == (0, 0)
