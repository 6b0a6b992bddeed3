from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from fapfav.errors import UsageError
from tests.house.tree import ROOT
from tests.viewer.archives import HILLS, LAKES, MOVING, copied
from tests.viewer.browsing import Visitor
from tests.viewer.routes import addresses
from tests.viewer.wire import Wire, wired
from viewer import serve
from viewer.addresses import name_of
from viewer.middleware import HEADERS
from viewer.state import Viewer


@pytest.fixture
def wire(made: dict[bool, Path], tmp_path: Path) -> Iterator[Wire]:
    """A server of an encrypted archive."""
    with wired(copied(made[True], tmp_path / "archive"), sealed=True) as found:
        yield found


def picture(wire: Wire) -> str:
    archive = wire.viewer.peek()
    return name_of(archive, next(iter(archive.blobs)))


def outcome(raw: bytes) -> int:
    return int(raw.split(b" ", 2)[1])


def plainly(wire: Wire, target: str, *lines: str, method: str = "GET") -> bytes:
    """A request written by hand; `lines` are all of its headers."""
    head = "\r\n".join([f"{method} {target} HTTP/1.1", *lines, "Connection: close"])
    return wire.raw(head.encode() + b"\r\n\r\n")


# Headers


@pytest.mark.parametrize(
    "path", ["/", "/viewer/history/", "/viewer/unlock/", "/nowhere", "/viewer/x", "/viewer/pulse/"]
)
def test_every_answer_says_what_it_may_do(wire: Wire, path: str) -> None:
    got = wire.get(path)

    assert {name: got.header(name) for name in HEADERS} == HEADERS


def test_refusals_pictures_and_static_files_say_it_too(wire: Wire) -> None:
    css = re.search(r'href="(/static/[^"]*viewer\.css)"', wire.get("/viewer/history/").text)
    assert css
    for got in (
        wire.get("/viewer/", Host="example.com"),
        wire.get(f"/viewer/thumb/{picture(wire)}/"),
        wire.get(f"/viewer/thumb/{'0' * 64}/"),
        wire.get(css[1]),
    ):
        own = {"Content-Security-Policy", "Cache-Control"}
        assert {name: got.header(name) for name in HEADERS if name not in own} == {
            name: value for name, value in HEADERS.items() if name not in own
        }
        assert got.header("Content-Security-Policy").startswith("default-src 'none'")


def test_the_policy_lets_nothing_in_that_stands_in_a_page() -> None:
    policy = HEADERS["Content-Security-Policy"]

    assert policy.startswith("default-src 'none';")
    for never in ("unsafe", "data:", "blob:", "http", "*", "nonce"):
        assert never not in policy
    assert "frame-ancestors 'none'" in policy


def test_nothing_of_an_encrypted_archive_is_kept_by_the_browser(wire: Wire) -> None:
    archive = wire.viewer.peek()
    for path in addresses(archive):
        got = wire.get(path)
        assert got.header("Cache-Control") == "no-store", path
        assert not got.header("ETag"), path


def test_pages_of_a_plain_archive_are_asked_for_anew(viewer: Viewer) -> None:
    page = Visitor(viewer).get("/viewer/history/")

    assert page.response["Cache-Control"] == "private, no-cache"


def test_static_files_are_kept_for_ever_and_no_other_site_may_read_them(wire: Wire) -> None:
    css = re.search(r'href="(/static/[^"]*viewer\.css)"', wire.get("/viewer/history/").text)
    assert css
    got = wire.get(css[1])

    assert "immutable" in got.header("Cache-Control")
    assert not got.header("Access-Control-Allow-Origin")
    assert wire.get(css[1], Sec_Fetch_Site="cross-site").status == 403


# Where it listens, and what it is called


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::"])
def test_it_listens_on_loopback_and_nowhere_else(host: str) -> None:
    with pytest.raises(UsageError, match="this computer only"):
        serve.listen(0, host)


def test_the_socket_is_on_loopback() -> None:
    with serve.listen(0) as found:
        assert found.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST"])
def test_the_names_of_this_computer_are_its_names(wire: Wire, name: str) -> None:
    assert wire.get("/viewer/history/", Host=f"{name}:{wire.port}").status == 200


@pytest.mark.parametrize(
    "host",
    ["example.com:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.example.com:{port}",
     "127.0.0.1:{port}@example.com", "localhost:{port}, example.com", "[::1]:{port}", "",
     "localhost.:{port}", "user@localhost:{port}", " "],
)  # fmt: skip
def test_a_host_that_is_not_the_viewers_is_refused(wire: Wire, host: str) -> None:
    got = wire.get("/viewer/history/", Host=host.format(port=wire.port))

    assert got.status == 400
    assert got.header("Content-Type").startswith("text/plain")


