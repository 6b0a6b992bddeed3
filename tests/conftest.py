"""What holds for every test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Before anything imports it: ONNX Runtime would keep a device id in the home folder and report.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

# How long an example takes, or making it, says nothing but how busy the machine is.
settings.register_profile(
    "patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")

UNCOUNTED = frozenset(
    {
        *("bad_input", "benchmarks", "browser", "damage", "frozen"),
        *("house", "leaks", "reader", "together", "torture"),
        *("test_kill.py", "test_convert_killed.py", "test_following.py", "test_plan.py"),
        *("test_compact.py", "test_database.py", "test_log.py", "test_salvage.py"),
        *("test_transaction.py", "test_workers.py"),
    }
)
"""Folders and files of tests that go once more, in other ways, through what others go through.

What they run is not counted as covered: counting would take several times as long as they do."""

_PROCESSES = "COVERAGE_PROCESS_CONFIG"
"""By this started processes know that they count as well."""

_TEMPORARY = "PYTEST_DEBUG_TEMPROOT"
"""By this pytest is told where temporary files lie, in the processes it starts as well."""

_MEMORY = Path("/dev/shm")
_ROOM = 6 << 30

_HERE = Path(__file__).parent
_counted: set[str] = set()
_paused: dict[str, str] = {}


def pytest_configure(config: pytest.Config) -> None:
    """Files of tests lie in memory where there is room: a disk is waited for at every sync.

    No test can tell: what a power cut takes is played, not waited for.
    """
    if config.option.basetemp or _TEMPORARY in os.environ or not _MEMORY.is_dir():
        return
    if os.access(_MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
        os.environ[_TEMPORARY] = str(_MEMORY)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Counts, or does not, from the first fixture of a test on.

    Of a test with parameters only the first of them that comes is counted, for the same reason.
    """
    name = item.nodeid.partition("[")[0]
    _count(
        item.config,
        UNCOUNTED.isdisjoint(item.path.relative_to(_HERE).parts) and name not in _counted,
    )
    _counted.add(name)
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leaves the counting as it was found."""
    _count(session.config, True)


def _count(config: pytest.Config, wanted: bool) -> None:
    plugin: Any = config.pluginmanager.getplugin("_cov")
    if plugin is None or plugin.cov_controller is None or wanted == (not _paused):
        return
    if wanted:
        os.environ.update(_paused)
        _paused.clear()
        plugin.cov_controller.resume()
    else:
        plugin.cov_controller.pause()
        _paused[_PROCESSES] = os.environ.pop(_PROCESSES, "")
