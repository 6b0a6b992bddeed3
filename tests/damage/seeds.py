"""Made the corpus: `python -m tests.damage.seeds` writes what is right, and a few known attacks.

What a fuzzer finds is put beside them by hand. Files that are there already stay.
"""

from __future__ import annotations

from pathlib import Path

from fapfav.store import values
from fapfav.store.frames import Kind
from fapfav.store.log import Chain, start
from fapfav.store.recovery import show_code
from fapfav.store.sealing import Kind as FileKind
from fapfav.store.sealing import seal
from tests.damage.fuzz import CORPUS
from tests.damage.targets import CODECS, DIGEST, HEADERS, KEYS, LOG
from tests.store.test_hostile import HOSTILE

ROWS = {"ops": [["configs", "a", {"value": [1, None, "x", b"y", 0.5, True]}]]}
FRESH = {"table": "fresh", "count": 1, "columns": {"key": bytes(32), "at": bytes(8)}}
VECTORS = {"space": "c", "width": 2, "digests": bytes(32), "scales": bytes(4), "rows": b"\1\2"}
PAYLOADS = [values.encode(value) for value in (ROWS, FRESH, VECTORS, {"rows": {"fresh": 1}})]


def seeds() -> dict[str, list[bytes]]:
    """Of each target what it begins with."""
    hostile = [raw for raw in HOSTILE.values() if len(raw) < 500]
    frames = [codec.seal(Kind.COMMIT, 1, bytes(16), PAYLOADS[0]) for codec in CODECS]
    chain = Chain(CODECS[0], start(LOG))
    snapshot = [chain.seal(Kind.TABLE, PAYLOADS[1]), chain.seal(Kind.END, PAYLOADS[3])]
    change = [chain.seal(Kind.VECTORS, PAYLOADS[2]), chain.seal(Kind.COMMIT, PAYLOADS[0])]
    pieces = [(0, PAYLOADS[1]), (3, PAYLOADS[3]), (1, PAYLOADS[2]), (5, PAYLOADS[0])]
    code = show_code(bytes(range(32)))
    return {
        "header": [HEADERS[:200], HEADERS[:64] + b"\1" + bytes(3) + b"\0\0\0\1\0\0\0\x20" * 15],
        "frame": frames,
        "value": [PAYLOADS[0], *hostile[:6]],
        "contents": [*PAYLOADS, *hostile],
        "log": [
            b"".join(snapshot + change),
            b"".join(snapshot),
            b"NEXT".join(bytes([kind]) + payload for kind, payload in pieces),
        ],
        "picture": [
            b"".join(seal(KEYS, FileKind.BLOB, DIGEST, b"a picture")),
            (9).to_bytes(8) + b"a picture".ljust(10, b"\0"),
        ],
        "backup-list": [b"0" * 64 + b"  blobs/" + b"a" * 64 + b".jpg\n" + b"1" * 64 + b"  x/y"],
        "recovery-code": [code.encode(), code.lower().replace("-", " ").encode(), b"I" + b"0" * 55],
    }


def main() -> None:
    """Writes those that are not there."""
    for target, raws in seeds().items():
        folder = Path(CORPUS / target)
        folder.mkdir(parents=True, exist_ok=True)
        for number, raw in enumerate(raws):
            path = folder / f"{number:02d}.bin"
            if not path.exists():
                path.write_bytes(raw)


if __name__ == "__main__":
    main()
