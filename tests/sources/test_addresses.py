from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fapfav.errors import SourceError, UsageError
from fapfav.sources.addresses import LONGEST, Places, host_of, is_loopback, is_public, parse_base

HOSTS = frozenset({"www.site.example", "cdn.site.example"})
SITE = Places(parse_base("https://www.site.example"), HOSTS)
HERE = Places(parse_base("http://localhost:8080/sites/one"), HOSTS)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("https://Site.Example", "https://site.example"),
        ("https://site.example.:443/", "https://site.example"),
        (" http://site.example:8080/a/b/ ", "http://site.example:8080/a/b"),
        ("http://[::1]:80/ü", "http://[::1]/%C3%BC"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_a_base_has_one_spelling(given: str, text: str) -> None:
    assert parse_base(given).text == text
    assert parse_base(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "site.example",
        "/path",
        "ftp://site.example",
        "file:///etc/hosts",
        "https://",
        "https://user@site.example",
        "https://user:word@site.example",
        "https://site.example?a=b",
        "https://site.example/#part",
        "https://site.example:0",
        "https://site.example:99999",
        "https://site.example:x",
        "https://si te.example",
        "https://-site.example",
        "https://a..b",
        "https://münchen.example",
        "https://[::1",
        "https://[1:2]",
        "https://[fe80::1%25eth0]",
        "https://good\\@bad.example",
        "https://site.example/\x00",
        "https://" + "a" * 300,
        "https://site.example/" + "a" * LONGEST,
    ],
)
def test_a_base_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="give one like https://HOST"):
        parse_base(text)


def test_a_path_goes_below_the_base() -> None:
    assert SITE.locate("/photo/1/?a=b&c=%2F") == "https://www.site.example/photo/1/?a=b&c=%2F"
    assert HERE.locate("/photo/1/") == "http://localhost:8080/sites/one/photo/1/"
    assert SITE.locate("/a b/ü#part") == "https://www.site.example/a%20b/%C3%BC"


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("https://cdn.site.example/full/1.jpg?s=1", "https://cdn.site.example/full/1.jpg?s=1"),
        ("HTTPS://CDN.Site.Example.:443/a", "https://cdn.site.example/a"),
        ("//cdn.site.example/a", "https://cdn.site.example/a"),
    ],
)
def test_files_are_on_any_host_of_the_site(address: str, url: str) -> None:
    assert SITE.locate(address) == url


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("https://other.example/a", "another host"),
        ("https://www.site.example.other.example/a", "another host"),
        ("https://127.0.0.1/a", "another host"),
        ("//other.example/a", "another host"),
        ("http://cdn.site.example/a", "not encrypted"),
        ("https://cdn.site.example:8443/a", "port 8443"),
        ("https://a@cdn.site.example/a", "user name"),
        ("https://www.site.example\\@other.example/", "user name"),
        ("https://other.example\\.www.site.example/", "no host name"),
        ("https://ｗｗｗ.site.example/", "no host name"),
        ("ftp://cdn.site.example/a", "http://"),
        ("file:///etc/hosts", "http://"),
        ("photo/1", "http://"),
        ("/a\nb", "control"),
        ("/a\u2028b", "control"),
        ("/a\udcffb", "no text"),
        ("/" + "a" * LONGEST, "characters"),
        ("/" + "ü" * 3000, "characters"),
        ("https://[::1/", "understood"),
    ],
)
def test_other_addresses_are_not_asked_for(address: str, wrong: str) -> None:
    with pytest.raises(SourceError, match=wrong) as caught:
        SITE.locate(address)

    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600


def test_on_loopback_every_name_and_port_of_it_is_the_base() -> None:
    for host in ("localhost", "127.0.0.1", "127.3.2.1", "[::1]", "LOCALHOST."):
        assert HERE.locate(f"http://{host}:9999/a").endswith(":9999/a")
    assert HERE.locate("https://cdn.site.example/a") == "https://cdn.site.example/a"
    with pytest.raises(SourceError):
        HERE.locate("http://192.168.0.1:9999/a")
    with pytest.raises(SourceError):
        HERE.locate("https://cdn.site.example:9999/a")


def test_a_redirect_is_taken_from_where_it_came() -> None:
    assert SITE.follow("https://cdn.site.example/a/b", "c?d") == "https://cdn.site.example/a/c?d"
    assert SITE.follow("https://cdn.site.example/a", "/b") == "https://cdn.site.example/b"


@pytest.mark.parametrize(
    "location",
    [
        "",
        "http://www.site.example/a",
        "file:///etc/hosts",
        "https://other.example/",
        "//other.example/",
        "http://127.0.0.1/",
        "https://[::1/",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: b",
    ],
)
def test_a_redirect_elsewhere_names_both_addresses(location: str) -> None:
    here = "https://www.site.example/start"
    if not location:
        assert SITE.follow(here, location) == here  # the session sees the circle
        return
    with pytest.raises(SourceError, match=r"/start.* leads to .*not followed") as caught:
        SITE.follow(here, location)
    assert repr(location) in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:192.168.1.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
    ],
)
def test_these_are_no_addresses_of_the_internet(address: str) -> None:
    assert not is_public(ip_address(address))
    assert not SITE.may_reach("www.site.example", address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::808:808"]
)
def test_these_are_addresses_of_the_internet(address: str) -> None:
    assert is_public(ip_address(address))
    assert SITE.may_reach("www.site.example", address)


def test_only_a_private_base_may_be_reached_at_a_private_address() -> None:
    assert HERE.may_reach("localhost", "127.0.0.1")
    assert not HERE.may_reach("cdn.site.example", "127.0.0.1")
    lan = Places(parse_base("http://192.168.1.5"), HOSTS)
    assert lan.may_reach("192.168.1.5", "192.168.1.5")
    assert not lan.may_reach("cdn.site.example", "192.168.1.5")
    assert not SITE.may_reach("www.site.example", "no address")
    assert not Places(parse_base("http://127.1"), HOSTS).may_reach("127.1", "127.0.0.1")


def test_loopback_is_known_by_name_and_by_number() -> None:
    assert all(map(is_loopback, ["localhost", "LocalHost.", "127.0.0.1", "127.255.0.1", "::1"]))
    assert not any(map(is_loopback, ["localhost.example", "1.1.1.1", "127.1", "::ffff:127.0.0.1"]))


@given(st.one_of(st.text(max_size=80), st.from_regex(r"(https?:)?//[^ ]{0,60}", fullmatch=True)))
@settings(deadline=None, max_examples=300)
def test_whatever_comes_is_on_the_site_or_refused(address: str) -> None:
    try:
        url = SITE.locate(address)
    except SourceError:
        return

    assert url.isascii()
    assert urlsplit(url).scheme == "https"
    assert host_of(url) in HOSTS
    assert urlsplit(url).port is None
    assert SITE.locate(url) == url


@given(st.text(max_size=80))
@settings(deadline=None, max_examples=300)
def test_wherever_a_redirect_leads_it_is_on_the_site_or_refused(location: str) -> None:
    try:
        url = SITE.follow("https://cdn.site.example/a/b", location)
    except SourceError:
        return

    assert host_of(url) in HOSTS
    assert url.startswith("https://")


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_an_address_inside_another_counts_as_itself(number: int) -> None:
    inner = IPv4Address(number)

    assert is_public(IPv6Address((0xFFFF << 32) | number)) == is_public(inner)
    assert is_public(IPv6Address((0x64FF9B << 96) | number)) == is_public(inner)
