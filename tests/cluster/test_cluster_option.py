"""fapfav/cli/cluster_option.py: `--cluster` on the command line, and what it refuses."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fapfav.cli.favorites import favorites
from fapfav.cli.process import process
from tests.cli.running import Ran, here
from tests.cluster.local import Running, in_this_process
from tests.support import PASSWORD, album, new_archive

TLS = ("--cluster", "tls://127.0.0.1:9")
TCP = ("--cluster", "tcp://127.0.0.1:9")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    album(tmp_path / "pictures", 3)
    return tmp_path / "pictures"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with in_this_process(tmp_path / "cluster") as started:
        yield started


def read(tmp_path: Path, *more: str) -> Ran:
    words = ("read", "-l", str(tmp_path / "pictures"), "-o", str(tmp_path / "archive"))
    return here(favorites, "favorites.py", *words, "--model", "off", "--no-password", *more)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--cluster", "computer:8786"), "is no address of a cluster"),
        (("--cluster", "http://computer:8786"), "is no address of a cluster"),
        (TLS, "tls:// takes --cluster-ca, --cluster-cert and --cluster-key"),
        ((*TCP, "--cluster-ca", "ca.pem"), "certificates are for tls://"),
        (("--cluster-key", "key.pem"), "go with --cluster"),
        (
            (*TLS, "--cluster-ca", "a", "--cluster-cert", "b", "--cluster-key", "c"),
            "there is no file a",
        ),
    ],
    ids=["no kind", "other kind", "no certificates", "needless", "no cluster", "no file"],
)
def test_what_cannot_be_meant_is_wrong_usage(
    more: tuple[str, ...], said: str, tmp_path: Path, pictures: Path
) -> None:
    done = read(tmp_path, *more)

    assert done.code == 2
    assert said in done.err


def test_a_site_is_read_from_here_alone(tmp_path: Path) -> None:
    words = ("read", "--user", "alice", "-o", str(tmp_path / "archive"))

    done = here(favorites, "favorites.py", *words, *TCP)

    assert done.code == 2
    assert "--cluster goes with --local" in done.err


@pytest.mark.parametrize("program", ["read", "fingerprint"])
def test_an_encrypted_archive_goes_by_tls_only(
    program: str, tmp_path: Path, pictures: Path
) -> None:
    new_archive(tmp_path / "archive").close()
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "password").chmod(0o600)
    group, words = {
        "read": (favorites, ("read", "-l", str(pictures))),
        "fingerprint": (process, ("fingerprint",)),
    }[program]
    more = ("-d", str(tmp_path / "archive"), "--password-file", str(tmp_path / "password"))

    done = here(group, program, *words, *more, "--model", "off", *TCP)

    assert done.code == 2
    assert "leave this computer by TLS only" in done.err


def test_without_the_extra_it_is_named(
    tmp_path: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    done = read(tmp_path, *TCP)

    assert done.code == 2
    assert "pip install 'fapfav[cluster]'" in done.err


def test_nobody_at_the_address_is_no_wrong_usage(
    tmp_path: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fapfav.jobs.cluster.CONNECT_SECONDS", 0.3)

    done = read(tmp_path, *TCP)

    assert done.code == 1
    assert "no cluster answers at tcp://127.0.0.1:9" in done.err


def test_read_and_fingerprint_do_their_work_there(
    tmp_path: Path, pictures: Path, running: Running
) -> None:
    there = ("--cluster", running.address)

    done = read(tmp_path, *there)
    again = here(
        process, "process.py", "fingerprint", "-d", str(tmp_path / "archive"), "--model", "off",
        *there,
    )  # fmt: skip

    assert (done.code, again.code) == (0, 0)
    assert "saved: 3 pictures" in done.out
    scheduler = running.inside.scheduler
    assert (
        scheduler.task_prefixes["on_worker"].state_counts["memory"] >= 2 + 2
    )  # one to try each time, and some for the pictures
