"""What follows from the verdicts of a small archive, and what that would change."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fapfav.duplicates.limits import ANIMATED, OFF, REGULAR
from fapfav.errors import UsageError
from fapfav.jobs.find import find_duplicates
from fapfav.jobs.learning import LearnedReport, learned
from fapfav.jobs.library import Archive, open_archive
from fapfav.jobs.limit_effects import Bounds, limits_effect
from fapfav.jobs.review import set_limits
from fapfav.model import Config, Decision, Fresh, Label, Limits, Method, pair_of
from tests.jobs.judged import Pairs, apart, made, two
from tests.support import PASSWORD


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The usual pairs; only copied."""
    path = tmp_path_factory.mktemp("judged") / "archive"
    made(path).close()
    return path


@pytest.fixture
def archive(usual: Path, tmp_path: Path) -> Iterator[Archive]:
    shutil.copytree(usual, tmp_path / "archive")
    with open_archive(tmp_path / "archive", PASSWORD) as found:
        yield found


def reasons(report: LearnedReport) -> dict[str, str]:
    """By kind and method, why."""
    kinds = [f"{'animated' if s.moving else 'regular'} {s.method}" for s in report.learned.methods]
    return dict(zip(kinds, report.reasons, strict=True))


def test_verdicts_are_counted_with_scores_that_no_limit_in_use_finds(archive: Archive) -> None:
    before = archive.last
    report = learned(archive)

    assert archive.last == before
    assert (report.decisions, report.judged) == (109, 109)
    still, moving = report.learned.together
    assert (still.judged, still.same, still.cases) == (105, 105, 105)
    assert (moving.judged, moving.same) == (4, 3)
    percept = report.learned.methods[0]
    assert (percept.method, percept.judged, percept.now.pairs) == (Method.PERCEPT, 105, 60)
    assert percept.now.recall.share == pytest.approx(60 / 105)
    assert still.now.recall.share == pytest.approx(64 / 105)
    assert moving.now.precision.share == pytest.approx(3 / 4)


def test_what_is_suggested_comes_to_what_was_said(archive: Archive) -> None:
    report = learned(archive)

    assert reasons(report)["regular percept"] == (
        "percept 4 -> 6: 41 of 41 pairs judged at 5 and 6 were the same (41 cases)"
    )
    assert report.changes() == ({Method.PERCEPT: 6.0}, {})
    effect = report.effect
    assert effect is not None
    assert effect.is_whole
    assert (effect.added, effect.dropped) == (46, 0)
    assert effect.sets == len(archive.groups)
    set_limits(archive, *report.changes())
    find_duplicates(archive)
    assert len(archive.groups) == effect.sets_then
    assert sum(len(group.members) for group in archive.groups) == effect.pictures_then
    assert effect.sets_then - effect.sets == 5


def test_pairs_that_were_never_recorded_are_found_for_the_effect_and_not_kept(
    archive: Archive,
) -> None:
    then = (Limits(9, 1, 4, 1, OFF), archive.limits()[1])
    recorded = set(archive.pairs)
    effect = limits_effect(archive, then)

    assert effect.added == 41 + 5 + 3
    assert effect.sets_then == effect.sets + 5 + 3
    assert set(archive.pairs) == recorded
    assert not recorded & {pair_of(*two(kind)) for kind in range(107, 110)}
    stopped = limits_effect(archive, then, stop=lambda: True)
    assert not stopped.is_whole
    assert stopped.added == 41 + 5
    bounded = limits_effect(archive, then, bounds=Bounds(hashes=10))
    assert (bounded.added, bounded.is_whole) == (46, False)


def test_what_is_dropped_is_counted_by_the_methods_that_still_agree(archive: Archive) -> None:
    then = (Limits(1, 1, 1, 1, OFF), Limits(1, OFF, 1, OFF, OFF))
    effect = limits_effect(archive, then)

    assert (effect.added, effect.dropped, effect.is_whole) == (0, 60 + 4 + 1, True)
    set_limits(archive, *({m: each.of(m) for m in list(Method)[:4]} for each in then))
    assert len(archive.groups) == effect.sets_then


def test_what_is_tied_anyway_is_not_added(tmp_path: Path) -> None:
    some = [Pairs(3, (9, 20, 20, 0), None), apart(2, 9, None), apart(1, 9, None)]
    with made(tmp_path / "archive", some) as archive:
        with archive.write("read") as tx:
            tx.put(Fresh(two(6)[0], 1))  # the next search compares it, whatever the limits are
        effect = limits_effect(archive, (Limits(9, 1, 4, 1, OFF), archive.limits()[1]))

    assert (effect.added, effect.sets, effect.sets_then) == (2, 3, 5)


def test_what_another_method_finds_then_is_not_dropped(tmp_path: Path) -> None:
    with made(tmp_path / "archive", [Pairs(2, (9, 20, 3, 20), None)]) as archive:
        then = Limits(9, 1, 1, 1, OFF), Limits(3, OFF, 1, OFF, OFF)
        effect = limits_effect(archive, then)

    assert (effect.added, effect.dropped, effect.sets_then) == (0, 0, 2)


def test_embeddings_are_compared_where_their_limit_is_laxer(tmp_path: Path) -> None:
    some = [apart(4, 20, None, cosine=0.9), apart(3, 5, None, cosine=0.2)]
    with made(tmp_path / "archive", some) as archive:
        then = Limits(4, 1, 4, 1, 0.88), archive.limits()[1]

        assert limits_effect(archive, then).added == 4
        few = limits_effect(archive, then, bounds=Bounds(vectors=10))
        assert (few.added, few.is_whole) == (0, False)