def test_neither_two_hosts_nor_none_nor_another_in_the_target_get_by(wire: Wire) -> None:
    own = f"Host: 127.0.0.1:{wire.port}"
    cookie = f"Cookie: {wire.cookie}"
    target = "/viewer/history/"

    assert outcome(plainly(wire, target, own, cookie)) == 200
    assert outcome(plainly(wire, target, own, "Host: example.com", cookie)) == 400
    assert outcome(plainly(wire, target, "Host: example.com", own, cookie)) == 400
    assert outcome(plainly(wire, target, cookie)) == 400
    assert outcome(plainly(wire, f"http://example.com{target}", own, cookie)) == 400
    assert outcome(plainly(wire, "example.com:443", own, cookie, method="CONNECT")) in (400, 405)
    for forwarded in ("X-Forwarded-Host: example.com", "Forwarded: host=example.com"):
        assert outcome(plainly(wire, target, own, cookie, forwarded)) == 200
    assert outcome(plainly(wire, target, "Host: a", cookie, f"X-Forwarded-{own}")) == 400


# Forms


def token(wire: Wire) -> str:
    found = re.search(
        r'name="csrfmiddlewaretoken" value="(\w+)"', wire.get("/viewer/history/").text
    )
    assert found
    return found[1]


def tags(wire: Wire) -> int:
    with wire.viewer.archive() as archive:
        return len(archive.tags)


@pytest.fixture
def plain_wire(made: dict[bool, Path], tmp_path: Path) -> Iterator[Wire]:
    """A server of a plain archive, which may be changed."""
    with wired(copied(made[False], tmp_path / "archive"), sealed=False) as found:
        yield found


def test_a_form_of_ones_own_page_is_taken_with_and_without_an_origin(plain_wire: Wire) -> None:
    before, secret = tags(plain_wire), token(plain_wire)
    own = f"http://127.0.0.1:{plain_wire.port}"

    for number, headers in enumerate(
        ({"Origin": own, "Sec_Fetch_Site": "same-origin"}, {"Origin": own}, {}), start=1
    ):
        body = f"named_child=new{number}&csrfmiddlewaretoken={secret}"
        assert plain_wire.post("/viewer/tag/0/", body, **headers).status == 303
        assert tags(plain_wire) == before + number


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://127.0.0.1:{other}"},
        {"Origin": "http://localhost:{port}"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "http://example.com"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
        {"Origin": "http://127.0.0.1:{port}", "Sec_Fetch_Site": "same-site"},
        {"Origin": "http://127.0.0.1:{port}, http://example.com"},
    ],
    ids=str,
)
def test_a_form_of_another_page_is_refused_with_cookie_and_secret(
    plain_wire: Wire, headers: dict[str, str]
) -> None:
    before, secret = tags(plain_wire), token(plain_wire)
    port = plain_wire.port
    sent = {
        name: value.format(port=port, other=port + 1 if port < 65535 else 1)
        for name, value in headers.items()
    }

    got = plain_wire.post("/viewer/tag/0/", f"named_child=new&csrfmiddlewaretoken={secret}", **sent)

    assert got.status == 403
    assert tags(plain_wire) == before


@pytest.mark.parametrize("secret", ["", "csrfmiddlewaretoken=guess"])
def test_a_cookie_alone_changes_nothing(plain_wire: Wire, secret: str) -> None:
    before = tags(plain_wire)
    own = f"http://127.0.0.1:{plain_wire.port}"

    got = plain_wire.post("/viewer/tag/0/", f"named_child=new&{secret}", Origin=own)

    assert got.status == 403
    assert tags(plain_wire) == before


def test_the_cookie_of_a_viewer_on_another_port_is_worth_nothing_here(wire: Wire) -> None:
    name, value = wire.cookie.split("=", 1)
    elsewhere = re.sub(r"[0-9]+$", "1", name)

    assert name == f"fapfav-{wire.port}"
    assert wire.get("/viewer/history/", Cookie=f"{elsewhere}={value}").status == 403
    assert wire.get("/viewer/history/", Cookie=f"{name}=guess").status == 403
    assert wire.get("/viewer/history/", Cookie=f"{elsewhere}=x; {name}={value}").status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_other_methods_are_not_known(wire: Wire, method: str) -> None:
    assert wire.send(method, "/viewer/history/").status == 405


def test_get_changes_nothing_at_any_address(viewer: Viewer) -> None:
    visitor = Visitor(viewer)
    with viewer.archive() as archive:
        everywhere, before = addresses(archive), archive.last
        kept = sorted(path.name for path in viewer.directory.rglob("*"))
    for address in everywhere:
        visitor.get(address)
        visitor.get(f"{address}?delete_all=1&apply=1&run=1&named_child=x&confirm=1&undo_to=1")

    with viewer.archive() as archive:
        assert archive.last == before
        assert viewer.is_open
    assert sorted(path.name for path in viewer.directory.rglob("*")) == kept


# What is too large, or strange


