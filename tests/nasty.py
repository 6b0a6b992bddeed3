"""Names that strangers chose to break whatever shows, stores or sends them: used by tests of pages,
headers, files, charts and terminals alike."""

from __future__ import annotations

import re

from hypothesis import strategies as st

MARKUP = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</title></style></textarea></script><svg onload=alert(1)>",
    "<!--", "]]>", "&lt;b&gt; &amp;amp; &#60;script&#62;",
    "{{ 1 }}{% csrf_token %}{# a #}", "${1+1}", "`alert(1)`",
    "</script><script>alert(1)//", "\\\"};alert(1);//", "\\u003cscript\\u003e",
    "javascript:alert(1)", "data:text/html,<script>alert(1)</script>",
    "x:expression(alert(1))", "red;}body{display:none", "url(//example.com/)", "*/@import 'x';/*",
)  # fmt: skip
"""For HTML, attributes, templates, scripts and style sheets."""

ADDRESSES = (
    "..", ".", "../../../../etc/passwd", "/etc/passwd", "//example.com/", "\\\\host\\share",
    "a/b", "a\\b", "%2e%2e%2f", "%00", "%0d%0a", "?a=b&c=d", "#top", "a;b", "a b+c", "%", "%zz",
)  # fmt: skip
"""For addresses and paths."""

HEADERS = (
    "a\r\nSet-Cookie: a=b", "a\nLocation: //example.com/", "a\";filename=\"b", "a\0b", "é\"\\",
    "=?utf-8?b?YQ==?=",
)  # fmt: skip
"""For headers."""

FILES = (
    "", " ", "   \u00a0\u3000 ", ".hidden", "-rf", "--help", "@file", "CON", "aux.jpg", "LPT1.png",
    "a:stream", "true.exe", "name. ", "x" * 10_000, "é" * 200, "~", "$HOME", "*", "=1+1", "|id",
)  # fmt: skip
"""For files, shells and tables."""

TERMINAL = (
    "\x1b[2J\x1b[H", "\x1b[31mred", "\x1b]0;title\x07", "\x1b]52;c;ZXZpbA==\x07",
    "\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\", "\x1bP+q544e\x1b\\", "\x1b_Ga=T\x1b\\",
    "\x9b2J", "\x9d52;c;ZXZpbA==\x9c", "\x90q\x9c", "\x85", "\x7f\x7f\x7f", "\x08\x08\x08gone",
    "\rsuccess", "a\nTHE END: success", "\x0b\x0c", "\x0e\x0f", "\x07bell", "\t\t",
    "\u202egpj.exe", "\u2066a\u2069", "\u200e\u200f\u061c", "\u2028line\u2029", "zero\u200b\ufeff",
    "\U000e0041\U000e007f", "\ufff9a\ufffb", "\ufffe\uffff", "\ue000", "\u0378",
    "[bold red]markup[/]", "[link=https://example.com]x[/link]", ":skull:",
)  # fmt: skip
"""For terminals, and for whoever reads a line."""

NAMES = MARKUP + ADDRESSES + HEADERS + FILES + TERMINAL
"""All of them."""

MOVES = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\uffff\ue000-\uf8ff\ud800-\udfff\U000e0000-\U000e007f]"
)
"""What no line may hold that is shown: it moves the cursor, hides, or turns the direction."""


def names() -> st.SearchStrategy[str]:
    """Any of them, pieces of them joined, and whatever else is text."""
    piece = st.sampled_from(NAMES).filter(lambda name: len(name) < 300)
    return st.one_of(
        st.sampled_from(NAMES),
        st.lists(piece, min_size=2, max_size=4).map("".join),
        st.text(max_size=60),
    )


def on_disk() -> tuple[str, ...]:
    """Those that a file on Linux can be called."""
    return tuple(
        name
        for name in NAMES
        if name not in ("", ".", "..") and not {"/", "\0"} & set(name) and len(name.encode()) < 200
    )
