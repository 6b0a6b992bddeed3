"""What was learned from verdicts, in words: one sentence for each method."""

from __future__ import annotations

from fapfav.duplicates.interval import Share, needed
from fapfav.duplicates.learning import Band, MethodSays, allowed
from fapfav.duplicates.limits import OFF
from fapfav.model import Method

NOTES = (
    "What was never proposed was never judged: recall is of what was judged.",
    "Of pairs beyond a limit only those tell what a laxer one would add that nothing in use"
    " proposes. There are some once you have set it a little laxer for a while, found again, and"
    " judged what came.",
    "Pairs of one set hang together, so shares and intervals (95 %) count cases: pictures that you"
    " called the same are one, and so are every two such that were found alike and are not.",
)
"""What no figure here tells by itself."""


def reason(says: MethodSays, wanted: float) -> str:
    """Why a limit is suggested, or stays: `percept 4 -> 6: 41 of 41 pairs judged at ...`."""
    now, then = says.now.limit, says.then.limit
    if now == OFF:
        return f"{says.method.value} stays off: what it alone would find was never judged"
    if now == then:
        return f"{says.method.value} stays {_limit(now)}: {_staying(says, wanted)}"
    move = f"{says.method.value} {_limit(now)} -> {_limit(then)}"
    words = _counted(says)
    if says.is_bound:
        return f"{move}: as strict as for still pictures{f'; {words}' * bool(words)}"
    if _is_laxer(says):
        return f"{move}: {words}"
    at = says.then
    if at.precision.high >= wanted:
        return f"{move}: {_few(words)}"
    # A method is never switched off by itself, even where its strictest limit is too lax.
    found = f"{at.same} of {at.pairs} pairs within even {_limit(then)} were the same"
    return f"{move}: {_few(found)}; to switch it off is up to you"


def share(of: Share) -> str:
    """`98.6 % (95.1 to 99.6)`; of nothing there is none."""
    if of.share is None:
        return "-"
    return f"{100 * of.share:.1f} % ({100 * of.low:.1f} to {100 * of.high:.1f})"


def _limit(limit: float) -> str:
    return "off" if limit == OFF else f"{limit:g}"


def _is_laxer(says: MethodSays) -> bool:
    now, then = says.now.limit, says.then.limit
    return then < now if says.method is Method.CNN else then > now


def _counted(says: MethodSays) -> str:
    band = says.band
    if not band.pairs:
        return ""
    return (
        f"{band.same} of {band.pairs} pairs judged {_range(says.method, band)} were the same"
        f" ({_cases(band.cases)})"
    )


def _few(counted: str) -> str:
    """`only 3 of 40 ...`, `none of 40 ...`."""
    return f"none{counted[1:]}" if counted.startswith("0 ") else f"only {counted}"


def _cases(count: int) -> str:
    return "1 case" if count == 1 else f"{count} cases"


def _range(method: Method, band: Band) -> str:
    assert band.nearest is not None
    assert band.farthest is not None
    near, far = (_limit(each) for each in (band.nearest, band.farthest))
    if near == far:
        return f"at {near}"
    is_next = method is not Method.CNN and band.farthest - band.nearest == 1
    return f"at {near} {'and' if is_next else 'to'} {far}"


def _staying(says: MethodSays, wanted: float) -> str:
    band, measures = says.band, says.limits
    if not says.judged:
        return "nothing was judged by it"
    if says.is_bound:
        return "as strict as for still pictures"
    at = measures.index(says.now)
    if says.now.precision.high < wanted:
        found = f"{says.now.same} of {says.now.pairs} pairs within it were the same"
        return f"{_few(found)}; to switch it off is up to you"
    if at == len(measures) - 1:
        return "it is the laxest there is"
    if not band.pairs:
        return "of what a laxer one would add nothing was judged"
    few = needed(allowed(wanted))
    if band.cases < few:
        return f"{_counted(says)}; a laxer one takes {few} cases at least, all the same"
    if measures[-1].precision.of < needed(wanted):
        return f"{_counted(says)}; a laxer one takes {needed(wanted)} cases in all"
    return f"{_counted(says)}, too few or too mixed for a laxer one"
