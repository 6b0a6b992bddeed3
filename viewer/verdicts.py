"""The form of a set: what was asked of its pictures and places, and what is wrong with that.

A picture's field is called as the picture is in addresses, or by its digest; a place's field by its
ids. A choice that is wrong or missing is named, and then nothing is asked for at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fapfav import text
from fapfav.duplicates.queue import Kind
from fapfav.errors import UsageError
from fapfav.jobs.library import Archive
from fapfav.jobs.sets import Member, SetView, completed
from fapfav.model import Digest, PlaceKey, Verdict
from viewer import forms
from viewer.addresses import name_of, place_name

QUICK = ("accept", "keep", "keep-all", "false-all", "later")
"""What one button decides."""

_OTHERS = {"csrfmiddlewaretoken", "seen", "quick", "keep", "next"}
_OF_PICTURE = {verdict.value: verdict for verdict in Verdict}
_OF_PLACE = {name: verdict for name, verdict in _OF_PICTURE.items() if verdict is not Verdict.FALSE}
_MISSING = "Choose one."


@dataclass(frozen=True, slots=True)
class VerdictForm:
    """What was asked; `wrong` says why a field was refused, `summary` what is wrong besides."""

    pictures: Mapping[Digest, Verdict]
    places: Mapping[PlaceKey, Verdict]
    wrong: Mapping[Digest | PlaceKey, str] = field(default_factory=dict)
    summary: tuple[str, ...] = ()

    @property
    def is_fine(self) -> bool:
        """Whether it can be asked for."""
        return not self.wrong and not self.summary


def judged_places(view: SetView) -> dict[PlaceKey, Digest]:
    """The places that have verdicts of their own: those of pictures that lie at several."""
    return {
        spot.place.key: member.blob.digest
        for member in view.members
        if len(member.spots) > 1
        for spot in member.spots
    }


def place_names(archive: Archive, view: SetView) -> dict[PlaceKey, str]:
    """What the fields of places are called."""
    return {key: names[0] for key, names in _spellings(archive, view).items()}


def parse(archive: Archive, view: SetView, fields: Mapping[str, str]) -> VerdictForm:
    """The form as it was sent."""
    pictures, wrong = _pictures(archive, view, fields)
    places, wrong_places, known = _places(archive, view, fields)
    strangers = fields.keys() - known - _OTHERS - _picture_names(archive, view)
    summary = ("It speaks of what is not in this set.",) if strangers else ()
    return VerdictForm(
        completed(view, pictures) if not wrong else pictures,
        places,
        {**wrong, **wrong_places},
        summary,
    )


def _pictures(
    archive: Archive, view: SetView, fields: Mapping[str, str]
) -> tuple[dict[Digest, Verdict], dict[Digest | PlaceKey, str]]:
    asked: dict[Digest, Verdict] = {}
    wrong: dict[Digest | PlaceKey, str] = {}
    if view.kind is Kind.EXACT:
        return asked, wrong
    for member in view.members:
        digest = member.blob.digest
        given = fields.get(name_of(archive, digest), fields.get(digest.hex()))
        if given in _OF_PICTURE:
            asked[digest] = _OF_PICTURE[given]
        else:
            wrong[digest] = _MISSING if given is None else "It takes new, false, keep or skip."
    return asked, wrong


def _picture_names(archive: Archive, view: SetView) -> set[str]:
    if view.kind is Kind.EXACT:
        return set()
    digests = [member.blob.digest for member in view.members]
    return {name_of(archive, one) for one in digests} | {one.hex() for one in digests}


def _places(
    archive: Archive, view: SetView, fields: Mapping[str, str]
) -> tuple[dict[PlaceKey, Verdict], dict[Digest | PlaceKey, str], set[str]]:
    """What was asked of places, what is wrong with it, and the names of their fields.

    All or none of them: a verdict on pictures alone leaves their places as they are.
    """
    asked: dict[PlaceKey, Verdict] = {}
    wrong: dict[Digest | PlaceKey, str] = {}
    names = _spellings(archive, view)
    known = {name for spelled in names.values() for name in spelled}
    if view.kind is Kind.PERCEPTUAL and known.isdisjoint(fields):
        return asked, wrong, known
    for key, spelled in names.items():
        given = next((fields[name] for name in spelled if name in fields), None)
        if given in _OF_PLACE:
            asked[key] = _OF_PLACE[given]
        else:
            wrong[key] = _MISSING if given is None else "It takes new, keep or skip."
    return asked, wrong, known


def _spellings(archive: Archive, view: SetView) -> dict[PlaceKey, tuple[str, ...]]:
    """By place, what its field is called and may be called; what could be two places' is neither's.

    Ids come from strangers, and stand side by side with nothing but `_` between.
    """
    spelled = {
        key: dict.fromkeys((place_name(archive, key), "_".join(key))) for key in judged_places(view)
    }
    taken = Counter(name for names in spelled.values() for name in names)
    return {
        key: tuple(name for name in names if taken[name] == 1) or (archive.keyed("place", *key),)
        for key, names in spelled.items()
    }


def shown_by_field(archive: Archive, view: SetView) -> dict[str, Verdict]:
    """What every field of the form shows as the archive is, by all names it may be called."""
    found: dict[str, Verdict] = {}
    if view.kind is Kind.PERCEPTUAL:
        for member in view.members:
            digest = member.blob.digest
            found[name_of(archive, digest)] = found[digest.hex()] = member.verdict
    names = _spellings(archive, view)
    for member in view.members:
        for spot in member.spots:
            found.update(dict.fromkeys(names.get(spot.place.key, ()), spot.place.verdict))
    return found


def refuse_both(archive: Archive, view: SetView, fields: Mapping[str, str]) -> None:
    """Raises UsageError where a button comes with choices that were changed."""
    shown = shown_by_field(archive, view)
    for name, value in fields.items():
        if name not in _OTHERS and (name not in shown or shown[name].value != value):
            raise UsageError("choices were changed and a button decides the set: do one of both")


def quick_words(fields: Mapping[str, str]) -> str:
    """What a button asked for; empty without one."""
    action = fields.get("quick", "")
    if action not in QUICK:
        return ""
    number = fields.get("keep", "")[:9]
    return {
        "accept": "the suggestion",
        "keep": f"keep {number}, skip the others",
        "keep-all": "keep all",
        "false-all": "none is a duplicate",
    }.get(action, action)


def sentence(words: str) -> str:
    """With a capital at the start and a stop at the end."""
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


def with_named(form: VerdictForm, view: SetView, error: UsageError) -> VerdictForm:
    """The same form with the choices marked that a rule forbids together."""
    words = in_numbers(view, str(error))
    wrong: dict[Digest | PlaceKey, str] = {}
    if view.kind is Kind.PERCEPTUAL:
        wrong.update(dict.fromkeys(_forbidden(form.pictures), "Not together with the others."))
    for member in view.members:
        keys = [spot.place.key for spot in member.spots]
        hidden = [key for key in keys if form.places.get(key) is Verdict.SKIP]
        if keys and hidden == keys and form.pictures.get(member.blob.digest) is not Verdict.SKIP:
            wrong.update(dict.fromkeys(hidden, "Not all places can be skipped."))
    return VerdictForm(form.pictures, form.places, wrong, (sentence(words),))


def _forbidden(asked: Mapping[Digest, Verdict]) -> Iterable[Digest]:
    """The choices that cannot stand beside each other."""
    false = [one for one, verdict in asked.items() if verdict is Verdict.FALSE]
    if len(asked) == 2 and len(false) == 1:
        return list(asked)
    rest = [one for one in asked if one not in false]
    return rest if rest and all(asked[one] is Verdict.SKIP for one in rest) else []


def in_numbers(view: SetView, words: str) -> str:
    """A text with pictures called by their numbers on the page."""
    for member in view.members:
        digest = member.blob.digest.hex()
        for spelled in (digest, digest[:12]):
            words = words.replace(spelled, f"picture {member.number}")
    return words


def in_names(view: SetView, words: str) -> str:
    """A text with places called by the names of their albums and their own."""
    spots = {"/".join(spot.place.key): spot for one in view.members for spot in one.spots}
    for key in sorted(spots, key=len, reverse=True):  # one may begin another
        named = f"{text.shown(spots[key].album_name)} \u203a {text.shown(spots[key].place.name)}"
        words = words.replace(key, named)
    return words


def as_words(view: SetView, form: VerdictForm) -> str:
    """What was decided: `Keep 1, skip 2`."""
    if view.kind is Kind.EXACT:
        kept = [str(at) for at, key in _numbered(view) if form.places.get(key) is Verdict.KEEP]
        return f"Keep place {_listed(kept)}" if kept else "No place decided"
    by_verdict: dict[Verdict, list[str]] = {}
    for member in view.members:
        verdict = form.pictures.get(member.blob.digest, member.verdict)
        by_verdict.setdefault(verdict, []).append(str(member.number))
    said = [
        f"{word} {_listed(by_verdict[verdict])}"
        for verdict, word in _SAID.items()
        if verdict in by_verdict
    ]
    return ", ".join(said)


_SAID = {
    Verdict.KEEP: "keep",
    Verdict.SKIP: "skip",
    Verdict.FALSE: "no duplicate:",
    Verdict.NEW: "undecided:",
}


def _listed(numbers: list[str]) -> str:
    return forms.listed(numbers)


def _numbered(view: SetView) -> list[tuple[int, PlaceKey]]:
    """The places of an exact copy by their numbers on the page."""
    spots = view.members[0].spots
    return [(at, spot.place.key) for at, spot in enumerate(spots, 1)]


def shown(view: SetView) -> VerdictForm:
    """The form as the archive has it."""
    return VerdictForm(
        {member.blob.digest: member.verdict for member in view.members},
        {spot.place.key: spot.place.verdict for m in view.members for spot in m.spots},
    )


def hidden_bytes(members: Iterable[Member], asked: Mapping[Digest, Verdict]) -> int:
    """The bytes that verdicts hide, less those they show again."""
    total = 0
    for member in members:
        now = asked.get(member.blob.digest, member.verdict)
        was, is_now = member.verdict is Verdict.SKIP, now is Verdict.SKIP
        total += member.blob.size * (is_now - was)
    return total
