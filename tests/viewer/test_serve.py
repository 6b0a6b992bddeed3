from __future__ import annotations

import http.client
import math
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fapfav.errors import ArchiveInUse, UsageError
from fapfav.jobs.library import open_archive
from tests.support import PASSWORD, encoded, landscape, new_archive, read_folder
from tests.viewer import kinds
from tests.viewer.archives import copied
from tests.viewer.kinds import one
from tests.viewer.wire import TIMEOUT, Wire, wired
from tests.viewer.working import until
from viewer import alone, serve
from viewer.addresses import name_of
from viewer.state import Viewer, install

shown = kinds.shown


@pytest.fixture
def wire(shown: dict[bool, Path], tmp_path: Path) -> Iterator[Wire]:
    with wired(copied(shown[True], tmp_path / "archive"), sealed=True) as found:
        yield found


def ends(thread: threading.Thread, server: serve.Server) -> bool:
    """Whether it ends at all: what hangs on it would hold it for ever."""
    server.close()
    thread.join(TIMEOUT)
    return not thread.is_alive()


def running(viewer: Viewer) -> tuple[serve.Server, threading.Thread]:
    server = serve.make_server(viewer, 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    return server, thread


@pytest.fixture
def viewer(shown: dict[bool, Path], tmp_path: Path) -> Iterator[Viewer]:
    where = copied(shown[True], tmp_path / "archive")
    found = Viewer(where, lambda given: open_archive(where, given), is_sealed=True)
    found.unlock(PASSWORD)
    yield found
    found.lock()
    install(None)


def hanging(wire: Wire, name: str) -> socket.socket:
    """A download that is begun and never taken."""
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    found.settimeout(TIMEOUT)
    found.connect(("127.0.0.1", wire.port))
    found.sendall(
        f"GET /viewer/blob/{name}/ HTTP/1.1\r\nHost: 127.0.0.1:{wire.port}\r\n"
        f"Cookie: {wire.cookie}\r\n\r\n".encode()
    )
    assert found.recv(10) == b"HTTP/1.1 2"
    return found


# Its end


def test_it_ends_though_readers_hang_on_it(viewer: Viewer) -> None:
    server, thread = running(viewer)
    wire = Wire(viewer, server).enter()
    _, name, _ = one(wire, "png", large=True)
    slow = [hanging(wire, name) for _ in range(serve.THREADS)]
    idle = socket.create_connection(("127.0.0.1", server.effective_port))
    try:
        assert ends(thread, server)
    finally:
        for each in (*slow, idle):
            each.close()
    assert server.channels() == []
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", server.effective_port))


def test_one_that_never_ran_ends_too_and_twice_is_no_harm(viewer: Viewer) -> None:
    server = serve.make_server(viewer, 0)

    server.close()
    server.close()
    server.run()

    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", server.effective_port))


def refused(wire: Wire) -> None:
    with pytest.raises((OSError, http.client.HTTPException)):
        wire.get("/viewer/history/")


def test_it_ends_though_a_page_runs(viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    server, thread = running(viewer)
    waits: list[float] = []
    dispatcher = server._server.task_dispatcher
    shutdown = dispatcher.shutdown

    def noted(timeout: float) -> object:
        waits.append(timeout)
        return shutdown(timeout=timeout)

    monkeypatch.setattr(dispatcher, "shutdown", noted)
    wire = Wire(viewer, server).enter()
    with viewer.archive():
        asking = threading.Thread(target=refused, args=(wire,), daemon=True)
        asking.start()
        until(lambda: any(channel.requests for channel in server.channels()))
        assert ends(thread, server)
    # All that its end waits for. It is within a second, however long this computer takes.
    assert sum(waits) < 1
    asking.join(TIMEOUT)
    assert not asking.is_alive()


def test_a_reader_that_takes_nothing_is_dropped_and_its_thread_free_again(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, name, _ = one(wire, "png", large=True)
    slow = [hanging(wire, name) for _ in range(serve.THREADS)]
    with monkeypatch.context() as soon:
        # With that everybody stalls, so nobody else may be answered until they are gone.
        soon.setattr(serve, "STALLED", -1.0)
        soon.setattr(serve, "LOOK", 0.01)
        until(lambda: not any(channel.total_outbufs_len for channel in wire.server.channels()))

    answer = wire.get("/viewer/history/")
    for each in slow:
        each.close()
    assert answer.status == 200


def test_readers_that_ask_for_much_at_once_and_take_nothing_hold_no_thread(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "STALLED", math.inf)  # that they are dropped is not what helps
    sheet = re.search(r'href="(/static/[^"]*viewer\.css)"', wire.get("/viewer/").text)
    assert sheet
    size = len(wire.get(sheet[1]).body)
    request = f"GET {sheet[1]} HTTP/1.1\r\nHost: 127.0.0.1:{wire.port}\r\n\r\n".encode()
    many = [socket.create_connection(("127.0.0.1", wire.port)) for _ in range(serve.THREADS)]
    theirs = {each.getsockname() for each in many}

    def channels() -> list[Any]:
        return [channel for channel in wire.server.channels() if channel.addr in theirs]

    until(lambda: len(channels()) == len(many))
    for channel in channels():
        channel.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    try:
        for each in many:
            each.settimeout(TIMEOUT)
            each.sendall(request * 100)
            assert each.recv(10) == b"HTTP/1.1 2"
        for _ in range(serve.THREADS):
            assert wire.get("/viewer/history/").status == 200
        left = 100 * size
        while left > 0:
            part = many[0].recv(2**20)
            assert part, f"it hung up with {left} bytes to go"
            left -= len(part)
    finally:
        for each in many:
            each.close()


def test_it_locks_by_itself(viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = threading.Event()
    viewer.on_lock.append(locked.set)
    viewer.lock_after = 0.05
    server, thread = running(viewer)
    try:
        assert locked.wait(TIMEOUT)
        assert not viewer.is_open
    finally:
        assert ends(thread, server)


# Ports


def test_a_port_that_is_taken_is_said_to_be(viewer: Viewer) -> None:
    with serve.listen(0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} cannot be had: .*--port"):
            serve.listen(port)


def test_two_viewers_have_cookies_of_two_names(viewer: Viewer) -> None:
    server, thread = running(viewer)
    assert Wire(viewer, server).enter().cookie.startswith(f"fapfav-{server.effective_port}=")
    assert ends(thread, server)


# One viewer


def test_the_second_viewer_of_an_archive_is_told_where_the_first_is(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path, target_is_directory=True)
    with alone.only_viewer(tmp_path, tmp_path / "state") as note:
        with (
            pytest.raises(ArchiveInUse, match="just starts"),
            alone.only_viewer(tmp_path, tmp_path / "state"),
        ):
            pass
        note(8123)
        with (
            pytest.raises(ArchiveInUse, match=r"http://127\.0\.0\.1:8123/viewer/"),
            alone.only_viewer(link, tmp_path / "state"),
        ):
            pass
        with alone.only_viewer(tmp_path / "other", tmp_path / "state"):
            pass
    with alone.only_viewer(tmp_path, tmp_path / "state"):
        pass


def test_what_it_keeps_there_names_no_folder(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with alone.only_viewer(tmp_path / "holidays", state) as note:
        note(8123)
        for path in state.iterdir():
            assert "holidays" not in path.name
            assert "holidays" not in path.read_text()
            assert path.stat().st_mode & 0o077 == 0


def test_where_there_is_no_state_nobody_is_kept_from_anything(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for state in (None, tmp_path / "file" / "below"):
        with alone.only_viewer(tmp_path, state) as first, alone.only_viewer(tmp_path, state):
            first(8123)


# Speed, as counts


def test_a_hundred_thumbnails_take_a_hundred_reads_and_no_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for seed in range(25):
        (pictures / f"{seed}.jpg").write_bytes(encoded(landscape(seed), "JPEG"))
    with new_archive(tmp_path / "archive") as archive:
        read_folder(archive, pictures)
    with wired(tmp_path / "archive", sealed=True) as wire:
        archive = wire.viewer.peek()
        refreshed: list[int] = []
        refresh = archive.refresh

        def counted() -> None:
            refreshed.append(1)
            refresh()

        monkeypatch.setattr(archive, "refresh", counted)
        names = [name_of(archive, digest) for digest in archive.blobs]
        for name in names * 4:
            assert wire.get(f"/viewer/thumb/{name}/").status == 200
        assert refreshed == []
        assert wire.viewer.shelf.taken == sum(blob.thumb_size for blob in archive.blobs.records())