def test_headers_and_forms_are_bounded(wire: Wire) -> None:
    assert wire.get("/viewer/history/", X_Long="x" * 70_000).status == 431
    assert wire.post("/viewer/unlock/", "", Content_Length=str(2**31)).status == 413


def test_too_many_fields_are_refused_in_words(wire: Wire) -> None:
    got = wire.post("/viewer/tag/0/", f"csrfmiddlewaretoken={token(wire)}" + "&a=1" * 20_001)

    assert got.status == 400
    assert "makes no sense" in got.text


@pytest.mark.parametrize("path", ["/viewer/%ff/", "/viewer/%00/", "/viewer/../etc/", "/%2e%2e/"])
def test_odd_addresses_are_not_here(wire: Wire, path: str) -> None:
    assert wire.get(path).status in (400, 404)


def test_a_missing_slash_is_added_for_whoever_was_let_in_only(wire: Wire) -> None:
    assert wire.get("/viewer/history").header("Location") == "/viewer/history/"
    assert wire.get("/viewer/history", Cookie="a=b").status == 403
    assert wire.get("/viewer/history", Host="example.com").status == 400


def test_a_head_has_no_body_and_the_length_of_its_get(wire: Wire) -> None:
    for path in ("/viewer/history/", f"/viewer/thumb/{picture(wire)}/", "/nowhere"):
        raw = plainly(
            wire, path, f"Host: 127.0.0.1:{wire.port}", f"Cookie: {wire.cookie}", method="HEAD"
        )
        head, _, body = raw.partition(b"\r\n\r\n")
        assert body == b""
        assert int(re.search(rb"Content-Length: (\d+)", head)[1]) > 20  # type: ignore[index]


def test_a_mistake_of_the_viewer_shows_no_traceback(
    wire: Wire, capfd: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []
    serve.quiet(told.append)
    viewer = wire.viewer

    def broken() -> None:
        raise ZeroDivisionError("a name of somebody")

    with viewer.archive() as archive:
        archive_refresh = archive.refresh
        archive.refresh = broken  # type: ignore[method-assign]
    try:
        got = wire.get("/viewer/history/")
    finally:
        archive.refresh = archive_refresh  # type: ignore[method-assign]

    assert got.status == 500
    assert "The viewer made a mistake" in got.text
    for text in (got.text, *capfd.readouterr(), *told):
        assert "Traceback" not in text
        assert "somebody" not in text


def test_with_debug_what_the_parts_say_is_told(wire: Wire) -> None:
    told: list[str] = []
    serve.quiet(told.append, debug=True)
    try:
        wire.get("/viewer/nowhere/")
    finally:
        serve.quiet(told.append)

    assert any("Not Found" in line for line in told)


# Django's own checks


def test_the_check_for_deployment_finds_nothing_but_what_is_explained() -> None:
    out = io.StringIO()

    call_command("check", "--deploy", "--fail-level", "INFO", stdout=out, stderr=out)

    explained = (Path(serve.__file__).parent / "settings.py").read_text(encoding="utf-8")
    decided = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    for check in settings.SILENCED_SYSTEM_CHECKS:
        assert re.search(rf'"{re.escape(check)}",  # \S', explained), check
        assert f"({check.removeprefix('security.')})" in decided
    assert f"{len(settings.SILENCED_SYSTEM_CHECKS)} silenced" in out.getvalue()


def test_nothing_but_what_is_needed_is_installed() -> None:
    assert not settings.DEBUG
    assert settings.DATABASES.get("default", {}).get("ENGINE", "").endswith("dummy")
    assert len(settings.SECRET_KEY) >= 50
    assert settings.ALLOWED_HOSTS == ["127.0.0.1", "localhost"]


# What the browser writes to disk


def test_addresses_and_titles_of_an_encrypted_archive_tell_nothing(
    sealed_viewer: Viewer,
) -> None:
    visitor = Visitor(sealed_viewer)
    with sealed_viewer.archive() as archive:
        everywhere = [path for path in addresses(archive) if "/pulse/" not in path]
        digests = [digest.hex() for digest in archive.blobs]
        names = [LAKES, HILLS, MOVING, "valleys", *(user.name for user in archive.users.records())]
        names += [tag.name for tag in archive.tags.records()]
        user = next(iter(archive.users.records()))
    for path in everywhere:
        page = visitor.get(path)
        if not page.response["Content-Type"].startswith("text/html"):
            continue
        titles = [str(title.text_content()) for title in page.all("title")]
        assert [name for name in names for title in titles if name in title] == [], path
        links = [
            str(value)
            for element in page.tree.iter()
            for name, value in element.attrib.items()
            if name in ("href", "src", "action", "srcset") or name.startswith("hx-")
        ]
        own = [link for link in links if link.startswith("/")]
        assert [link for link in own for digest in digests if digest in link] == [], path
        assert [link for link in own for name in names if name in link] == [], path
        assert [link for link in own if f"/{user.source}/" in link] == [], path
