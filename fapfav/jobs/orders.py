"""Jobs by name: what a page asks for, checked field by field, and carried out later elsewhere.

`check` refuses what makes no sense where somebody can still mend it; `carry_out` runs the job, in
a process of its own, and checks again, for meanwhile the archive may be another.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from fapfav import tags
from fapfav.errors import Stopped, UsageError
from fapfav.jobs import accounts, safety_orders, selection, way
from fapfav.jobs.base import Pace, Report, Stop, Tell
from fapfav.jobs.library import Archive
from fapfav.jobs.order_fields import (
    BY,
    Arguments,
    BadField,
    Order,
    at_field,
    path_in,
    text_in,
    yes_in,
)
from fapfav.model import AlbumKey, User, UserKey

DECIDES = "viewer"
"""Who makes those of a plan: verdicts of somebody at a page, which the same key takes back."""

SITE = "imagefap"
"""The source whose accounts are read, audited and tried again."""


def check(archive: Archive, verb: str, arguments: Arguments) -> dict[str, Any]:
    """The arguments as the job takes them. Raises BadField, or UsageError for an unknown job."""
    return _order(verb).check(archive, arguments)


def carry_out(
    archive: Archive, verb: str, arguments: Arguments, *, tell: Tell, stop: Stop
) -> Report:
    """Runs a job. Raises what `check` and the job raise, and Stopped."""
    order = _order(verb)
    return order.work(archive, order.check(archive, arguments), tell, stop)


def asks_site(verb: str, arguments: Arguments) -> bool:
    """Whether a job asks a site, which only one does at a time."""
    return _order(verb).asks_site(arguments)


def noted(archive: Archive, verb: str, arguments: Arguments) -> dict[str, Any]:
    """The arguments as they are shown and kept: names for ids, of a plan how many sets."""
    if verb == "plan":
        return {"sets": len(arguments["rows"])}
    if verb == "resolve":
        count = len(arguments["plan"]["sets"])
        return {"sets": count, **({"reclaim": True} if arguments["reclaim"] else {})}
    found = {name: value for name, value in arguments.items() if value not in ("", False, None)}
    if "album" in found:
        found["album"] = archive.albums[AlbumKey(*found["album"])].name
    if "number" in found:
        known = accounts.known_user(archive, SITE, _asked(found))
        found["user"] = known.name if known else found.pop("number")
        found.pop("number", None)
    return found


def _order(verb: str) -> Order:
    found = _ORDERS.get(verb)
    if found is None:
        raise UsageError(f"there is no job {verb!r}")
    return found


# Accounts


def _account(arguments: Arguments) -> dict[str, str]:
    """Whose favourites, if said at all."""
    user, number = text_in(arguments, "user"), text_in(arguments, "number")
    if user and number:
        raise BadField("number", "a name and a number both name an account: give one of them")
    with at_field("number" if number else "user"):
        if number:
            return {"number": accounts.typed_number("This", number, "the other field a name")}
        return {"user": accounts.typed_name("The name", user)} if user else {}


def _asked(arguments: Arguments) -> accounts.Asked:
    return accounts.Asked(
        arguments.get("user", ""), arguments.get("number", ""), arguments.get("folder", "")
    )


# Read


def _check_read(archive: Archive, arguments: Arguments) -> dict[str, Any]:
    from fapfav.sources.local import LocalFolder

    force = {"force": yes_in(arguments, "force")}
    if "local" in arguments:
        if not text_in(arguments, "local"):
            raise BadField("local", "which folder? give its whole path")
        path = path_in(arguments, "local")
        with at_field("local"):
            LocalFolder(Path(path), exclude=archive.path)
        return {"local": path, **force}
    found = _account(arguments)
    if not found:
        raise BadField("user", "whose favourites? give a name or a number")
    folder = text_in(arguments, "folder")
    if folder:
        with at_field("folder"):
            found["folder"] = accounts.typed_name("The folder", folder)
    return {**found, **force}


def _read(archive: Archive, arguments: Arguments, tell: Tell, stop: Stop) -> Report:
    from fapfav.jobs.read import read, read_settings
    from fapfav.sources.local import LocalFolder

    settings = read_settings(archive, force=arguments["force"])
    if "local" in arguments:
        settings = replace(settings, what=arguments["local"])
        source = LocalFolder(Path(arguments["local"]), exclude=archive.path)
        return read(archive, source, settings, by=BY, tell=tell, stop=stop)
    asked = _asked(arguments)
    with way.imagefap(tuple(archive.users.records())) as site:
        user = _found(archive, site, asked, tell, stop)
        what = "/".join(filter(None, (user.name, asked.folder)))
        settings = replace(settings, what=what, accounts=(user,), folder=asked.folder)
        return read(archive, site, settings, by=BY, tell=tell, stop=stop)


def _found(archive: Archive, site: Any, asked: accounts.Asked, tell: Tell, stop: Stop) -> User:
    """The account, asked for in a way that can be watched and stopped."""
    from fapfav.jobs.line import Line
    from fapfav.jobs.watch import Watch

    watch = Watch(site, Pace(tell, "looking for the user"), stop)
    with Line(watch.tick) as line:
        user = accounts.find_user(archive, site, asked, line=line)
    if stop():
        raise Stopped("asked to end")
    return user


# Audit, retry


def _check_audit(archive: Archive, arguments: Arguments) -> dict[str, Any]:
    found = _account(arguments)
    if not found:
        raise BadField("user", "whose pictures? give a name or a number")
    with at_field(next(iter(found))):
        accounts.kept_user(archive, SITE, _asked(found))
    return {**found, "force": yes_in(arguments, "force")}


def _audit(archive: Archive, arguments: Arguments, tell: Tell, stop: Stop) -> Report:
    from fapfav.jobs.audit import AuditSettings, audit

    owner = accounts.kept_user(archive, SITE, _asked(arguments))
    settings = AuditSettings(UserKey(owner.source, owner.user), arguments["force"])
    with way.imagefap(tuple(archive.users.records())) as site:
        return audit(archive, site, settings, by=BY, tell=tell, stop=stop)


def _check_retry(archive: Archive, arguments: Arguments) -> dict[str, Any]:
    found = _account(arguments)
    if found:
        with at_field(next(iter(found))):
            accounts.kept_user(archive, SITE, _asked(found))
    return dict(found)


def _retry(archive: Archive, arguments: Arguments, tell: Tell, stop: Stop) -> Report:
    from fapfav.jobs.read import read_settings, retry

    chosen: tuple[User, ...] = ()
    if arguments:
        chosen = (accounts.kept_user(archive, SITE, _asked(arguments)),)
    what = ", ".join(user.name for user in chosen)
    settings = replace(read_settings(archive), accounts=chosen, what=what)
    with way.imagefap(tuple(archive.users.records())) as site:
        return retry(archive, site, settings, by=BY, tell=tell, stop=stop)


# What needs nothing from outside


def _check_find(_archive: Archive, arguments: Arguments) -> dict[str, Any]:
    return {"again": yes_in(arguments, "again")}


def _find(archive: Archive, arguments: Arguments, tell: Tell, stop: Stop) -> Report:
    from fapfav.jobs.automatic import find_and_resolve

    return find_and_resolve(archive, again=arguments["again"], by=BY, tell=tell, stop=stop)


def _check_fingerprint(_archive: Archive, arguments: Arguments) -> dict[str, Any]:
    return {"missing": yes_in(arguments, "missing")}


def _fingerprint(archive: Archive, arguments: Arguments, tell: Tell, stop: Stop) -> Report:
    from fapfav.jobs.fingerprint import fingerprint
    from fapfav.jobs.model_in_use import cache_folder, load_model

    model = load_model(archive, None, cache_folder())
    missing = arguments["missing"]
    return fingerprint(archive, model, missing=missing, by=BY, tell=tell, stop=stop)


def _album_ids(archive: Archive, arguments: Arguments) -> list[str] | str:
    """The album in `album`, if there is one: its three ids, or what `selection.album` takes."""
    given = arguments.get("album")
    is_key = isinstance(given, list) and len(given) == 3 and all(isinstance(i, str) for i in given)
    wanted = AlbumKey(*given) if is_key else text_in(arguments, "album")  # type: ignore[misc]
    with at_field("album"):
        return [*selection.album(archive, wanted)] if wanted else ""


def _check_export(archive: Archive, arguments: Arguments) -> dict[str, Any]:
    tag, album = text_in(arguments, "tag"), _album_ids(archive, arguments)
    everything = yes_in(arguments, "all")
    if sum((bool(tag), bool(album), everything)) > 1:
        raise BadField("tag", "choose one of a tag, an album and everything")
    if tag:
        with at_field("tag"):
            tree = dict(archive.tags.items())
            tag = tags.path_of(tree, tags.find(tree, tag).number)
    target = path_in(arguments, "target") if text_in(arguments, "target") else ""
    renumber = yes_in(arguments, "renumber")
    return {"tag": tag, "album": album, "all": everything, "renumber": renumber, "target": target}


def _export(archive: Archive, arguments: Arguments, tell: Tell, stop: Stop) -> Report:
    from fapfav.jobs.export import export

    return export(archive, wanted_of(arguments), tell=tell, stop=stop)


def wanted_of(arguments: Arguments) -> Any:
    """What an export with these (checked) arguments exports."""
    from fapfav.jobs.export import Wanted

    return Wanted(
        arguments["tag"] or None,
        AlbumKey(*arguments["album"]) if arguments["album"] else None,
        arguments["all"],
        arguments["renumber"],
        Path(arguments["target"]) if arguments["target"] else None,
    )


def _check_plan(_archive: Archive, arguments: Arguments) -> dict[str, Any]:
    from fapfav.jobs.plan_rows import from_plain

    with at_field("rows"):
        if not from_plain(arguments.get("rows")):
            raise UsageError("the plan has no sets")
    return {"rows": arguments["rows"]}


def _plan(archive: Archive, arguments: Arguments, tell: Tell, stop: Stop) -> Report:
    from fapfav.jobs.plan import apply_plan
    from fapfav.jobs.plan_rows import from_plain

    return apply_plan(archive, from_plain(arguments["rows"]), by=DECIDES, tell=tell, stop=stop)


def _check_resolve(_archive: Archive, arguments: Arguments) -> dict[str, Any]:
    from fapfav.resolve import plan_file

    with at_field("plan"):
        if not plan_file.from_json(arguments.get("plan")).entries:
            raise UsageError("the plan has no sets")
    return {"plan": arguments["plan"], "reclaim": yes_in(arguments, "reclaim")}


def _resolve(archive: Archive, arguments: Arguments, tell: Tell, stop: Stop) -> Report:
    from fapfav.jobs.resolving import apply_resolution
    from fapfav.resolve import plan_file

    plan, reclaim = plan_file.from_json(arguments["plan"]), arguments["reclaim"]
    return apply_resolution(archive, plan, reclaim=reclaim, by=DECIDES, tell=tell, stop=stop)


_ORDERS = {
    "read": Order(lambda arguments: "local" not in arguments, _check_read, _read),
    "audit": Order(lambda _: True, _check_audit, _audit),
    "retry": Order(lambda _: True, _check_retry, _retry),
    "find": Order(lambda _: False, _check_find, _find),
    "fingerprint": Order(lambda _: False, _check_fingerprint, _fingerprint),
    "export": Order(lambda _: False, _check_export, _export),
    "plan": Order(lambda _: False, _check_plan, _plan),
    "resolve": Order(lambda _: False, _check_resolve, _resolve),
    **safety_orders.ORDERS,
}

VERBS = tuple(_ORDERS)
"""The jobs there are."""
