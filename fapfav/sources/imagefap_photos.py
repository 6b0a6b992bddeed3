"""Single pictures of Imagefap: their pages, their files, and whether both are still there.

The address of a file is good for a while only, so its page is read just before, every time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fapfav.errors import SourceError
from fapfav.model import ImageRef, Picture
from fapfav.sources.imagefap_pages import PhotoPage, photo_page
from fapfav.sources.names import clean
from fapfav.sources.sites import Lost
from fapfav.sources.web import Answer, GaveUp, Head, Web

_GONE = frozenset({404, 410})
_REFUSED = 403
_EXPIRED = frozenset({_REFUSED, 410})
_NO_HEAD = frozenset({405, 501})
_IN_A_ROW = 3  # pictures the site has no good answer to, before that is the site's trouble
_UNREADABLE = 5  # pages in a row that show nothing known, before the site has changed
_BETWEEN_CONTROLS = 50
_PAGE_STARTS = (b"<!doctype html", b"<html")


class Photos:
    """Pictures by their ids, one after another."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._asking = ""  # the address of the question under way
        self._name = ""  # of the picture in hand, once its page told it
        self._unanswered = 0
        self._control = ""  # the last picture whose page had an address
        self._unreadable = 0  # pages since a readable one that show nothing known
        self._until_control = 0

    def fetch(self, ref: ImageRef) -> Picture:
        """The bytes of one picture; Lost where the site has none."""
        image = ref.place.image
        with self._one_picture():
            photo, full = self._photo(image)
            self._name = clean(photo.facts.name, image)
            answer = self._file(full)
            if answer.status in _EXPIRED:
                _, renewed = self._photo(image)
                answer = answer if renewed == full else self._file(renewed)
            self._insist_on_entry(answer.status)
            if answer.status != 200:
                raise self._refused("its file", answer.status)
            if answer.body[:512].lstrip().lower().startswith(_PAGE_STARTS):
                raise self._lost("the site sent a page instead of the picture", permanent=False)
            return Picture(answer.body, self._name, ref.place, posted=photo.facts.posted)

    def check(self, image: str, size: int) -> tuple[int, str]:
        """As `Source.check`; `size` 0 means any. Of the file nothing but headers is asked for.

        Lost where the site has no good answer, so that nothing is known.
        """
        with self._one_picture():
            level, where, is_page = self._looked(image, size)
            if is_page:
                # It may be the site's question for a person, which headers alone do not show. The
                # picture's own page does, asked for once more, and then that is waited out.
                level, where, _ = self._looked(image, size)
            return level, where

    def _looked(self, image: str, size: int) -> tuple[int, str, bool]:
        """As `check`, and whether the headers speak of a page instead of a file."""
        answer = self._page(image)
        if answer.status != 200:
            return 1, answer.url, False
        full = self._judged(image, answer).full
        if full is None:
            return 2, answer.url, False
        self._asking = full
        head = self._web.head(full)
        self._insist_on_entry(head.status)
        if _is_there(head, size):
            return 0, answer.url, False
        return 3, full, head.status == 200 and _is_page(head)

    def _insist_on_entry(self, status: int) -> None:
        """A file that is refused although its address is fresh says nothing of the picture."""
        if status == _REFUSED:
            raise GaveUp(f"its file is refused ({status})", answered=True)

    def _page(self, image: str) -> Answer:
        self._asking = f"/photo/{image}/"
        answer = self._web.page(self._asking)
        self._asking = answer.url
        return answer

    def _file(self, full: str) -> Answer:
        self._asking = full
        return self._web.file(full)

    def _photo(self, image: str) -> tuple[PhotoPage, str]:
        """What a picture's page says, and the address of its file."""
        answer = self._page(image)
        if answer.status != 200:
            raise self._refused("its page", answer.status)
        photo = self._judged(image, answer)
        if photo.full is None:
            self._name = clean(photo.facts.name, "")
            raise self._lost("its page has no full-size picture", permanent=True)
        return photo, photo.full

    def _judged(self, image: str, answer: Answer) -> PhotoPage:
        """What a page says.

        One that shows nothing known may be how the site says that a picture is gone, or a sign
        that all its pages changed: a page that could be read before tells which.
        """
        photo = photo_page(answer.body, answer.url, image)
        if photo.full is not None:
            self._control = image
        if photo.known:
            self._unreadable = 0
            return photo
        self._unreadable += 1
        self._until_control -= 1
        if not self._control:
            has_changed = self._unreadable >= _UNREADABLE
        else:
            has_changed = self._until_control < 0 and not self._is_control_readable()
        if has_changed:
            raise SourceError(
                f"{answer.url} shows nothing that a picture's page should show, nor do others; the "
                "site may have changed its pages. Nothing was damaged: try again later, or with a "
                "newer version of this program"
            )
        self._asking = answer.url
        return photo

    def _is_control_readable(self) -> bool:
        """Whether a page that showed a picture before still does, or is properly gone."""
        self._until_control = _BETWEEN_CONTROLS - 1
        control = self._control
        answer = self._page(control)
        if answer.status != 200:
            self._control = ""  # it says nothing any more; the next good one will
            return True
        return photo_page(answer.body, answer.url, control).known

    @contextmanager
    def _one_picture(self) -> Iterator[None]:
        """Turns what the site has no good answer to into this picture's trouble, twice in a row."""
        self._name = ""
        try:
            yield
        except GaveUp as error:
            if not error.answered:
                raise
            self._unanswered += 1
            if self._unanswered >= _IN_A_ROW:
                raise
            reason = f"the site has no good answer to this: {error}"
            raise self._lost(reason, permanent=False) from error
        except Lost:
            self._unanswered = 0
            raise
        self._unanswered = 0

    def _refused(self, what: str, status: int) -> Lost:
        is_gone = status in _GONE
        return self._lost(f"{what} is {'gone' if is_gone else 'refused'} ({status})", is_gone)

    def _lost(self, reason: str, permanent: bool) -> Lost:
        return Lost(reason, url=self._asking, name=self._name, permanent=permanent)


def _is_there(head: Head, size: int) -> bool:
    """Whether headers speak of the file that was served; a server may not know the question."""
    if head.status in _NO_HEAD:
        return True
    is_another = size > 0 and head.length is not None and head.length != size
    return head.status == 200 and not _is_page(head) and not is_another


def _is_page(head: Head) -> bool:
    return head.content_type.strip().lower().startswith("text/html")
