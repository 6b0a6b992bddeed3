"""The bars themselves: imported late, for the package that draws them is dear to import."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

_NARROWEST = 8  # cells of a bar that still says something
_WIDEST = 40
_NUMBERS = 60  # cells of all that stands beside it: 2 h 20 min left, 3 failed


class BarsAndMore(Progress):
    """Bars with their numbers, and lines below them."""

    def __init__(self, console: Console) -> None:
        self.below: tuple[str, ...] = ()
        super().__init__(
            TextColumn("{task.fields[doing]}", markup=False),
            BarColumn(bar_width=_width(console)),
            *(TextColumn(f"{{task.fields[{name}]}}") for name in ("of", "rate", "left")),
            TextColumn("[red]{task.fields[failures]}"),
            console=console,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def get_renderables(self) -> Iterator[RenderableType]:
        """What is drawn."""
        yield from super().get_renderables()
        for line in filter(None, self.below):
            yield Text(line, style="dim", no_wrap=True, overflow="ellipsis")


def _width(console: Console) -> int:
    """What the numbers leave of the screen."""
    return min(max(_NARROWEST, console.width - _NUMBERS), _WIDEST)
