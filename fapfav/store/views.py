"""The tables by name, as typed read-only views: what an archive and a transaction both offer."""

from __future__ import annotations

from typing import Any

from fapfav import model
from fapfav.store.rows import View


class TableViews:
    """One property a table; `_view` says over which rows."""

    def _view(self, name: str) -> View[Any, Any]:
        raise LookupError(name)  # pragma: no cover - both classes have their own

    @property
    def configs(self) -> View[str, model.Config]:
        """Settings that belong to the archive, by name."""
        return self._view("configs")

    @property
    def users(self) -> View[model.UserKey, model.User]:
        """Accounts, by (source, user)."""
        return self._view("users")

    @property
    def albums(self) -> View[model.AlbumKey, model.Album]:
        """Albums, by (source, user, album)."""
        return self._view("albums")

    @property
    def places(self) -> View[model.PlaceKey, model.Place]:
        """Places, by (source, user, album, image)."""
        return self._view("places")

    @property
    def checks(self) -> View[model.PlaceKey, model.Check]:
        """Whether places are still there, by (source, user, album, image)."""
        return self._view("checks")

    @property
    def blobs(self) -> View[model.Digest, model.Blob]:
        """Pictures, by digest."""
        return self._view("blobs")

    @property
    def spaces(self) -> View[str, model.Space]:
        """What makes prints comparable, by name."""
        return self._view("spaces")

    @property
    def prints(self) -> View[tuple[str, model.Digest], model.Print]:
        """The four hashes, by (space, digest); embeddings are read by `vectors`."""
        return self._view("prints")

    @property
    def pairs(self) -> View[model.PairKey, model.Pair]:
        """Evidence, by pair."""
        return self._view("pairs")

    @property
    def fresh(self) -> View[model.Digest, model.Fresh]:
        """Pictures not yet compared with the others, by digest."""
        return self._view("fresh")

    @property
    def decisions(self) -> View[model.PairKey, model.Decision]:
        """What the user said, by pair."""
        return self._view("decisions")

    @property
    def choices(self) -> View[model.Digest, model.Chosen]:
        """Keep or skip, by digest."""
        return self._view("choices")

    @property
    def tags(self) -> View[int, model.Tag]:
        """The tag tree's nodes, by number."""
        return self._view("tags")

    @property
    def tagged(self) -> View[tuple[model.Digest, str], model.Tagged]:
        """Which tags a blob carries, by (digest, by whom)."""
        return self._view("tagged")

    @property
    def changes(self) -> View[int, model.ChangeRecord]:
        """The log, by number."""
        return self._view("changes")

    @property
    def trash(self) -> View[model.Digest, model.Trashed]:
        """Pictures in the trash, by digest."""
        return self._view("trash")

    @property
    def removed(self) -> View[model.Digest, model.Removed]:
        """Pictures destroyed for good, by digest."""
        return self._view("removed")

    @property
    def jobs(self) -> View[int, model.Job]:
        """What was started from pages, by number."""
        return self._view("jobs")
