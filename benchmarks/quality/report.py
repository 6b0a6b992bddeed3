"""The tables of a run as text, and as one page with the worst pairs as pictures."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from operator import attrgetter
from pathlib import Path
from typing import Final

from PIL import Image

from benchmarks.quality.dataset import Dataset
from benchmarks.quality.methods import Accepted
from benchmarks.quality.score import Ints, RelatedScore, Score

_THUMB: Final = 150


@dataclass(frozen=True, slots=True)
class Result:
    """A method at one setting: what it accepted, its sets by transitive closure, their score."""

    accepted: Accepted
    sets: Ints
    score: Score
    related: dict[str, RelatedScore] | None = None

    @property
    def name(self) -> str:
        """The method and its setting."""
        return f"{self.accepted.method} {self.accepted.setting}"


@dataclass(frozen=True, slots=True)
class Table:
    """A title, a sentence on what it holds, the names of the columns, the rows."""

    title: str
    note: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Shown:
    """Two pictures to look at, and what is to be said of them."""

    first: int
    second: int
    words: str


def limits_table(results: Sequence[Result]) -> Table:
    """Every method at every setting."""
    rows = []
    for result in results:
        score, counts = result.score, result.score.counts
        rows.append(
            [
                result.accepted.method,
                result.accepted.setting,
                str(score.precision),
                f"{counts.precision_lenient:.4f}",
                str(score.recall),
                str(score.f1),
                f"{counts.different:,}",
                f"{counts.related:,}",
                f"{sum(score.negatives.values()):,}",
            ]
        )
    note = (
        "Over all pairs inside sets, with 95 % intervals over resampled bases. Related pairs in a "
        "set count as false, but for the second precision, which leaves them out."
    )
    head = ("method", "limit", "precision", "related left out", "recall", "F1")
    more = ("different pairs in sets", "related ones", "of negatives")
    return Table("Methods and limits", note, (*head, *more), rows)


def best_of_each(results: Sequence[Result]) -> list[Result]:
    """Each method at the limit where its F1 is largest."""
    best: dict[str, Result] = {}
    for result in results:
        key = result.accepted.method
        if key not in best or result.score.f1.value > best[key].score.f1.value:
            best[key] = result
    return list(best.values())


def family_tables(results: Sequence[Result]) -> list[Table]:
    """Recall, precision and F1 by family of change, one column a method."""
    families = sorted({family for result in results for family in result.score.families})
    head = ("family", "pairs", *(f"{result.name}" for result in results))
    tables = []
    for title, figure in (
        ("Recall by change", attrgetter("recall")),
        ("Precision by change", attrgetter("precision")),
        ("F1 by change", attrgetter("f1")),
    ):
        rows = []
        for family in families:
            counts = [result.score.families[family] for result in results]
            if not counts[0].same:
                continue
            figures = [f"{figure(each):.4f}" for each in counts]
            rows.append([family, f"{counts[0].same:,}", *figures])
        note = "Pairs of which one picture or both went through a change of the family."
        tables.append(Table(title, note, head, rows))
    return tables


def kinds_table(results: Sequence[Result]) -> Table:
    """Precision, recall and F1 by kind of picture, one column a method."""
    rows = []
    for kind in sorted(results[0].score.kinds):
        found = [result.score.kinds[kind] for result in results]
        figures = [f"{each.precision:.4f} {each.recall:.4f} {each.f1:.4f}" for each in found]
        rows.append([kind, f"{found[0].same:,}", *figures])
    head = ("kind", "pairs", *(result.name for result in results))
    note = "Precision, recall and F1 over the pairs of which both pictures are of the kind."
    return Table("By kind of picture", note, head, rows)


def merged_table(results: Sequence[Result]) -> Table:
    """Related pairs in one set by family of change, one column a method."""
    families = sorted({family for result in results for family in result.score.families})
    rows = [
        [family, *(f"{result.score.families[family].related:,}" for result in results)]
        for family in families
        if not results[0].score.families[family].same
    ]
    head = ("family", *(result.name for result in results))
    return Table("Related pairs in one set", "One picture or both are of the family.", head, rows)


def negatives_table(results: Sequence[Result]) -> Table:
    """False pairs within families of negatives, one column a method."""
    families = sorted({family for result in results for family in result.score.negatives})
    rows = [
        [family, *(f"{result.score.negatives[family]:,}" for result in results)]
        for family in families
    ]
    rows.append(["all", *(f"{sum(result.score.negatives.values()):,}" for result in results)])
    head = ("family", *(f"{result.name}" for result in results))
    return Table("False pairs among negatives", "Both pictures are of the family.", head, rows)


def related_table(result: Result) -> Table:
    """What became of the pictures that are related to another."""
    rows = [
        [family, f"{score.pictures:,}", f"{score.recall:.4f}", f"{score.merged:,}"]
        for family, score in sorted((result.related or {}).items())
    ]
    note = (
        "A picture is found when it is called related to one that is the same as its original, and "
        "merged when it lies in a set with one."
    )
    return Table(f"Related pictures: {result.name}", note, _RELATED_HEAD, rows)


_RELATED_HEAD: Final = ("family", "pictures", "found", "merged")


def as_text(table: Table) -> str:
    """A table in Markdown."""
    lines = [f"### {table.title}", "", table.note, ""]
    lines.append(f"| {' | '.join(table.head)} |")
    lines.append(f"|{' --- |' * len(table.head)}")
    lines += [f"| {' | '.join(row)} |" for row in table.rows]
    return "\n".join([*lines, ""])


_STYLE: Final = """
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 90rem; padding: 0 1rem;
  background: light-dark(#fff, #16181c); color: light-dark(#1b1d21, #dfe2e7); }
h2 { margin-top: 2.2rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px; }
th, td { padding: .25rem .6rem; text-align: right; white-space: nowrap;
  border-bottom: 1px solid light-dark(#d9dce1, #33373e); }
th { vertical-align: bottom; white-space: normal; }
th:first-child, td:first-child { text-align: left; }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(21rem, 1fr)); gap: 1rem; }
figure { margin: 0; padding: .6rem; border: 1px solid light-dark(#d9dce1, #33373e); }
figure div { display: flex; gap: .5rem; align-items: start; background: #8888; }
img { max-width: 50%; }
figcaption { font-size: 12px; overflow-wrap: anywhere; }
"""


def page(
    title: str,
    notes: Sequence[str],
    tables: Sequence[Table],
    pairs: Sequence[tuple[str, Sequence[Shown]]],
    dataset: Dataset,
) -> str:
    """One page of HTML that needs no other file."""
    parts = [f"<h1>{escape(title)}</h1>", *(f"<p>{escape(note)}</p>" for note in notes)]
    parts += [_table(table) for table in tables]
    for heading, shown in pairs:
        figures = "".join(_figure(each, dataset) for each in shown)
        parts.append(f"<h2>{escape(heading)}</h2>")
        parts.append(f'<div class="pairs">{figures}</div>' if figures else "<p>None.</p>")
    head = '<!doctype html><html lang="en"><meta charset="utf-8">'
    head += '<meta name="viewport" content="width=device-width">'
    return f"{head}<title>{escape(title)}</title><style>{_STYLE}</style>{''.join(parts)}</html>\n"


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in table.head)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows
    )
    inner = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    title, note = escape(table.title), escape(table.note)
    return f'<h2>{title}</h2><p>{note}</p><div class="wide">{inner}</div>'


def _figure(shown: Shown, dataset: Dataset) -> str:
    names = []
    for number in (shown.first, shown.second):
        entry = dataset.entries[number]
        names.append(f"{entry.base}: {entry.change}")
    images = "".join(
        f'<img src="{thumbnail(dataset.path(number))}" alt="{escape(name)}">'
        for number, name in zip((shown.first, shown.second), names, strict=True)
    )
    words = escape(" | ".join([*names, shown.words]))
    return f"<figure><div>{images}</div><figcaption>{words}</figcaption></figure>"


def thumbnail(path: Path) -> str:
    """A small JPEG of a picture's first frame as a data URL."""
    with Image.open(path) as image:
        small = image.convert("RGBA")
    small.thumbnail((_THUMB, _THUMB))
    ground = Image.new("RGBA", small.size, "white")
    ground.alpha_composite(small)
    out = io.BytesIO()
    ground.convert("RGB").save(out, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}"
