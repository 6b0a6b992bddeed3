"""Pages about keys: what opens the archive, changed by whoever knows the password; encryption."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fapfav.errors import WrongPassword
from fapfav.jobs import convert
from fapfav.jobs.keys import key_list
from fapfav.jobs.library import open_archive
from fapfav.store.database import NAME
from tests.support import PASSWORD
from tests.viewer.archives import copied
from tests.viewer.browsing import Page, Visitor
from tests.viewer.working import at_home, over
from viewer import workers
from viewer.addresses import name_of
from viewer.attempts import Attempts
from viewer.state import LOCK_AFTER, Viewer, install

ARCHIVE = "/viewer/archive/"
KEYS = "/viewer/archive/keys/"
ENCRYPT = "/viewer/archive/encrypt/"
DECRYPT = "/viewer/archive/decrypt/"
NEW = "battery staple"


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Iterator[None]:
    (tmp_path / "home").mkdir()
    with at_home(tmp_path / "home"):
        yield


@pytest.fixture
def sealed(made: dict[bool, Path], tmp_path: Path) -> Iterator[Viewer]:
    yield from served(copied(made[True], tmp_path / "archive"), PASSWORD)


@pytest.fixture
def plain(made: dict[bool, Path], tmp_path: Path) -> Iterator[Viewer]:
    yield from served(copied(made[False], tmp_path / "archive"), None)


def served(where: Path, password: str | None) -> Iterator[Viewer]:
    """A viewer that takes the password the archive has by then."""
    viewer = Viewer(
        where, lambda given: open_archive(where, given), is_sealed=bool(password), lock_after=0
    )
    viewer.unlock(password)
    install(viewer)
    try:
        yield viewer
    finally:
        workers.of(viewer).shut_down()
        viewer.lock()
        install(None)


def opens(viewer: Viewer, password: str | None) -> bool:
    return opens_at(viewer.directory, password)


def opens_at(where: Path, password: str | None) -> bool:
    try:
        open_archive(where, password).close()
    except WrongPassword:
        return False
    return True


def code_of(page: Page) -> str:
    return "-".join(each.text_content() for each in page.all(".code code"))


def typed(page: Page) -> dict[str, str]:
    """The groups that are asked for, in a person's writing."""
    groups = code_of(page).split("-")
    names = [each.get("name") for each in page.all(".typed input")]
    return {name: f" {groups[int(name.split('_')[1]) - 1].lower()}" for name in names}


def finished(page: Page) -> Page:
    """The page of the job that was begun, once it is over."""
    number = int(re.search(r"/jobs/(\d+)/", page.address)[1])  # type: ignore[index]
    assert over(number).error == ""
    return page.visitor.get(page.address)


# Keys


def test_the_password_is_changed_and_the_viewer_stays_open(sealed: Viewer) -> None:
    visitor = Visitor(sealed)
    page = visitor.get(ARCHIVE).follow("#opens .button")
    assert page.response["Cache-Control"] == "no-store"
    assert "only key" in page.text
    page = page.submit("#change", button="do=change", password=PASSWORD, new=NEW, again=NEW)

    assert page.status == 200
    assert "The password is changed" in page.text
    assert (opens(sealed, PASSWORD), opens(sealed, NEW)) == (False, True)
    assert visitor.get("/viewer/users/").status == 200
    with sealed.archive() as archive:
        assert len(key_list(archive).keys) == 1


@pytest.mark.parametrize(
    ("fields", "at", "words"),
    [
        ({"password": "perhaps", "new": NEW, "again": NEW}, "password", "not the password"),
        ({"password": "", "new": NEW, "again": NEW}, "password", "type the password"),
        ({"password": PASSWORD, "new": NEW, "again": "other"}, "again", "not the same"),
        ({"password": PASSWORD, "new": " ", "again": " "}, "new", "type the new"),
        ({"password": PASSWORD, "new": "x" * 1100, "again": "x" * 1100}, "new", "longer"),
    ],
)
def test_what_is_typed_wrongly_changes_nothing_and_is_not_said_back(
    sealed: Viewer, fields: dict[str, str], at: str, words: str
) -> None:
    page = Visitor(sealed).get(KEYS).submit("#change", button="do=change", **fields)

    assert page.status == 400
    assert words in page.one(f"#change-{at}-wrong").text_content().lower()
    assert all(not each.get("value") for each in page.all("input[type=password]"))
    assert opens(sealed, PASSWORD)
    with sealed.archive() as archive:
        said = repr([archive.changes.records(), archive.jobs.records()]) + page.source
    for each in (NEW, "perhaps"):
        assert each not in said


