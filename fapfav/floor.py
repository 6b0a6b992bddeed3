"""The permanent content floor: names that never come in, whatever the settings say.

Sexual content with minors has no place in an archive. Wherever the name of a tag, an album or a
query comes in, `refuse` is asked first; there is no switch.
"""

from __future__ import annotations

import re
import unicodedata

from fapfav.errors import UsageError

# As a whole name only: inside a longer one it is an ordinary word ("Neil Young", "young forest").
_WHOLE = frozenset({"young"})
# As any word of a name; the three permanent tags with the aliases the boorus give them.
_WORDS = frozenset(
    {
        "loli", "lolis", "lolicon", "lolicons", "shota", "shotas", "shotacon", "shotacons",
        "toddlercon", "underage",
    }
)  # fmt: skip


def is_below(name: str) -> bool:
    """Whether a tag, album or query name falls below the floor."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    words = [word for word in re.split(r"[\W_\d]+", plain) if word]
    return " ".join(words) in _WHOLE or not _WORDS.isdisjoint(words)


def refuse(name: str) -> None:
    """Raises UsageError when the name falls below the floor."""
    if is_below(name):
        raise UsageError(f"{name!r} names content that this program never keeps")
