"""Pictures that are selected in a grid: kept in this process until the archive is locked.

One selection a session and view: the same pictures under other filters are another view, so that
what is done is done to nothing that is not shown.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable

from django.http import Http404, HttpRequest

from fapfav.errors import UsageError
from fapfav.jobs.library import Archive
from fapfav.model import Digest
from viewer.addresses import digest_of
from viewer.params import ViewParams
from viewer.state import the_viewer

_MOST_VIEWS = 200


class Selection:
    """The selected pictures of one view; what is not shown there any more is not selected."""

    def __init__(
        self, request: HttpRequest, path: str, params: ViewParams, shown: Collection[Digest]
    ) -> None:
        if request.session.session_key is None:
            request.session.create()
        self._key: Hashable = (request.session.session_key, path, params.filters)
        self._shown = shown if isinstance(shown, frozenset) else frozenset(shown)

    def now(self) -> set[bytes]:
        """Those that are selected."""
        return the_viewer().selections.get(self._key, set()) & self._shown

    def put(self, digests: Iterable[bytes]) -> None:
        """Selects these and no others."""
        kept = the_viewer().selections
        kept.pop(self._key, None)
        if chosen := set(digests) & self._shown:
            kept[self._key] = chosen
        while len(kept) > _MOST_VIEWS:
            kept.pop(next(iter(kept)))

    def change(self, more: Iterable[bytes], less: Iterable[bytes]) -> None:
        """Selects some and no longer others."""
        self.put((self.now() | set(more)) - set(less))

    def everything(self, count: int) -> None:
        """Selects all of the view, if there are as many as whoever asks was told.

        Raises UsageError when there are not.
        """
        if count != len(self._shown):
            raise UsageError(
                f"{count} pictures were to be selected and there are {len(self._shown)} now; "
                "nothing was selected"
            )
        self.put(self._shown)


def pictures_of(archive: Archive, given: Iterable[str]) -> list[Digest]:
    """The pictures of a form's fields, each a name or several with commas between.

    Raises UsageError for a name that is none, or of a picture that is not here.
    """
    found: dict[Digest, None] = {}
    for name in ",".join(given).split(","):
        if wanted := name.strip().lower():
            found[_picture(archive, wanted)] = None
    return list(found)


def _picture(archive: Archive, name: str) -> Digest:
    if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
        raise UsageError("that is no picture's name: nothing was changed")
    try:
        digest = digest_of(archive, name)
    except Http404:
        raise UsageError("one of the pictures is no longer here: nothing was changed") from None
    if digest not in archive.blobs:
        raise UsageError("one of the pictures is in the trash: nothing was changed")
    return digest
