"""Commands that ask a practice site, in a home of their own but in this process, for speed."""

from __future__ import annotations

import pytest

from fapfav.cli.favorites import favorites
from fapfav.practice.site import PracticeSite
from tests.cli.running import Home, Ran, here


def there(site: PracticeSite) -> dict[str, str]:
    """What leads a command to the practice site, which need not be spared."""
    return {"FAPFAV_IMAGEFAP_URL": site.url, "FAPFAV_PACE": "0,0"}


def ask(home: Home, site: PracticeSite, *arguments: object, **environment: str) -> Ran:
    """Runs `favorites.py` with such arguments."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("FAPFAV_DIR", "FAPFAV_CONTACT", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
            patch.delenv(name, raising=False)
        for name, value in {**there(site), "HOME": str(home.path), **environment}.items():
            patch.setenv(name, value)
        patch.chdir(home.path)
        return here(favorites, "favorites.py", *(str(argument) for argument in arguments))
