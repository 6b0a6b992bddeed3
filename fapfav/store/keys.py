"""Keys: one root, and one key derived from it for every use.

One key has one use, so that a mistake in one place does not reach another. No object here shows
its bytes in a `repr`, a traceback, a pickle or a `__dict__`.
"""

from __future__ import annotations

import hmac
import os
import unicodedata
from typing import NoReturn

from fapfav.errors import UsageError

KEY_SIZE = 32
ID_SIZE = 16  # of archives and logs
PASSWORD_LIMIT = 1024  # bytes of UTF-8

_PREFIX = b"fapfav/1/"
_USES = ("blob", "database", "header", "name", "salt")


def hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA-256 (RFC 5869) for 32 bytes, which is one block: extract, then expand once."""
    return hmac.digest(hmac.digest(salt, secret, "sha256"), info + b"\x01", "sha256")


class _Secret:
    """What hides its bytes: slots keep them out of `vars()`, and nothing copies or pickles them."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds keys and is never pickled or copied")

    def __getstate__(self) -> NoReturn:
        self.__reduce_ex__(0)


class RootKey(_Secret):
    """The 32 random bytes that everything in a sealed archive hangs on."""

    __slots__ = ("secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_SIZE:
            raise ValueError("a root key has 32 bytes")
        self.secret = secret

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RootKey) and hmac.compare_digest(self.secret, other.secret)

    __hash__ = None  # type: ignore[assignment]  # a key is compared, never looked up


class LogKeys(_Secret):
    """The keys of one log file: `log` seals its frames, `nonce` makes their nonces."""

    __slots__ = ("log", "nonce")

    def __init__(self, log: bytes, nonce: bytes) -> None:
        self.log, self.nonce = log, nonce


class ArchiveKeys(_Secret):
    """The keys of one archive, by use; `archive_id` (16 bytes, not secret) salts them all."""

    __slots__ = ("archive_id", *_USES)

    def __init__(self, root: RootKey, archive_id: bytes) -> None:
        if len(archive_id) != ID_SIZE:
            raise ValueError("an archive id has 16 bytes")
        self.archive_id = archive_id
        self.header = hkdf(root.secret, archive_id, _PREFIX + b"header")
        self.database = hkdf(root.secret, archive_id, _PREFIX + b"database")
        self.blob = hkdf(root.secret, archive_id, _PREFIX + b"blob")
        self.name = hkdf(root.secret, archive_id, _PREFIX + b"name")
        self.salt = hkdf(root.secret, archive_id, _PREFIX + b"salt")

    def log_keys(self, log_id: bytes) -> LogKeys:
        """The keys of the log with this id (16 bytes): new with every file, so nothing repeats."""
        if len(log_id) != ID_SIZE:
            raise ValueError("a log id has 16 bytes")
        return LogKeys(
            hkdf(self.database, log_id, _PREFIX + b"log"),
            hkdf(self.database, log_id, _PREFIX + b"nonce"),
        )


class Handover(_Secret):
    """What another process of ours needs to open an archive that is open in this one.

    Its id and, of a sealed one, its keys; not the root: who has these can use the archive, but make
    no new password for it. Goes through a pipe, and never to a disk, an argument or an environment.
    """

    __slots__ = ("secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) not in (ID_SIZE, ID_SIZE + KEY_SIZE * len(_USES)):
            raise ValueError("an archive is handed over with its id, or with its id and keys")
        self.secret = secret

    @classmethod
    def of(cls, archive_id: bytes, keys: ArchiveKeys | None) -> Handover:
        """Of an archive; of one without keys it is the id alone."""
        uses = () if keys is None else _USES
        return cls(archive_id + b"".join(getattr(keys, use) for use in uses))

    @property
    def archive_id(self) -> bytes:
        """Which archive it opens; not secret."""
        return self.secret[:ID_SIZE]

    def keys(self) -> ArchiveKeys | None:
        """The keys, None of a plain archive."""
        if len(self.secret) == ID_SIZE:
            return None
        keys = ArchiveKeys.__new__(ArchiveKeys)
        keys.archive_id = self.archive_id
        for at, use in enumerate(_USES):
            begin = ID_SIZE + KEY_SIZE * at
            setattr(keys, use, self.secret[begin : begin + KEY_SIZE])
        return keys


def new_root() -> RootKey:
    """A root key nobody has."""
    return RootKey(os.urandom(KEY_SIZE))


def normalize_password(text: str) -> bytes:
    """The bytes of a password: UTF-8 of its NFC form, since systems type one accent differently.

    Raises UsageError when they are none, more than 1,024, or no text; never shows them.
    """
    try:
        secret = unicodedata.normalize("NFC", text).encode()
    except UnicodeEncodeError:
        secret = None
    # Raised outside the handler: the encoder's error carries the password.
    if secret is None:
        raise UsageError("the password is no valid text; type it again, or check its file's UTF-8")
    if not secret:
        raise UsageError("the password is empty; an empty password never means no password")
    if len(secret) > PASSWORD_LIMIT:
        raise UsageError(f"the password is longer than {PASSWORD_LIMIT} bytes; take a shorter one")
    return secret
