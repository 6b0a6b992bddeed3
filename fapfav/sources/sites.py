"""What sites have in common: folders nobody can read as pictures, and pictures that are lost."""

from __future__ import annotations

from fapfav.errors import BadPicture, SourceError


class GalleriesFolder(SourceError):
    """The folder holds links to whole galleries, and no pictures of its own."""


class NoSuchFolder(SourceError):
    """The site has no such folder, or none that a visitor may see."""


class Lost(BadPicture):
    """A picture the site lists and does not give: `str()` is the reason, the rest what is known.

    `url` is the address that failed, `name` the picture's if its page still told it. `permanent`
    means the site itself said that it has no such thing; without it another try may do.
    """

    def __init__(
        self, reason: str, *, url: str | None, name: str = "", permanent: bool = True
    ) -> None:
        super().__init__(reason)
        self.url = url
        self.name = name
        self.permanent = permanent
