"""What templates say of numbers, names and pictures; each is the same words as on the shell."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import template
from django.contrib.messages.storage.base import Message
from django.utils.safestring import SafeString, mark_safe

from fapfav import browse, text
from viewer import assets

register = template.Library()

register.filter("size", text.size)
register.filter("count", text.count)
register.filter("percent", text.percent)
register.filter("date_utc", text.date)
register.filter("duration", text.duration)
register.filter("shown", text.shown)

_FULL = 99_999
"""Up to here a number is read at a glance as it is."""


@register.filter
def many(number: int, noun: str) -> str:
    """`1 picture`, `2 pictures`; another plural stands behind a comma."""
    singular, _, plural = noun.partition(",")
    return text.many(number, singular, plural)


@register.filter
def brief(number: int) -> str:
    """A number that has little room: `1,161`, then `123.45 k`."""
    return f"{number:,}" if number <= _FULL else text.count(number)


@register.filter
def exact(number: int, noun: str) -> str:
    """`100,214 pictures`: a number that one wants to know to the last one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@register.filter
def change_of(message: Message) -> int:
    """The number of the change that a message can take back, or 0."""
    for word in (message.extra_tags or "").split():
        number = word.removeprefix("change-")
        if number != word and number.isdigit():
            return int(number)
    return 0


@register.filter
def takes_back(message: Message) -> str:
    """What taking a message's change back is called: that of an undo does it again."""
    return "Redo" if "was-undo" in (message.extra_tags or "").split() else "Undo"


@register.simple_tag
def share(part: int, whole: int) -> str:
    """A part of a whole in percent."""
    return text.percent(browse.share(part, whole))


@register.simple_tag
def asset(name: str) -> str:
    """The address of a file of the viewer's own."""
    return assets.ADDRESS + name


@register.simple_tag(takes_context=True)
def here(context: dict[str, Any]) -> str:
    """The address of this page, for forms that come back to it."""
    request = context["request"]
    htmx = getattr(request, "htmx", None)
    # A fragment has no address of its own: the page it goes into is meant.
    return str((htmx and htmx.current_url_abs_path) or request.get_full_path())


@register.simple_tag(takes_context=True)
def before(context: dict[str, Any]) -> str:
    """The address of the page that a form was sent from; the first page when it is not known."""
    request = context["request"]
    came = urlsplit(request.headers.get("Referer", ""))
    is_own = came.netloc == request.get_host() and came.path.startswith("/viewer/")
    return came.path + (f"?{came.query}" if came.query else "") if is_own else "/viewer/"


@register.simple_tag(takes_context=True)
def current(context: dict[str, Any], *names: str) -> SafeString:
    """Marks the link to where one is, by the names of the pages it stands for."""
    request = context["request"]
    match = getattr(request, "resolver_match", None)
    is_here = match is not None and match.url_name in names
    return mark_safe(' aria-current="page"') if is_here else SafeString("")
