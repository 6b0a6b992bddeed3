"""What each method says of the pairs of a set, as a table of a page: pure."""

from __future__ import annotations

from collections.abc import Iterator

from fapfav.duplicates.evidence import FULL, MethodScore, PairScores
from fapfav.jobs.set_views import SetView
from fapfav.model import HASHES, Method


def evidence(at: int, view: SetView) -> Iterator[str]:
    """The scores of every pair and method, then whole digests and hashes; `at` numbers the set."""
    yield f"<details><summary>Evidence of set {at}</summary>\n"
    if view.pairs:
        yield (
            f'<div class="table-scroll" tabindex="0" role="group" aria-label="Scores of set {at}">'
            "<table>\n<caption>How near two pictures are by each method: differing bits, or the "
            f"cosine; from 0 (at the limit) to {FULL:g} (equal).</caption>\n<thead><tr>"
            '<th scope="col">Pictures</th><th scope="col">Method</th>'
            '<th scope="col" class="num">Raw</th><th scope="col" class="num">Limit</th>'
            f'<th scope="col">0 to {FULL:g}</th></tr></thead>\n'
        )
        for pair in view.pairs:
            yield _pair(pair)
        yield "</table></div>\n"
    else:
        yield "<p>The same bytes: there is nothing to compare.</p>\n"
    for member in view.members:
        hashes = "".join(
            f"<dt>{method.value}</dt><dd><code>{member.hashes[method]:016x}</code></dd>"
            for method in HASHES
            if method in member.hashes
        )
        yield (
            f"<p><strong>Picture {member.number}</strong></p>\n<dl><dt>SHA-256</dt>"
            f"<dd><code>{member.blob.digest.hex()}</code></dd>{hashes}</dl>\n"
        )
    yield "</details>\n"


def _pair(pair: PairScores) -> str:
    about = f"{pair.first} and {pair.second}"
    if pair.label is not None:
        about += f"<br><small>you said: {pair.label.value}</small>"
    if pair.moving:
        about += "<br><small>limits for animations</small>"
    first = f'<th scope="rowgroup" rowspan="{len(pair.scores)}">{about}</th>'
    rows = "".join(
        f"<tr>{'' if at else first}{_score(score)}</tr>\n" for at, score in enumerate(pair.scores)
    )
    return f"<tbody>\n{rows}</tbody>\n"


def _score(score: MethodScore) -> str:
    raw = "not compared" if score.raw is None else number(score.method, score.raw)
    limit = "off" if score.limit is None else number(score.method, score.limit)
    cells = f'<td>{score.method.value}</td><td class="num">{raw}</td><td class="num">{limit}</td>'
    if score.normalised is None:
        return f'{cells}<td class="muted">says nothing</td>'
    mark = f"{score.normalised:.1f}"
    bar = (
        f'<svg class="bar" viewBox="0 0 {FULL:g} 1" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{mark}" height="1"/></svg>'
    )
    agrees = ' <span class="better">agrees</span>' if score.passes else ""
    return f"{cells}<td>{bar} {mark}{agrees}</td>"


def number(method: Method, value: float) -> str:
    """Differing bits, or a cosine, as they are written."""
    return f"{value:.4f}" if method is Method.CNN else f"{value:g}"
