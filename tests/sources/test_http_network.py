"""No network, no name, proxies and certificates: what is in the way is said."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fapfav.errors import SourceError, UsageError
from fapfav.sources.http import open_session
from fapfav.sources.session import Session
from fapfav.sources.web import GaveUp
from tests.sources.rude import Asked, Rude, Talk
from tests.sources.test_http import PAGE, serve
from tests.sources.visiting import PATIENT, at_first, rules

FAST = rules(between_pages=(0, 0), between_files=(0, 0), pages_an_hour=9999)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.endswith(("_CA_BUNDLE", "_CERT_FILE")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and the certificate that it signed for itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    names = x509.SubjectAlternativeName([x509.DNSName(n) for n in ("localhost", "*.site.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def far(base: str = "", **more: Any) -> Session:
    return open_session(FAST, base=base, **{"bounds": PATIENT, **more})


def given_up(session: Session) -> GaveUp:
    with session, pytest.raises(GaveUp) as caught:
        session.page("/a")
    return caught.value


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A port where nobody listens, and that nobody else is given meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> str:
    """A name that nobody has, as is known at once; a network might think about it for long."""
    real = socket.getaddrinfo

    def known(host: Any, *more: Any, **named: Any) -> Any:
        if host == "nowhere.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", known)
    return "nowhere.invalid"


def test_a_name_that_leads_nowhere_is_said(nowhere: str) -> None:
    session = far(f"http://{nowhere}")
    error = given_up(session)

    assert not error.answered
    assert "cannot reach nowhere.invalid: its name leads nowhere" in str(error)
    assert "8 times" in str(error)
    assert session.asked == 8


def test_a_closed_port_is_said(unused_port: int) -> None:
    error = given_up(far(f"http://localhost:{unused_port}"))

    assert not error.answered
    assert "cannot reach localhost: it refused the connection" in str(error)


def test_silence_is_said() -> None:
    with Rude(lambda talk, asked: None) as server:
        error = given_up(far(server.url, bounds=replace(PATIENT, between=0.1)))

    assert not error.answered
    assert "did not answer in time" in str(error)


def test_a_proxy_is_asked_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    with Rude(serve) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with far("http://www.site.example/one") as session:
            assert session.page("/a").body == PAGE
            assert session.page("/b").url == "http://www.site.example/one/b"

        assert proxy.asked[0].line == "GET http://www.site.example/one/a HTTP/1.1"
        assert proxy.connections == 1


def test_a_proxy_is_asked_for_no_other_host(monkeypatch: pytest.MonkeyPatch) -> None:
    with Rude(serve) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with far("http://www.site.example") as session:
            for address in ("http://127.0.0.1/a", "http://192.168.0.1/a", "http://other.example/"):
                with pytest.raises(SourceError, match="another host"):
                    session.file(address)

        assert proxy.asked == []


@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY"])
def test_a_site_on_this_computer_is_asked_without_a_proxy(
    name: str, unused_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, f"http://127.0.0.1:{unused_port}")
    with Rude(serve) as server, far(f"http://localhost:{server.port}") as session:
        assert session.page("/a").body == PAGE


def test_hosts_that_need_no_proxy_are_asked_without(
    nowhere: str, unused_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused_port}")
    monkeypatch.setenv("NO_PROXY", nowhere)

    assert "its name leads nowhere" in str(given_up(far(f"http://{nowhere}")))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there_is_named(
    scheme: str, unused_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = f"http://127.0.0.1:{unused_port}"
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", proxy.replace("//", "//me:secret@"))
    error = given_up(far(f"{scheme}://www.site.example"))

    assert not error.answered
    assert f"the proxy '{proxy}' is in the way: it refused the connection" in str(error)
    assert "secret" not in str(error)


def test_a_proxy_leads_through_to_a_secure_site(
    certificate: Path, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def handle(talk: Talk, asked: Asked) -> None:
        if asked.line.startswith("CONNECT"):
            talk.send(b"HTTP/1.1 200 Connected\r\n\r\n")
            talk.secure(tls)
        else:
            talk.answer(PAGE)

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Rude(handle) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with far() as session:
            assert session.page("/a").body == PAGE
            assert session.page("/b").body == PAGE

        lines = [asked.line for asked in proxy.asked]
        assert lines[0].startswith("CONNECT www.site.example:443 ")
        assert lines[1:] == ["GET /a HTTP/1.1", "GET /b HTTP/1.1"]


def test_a_proxy_that_wants_a_password_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with Rude(lambda talk, asked: talk.answer(b"", status="407 Password")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with far() as session, pytest.raises(SourceError, match="refuses to be used") as caught:
            session.page("/a")

        assert proxy.url in str(caught.value)
        assert len(proxy.asked) == 1


def test_a_proxy_that_answers_a_byte_a_moment_is_left_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Rude(lambda talk, asked: talk.drip(b"HTTP/1.1 200 " + b"x" * 999, 0.1)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        session = far(bounds=replace(PATIENT, page_seconds=0.25))
        error = given_up(session)

        assert "no answer within 0.25 s" in str(error)
        assert session.asked == 8


@pytest.mark.parametrize(
    ("proxy", "says"),
    [
        ("socks5://127.0.0.1:9", "PySocks"),
        ("gopher://127.0.0.1:9", "cannot be understood"),
        ("http://[::1", "cannot be understood"),
        ("http://", "cannot be understood"),
        ("http://127.0.0.1:99999", "cannot be understood"),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_cannot_be_used_is_named(
    scheme: str, proxy: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with far(f"{scheme}://www.site.example") as session:
        with pytest.raises(SourceError, match=says) as caught:
            session.page("/a")
        assert repr(proxy) in str(caught.value)
        assert "_PROXY" in str(caught.value)


def test_a_certificate_nobody_vouches_for_is_not_trusted(tls: ssl.SSLContext) -> None:
    with Rude(serve, tls) as server:
        session = far(f"https://localhost:{server.port}")
        error = given_up(session)

        assert "its certificate is not trusted" in str(error)
        assert not error.answered
        assert session.asked == 1
        assert server.asked == []


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_certificates_of_ones_own_are_trusted(
    name: str, certificate: Path, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, str(certificate))
    with Rude(serve, tls) as server, far(f"https://localhost:{server.port}") as session:
        assert session.page("/a").body == PAGE
        assert session.head("/b").length == len(PAGE)
        assert server.connections == 1


def test_certificates_that_are_not_there_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/at/all.pem")
    with pytest.raises(UsageError, match=r"SSL_CERT_FILE names '/nowhere/at/all.pem'"):
        far()


def test_a_secure_site_has_its_deadline_too(
    certificate: Path, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    # By what the client has asked: it may have left a request that the server reads much later.
    def handle(talk: Talk, asked: Asked) -> None:
        if session.asked > 2:
            talk.answer(PAGE)
        elif session.asked == 2:
            talk.send(b"HTTP/1.1 200 OK\r\n\r\n")
            talk.drip(b"x" * 99, 0.1)
        else:
            talk.drip(b"HTTP/1.1 200 OK\r\nA: " + b"x" * 99, 0.1)

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Rude(handle, tls) as server, far(f"https://localhost:{server.port}") as session:
        at_first(session, {"page_seconds": 0.5}, tries=2)
        assert session.page("/a").body == PAGE
        assert session.asked == 3


def test_an_unfinished_handshake_ends_in_time() -> None:
    # It hears TLS and waits for the end of a request that never comes.
    with Rude(serve) as server:
        session = far(f"https://localhost:{server.port}", bounds=replace(PATIENT, connect=0.1))
        error = given_up(session)

        assert not error.answered
        assert "did not answer in time" in str(error)
        assert session.asked == 8
