"""Every place that touches the disk fails once in every way: nothing that was acknowledged is lost.

`make torture` tries three thousand moments instead of each place once.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.torture.scenes import SCENES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("scene", SCENES)
def test_nothing_acknowledged_is_lost(scene: str) -> None:
    command = [sys.executable, "-m", "tests.torture.points", scene]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    tried = [json.loads(line) for line in done.stdout.splitlines()]
    ended = Counter(one["ended"] for one in tried)

    assert [one for one in tried if one["trouble"]] == []
    assert done.returncode == 0, done.stderr
    assert ended["killed"] >= 6
    assert ended["refused"] >= 1
