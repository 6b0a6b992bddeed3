"""The four 64-bit hashes, as arithmetic on small grey pictures: numbers in, an int out.

Each is defined as `imagededup` 0.3 defines it, down to the last bit. That library compares floats
that are often equal in theory (flat and symmetric pictures), so equal bits take equal rounding:
the cosine transform here goes through the same steps, in the same order, as the pocketfft that
SciPy runs, on top of the same real FFT that NumPy carries; the wavelet through PyWavelets' steps.
How a picture becomes these grey arrays is not decided here (`fapfav.images.preparation`).
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
"""Luma, 0 to 255, rows first."""

PERCEPT_SIZE: Final = (32, 32)
AVERAGE_SIZE: Final = (8, 8)
DIFF_SIZE: Final = (9, 8)
WAVELET_SIZE: Final = (256, 256)
"""What each hash wants its grey picture to measure: width, height."""

_N: Final = 32
_SIGNS: Final = np.array([1.0, -1.0] * 4)
_HAAR: Final = math.sqrt(0.5)
_WAVELET_LEVELS: Final = 5


def percept(grey: Grey) -> int:
    """32 x 32: the 8 x 8 lowest cosine coefficients against the median of all but the first."""
    return _of_lowest(_lowest(grey))


def percept_turned(grey: Grey) -> tuple[int, ...]:
    """What `percept` gives, but for rounding, of the picture in the seven other ways to lie.

    Mirrored left to right, top to bottom, both; then the same four of it transposed. In a mirrored
    picture every second coefficient has the other sign, a transposed one has them exchanged.
    """
    low = _lowest(grey)
    across, down = low * _SIGNS, low * _SIGNS[:, None]
    four = (low, across, down, across * _SIGNS[:, None])
    return tuple(_of_lowest(each) for each in (*four[1:], *(each.T for each in four)))


def _lowest(grey: Grey) -> NDArray[np.float64]:
    """The 8 x 8 lowest cosine coefficients."""
    return _cosine(_cosine(grey.T.astype(np.float64))[:, :8].T)[:, :8]


def _of_lowest(low: NDArray[np.float64]) -> int:
    return _packed(low >= np.sort(low.ravel()[1:])[31])


def average(grey: Grey) -> int:
    """8 x 8: every value against the mean."""
    # Whole numbers, so that the comparison is exact: value >= sum / 64.
    return _packed(grey.astype(np.int64) * grey.size >= grey.sum(dtype=np.int64))


def diff(grey: Grey) -> int:
    """8 rows of 9: every value against its left neighbour."""
    return _packed(grey[:, 1:] > grey[:, :-1])


def wavelet(grey: Grey) -> int:
    """256 x 256: the 8 x 8 low band of five Haar levels against its median."""
    low = grey / 255
    for _ in range(_WAVELET_LEVELS):
        rows = _HAAR * low[0::2] + _HAAR * low[1::2]
        low = _HAAR * rows[:, 0::2] + _HAAR * rows[:, 1::2]
    middle = np.sort(low.ravel())[31:33]
    return _packed(low >= (middle[0] + middle[1]) / 2)


def hex_form(value: int) -> str:
    """16 hex digits, spelt as `imagededup` spells them."""
    return f"{value:016x}"


def _packed(bits: NDArray[np.bool_]) -> int:
    """64 truth values, rows first, as an int with the first one on top."""
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def _cosine(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The unnormalised type-2 cosine transform of every row of 32 values.

    Steps and their order are those of pocketfft's `T_dcst23`: another order, a matrix product
    for one, rounds otherwise and flips bits wherever two coefficients are equal in theory.
    """
    odd, even = rows[:, 1:-1:2], rows[:, 2:-1:2]
    spectrum = np.empty((len(rows), _N // 2 + 1), np.complex128)
    spectrum.real[:, 0] = rows[:, 0] * 2
    spectrum.real[:, 1:-1] = odd + even
    spectrum.imag[:, 1:-1] = even - odd
    spectrum.real[:, -1] = rows[:, -1] * 2
    spectrum.imag[:, 0] = spectrum.imag[:, -1] = 0
    wave = np.fft.irfft(spectrum, n=_N, norm="forward")
    up, down = wave[:, 1 : _N // 2], wave[:, : _N // 2 : -1]
    first = _TURNS[: _N // 2 - 1] * down + _TURNS[_N - 2 : _N // 2 - 1 : -1] * up
    second = _TURNS[: _N // 2 - 1] * up - _TURNS[_N - 2 : _N // 2 - 1 : -1] * down
    result = np.empty_like(wave)
    result[:, 0] = wave[:, 0]
    result[:, 1 : _N // 2] = 0.5 * (first + second)
    result[:, : _N // 2 : -1] = 0.5 * (first - second)
    result[:, _N // 2] = wave[:, _N // 2] * _TURNS[_N // 2 - 1]
    return result


def _turns() -> NDArray[np.float64]:
    """cos(pi k / 64) for k from 1 to 31, with the last-digit errors pocketfft's table has.

    It multiplies two short tables of roots of unity, of steps 1 and 16 in 128.
    """
    step = 0.25 * math.pi / (4 * _N)

    def root(k: int) -> tuple[float, float]:
        eighths = 8 * k
        if eighths < 4 * _N:
            return math.cos(eighths * step), math.sin(eighths * step)
        rest = 8 * _N - eighths
        return math.sin(rest * step), math.cos(rest * step)

    fine = [(1.0, 0.0), *(root(k) for k in range(1, 16))]
    coarse = [(1.0, 0.0), root(16)]
    pairs: list[Any] = [(fine[k & 15], coarse[k >> 4]) for k in range(1, _N)]
    return np.array([one[0] * two[0] - one[1] * two[1] for one, two in pairs])


_TURNS: Final = _turns()
