"""What a request of a page with a grid is about: of which pictures, under which filters."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.urls import reverse

from fapfav.browse.filters import Allow, Facts, Filtered, Wanted
from fapfav.jobs.gallery import Of, gallery, tags_with_below
from fapfav.jobs.library import Archive
from fapfav.model import AlbumKey, Digest
from viewer.params import ViewParams
from viewer.picking import Selection
from viewer.state import the_viewer

PAGE = 100
"""Pictures on a page."""


@dataclass(frozen=True, slots=True)
class Container:
    """What a gallery is of: an album, a tag and those below it, or pictures by digest.

    `path` is its page's path after `/viewer/`, as addresses have it (`tag/3/`). Exactly one of
    `album`, `tag` and `digests` is given. A tag's page offers to take the tag off what is selected.
    """

    path: str
    album: AlbumKey | None = None
    tag: int | None = None
    digests: tuple[Digest, ...] | None = None

    @property
    def address(self) -> str:
        """The whole path of its page."""
        return reverse("home") + self.path


@dataclass(frozen=True, slots=True)
class View:
    """What a request is about: the pictures that its filters leave."""

    container: Container
    params: ViewParams
    found: Filtered
    selection: Selection

    @property
    def pages(self) -> int:
        """How many there are; one at least."""
        return max(1, -(-len(self.found.shown) // PAGE))

    def on_page(self, number: int) -> tuple[Facts, ...]:
        """The pictures of a page; of the last one for any number beyond."""
        first = (min(number, self.pages) - 1) * PAGE
        return self.found.shown[first : first + PAGE]


def view_of(request: HttpRequest, archive: Archive, container: Container) -> View:
    """The pictures that a request's filters leave; filters by tags that are gone are none."""
    params = ViewParams.parse(request.GET)
    known = archive.tags
    params = replace(
        params,
        tv1=params.tv1 if params.tv1 and params.tv1 in known else 0,
        tv2=params.tv2 if params.tv2 and params.tv2 in known else 0,
    )
    wanted_tags = tuple(
        (Allow(allow), tags_with_below(archive, tag))
        for allow, tag in ((params.tf1, params.tv1), (params.tf2, params.tv2))
    )
    wanted_view = Wanted(
        bool(params.dup), Allow(params.portrait), Allow(params.landscape), wanted_tags, params.sort
    )
    of = Of(container.album, container.tag, container.digests)
    found = gallery(archive, of, wanted_view, the_viewer().remembered)
    digests = frozenset(picture.digest for picture in found.shown)
    return View(container, params, found, Selection(request, container.path, params, digests))
