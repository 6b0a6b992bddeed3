"""Which embedding an archive is read with: its space, its default limits, or why there is none."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fapfav.errors import UsageError
from fapfav.images.cnn import NAMED, ModelUnavailable, load_embedder
from fapfav.jobs.library import Archive
from fapfav.model import Config, Space
from fapfav.store.transaction import Transaction

DEFAULT = "lite0"
OFF = "off"


@dataclass(frozen=True, slots=True)
class ModelInUse:
    """A model ready for use; `embed` None where there is none, `warnings` says why."""

    setting: str = OFF
    embed: Any = None
    warnings: tuple[str, ...] = ()

    @property
    def space(self) -> str:
        """The name of its vectors' space."""
        return "" if self.embed is None else str(self.embed.space)

    def settle(self, tx: Transaction) -> None:
        """Makes it the archive's own, with its limits, the first time."""
        if self.space not in tx.spaces:
            tx.put(_space(self.embed))
        if _value(tx, "vector_space") != self.space:
            setting = os.fsencode(self.setting).decode(errors="replace")  # it may be a path
            tx.put(Config("vector_space", self.space), Config("model", setting))
        info = self.embed.info
        for name, limit in (
            ("limits_regular", info.limit_regular),
            ("limits_animated", info.limit_animated),
        ):
            stored = _value(tx, name) or {}
            cosines = stored.get("cnn", {})
            if self.space not in cosines:
                tx.put(Config(name, {**stored, "cnn": {**cosines, self.space: limit}}))


def _value(tx: Transaction, name: str) -> Any:
    config = tx.configs.get(name)
    return None if config is None else config.value


def _space(embed: Any) -> Space:
    return Space(
        name=embed.space,
        kind="vector",
        width=embed.width,
        dtype="int8",
        model=embed.info.sha256,
        preparation="",
        pillow="",
        version=1,
    )


def cache_folder() -> Path:
    """Where converted models are kept: the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "fapfav"


def load_model(
    archive: Archive, setting: str | None, cache: Path, *, replace: bool = False
) -> ModelInUse:
    """The model asked for, or the archive's own, or the default.

    One that cannot be had is a warning, said once, and pictures are read without; so is a file
    that only the archive names. Raises UsageError when the archive has another that is not to be
    replaced: their rows cannot be compared.
    """
    own = str(archive.config("model", ""))
    wanted = setting or own or DEFAULT
    if wanted == OFF:
        return ModelInUse()
    if setting is None and wanted not in NAMED:
        # Whoever can write to an archive must not choose what this program opens and runs.
        return ModelInUse(
            wanted,
            None,
            (
                f"no embedding: the archive's is by the model file {wanted!r}, and a file is only "
                "opened when you name it: --model PATH",
            ),
        )
    try:
        embed = load_embedder(wanted, cache)
    except ModelUnavailable as error:
        return ModelInUse(wanted, None, (f"no embedding: {error}",))
    if not replace and archive.vector_space not in ("", embed.space):
        raise UsageError(
            f"this archive's embeddings are of {own!r} and cannot be compared with {wanted!r}: "
            f"`process.py fingerprint --model {wanted}` makes all of them anew"
        )
    return ModelInUse(wanted, embed)
