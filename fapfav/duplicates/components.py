"""What hangs together by pairs: connected components of numbered entries."""

from __future__ import annotations

import numpy as np

from fapfav.duplicates.alike import Indices


def components(first: Indices, second: Indices, count: int) -> Indices:
    """For each of `count` entries the smallest one it hangs together with, itself if none.

    `first` and `second` (n,) are the numbers of the two entries of each pair. By union and find
    with halved paths (Tarjan and van Leeuwen, 1984).
    """
    parents = list(range(count))

    def root(one: int) -> int:
        while parents[one] != one:
            parents[one] = one = parents[parents[one]]
        return one

    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        a, b = root(one), root(other)
        parents[max(a, b)] = min(a, b)
    return np.array([root(one) for one in range(count)], dtype=np.int64)
