"""fapfav/store/keys.py: one key for each use, and none of them shown."""

from __future__ import annotations

import copy
import os
import pickle
import traceback
import unicodedata

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import UsageError
from fapfav.store.keys import ArchiveKeys, Handover, RootKey, hkdf, new_root, normalize_password

ROOT = RootKey(bytes(range(32)))
ARCHIVE = b"archive id 16 by"
KEYS = ArchiveKeys(ROOT, ARCHIVE)
LOG = KEYS.log_keys(b"log id, 16 bytes")
USES = ("header", "database", "blob", "name", "salt")


def reference(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(secret)


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=100), st.binary(min_size=1, max_size=80), st.binary())
def test_derivation_is_hkdf_of_the_standard(secret: bytes, salt: bytes, info: bytes) -> None:
    assert hkdf(secret, salt, info) == reference(secret, salt, info)


def test_derivation_gives_the_vector_of_rfc_5869() -> None:
    salt, info = bytes(range(13)), bytes(range(0xF0, 0xFA))
    expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"

    assert hkdf(b"\x0b" * 22, salt, info).hex() == expected


@pytest.mark.parametrize("use", USES)
def test_a_key_of_an_archive_comes_from_the_root_its_id_and_its_use(use: str) -> None:
    expected = reference(bytes(range(32)), ARCHIVE, b"fapfav/1/" + use.encode())

    assert getattr(KEYS, use) == expected


@pytest.mark.parametrize("use", ["log", "nonce"])
def test_a_key_of_a_log_comes_from_the_database_key_and_its_id(use: str) -> None:
    expected = reference(KEYS.database, b"log id, 16 bytes", b"fapfav/1/" + use.encode())

    assert getattr(LOG, use) == expected


def test_no_two_uses_archives_or_logs_share_a_key() -> None:
    other = ArchiveKeys(ROOT, b"another id 16 by")
    logs = [LOG, KEYS.log_keys(b"LOG id, 16 bytes"), other.log_keys(b"log id, 16 bytes")]
    keys = [getattr(archive, use) for archive in (KEYS, other) for use in USES]
    keys += [key for log in logs for key in (log.log, log.nonce)]

    assert len(set(keys)) == len(keys)


def test_new_roots_are_random() -> None:
    assert new_root() != new_root()
    assert RootKey(bytes(range(32))) == ROOT
    assert bytes(range(32)) != ROOT


@pytest.mark.parametrize(
    "secret",
    [ROOT, KEYS, LOG, Handover.of(ARCHIVE, KEYS)],
    ids=["root", "archive", "log", "handover"],
)
def test_keys_show_in_no_text(secret: object) -> None:
    slots = [getattr(secret, name) for name in type(secret).__slots__]  # type: ignore[attr-defined]
    shown = "".join((repr(secret), str(secret), f"{secret}", f"{[secret]!r}", str((secret,))))

    assert shown.count(f"<{type(secret).__name__}>") == 5
    assert not any(repr(value)[2:10] in shown or value.hex() in shown for value in slots)


@pytest.mark.parametrize("secret", [ROOT, KEYS, LOG], ids=["root", "archive", "log"])
def test_keys_have_no_dict_and_are_neither_pickled_nor_copied(secret: object) -> None:
    assert not hasattr(secret, "__dict__")
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError):
            pickle.dumps(secret, protocol)
    with pytest.raises(TypeError):
        copy.copy(secret)
    with pytest.raises(TypeError):
        copy.deepcopy(secret)
    with pytest.raises(TypeError):
        secret.__getstate__()


def test_a_handover_gives_the_very_keys_and_not_the_root() -> None:
    handover = Handover(Handover.of(ARCHIVE, KEYS).secret)
    found = handover.keys()

    assert found is not None
    assert handover.archive_id == found.archive_id == ARCHIVE
    assert [getattr(found, use) for use in USES] == [getattr(KEYS, use) for use in USES]
    assert bytes(range(32)) not in handover.secret


def test_a_handover_of_a_plain_archive_is_its_id() -> None:
    handover = Handover.of(ARCHIVE, None)

    assert (handover.secret, handover.keys()) == (ARCHIVE, None)


@pytest.mark.parametrize("size", [0, 15, 17, 16 + 32, 16 + 5 * 32 - 1, 16 + 6 * 32])
def test_a_handover_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="handed over"):
        Handover(bytes(size))


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_root_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        RootKey(bytes(size))


def test_ids_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        ArchiveKeys(ROOT, b"short")
    with pytest.raises(ValueError, match="16 bytes"):
        KEYS.log_keys(bytes(17))


@settings(deadline=None)
@given(st.text(min_size=1, max_size=60).filter(lambda text: text.isprintable()))
def test_the_composed_and_the_decomposed_form_are_one_password(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)

    assert normalize_password(text) == normalize_password(decomposed)


def test_a_password_is_utf_8_of_its_composed_form() -> None:
    assert normalize_password("a\u0308 b") == "\u00e4 b".encode()


def test_the_longest_password_has_1024_bytes() -> None:
    assert len(normalize_password("\u00e4" * 512)) == 1024
    with pytest.raises(UsageError, match="longer than 1024 bytes"):
        normalize_password("\u00e4" * 512 + "x")


def test_an_empty_password_is_an_error() -> None:
    with pytest.raises(UsageError, match="empty"):
        normalize_password("")


def test_a_refused_password_shows_in_no_traceback() -> None:
    secret = "very secret " + os.urandom(4).hex()

    for password in (secret + "\ud800", secret * 60):
        with pytest.raises(UsageError) as caught:
            normalize_password(password)
        shown = "".join(traceback.format_exception(caught.value))
        assert secret not in shown
        assert caught.value.__context__ is None
