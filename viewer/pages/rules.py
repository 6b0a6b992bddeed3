"""Rules that resolve duplicates: listed, edited one by one or as JSON, tried, and applied."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from fapfav import text
from fapfav.errors import UsageError
from fapfav.jobs.library import Archive
from fapfav.jobs.resolving import apply_resolution
from fapfav.jobs.rules import LONGEST, rules_of, set_rules, stored_rules
from fapfav.resolve import plan_file
from fapfav.resolve.example import EXAMPLE
from fapfav.resolve.fields import once
from fapfav.resolve.plan_file import PlanFile
from fapfav.resolve.rules import Mode, Rule, to_json
from viewer import forms, resolving, rule_forms, workers
from viewer.page import BY, page, refuse, see_other, success
from viewer.planning import ALL_LEFT_OUT, NOT_SEEN

PAGE = 50
"""Sets on a page of the plan."""

AT_ONCE = 200
"""From so many sets on it is a job of its own."""

_STALE = "The rules were changed since you saw them: look at them as they are now."


def _revision(archive: Archive) -> str:
    """A name for the rules as they are stored; it tells nothing of them."""
    return archive.keyed("rules", stored_rules(archive))


def _is_stale(request: HttpRequest, archive: Archive) -> bool:
    return request.POST.get("seen") != _revision(archive)


@page
def rules(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """All rules, in the order they are tried; a POST changes their order, or replaces them all."""
    if request.method != "POST":
        return _list(request, archive)
    if _is_stale(request, archive):
        refuse(request, f"{_STALE} Nothing was changed.")
        return see_other(reverse("rules"))
    if "json" in request.POST:
        return _replace(request, archive)
    moved = _moved(request, list(rules_of(archive)))
    return _set(request, archive, to_json(moved))


def _list(
    request: HttpRequest, archive: Archive, given: str | None = None, wrong: str = ""
) -> HttpResponse:
    found: tuple[Rule, ...] = ()
    broken = ""
    try:
        found = rules_of(archive)
    except UsageError as error:
        broken = str(error)
    if given is None:
        value = EXAMPLE if request.GET.get("example") else to_json(found)
        given = json.dumps(value, indent=2, ensure_ascii=False)
    context = {
        "rules": [
            (at, rule, list(rule_forms.in_words(rule)), rule_forms.keeps(rule))
            for at, rule in enumerate(found)
        ],
        "seen": _revision(archive),
        "broken": broken,
        "json": given,
        "wrong": wrong,
        "is_open": bool(wrong or broken or request.GET.get("example")),
        "has_automatic": any(rule.mode is Mode.AUTO for rule in found),
    }
    return render(request, "viewer/rules.html", context, status=400 if wrong else 200)


def _moved(request: HttpRequest, found: list[Rule]) -> list[Rule]:
    """The rules with one moved up, down or out."""
    at, wanted = forms.number(request.POST, "rule"), request.POST.get("do", "")
    if at is None or at >= len(found):
        raise UsageError("there is no such rule, and nothing was changed")
    rule = found.pop(at)
    if wanted == "remove":
        return found
    if wanted not in ("up", "down"):
        raise UsageError("say what to do with the rule: up, down or remove")
    found.insert(max(at - 1, 0) if wanted == "up" else at + 1, rule)
    return found


def _replace(request: HttpRequest, archive: Archive) -> HttpResponse:
    given = request.POST["json"]
    try:
        if len(given) > 2 * LONGEST:
            raise UsageError("these rules are too long")
        value = json.loads(given, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        return _list(request, archive, given, f"this is no JSON: {error}")
    except UsageError as error:
        return _list(request, archive, given[:LONGEST], str(error))
    return _set(request, archive, value, lambda error: _list(request, archive, given, error))


def _set(
    request: HttpRequest,
    archive: Archive,
    value: Any,
    wrong: Callable[[str], HttpResponse] | None = None,
) -> HttpResponse:
    """Sets rules as they were seen; `wrong` answers where that is refused."""
    try:
        report = set_rules(archive, value, before=stored_rules(archive), by=BY)
    except UsageError as error:
        if wrong is None:
            raise
        return wrong(str(error))
    words = f"{text.many(report.rules, 'rule')} now."
    if report.change:
        success(request, words, change=report.change)
    return see_other(reverse("rules"))


@page
def rule(request: HttpRequest, archive: Archive, /, number: int) -> HttpResponse:
    """One rule, counted from 1, to be edited; 0 is a new one, which comes last."""
    found = rules_of(archive)
    if number > len(found):
        raise Http404("There is no such rule.")
    if request.method != "POST":
        form = rule_forms.form_of(found[number - 1]) if number else rule_forms.RuleForm()
        return _edited(request, archive, number, form)
    form = rule_forms.sent(request.POST.dict(), request.POST.getlist("pick"))
    if _is_stale(request, archive):
        return _edited(request, archive, number, form, 409)
    value = to_json(found)
    at = number - 1 if number else len(found)
    value["rules"][at : at + 1] = [rule_forms.json_of(form)]
    return _set(
        request,
        archive,
        value,
        lambda error: _edited(request, archive, number, rule_forms.refused(form, error), 400),
    )


def _edited(
    request: HttpRequest,
    archive: Archive,
    number: int,
    form: rule_forms.RuleForm,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "number": number,
        "seen": _revision(archive),
        "stale": _STALE if status == 409 else "",
        "is_wrong": status == 400,
        "modes": rule_forms.MODES,
        "relations": rule_forms.RELATIONS,
        "ties": rule_forms.TIES,
        "spared": rule_forms.SPARED,
        "bys": rule_forms.BYS,
    }
    return render(request, "viewer/rule.html", context, status=status)


@page
def rule_plan(request: HttpRequest, archive: Archive, /) -> HttpResponse:
    """What the rules come to; a POST leaves sets out, or applies it."""
    if not rules_of(archive):
        refuse(request, "There are no rules yet that a plan could follow.")
        return see_other(reverse("rules"))
    if request.method == "POST":
        return _planned(request, archive)
    found = resolving.shown(archive)
    sheet = forms.page_of(request.GET, found.entries, PAGE)
    context = {
        "plan": found,
        "wanted": len(found.wanted),
        "sheet": sheet,
        "rows": resolving.rows(archive, sheet.object_list),
    }
    return render(request, "viewer/rules_plan.html", context)


def _planned(request: HttpRequest, archive: Archive) -> HttpResponse:
    here = request.get_full_path()
    asked = forms.pressed(request.POST, "apply", "leave_out")
    resolving.drop(archive, request.POST.getlist("row"), request.POST.getlist("drop"))
    if asked == "leave_out":
        return see_other(here)
    plan = resolving.seen(request.POST["apply"])
    if plan is None or request.POST["apply"] != resolving.shown(archive).identity:
        refuse(request, NOT_SEEN)
        return see_other(here)
    if not plan.entries:
        refuse(request, ALL_LEFT_OUT)
        return see_other(here)
    reclaim = request.POST.get("copies") == "trash"
    if len(plan.entries) >= AT_ONCE:
        given = {"plan": plan_file.to_json(plan), "reclaim": reclaim}
        return see_other(reverse("job", args=[workers.start("resolve", given)]))
    return _apply(request, archive, plan, reclaim=reclaim)


def _apply(
    request: HttpRequest, archive: Archive, plan: PlanFile, *, reclaim: bool
) -> HttpResponse:
    report = apply_resolution(archive, plan, reclaim=reclaim, by=BY)
    where = "moved into the trash" if reclaim else "hidden"
    copies = text.many(report.pictures, "copy", "copies")
    if report.change:
        words = f"Resolved {text.many(report.sets, 'set')}: {copies} {where}."
        success(request, words, change=report.change)
    if words := resolving.left_words(report):
        refuse(request, words)
    return see_other(reverse("rule_plan"))


urlpatterns = [
    path("duplicates/rules/", rules, name="rules"),
    path("duplicates/rules/plan/", rule_plan, name="rule_plan"),
    path("duplicates/rules/<int:number>/", rule, name="rule"),
]