def test_guessing_takes_longer_and_longer_here_too(sealed: Viewer) -> None:
    sealed.attempts = Attempts(lambda: 0.0)  # no wait is over before the test is
    page = Visitor(sealed).get(KEYS)
    said = [
        page.submit("#change", button="do=change", password="no", new=NEW, again=NEW).text
        for _ in range(5)
    ]
    assert "too many wrong answers" in said[-1].lower()
    page = page.submit("#change", button="do=change", password=PASSWORD, new=NEW, again=NEW)
    assert page.status == 400
    assert opens(sealed, PASSWORD)


def test_a_password_is_added_and_removed_and_the_last_one_stays(sealed: Viewer) -> None:
    visitor = Visitor(sealed)
    page = visitor.get(KEYS).submit(
        "#add", button="do=add", password=PASSWORD, new=NEW, again=NEW, label="<b>hers"
    )
    assert "A password is added" in page.text
    assert opens(sealed, NEW)
    assert "<b>hers" in page.one("tbody tr:last-child").text_content()

    first, second = (each.get("value") for each in page.all("#remove [name=key]"))
    page = page.submit("#remove", button="do=remove", password=NEW, key=first)
    assert "removed" in page.one("#messages").text_content()
    assert (opens(sealed, PASSWORD), opens(sealed, NEW)) == (False, True)
    assert not page.all("#remove [name=key]")
    page = page.submit("#remove", button="do=remove", password=NEW, key=second)
    assert page.status == 400
    assert "only key" in page.one("main .error").text_content()
    assert opens(sealed, NEW)


def test_a_recovery_code_is_shown_once_and_opens_once_it_was_copied(sealed: Viewer) -> None:
    visitor = Visitor(sealed)
    page = visitor.get(KEYS).submit("#make-code", button="do=make")
    code = code_of(page)
    assert len(code.split("-")) == 14
    assert page.response["Cache-Control"] == "no-store"
    assert page.title == "Recovery code"
    assert not opens(sealed, code), "it was not typed back"

    wrong = typed(page) | {next(iter(typed(page))): "ZZZZ"}
    page = page.submit("#add-code", button="do=add-code", password=PASSWORD, **wrong)
    assert page.status == 400
    assert code_of(page) == code
    assert not opens(sealed, code)
    page = page.submit(
        "#add-code", button="do=add-code", password=PASSWORD, label="safe", **typed(page)
    )
    assert page.address.endswith(KEYS)
    assert opens(sealed, code)
    assert "safe" in page.one("tbody tr:last-child").text_content()
    assert code.split("-")[0] not in visitor.get(KEYS).source
    assert visitor.get(f"{KEYS}code/").status == 405
    late = visitor.post(f"{KEYS}code/", [("do", "add-code"), *secret(page)])
    assert "over" in late.one("#messages").text_content()


def secret(page: Page) -> list[tuple[str, str]]:
    return [("csrfmiddlewaretoken", str(page.one("meta[name=csrf]").get("content")))]


def test_no_form_works_from_elsewhere(sealed: Viewer) -> None:
    visitor = Visitor(sealed)
    for address in (KEYS, f"{KEYS}code/", DECRYPT, ARCHIVE):
        fields = [("do", "change"), ("password", PASSWORD), ("new", NEW), ("again", NEW)]
        assert visitor.post(address, fields).status == 403
    assert (opens(sealed, PASSWORD), opens(sealed, NEW)) == (True, False)


def test_a_backup_of_an_encrypted_archive_is_encrypted(sealed: Viewer, tmp_path: Path) -> None:
    target = tmp_path / "copies of it"
    page = Visitor(sealed).get(ARCHIVE)
    job = finished(page.submit("#backup-form", button="do=backup", target=str(target)))

    assert job.title == "Job 1"
    assert (opens_at(target, None), opens_at(target, PASSWORD)) == (False, True)
    assert str(target).encode() not in b"".join(
        path.read_bytes() for path in target.rglob("*") if path.is_file()
    )


# Encrypt, decrypt


