"""Eight processes at random for a minute, or for as long as they take to do something; see `crowd`.

`make torture` does the same for longer: TOGETHER_SECONDS says for how long.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.cli.running import ROOT
from tests.torture.points import MEMORY

SECONDS = float(os.environ.get("TOGETHER_SECONDS", "60"))


def test_the_state_after_a_minute_is_what_was_asked_for() -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY if Path(MEMORY).is_dir() else None) as folder:
        words = [sys.executable, "-m", "tests.together.crowd", folder, "--seconds", str(SECONDS)]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    counted = json.loads(done.stdout)
    assert counted["changes"] > 20
    assert counted["backups"] >= 1
