"""fapfav/jobs/find.py, review.py and library.py: what is found, what is said of it, what stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fapfav.errors import UsageError
from fapfav.jobs.find import find_duplicates
from fapfav.jobs.library import Archive, open_archive
from fapfav.jobs.review import forget, judge, judge_places, set_limits
from fapfav.model import Config, Digest, Method, Verdict
from tests.support import PASSWORD, album, encoded, landscape, new_archive, read_folder


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Two landscapes in three qualities each, five others, and one of them twice."""
    folder = tmp_path / "pictures"
    others = album(folder, 5, start=30)
    for seed in (1, 2):
        for quality in (95, 80, 60):
            raw = encoded(landscape(seed, 480, 320), "JPEG", quality=quality)
            (folder / f"view-{seed}-{quality}.jpg").write_bytes(raw)
    (folder / "twice.jpg").write_bytes(others[0])
    opened = new_archive(tmp_path / "archive")
    read_folder(opened, folder)
    # Hills drawn by a few lines are alike by chance: only near-equal hashes count here.
    strict = {Method.AVERAGE: -1, Method.WAVELET: -1, Method.DIFF: -1}
    set_limits(opened, strict, strict)
    return opened


def digests(archive: Archive, prefix: str) -> list[Digest]:
    found = sorted(
        (p.name, p.holds)
        for p in archive.places.records()
        if p.name.startswith(prefix) and p.holds is not None
    )
    return [digest for _, digest in found]


def test_qualities_of_a_picture_are_one_group_with_scores(archive: Archive) -> None:
    for seed in (1, 2):
        members = digests(archive, f"view-{seed}")
        group = archive.group_of(members[0])
        assert set(members) <= set(group.members)
        assert set(group.sources) == {Method.PERCEPT}
        assert set(group.verdicts.values()) == {Verdict.NEW}
        assert group.needs_action


def test_verdicts_are_kept_through_forgetting_and_finding_again(archive: Archive) -> None:
    members = digests(archive, "view-1")
    said = {members[0]: Verdict.KEEP, members[1]: Verdict.SKIP, members[2]: Verdict.FALSE}
    group = archive.group_of(members[0])
    said |= {other: Verdict.FALSE for other in group.members if other not in said}
    judge(archive, members[0], said)
    shown = dict(archive.group_of(members[0]).verdicts)

    report = forget(archive, everything=True)
    assert report.sets > 0
    assert not [g for g in archive.groups if g.needs_action]
    find_duplicates(archive)

    assert {d: archive.group_of(members[0]).verdicts.get(d) for d in members[:2]} == {
        d: shown[d] for d in members[:2]
    }
    with open_archive(archive.path, PASSWORD) as reopened:
        assert dict(reopened.group_of(members[0]).verdicts) == dict(
            archive.group_of(members[0]).verdicts
        )


def test_a_verdict_is_undone_by_undo(archive: Archive) -> None:
    members = digests(archive, "view-2")
    before = dict(archive.group_of(members[0]).verdicts)
    judge(archive, members[0], {members[0]: Verdict.KEEP, members[1]: Verdict.SKIP})
    assert archive.group_of(members[0]).verdicts[members[0]] is Verdict.KEEP
    report = archive.undo()

    assert report.verb == "duplicates verdict"
    assert dict(archive.group_of(members[0]).verdicts) == before


def test_a_forbidden_verdict_writes_nothing(archive: Archive) -> None:
    group = archive.group_of(digests(archive, "view-1")[0])
    last = archive.last
    with pytest.raises(UsageError):
        judge(archive, group.members[0], dict.fromkeys(group.members, Verdict.SKIP))
    assert archive.last == last


def test_a_picture_without_duplicates_has_no_group(archive: Archive) -> None:
    with pytest.raises(UsageError, match="no duplicates"):
        archive.group_of(Digest(bytes(32)))


def test_exact_copies_have_verdicts_of_their_own(archive: Archive) -> None:
    (digest,) = digests(archive, "twice")
    places = [p.key for p in archive.places.records() if p.holds == digest]
    assert len(places) == 2

    judge_places(archive, digest, {places[0]: Verdict.KEEP, places[1]: Verdict.SKIP})
    assert [archive.places[key].verdict for key in places] == [Verdict.KEEP, Verdict.SKIP]
    with pytest.raises(UsageError):
        judge_places(archive, digest, dict.fromkeys(places, Verdict.SKIP))


def test_a_picture_no_longer_skipped_is_shown_at_its_places_again(archive: Archive) -> None:
    one, other = digests(archive, "view-1")[:2]
    places = [p for p in archive.places.records() if p.holds == one]
    with archive.write("read") as tx:
        tx.put(replace(places[0], image="copy", name="copy.jpg"))
    judge(archive, one, {one: Verdict.SKIP, other: Verdict.KEEP})
    assert {p.verdict for p in archive.places.records() if p.holds == one} == {Verdict.SKIP}

    judge(archive, one, {one: Verdict.KEEP})

    assert {p.verdict for p in archive.places.records() if p.holds == one} == {Verdict.NEW}


def by_sensitivity_alone(archive: Archive) -> None:
    """Pictures are not looked at before they are a set."""
    with archive.write("settings") as tx:
        tx.put(Config("closer_look", False))


def test_a_verdict_taken_back_may_leave_no_group(archive: Archive) -> None:
    by_sensitivity_alone(archive)
    members = digests(archive, "view-1")
    group = archive.group_of(members[0]).members
    judge(archive, members[0], dict.fromkeys(group, Verdict.KEEP))
    off = dict.fromkeys(Method, -1)
    del off[Method.CNN]
    set_limits(archive, off, off, closer=False)
    assert archive.group_of(members[0]).members == group  # what was called the same stays so

    report = judge(archive, members[0], dict.fromkeys(group, Verdict.NEW))

    assert report.change
    assert report.verdicts == {member.hex(): "new" for member in group}
    assert archive.groups == ()


def test_limits_are_changed_and_bounded(archive: Archive) -> None:
    by_sensitivity_alone(archive)
    before = len(archive.groups)
    report = set_limits(archive, {Method.PERCEPT: -1}, {Method.PERCEPT: -1}, closer=False)
    assert (report.regular["percept"], report.closer, report.groups) == (-1, False, 0)
    assert not archive.groups
    archive.undo()
    assert len(archive.groups) == before

    with pytest.raises(UsageError, match="percept"):
        set_limits(archive, {Method.PERCEPT: 16}, {})
    with pytest.raises(UsageError, match="laxer"):
        set_limits(archive, {}, {Method.PERCEPT: 9})
    with pytest.raises(UsageError, match="embeddings"):
        set_limits(archive, {Method.CNN: 0.9}, {})


def test_wider_limits_find_more_only_by_another_search(archive: Archive) -> None:
    set_limits(archive, {Method.AVERAGE: 15}, {})
    before = len(archive.pairs)
    report = find_duplicates(archive)

    assert report.new_pairs > 0
    assert len(archive.pairs) == before + report.new_pairs
    assert max(pair.scores.get(Method.AVERAGE, 0) for pair in archive.pairs.records()) > 4
    assert find_duplicates(archive).change == 0


def test_forgetting_what_is_pending_keeps_what_was_decided(archive: Archive) -> None:
    members = digests(archive, "view-1")
    group = archive.group_of(members[0])
    judge(archive, members[0], dict.fromkeys(group.members, Verdict.KEEP))
    forget(archive)

    assert all(set(g.verdicts.values()) == {Verdict.KEEP} for g in archive.groups)
    assert archive.group_of(members[0])
