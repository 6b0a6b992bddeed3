"""Every field of a database by its place, as `docs/format.md` lays them out, and what is harmed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from fapfav.store.frames import Kind
from tests.store.damaging import Part, Sample

BLOCK = 4096


@dataclass(frozen=True)
class Region:
    """Some bytes of a file, and what they are."""

    name: str
    begin: int
    end: int

    def __str__(self) -> str:
        return self.name

    def moved(self, by: int, where: str) -> Region:
        """The same field elsewhere."""
        return Region(f"{where}, {self.name}", self.begin + by, self.end + by)


def _laid_out(*fields: tuple[str, int]) -> tuple[Region, ...]:
    found, at = [], 0
    for name, size in fields:
        found.append(Region(name, at, at + size))
        at += size
    return tuple(found)


SLOT = _laid_out(
    *(("kind", 1), ("reserved", 3), ("passes", 4), ("memory", 4), ("lanes", 4), ("id", 8)),
    *(("salt", 16), ("wrapped key", 32), ("wrapped tag", 16), ("rest", 40)),
)
HEADER = _laid_out(
    *(("magic", 8), ("version", 2), ("cipher", 1), ("reserved", 5), ("generation", 8)),
    *(("archive id", 16), ("more reserved", 24), ("slots", 8 * 128), ("rest", 2944)),
    *(("seal", 32), ("check", 32)),
)
LOG_HEADER = _laid_out(
    *(("magic", 8), ("log id", 16), ("sequence", 8), ("tag before", 16), ("reserved", 12)),
    *(("check", 4), ("rest", 4032)),
)
_FRAME = (
    *(("marker", 4), ("kind", 1), ("packing", 1), ("reserved", 2), ("length", 4)),
    *(("more reserved", 4), ("sequence", 8), ("tag before", 16), ("nonce", 12)),
    *(("last reserved", 8), ("check", 4), ("packed length", 4), ("plain length", 4)),
)


def of_header(block: int) -> Iterator[Region]:
    """The fields of one of the two header blocks; of its slots a full one, and empty ones."""
    for field in HEADER:
        yield field.moved(block * BLOCK, f"block {block}")
    for slot in (0, 1, 7):
        for field in SLOT:
            at = block * BLOCK + 64 + 128 * slot
            yield field.moved(at, f"block {block}, slot {slot}")


def of_log_header(copy: int) -> Iterator[Region]:
    """The fields of one of the two copies of the log's header."""
    for field in LOG_HEADER:
        yield field.moved((2 + copy) * BLOCK, f"log header {copy}")


def of_frame(part: Part) -> Iterator[Region]:
    """The fields of a frame."""
    size = part.end - part.begin
    body = size - 16 - 72
    fields = _laid_out(*_FRAME, ("body", body), ("tag", 16))
    for field in fields:
        yield field.moved(part.begin, f"frame {part.sequence} ({part.kind.name})")


def frames_of_every_kind(one: Sample) -> list[Part]:
    """A frame of each kind in the snapshot and in changes, and those of the last change."""
    found: dict[object, Part] = {}
    last = one.parts[-1].transaction
    for part in one.parts:
        where = min(part.transaction, 1) if part.transaction != last else last
        found.setdefault((part.kind, where), part)
    return list(found.values())


def every_region(one: Sample) -> list[Region]:
    """Every field of the headers, and of a frame of every kind."""
    headers = [*of_header(0), *of_header(1), *of_log_header(0), *of_log_header(1)]
    return headers + [region for part in frames_of_every_kind(one) for region in of_frame(part)]


def whole_parts(one: Sample) -> list[Region]:
    """What can be exchanged as a whole: header blocks, copies of the log's header, frames."""
    blocks = [Region(f"block of headers {n}", n * BLOCK, (n + 1) * BLOCK) for n in range(4)]
    frames = [Region(f"frame {p.sequence}", p.begin, p.end) for p in frames_of_every_kind(one)]
    return blocks + frames


def kinds_there(one: Sample) -> set[Kind]:
    """The kinds of frames that are harmed."""
    return {part.kind for part in frames_of_every_kind(one)}


def replaced(raw: bytes, region: Region, by: bytes) -> bytes:
    """The file with other bytes in a region's place, as many or not."""
    return raw[: region.begin] + by + raw[region.end :]


WAYS: dict[str, Callable[[bytes], bytes]] = {
    "first bit": lambda old: bytes([old[0] ^ 0x80]) + old[1:],
    "last bit": lambda old: old[:-1] + bytes([old[-1] ^ 1]),
    "all bits": lambda old: bytes(byte ^ 0xFF for byte in old),
    "zeros": lambda old: bytes(len(old)),
    "taken out": lambda _old: b"",
    "doubled": lambda old: old + old,
    "halved": lambda old: old[: len(old) // 2],
}


def harmed(raw: bytes, region: Region, ways: Iterable[str] = WAYS) -> Iterator[tuple[str, bytes]]:
    """The file with a region flipped at either end and all over, zeroed, taken out, and doubled.

    Only what differs from the file as it was.
    """
    old = raw[region.begin : region.end]
    for way in ways:
        if (changed := replaced(raw, region, WAYS[way](old))) != raw:
            yield way, changed


def some_of(number: int) -> list[str]:
    """Three ways to harm the region of that number: all of them in turn, a bit in each."""
    others = [way for way in WAYS if way != "first bit"]
    return ["first bit", *(others[(2 * number + i) % len(others)] for i in (0, 1))]


def cuts(one: Sample) -> Iterator[int]:
    """Where a file may end: at every field, and around every frame of the changes."""
    ends = {region.begin for region in every_region(one)}
    for part in one.parts:
        if part.transaction:
            ends |= {part.begin - 1, part.begin, part.begin + 1, part.end - 1}
    yield from sorted(ends)
