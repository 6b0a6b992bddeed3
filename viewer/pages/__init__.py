"""The pages, a module a subject; each has its own `urlpatterns`."""

from __future__ import annotations

from django.urls import register_converter


class NameConverter:
    """What a picture is called in addresses: 64 hex digits."""

    regex = "[0-9a-fA-F]{64}"

    def to_python(self, value: str) -> str:
        """In one spelling."""
        return value.lower()

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


register_converter(NameConverter, "name")
