"""Repairs as tests run them, and what they left."""

from __future__ import annotations

from fapfav.jobs.repair import Means, RepairReport, repair
from fapfav.jobs.repair_plan import plan_repair
from fapfav.jobs.verify import verify
from fapfav.sources.local import LocalFolder
from tests.jobs.broken import Broken


def local(broken: Broken) -> Means:
    """The folder its pictures came from."""
    return Means([LocalFolder(broken.pictures, exclude=broken.path)])


def repaired(broken: Broken, means: Means | None = None) -> RepairReport:
    """Repairs, and holds that all is whole then, that a second time does nothing, and the log."""
    before = broken.everything()
    plan = plan_repair(broken.unlocked, ["local"] if means is not None else [])
    assert broken.everything() == before
    assert 0 < len(plan.steps) <= len(plan.verified.found)

    report = repair(broken.unlocked, means)

    assert report.failed == ()
    assert verify(broken.unlocked).found == []
    after = broken.everything()
    again = repair(broken.unlocked, means)
    assert (again.change, again.repairs, again.is_clean) == (0, (), True)
    assert broken.everything() == after
    with broken.opened() as archive:
        assert archive.changes[report.change].verb == "repair"
        assert "corrected" in archive.changes[report.change].what
    return report


def quarantined(broken: Broken) -> dict[str, bytes]:
    """What was put by, by name."""
    return {path.name: path.read_bytes() for path in (broken.path / "quarantine").iterdir()}