def test_an_archive_is_encrypted_while_its_viewer_goes_on(plain: Viewer) -> None:
    visitor = Visitor(plain)
    with plain.archive() as archive:
        before = {name_of(archive, digest) for digest in archive.blobs}
    page = visitor.get(ARCHIVE).follow("#opens .button")
    page = page.submit("#encrypt", button="do=encrypt", new=NEW, again=NEW)

    assert page.status == 200
    assert plain.is_sealed
    assert plain.lock_after == LOCK_AFTER
    done = finished(page)
    assert "Everything is encrypted." in done.one(".outcome").text_content()
    assert done.response["Cache-Control"] == "no-store"
    assert (opens(plain, None), opens(plain, NEW)) == (False, True)
    with plain.archive() as archive:
        after = {name_of(archive, digest) for digest in archive.blobs}
        assert not before & after, "addresses tell nothing any more"
        assert archive.blob_bytes(next(iter(archive.blobs)))
        assert not convert.under_way(archive)
    on_disk = {path.name.split(".")[0] for path in plain.directory.rglob("*")}
    assert not before & on_disk
    assert NEW not in repr(done.source)
    plain.lock()
    assert visitor.get(ARCHIVE).status == 423
    assert visitor.get("/viewer/unlock/").submit("#unlock", password=NEW).status == 200


def test_the_browser_is_told_to_forget_what_it_kept(plain: Viewer) -> None:
    visitor = Visitor(plain)
    page = visitor.get(ENCRYPT)
    fields = [("do", "encrypt"), ("new", NEW), ("again", NEW), *secret(page)]
    response = visitor._client.post(ENCRYPT, dict(fields), SERVER_PORT="8000")

    assert response.status_code == 303
    assert response["Clear-Site-Data"] == '"cache"'
    assert NEW not in response["Location"]
    over(1)


def test_a_recovery_code_goes_with_it(plain: Viewer) -> None:
    page = Visitor(plain).get(ENCRYPT).submit("#make-code", button="do=code")
    assert page.response["Cache-Control"] == "no-store"
    code = code_of(page)
    wrong = typed(page) | {next(iter(typed(page))): "ZZZZ"}
    refused = page.submit("#encrypt", button="do=encrypt", new=NEW, again=NEW, **wrong)
    assert refused.status == 400
    assert code_of(refused) == code
    assert opens(plain, None)

    page = refused.submit("#encrypt", button="do=encrypt", new=NEW, again=NEW, **typed(page))
    finished(page)
    assert opens(plain, code)
    assert opens(plain, NEW)


def test_different_passwords_encrypt_nothing(plain: Viewer) -> None:
    page = Visitor(plain).get(ENCRYPT).submit("#encrypt", button="do=encrypt", new=NEW, again="x")

    assert page.status == 400
    assert "not the same" in page.one("#again-wrong").text_content()
    assert opens(plain, None)


def test_what_was_broken_off_is_said_and_gone_on_with(plain: Viewer) -> None:
    visitor = Visitor(plain)
    with plain.archive() as archive:
        convert.encrypt(archive, NEW, stop=lambda: True)
    plain.encrypted()
    page = visitor.get(ARCHIVE)
    assert "Encrypting was broken off" in page.text
    assert visitor.get(ENCRYPT).address.endswith(ARCHIVE)
    some = visitor.get("/viewer/users/")
    assert some.status == 200

    finished(page.submit("#go-on", button="do=go-on"))
    assert "broken off" not in visitor.get(ARCHIVE).text
    with plain.archive() as archive:
        assert not convert.under_way(archive)


def test_an_archive_is_decrypted_and_its_viewer_follows(sealed: Viewer) -> None:
    visitor = Visitor(sealed)
    page = visitor.get(DECRYPT).submit("#decrypt", button="do=decrypt", password="perhaps")
    assert page.status == 400
    assert opens(sealed, PASSWORD)
    page = page.submit("#decrypt", button="do=decrypt", password=PASSWORD)

    done = finished(page)
    assert "Everything is decrypted." in done.one(".outcome").text_content()
    assert not sealed.is_sealed
    assert sealed.is_open
    assert opens(sealed, None)
    page = visitor.get(ARCHIVE)
    assert "not encrypted" in page.one("#opens").text_content()
    with sealed.archive() as archive:
        assert archive.blob_bytes(next(iter(archive.blobs)))


def test_one_that_another_program_encrypted_asks_for_its_password(plain: Viewer) -> None:
    visitor = Visitor(plain)
    with open_archive(plain.directory) as other:
        convert.encrypt(other, NEW)
    page = visitor.get("/viewer/users/")

    assert page.status == 423
    assert "password opens it" in page.text
    page = page.submit("#unlock", password=NEW)
    assert page.status == 200
    assert page.address.endswith("/viewer/users/")


def test_a_plain_archive_in_its_place_is_not_followed(
    sealed: Viewer, made: dict[bool, Path]
) -> None:
    visitor = Visitor(sealed)
    shutil.copyfile(made[False] / NAME, sealed.directory / NAME)
    page = visitor.get("/viewer/users/")

    assert page.status == 500
    assert "another archive" in page.text
    assert sealed.is_sealed
