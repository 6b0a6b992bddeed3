"""What templates say of numbers, names and pictures; each is the same words as on the shell."""

from __future__ import annotations

from typing import Any

from django import template
from django.templatetags.static import static

from fapfav import text

register = template.Library()

register.filter("size", text.size)
register.filter("count", text.count)
register.filter("percent", text.percent)
register.filter("date_utc", text.date)
register.filter("duration", text.duration)
register.filter("shown", text.shown)


@register.filter
def many(number: int, noun: str) -> str:
    """`1 picture`, `2 pictures`; another plural stands behind a comma."""
    singular, _, plural = noun.partition(",")
    return text.many(number, singular, plural)


@register.simple_tag
def asset(name: str) -> str:
    """The address of a file of the viewer's own."""
    return static(f"viewer/{name}")


@register.simple_tag(takes_context=True)
def here(context: dict[str, Any]) -> str:
    """The address of this page, for forms that come back to it."""
    return str(context["request"].get_full_path())