def test_one_change_sets_it_and_one_undo_takes_it_back(archive: Archive) -> None:
    change = set_limits(archive, *learned(archive).changes()).change

    assert archive.limits()[0].percept == 6
    assert not learned(archive).is_change
    assert archive.undo().number == change
    assert archive.limits() == (
        Limits(4, REGULAR.average, REGULAR.diff, REGULAR.wavelet, OFF),
        Limits(3, OFF, ANIMATED.diff, OFF, OFF),
    )


def test_a_pair_whose_picture_is_gone_says_nothing(archive: Archive) -> None:
    with archive.write("read") as tx:
        tx.delete("blobs", two(1)[0])
        tx.put(Decision(*pair_of(*two(500)), Label.SAME, 1, tx.number))
    report = learned(archive, effect=False)

    assert (report.decisions, report.judged) == (110, 108)
    assert report.effect is None


def test_pairs_that_are_in_one_set_anyway_do_not_speak_for_a_laxer_limit(tmp_path: Path) -> None:
    # All are found by diff as well.
    some = [Pairs(60, (2, 20, 2, 20), Label.SAME), Pairs(60, (6, 20, 2, 20), Label.SAME)]
    with made(tmp_path / "archive", some) as archive:
        report = learned(archive, effect=False)

    assert not report.is_change
    assert reasons(report)["regular percept"] == (
        "percept stays 4: of what a laxer one would add nothing was judged"
    )


def test_neither_do_pairs_that_equal_hashes_tie(tmp_path: Path) -> None:
    some = [apart(60, 2, Label.SAME), Pairs(60, (6, 20, 20, 0), Label.SAME)]
    with made(tmp_path / "archive", some) as archive:
        assert not learned(archive, effect=False).is_change


@pytest.mark.parametrize(
    ("bits", "between"),
    [
        ((6, 20, 20, 20), (20, 0, 20, 40)),  # by equal hashes alone
        ((6, 40, 22, 40), (2, 20, 20, 20)),  # by recorded pairs
    ],
)
def test_nor_do_pairs_that_a_third_picture_ties(
    tmp_path: Path, bits: tuple[int, ...], between: tuple[int, ...]
) -> None:
    near = apart(60, 2, Label.SAME)
    with made(tmp_path / "archive", [near, Pairs(60, bits, Label.SAME)]) as archive:
        assert learned(archive, effect=False).then[0].percept == 6
    third = Pairs(60, bits, Label.SAME, between=between)
    with made(tmp_path / "with a third", [near, third]) as archive:
        assert not learned(archive, effect=False).is_change


def test_what_is_in_use_for_animations_is_their_own_limit(tmp_path: Path) -> None:
    some = [apart(60, 2, Label.SAME, moving=True), apart(40, 4, Label.SAME, moving=True)]
    with made(tmp_path / "archive", some) as archive:
        report = learned(archive, effect=False)

    assert [limits.percept for limits in report.then] == [4, 4]


def test_cosines_are_learned_from_as_well(tmp_path: Path) -> None:
    some = [
        apart(60, 20, Label.SAME, cosine=0.985),
        Pairs(20, (20, 20, 2, 20), Label.DIFFERENT, cosine=0.96),
    ]
    with made(tmp_path / "archive", some) as archive:
        before = archive.limits()
        report = learned(archive)

        assert reasons(report)["regular cnn"].startswith("cnn 0.95 -> 0.965: none of 20 pairs")
        assert report.then[0].cnn == 0.965
        assert report.then[1] == before[1]
        assert report.effect is not None
        assert report.effect.dropped == 20  # by diff as well
        assert [says.method for says in report.learned.methods[:5]] == list(Method)


def test_more_methods_that_have_to_agree_make_the_sets_smaller(archive: Archive) -> None:
    with archive.write("settings") as tx:
        tx.put(Config("agree", 2))

    assert learned(archive, effect=False).learned.together[0].now.pairs == 0


def test_nothing_judged_is_a_report_too(tmp_path: Path) -> None:
    with made(tmp_path / "archive", [apart(3, 2, None)]) as archive:
        report = learned(archive)

    assert (report.decisions, report.judged, report.is_change) == (0, 0, False)
    assert report.effect is not None
    assert (report.effect.added, report.effect.dropped) == (0, 0)
    assert "nothing was judged" in report.reasons[0]


def test_an_empty_archive_is_one_too(tmp_path: Path) -> None:
    with made(tmp_path / "archive", []) as archive:
        assert learned(archive).judged == 0


def test_the_report_is_plain(archive: Archive) -> None:
    value = json.loads(json.dumps(learned(archive).to_json(), allow_nan=False))

    assert value["suggested"]["regular"]["percept"] == 6
    assert value["now"]["regular"]["percept"] == 4
    assert [len(each["limits"]) for each in value["methods"]] == [16] * 8
    assert value["methods"][0]["now"]["precision"]["of"] == 60
    assert value["effect"]["added"] == 46


def test_a_precision_that_cannot_be_wanted_is_refused(archive: Archive) -> None:
    with pytest.raises(UsageError, match="precision"):
        learned(archive, wanted=1.0)
