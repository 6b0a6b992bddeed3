from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import SourceError, UsageError
from fapfav.jobs.accounts import (
    Asked,
    find_folder,
    find_user,
    folder_among,
    kept_user,
    list_folders,
)
from fapfav.jobs.library import Archive
from fapfav.jobs.line import Line
from fapfav.model import Album
from tests.jobs.remembered import SITE, Remembered, folder, user
from tests.support import new_archive

ALICE, BOB = user("100001", "Alice"), user("100002", "bob")
BOATS, LAKES = folder(ALICE, "20001", "Boats"), folder(ALICE, "20002", "Lakes & more")


@pytest.fixture
def site() -> Remembered:
    return Remembered({ALICE: {BOATS: [], LAKES: []}, BOB: {}})


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with new_archive(tmp_path / "archive", sealed=False) as made:
        with made.write("read") as tx:
            tx.put(ALICE)
            tx.put(BOATS)
            tx.put(Album("other", ALICE.user, "7", "Elsewhere"))
        yield made


@pytest.mark.parametrize("asked", [Asked("alice"), Asked("ALICE"), Asked("", "100001")])
def test_a_known_account_is_found_without_a_question(
    site: Remembered, archive: Archive, asked: Asked
) -> None:
    assert find_user(archive, site, asked) == ALICE
    assert site.questions == []


@pytest.mark.parametrize("asked", [Asked("Bob"), Asked("", "100002")])
def test_an_unknown_account_is_asked_for_once(
    site: Remembered, archive: Archive, asked: Asked
) -> None:
    assert find_user(archive, site, asked) == BOB
    assert find_user(None, site, asked) == BOB
    assert site.questions == [f"account {asked.user_name or asked.user_number}"] * 2


def test_an_account_that_is_nowhere_is_the_sites_word(site: Remembered) -> None:
    with pytest.raises(SourceError, match="no user 'carol'"):
        find_user(None, site, Asked("carol"))


def test_questions_go_through_the_line_so_that_waits_are_seen(site: Remembered) -> None:
    import threading

    threads: set[str] = set()
    site.before = lambda _question: threads.add(threading.current_thread().name)
    with Line(lambda: None) as line:
        found = find_user(None, site, Asked("alice"), line=line)
        find_folder(None, site, found, "boats", line=line)
        list_folders(site, found, line=line)

    assert threads == {"line"}


@pytest.mark.parametrize("text", ["Boats", "bOATS", " boats ", "20001", "020001"])
def test_a_known_folder_is_found_without_a_question(
    site: Remembered, archive: Archive, text: str
) -> None:
    assert find_folder(archive, site, ALICE, text) == BOATS
    assert site.questions == []


@pytest.mark.parametrize("text", ["lakes & MORE", "20002"])
def test_an_unknown_folder_is_looked_for_on_the_site(
    site: Remembered, archive: Archive, text: str
) -> None:
    assert find_folder(archive, site, ALICE, text) == LAKES
    assert site.questions == ["albums 100001"]


def test_what_the_caller_has_listed_is_not_listed_again(site: Remembered) -> None:
    assert find_folder(None, site, ALICE, "lakes & more", listed=[LAKES]) == LAKES
    with pytest.raises(SourceError, match="no folder 'Boats'"):
        find_folder(None, site, ALICE, "Boats", listed=[LAKES])
    assert site.questions == []


def test_a_folder_that_is_nowhere_is_refused_with_those_there_are(site: Remembered) -> None:
    with pytest.raises(SourceError) as refused:
        find_folder(None, site, ALICE, "Boots")

    assert str(refused.value) == (
        "Alice (100001) has no folder 'Boots'; there are 'Boats' (20001), 'Lakes & more' (20002)"
    )


def test_a_user_without_folders_is_told_so(site: Remembered) -> None:
    with pytest.raises(SourceError, match="none is to be seen there"):
        find_folder(None, site, BOB, "1")


def test_a_refusal_stays_short_whatever_is_there(site: Remembered) -> None:
    site.accounts[BOB] = {folder(BOB, str(n), "x" * 10_000): [] for n in range(1, 2001)}

    with pytest.raises(SourceError) as refused:
        find_folder(None, site, BOB, "Boots")

    assert str(refused.value).endswith("' (50) and 1950 more")
    assert len(str(refused.value)) < 6000


def test_two_folders_of_one_name_are_told_apart_by_number(site: Remembered) -> None:
    again = folder(ALICE, "20009", "boats")
    site.accounts[ALICE][again] = []
    assert find_folder(None, site, ALICE, "Boats") == BOATS
    assert find_folder(None, site, ALICE, "20009") == again

    with pytest.raises(UsageError, match=r"2 folders are called 'BOATS'.*: 20001, 20009"):
        find_folder(None, site, ALICE, "BOATS")


def test_a_name_of_digits_is_found_when_no_number_is_that(site: Remembered) -> None:
    year, other = folder(ALICE, "5", "2019"), folder(ALICE, "2020", "5")
    assert folder_among([year, other], "2019") == year
    assert folder_among([year, other], "5") == year
    assert folder_among([year, other], "2020") == other
    assert folder_among([year], "\N{SUPERSCRIPT TWO}") is None


@pytest.mark.parametrize("name", ["young", "Lolicon art"])
def test_names_below_the_floor_are_refused_typed_or_found(site: Remembered, name: str) -> None:
    site.accounts[ALICE] = {folder(ALICE, "666", name): []}
    for refused in (
        lambda: find_user(None, site, Asked(name)),
        lambda: find_folder(None, site, ALICE, name),
        lambda: find_folder(None, site, ALICE, "666"),
    ):
        with pytest.raises(UsageError, match="never keeps"):
            refused()


def test_only_a_user_who_was_read_is_kept(archive: Archive) -> None:
    assert kept_user(archive, SITE, Asked("aLICE")) == ALICE
    with pytest.raises(UsageError, match=r"no user 'bob' of example; it knows 'Alice' \(100001\)"):
        kept_user(archive, SITE, Asked("bob"))
    with pytest.raises(UsageError, match="no user '7' of other; `read --user` comes first"):
        kept_user(archive, "other", Asked("", "7"))


def test_the_list_of_folders_reads_none(site: Remembered) -> None:
    report = list_folders(site, ALICE)

    assert report.folders == (BOATS, LAKES)
    assert report.requests == 1
    assert site.questions == ["albums 100001"]
    assert report.to_json()["folders"][1]["name"] == "Lakes & more"


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from(["a", "A", "1", "2", "b"]), min_size=1, max_size=5),
    st.sampled_from(["a", "A", "1", "2", "3", "b", "B"]),
)
def test_what_is_found_has_that_number_or_that_name(names: list[str], text: str) -> None:
    albums = [folder(ALICE, str(at), name) for at, name in enumerate(names, start=1)]
    by_number = {album.album: album for album in albums}
    try:
        found = folder_among(albums, text)
    except UsageError:
        assert text not in by_number
        assert sum(album.name.casefold() == text.casefold() for album in albums) > 1
    else:
        if text in by_number:
            assert found == by_number[text]
        elif found is None:
            assert text.casefold() not in {name.casefold() for name in names}
        else:
            assert found.name.casefold() == text.casefold()
