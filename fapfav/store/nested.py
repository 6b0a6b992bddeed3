"""What plain columns hold: tuples and records as lists and texts of the disk, and back, checked.

Readers raise ValueError or TypeError for what no program of ours wrote; the column says where.
"""

from __future__ import annotations

from typing import Any

from fapfav import model

_NOT_OURS = -1  # the version of a judgement that was not read

SEPARATOR = "\x1f"
"""Joins the parts of a key; no id holds it."""


def failure_to_disk(failure: model.Failure | None) -> Any:
    """A failure as a list."""
    return None if failure is None else list(failure)


def failure_from_disk(value: Any) -> model.Failure | None:
    """A failure, checked."""
    if value is None:
        return None
    time, tries, reason, url = value
    if not (type(time) is int and type(tries) is int and type(reason) is str):
        raise ValueError
    if url is not None and type(url) is not str:
        raise ValueError
    return model.Failure(time, tries, reason, url)


def dictionary_from_disk(value: Any) -> dict[str, Any]:
    """A dictionary, checked to be one."""
    if type(value) is not dict:
        raise ValueError
    return value


def maybe_dictionary_from_disk(value: Any) -> dict[str, Any] | None:
    """The same, or None."""
    return None if value is None else dictionary_from_disk(value)


def images_to_disk(images: tuple[tuple[str, str], ...]) -> list[str]:
    """Images as texts, source and id joined."""
    return [SEPARATOR.join(image) for image in images]


def images_from_disk(value: Any) -> tuple[tuple[str, str], ...]:
    """Images, checked."""
    pairs = [tuple(text.split(SEPARATOR)) for text in value]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError
    return tuple(pairs)


def scores_from_disk(value: Any) -> dict[str, float]:
    """Scores by method, checked."""
    if type(value) is not dict or any(type(score) not in (int, float) for score in value.values()):
        raise ValueError
    return value


def judged_to_disk(judged: model.Judged | None) -> dict[str, Any] | None:
    """A judgement as a dictionary."""
    if judged is None:
        return None
    if judged.version == _NOT_OURS:
        return dict(judged.transform)
    return {**judged._asdict(), "label": judged.label.value, "transform": dict(judged.transform)}


def judged_from_disk(value: Any) -> model.Judged | None:
    """A judgement, or one of no version that holds a dictionary of another shape as it is.

    What a judgement holds is no part of the format: programs may come to say more.
    """
    if value is None:
        return None
    fields = dictionary_from_disk(value)
    judged = _judged(fields)
    return judged or model.Judged(model.Label.RELATED, 0.0, "", fields, _NOT_OURS)


def _judged(fields: dict[str, Any]) -> model.Judged | None:
    if fields.keys() != set(model.Judged._fields):
        return None
    kinds = {"label": str, "probability": float, "reason": str, "transform": dict, "version": int}
    if any(type(fields[name]) is not kind for name, kind in kinds.items()):
        return None
    fits = fields["label"] in list(model.Label) and 0 <= fields["probability"] <= 1
    if not fits or fields["version"] < 0:
        return None
    return model.Judged(**{**fields, "label": model.Label(fields["label"])})


def confidence_from_disk(value: Any) -> tuple[float, ...] | None:
    """One number for each tag."""
    return None if value is None else tuple(float(number) for number in value)


def history_to_disk(history: tuple[model.Sighting, ...]) -> list[list[Any]]:
    """Sightings as lists."""
    return [list(sighting) for sighting in history]


def history_from_disk(value: Any) -> tuple[model.Sighting, ...]:
    """Sightings, checked."""
    if type(value) is not list:
        raise ValueError
    return tuple(_sighting(item) for item in value)


def _sighting(value: Any) -> model.Sighting:
    time, level, url = value
    if not (type(time) is int and type(level) is int and 0 <= level <= 3 and type(url) is str):
        raise ValueError
    return model.Sighting(time, level, url)
