"""The pages of rules: edited by a form and as JSON, tried, applied, and taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fapfav.jobs.review import judge
from fapfav.jobs.rules import rules_of, set_rules
from fapfav.jobs.sets import set_view
from fapfav.model import Config, Digest, Verdict
from fapfav.resolve.example import EXAMPLE
from fapfav.resolve.rules import from_json, to_json
from tests.viewer.archives import opened
from tests.viewer.browsing import Page, Visitor
from tests.viewer.reviewed import last
from tests.viewer.working import alone, at_home, over
from viewer import resolving, rule_forms, workers
from viewer.page import BY
from viewer.pages import rules as pages
from viewer.state import Viewer

RULES, NEW, PLAN = (f"/viewer/duplicates/rules/{name}" for name in ("", "0/", "plan/"))
LARGER: dict[str, Any] = {"name": "larger", "mode": "auto", "keep": ["pixels", "quality"]}


def given(viewer: Viewer, *rules: dict[str, Any]) -> None:
    with alone(viewer) as archive:
        set_rules(archive, {"rules": list(rules)})


def stored(viewer: Viewer) -> list[dict[str, Any]]:
    with opened(viewer.directory, sealed=viewer.is_sealed) as archive:
        return list(to_json(rules_of(archive))["rules"])


def verdicts(viewer: Viewer, one: Digest) -> list[str]:
    with opened(viewer.directory, sealed=viewer.is_sealed) as archive:
        return sorted(member.verdict.value for member in set_view(archive, one).members)


@pytest.mark.parametrize("rule", from_json(EXAMPLE), ids=lambda rule: rule.name)
def test_a_form_that_is_sent_back_as_it_is_makes_the_same_rule(rule: Any) -> None:
    form = rule_forms.form_of(rule)
    fields = {field.name: field.value for field in (*form.usual, *form.more)}
    fields |= {f"by{row.number}": row.by for row in form.rows}
    fields |= {f"prefer{row.number}": row.prefer for row in form.rows}
    plain = {name: getattr(form, name) for name in ("name", "about", "mode", "relation", "tie")}

    again = rule_forms.json_of(rule_forms.sent({**fields, **plain}, form.may_hide))

    assert from_json({"rules": [again]}) == (rule,)


def test_every_condition_has_a_field_and_comes_through(viewer: Viewer, visitor: Visitor) -> None:
    asked = {
        **{"probability_at_least": "0.98", "certainty_at_least": "0.5"},
        **{"pixels_ratio_at_least": "1.5", "pixels_ratio_at_most": "20"},
        **{"bytes_at_least": "5", "bytes_at_most": "9000000", "formats": "jpg, png"},
        **{"animated": "no", "tagged": "yes", "protected": "no", "gone": "no"},
        **{"posted_after": "2020-01-01", "posted_before": "2021-01-01"},
        **{"added_after": "2020-01-01", "added_before": "2031-01-01"},
        **{"albums": "Lakes\r\nlocal/1/a", "sources": "local", "priority_at_least": "-3"},
    }
    page = visitor.get(NEW).submit(
        *("form#rule",),
        name="mine",
        mode="ask",
        relation="any",
        **asked,
        by1="format",
        prefer1="png, jpg",
        by2="",
        by3="pixels",
        tie="smaller digest",
        pick=["only copies"],
    )

    assert "1 rule now." in page.text
    (rule,) = stored(viewer)
    assert rule["keep"] == [{"format": ["png", "jpg"]}, "pixels"]
    assert rule["when"] == {
        **{"relation": "any", "probability_at_least": 0.98, "certainty_at_least": 0.5},
        **{"pixels_ratio_at_least": 1.5, "pixels_ratio_at_most": 20.0},
        **{"bytes_at_least": 5, "bytes_at_most": 9_000_000, "formats": ["jpg", "png"]},
        **{"animated": False, "tagged": True, "protected": False, "gone": False},
        **{"posted_after": "2020-01-01", "posted_before": "2021-01-01"},
        **{"added_after": "2020-01-01", "added_before": "2031-01-01"},
        **{"albums": ["Lakes", "local/1/a"], "sources": ["local"], "priority_at_least": -3},
    }
    assert (rule["tie"], rule["may_hide"]) == ("smaller digest", ["only copies"])
    again = visitor.get(f"{RULES}1/").submit("form#rule", bytes_at_least="6")
    assert again.all(".message.success form")
    assert stored(viewer)[0]["when"]["bytes_at_least"] == 6
    again.submit(".message.success form")
    assert stored(viewer) == [rule]


@pytest.mark.parametrize(
    ("field", "value", "at"),
    [
        ("bytes_at_least", "many", "#bytes_at_least"),
        ("probability_at_least", "1.5", "#probability_at_least"),
        ("formats", "exe", "#formats"),
        ("added_before", "tomorrow", "#added_before"),
        ("name", " ", "#name"),
        ("by2", "pixels", "[name=by2]"),
        ("by1", "format", "[name=by1]"),
    ],
)
def test_what_is_wrong_is_named_at_its_field_and_nothing_is_changed(
    viewer: Viewer, visitor: Visitor, field: str, value: str, at: str
) -> None:
    before = last(viewer)
    page = visitor.get(NEW).submit("form#rule", **{"name": "mine", field: value})

    assert page.status == 400
    assert (
        len(page.all('[aria-invalid="true"]')) == len(page.all(f'{at}[aria-invalid="true"]')) == 1
    )
    assert page.one("#name").get("value") == ("mine" if field != "name" else "")
    assert last(viewer) == before


def test_rules_are_moved_removed_and_replaced_each_in_a_change(
    viewer: Viewer, visitor: Visitor
) -> None:
    given(viewer, *(LARGER | {"name": name} for name in "abc"))

    def names() -> str:
        return "".join(rule["name"] for rule in stored(viewer))

    def press(at: int, do: str) -> Page:
        page = visitor.get(RULES)
        form = page.all("li.rule form")[at]
        form.set("id", "this")
        sent = [(name, value) for name, value in form.form_values()]
        return visitor.post(RULES, [*sent, ("do", do)])

    press(0, "down")
    assert names() == "bac"
    press(2, "up")
    assert names() == "bca"
    page = press(1, "remove")
    assert names() == "ba"
    page.submit(".message.success form")
    assert names() == "bca"
    wrong = visitor.get(RULES).submit("form#all", json='{"rules": [{"name": "x"}]}')
    assert wrong.status == 400
    assert "rules[0]: 'mode' is missing" in wrong.text
    assert wrong.one("#json").text_content().strip() == '{"rules": [{"name": "x"}]}'
    for bad in ("{", '{"rules": [], "rules": []}'):
        assert visitor.get(RULES).submit("form#all", json=bad).status == 400
    visitor.get(RULES).submit("form#all", json=json.dumps({"rules": [LARGER]}))
    assert names() == "larger"
    visitor.get(f"{RULES}?example=1").submit("form#all")
    assert len(stored(viewer)) == len(EXAMPLE["rules"])


def test_rules_that_somebody_changed_meanwhile_are_not_overwritten(
    viewer: Viewer, visitor: Visitor
) -> None:
    given(viewer, LARGER)
    listed, edited = visitor.get(RULES), visitor.get(f"{RULES}1/")
    given(viewer, LARGER | {"name": "another"})

    assert "changed since you saw them" in listed.submit("form#all", json='{"rules": []}').text
    page = edited.submit("form#rule", name="typed")
    assert page.status == 409
    assert page.one("#name").get("value") == "typed"
    assert [rule["name"] for rule in stored(viewer)] == ["another"]


def test_rules_that_cannot_be_read_are_named_and_can_be_replaced(
    viewer: Viewer, visitor: Visitor
) -> None:
    with alone(viewer) as archive, archive.write("settings") as tx:
        tx.put(Config("rules", "no rules"))
    page = visitor.get(RULES)

    assert "cannot be read" in page.text
    page.submit("form#all", json=json.dumps({"rules": [LARGER]}))
    assert [rule["name"] for rule in stored(viewer)] == ["larger"]


def planned(viewer: Viewer) -> dict[str, Digest]:
    """The sets of the plan: names as the page has them, with the kept picture."""
    with viewer.archive() as archive:
        return {row.keep: row.entry.keep for row in resolving.rows(archive, _entries(archive))}


def _entries(archive: Any) -> Any:
    return resolving.shown(archive).entries


def test_the_plan_shows_who_is_kept_and_why_and_applies_what_is_not_left_out(
    viewer: Viewer, visitor: Visitor
) -> None:
    given(viewer, LARGER)
    before = last(viewer)
    page = visitor.get(PLAN)
    sets = planned(viewer)
    out, *others = sets

    assert [box.get("value") for box in page.all("[name=drop]")] == list(sets)
    assert len(page.all("figure.kept")) == len(sets)
    assert all(each.text_content() for each in page.all(".plan-row b"))
    page = page.submit("form#plan", button="leave_out=1", drop=[out])
    assert [box.get("value") for box in page.all("[name=drop][checked]")] == [out]
    assert last(viewer) == before
    page = page.submit("form#plan", button=f"apply={page.one('[name=apply]').get('value')}")
    assert f"Resolved {len(others)} sets" in page.text
    assert verdicts(viewer, sets[out]) == ["new"] * len(verdicts(viewer, sets[out]))
    assert all("keep" in verdicts(viewer, sets[name]) for name in others)
    with opened(viewer.directory, sealed=False) as archive:
        change = max(each.number for each in archive.changes.records())
        assert (archive.changes[change].by, len(archive.trash)) == (BY, 0)
    page.submit(".message.success form")
    assert verdicts(viewer, sets[others[0]]).count("new") > 1


def test_what_asks_first_is_left_out_until_it_is_taken_in(viewer: Viewer, visitor: Visitor) -> None:
    given(viewer, LARGER | {"mode": "ask"})
    page = visitor.get(PLAN)
    _, *rest = planned(viewer)

    assert len(page.all("[name=drop][checked]")) == len(rest) + 1
    page = page.submit("form#plan", button="leave_out=1", drop=rest)
    page = page.submit("form#plan", button=f"apply={page.one('[name=apply]').get('value')}")
    assert "Resolved 1 set" in page.text


def test_copies_go_into_the_trash_only_where_that_is_said(viewer: Viewer, visitor: Visitor) -> None:
    given(viewer, LARGER)
    page = visitor.get(PLAN)
    button = f"apply={page.one('[name=apply]').get('value')}"
    page = page.submit("form#plan", button=button, copies="trash")

    assert "moved into the trash" in page.text
    with opened(viewer.directory, sealed=False) as archive:
        assert archive.trash
    page.submit(".message.success form")
    with opened(viewer.directory, sealed=False) as archive:
        assert not archive.trash


def test_a_plan_of_another_state_is_not_applied(viewer: Viewer, visitor: Visitor) -> None:
    given(viewer, LARGER)
    page = visitor.get(PLAN)
    one = next(iter(planned(viewer).values()))
    with alone(viewer) as archive:
        judge(archive, one, dict.fromkeys(archive.group_of(one).members, Verdict.KEEP))
    before = last(viewer)
    page = page.submit("form#plan", button=f"apply={page.one('[name=apply]').get('value')}")

    assert "This is not the plan you saw" in page.text
    assert last(viewer) == before


def test_without_rules_there_is_no_plan(visitor: Visitor) -> None:
    page = visitor.get(PLAN)

    assert page.address.endswith(RULES)
    assert "There are no rules yet" in page.text


@pytest.fixture
def home(tmp_path: Path, viewer: Viewer) -> Iterator[None]:
    (tmp_path / "home").mkdir()
    with at_home(tmp_path / "home"):
        yield
    workers.of(viewer).shut_down()


@pytest.mark.usefixtures("home")
def test_many_sets_are_a_job_that_one_undo_takes_back(
    viewer: Viewer, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(viewer, LARGER)
    monkeypatch.setattr(pages, "AT_ONCE", 1)
    page = visitor.get(PLAN)
    page = page.submit("form#plan", button=f"apply={page.one('[name=apply]').get('value')}")
    done = over(int(page.address.rstrip("/").rpartition("/")[2]))

    assert (done.state, done.error) == ("done", "")
    assert done.report is not None
    assert done.report["sets"] == done.arguments["sets"] > 1
    with alone(viewer) as archive:
        assert archive.changes[done.change].by == BY
        assert archive.undo(done.change).conflicts == ()


def test_an_encrypted_archive_prints_no_digest(sealed_viewer: Viewer) -> None:
    given(sealed_viewer, LARGER)
    source = Visitor(sealed_viewer).get(PLAN).source
    with sealed_viewer.archive() as archive:
        assert not any(digest.hex() in source for digest in archive.blobs)
