"""What tests of jobs that read a site begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fapfav.jobs.library import Archive
from fapfav.practice.site import PracticeSite
from tests.jobs.sites import ACCOUNT
from tests.support import new_archive


@pytest.fixture
def site() -> Iterator[PracticeSite]:
    with PracticeSite([ACCOUNT], page_size=3, folders_a_page=3) as running:
        yield running


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with new_archive(tmp_path / "archive") as opened:
        yield opened
