"""The pages of the practice site as text: old table markup, made the way Imagefap makes it.

Pure: values in, a page out. `Style` says how the markup is spelt; a client has to read it in every
spelling. Names may hold bytes that are no UTF-8, as surrogates: they go out as those bytes.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from fapfav.practice.world import Item, Listing, Member, Shelf


@dataclass(frozen=True, slots=True)
class Style:
    """How the site spells its pages, and how long its file links live.

    `quotes` around attributes are "double", "single" or "mixed"; `links` is where links from page
    to page lead, another host as a rule ("" keeps them relative), `files` the same for files ("":
    the site itself); `full` says whether a photo page gives the file's address as "original", as
    "href" or as "both". A file link is good for `link_seconds`, and for `link_uses` requests if
    that is not 0.
    """

    quotes: str = "double"
    unbalanced: bool = True
    upper: bool = False
    entities: bool = False
    links: str = "https://www.imagefap.com"
    files: str = ""
    json_ld: bool = True
    full: str = "both"
    link_seconds: float = 3600.0
    link_uses: int = 0


def profile(style: Style, name: str, member: Member | None) -> str:
    """A user's page; without its link to the favourites when there is no such user."""
    if member is None:
        return _page(style, name, _row("<h1>Profile</h1> This user could not be found."))
    link = f'<a class="blk_header" href="/showfavorites.php?userid={member.user}">Favorites</a>'
    about = f"<h1>{_text(member.name)}</h1><font color=gray>Member since 2009"
    return _page(style, member.name, f"{_row(link)}\n{_row(about)}")


def folders(style: Style, member: Member, shelves: Sequence[Shelf]) -> str:
    """One page of a user's folders; past the last one the same page without any."""
    if member.hidden:
        return _page(style, member.name, f"{_header(member)}\nThese favorites are private.")
    cells = "\n".join(
        f'<tr><td class="blk_favorites"><a class="blk_galleries" href="'
        f'{style.links}/showfavorites.php?userid={member.user}&folderid={shelf.folder}">'
        f"{_text(shelf.name)}</a></td>{_or(style, '', '</tr>')}"
        for shelf in shelves
    )
    return _page(style, member.name, f"{_header(member)}\n<table>\n{cells}\n</table>")


def folder(style: Style, member: Member, number: str, listing: Listing | None) -> str:
    """One page of a folder; only the header when the user has no such folder."""
    if listing is None:
        return _page(style, member.name, _header(member))
    link = (
        f'<a class="blk_favorites" href="/showfavorites.php?userid={member.user}'
        f'&folderid={number}" style="text-decoration:none;">{_text(listing.name)}</a>'
    )
    named = f"{_header(member)}\n<table>\n<tr><td>\n{link}</td></tr>\n"
    inside = _galleries if listing.kind == "galleries" else _pictures
    return _page(style, member.name, f"{named}{inside(style, listing.items)}</table>")


def _pictures(style: Style, items: Iterable[Item]) -> str:
    cells = "\n".join(
        f'<td class="blk_favorites" id="img-{item.image}" align="center">'
        f'{_or(style, "<center><font size=1>", "")}<a href="{style.links}/photo/{item.image}/'
        f'?pgid=&gid=&page=0"><img src="/thumb/{item.image}.jpg" border="0"></a><br></td>'
        f"{_or(style, '', '</tr><tr>')}"
        for item in items
    )
    # The name's table closes and this one opens at once: that is how a picture folder is known.
    return f'</table>\n<table class="pics">\n<tr>\n{cells}\n{_or(style, "", "</tr>")}'


def _galleries(style: Style, items: Iterable[Item]) -> str:
    bold = _or(style, "<span><b>Gallery Name</span></b>", "<span><b>Gallery Name</b></span>")
    cells = "\n".join(
        f'<tr><td class="blk_favorites"><a class="blk_galleries" '
        f'href="{style.links}/gallery/{item.image}">{_text(item.name)}</a></td></tr>'
        for item in items
    )
    return f'<tr><td class="blk_favorites_hdr" align="left">{bold}</td></tr>\n{cells}\n'


def photo(style: Style, item: Item, address: str) -> str:
    """A picture's page; `address` is its file's, or "" where the page does not tell it."""
    quoted = html.escape(item.name)
    author = html.escape(item.author)
    head = (
        f'<meta name="description" content="View this fine {quoted} sample picture uploaded by '
        f'{author}">'
    )
    attributes = {
        "both": f'href="{address}" framed="1" original="{address}"',
        "original": f'href="#" original="{address}"',
        "href": f'href="{address}" framed="1"',
    }
    link = f"<a {attributes[style.full]}>" if address else '<a href="#">'
    body = (
        f'<input type="hidden" id="imageid_input" value="{item.image}">'
        f'<input type="hidden" id="galleryid_input" value="7000001">\n{link}'
        f'<img id="mainPhoto" title="{quoted}" src="/thumb/{item.image}.jpg">'
        f"{_or(style, '', '</a>')}\n{_row(f'by <b>{author}')}"
    )
    return _page(style, item.name, body, head, _facts(item) if style.json_ld else "")


def _facts(item: Item) -> str:
    facts = {
        "@type": "ImageObject",
        "name": item.name,
        "author": item.author,
        "datePublished": item.posted,
    }
    if item.width:
        facts |= {"width": str(item.width), "height": str(item.height)}
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    return f'<script type="application/ld+json">{text}</script>'


def human_verification(style: Style) -> str:
    """Where an address that asked too fast is sent."""
    return _page(style, "Verification", "<h1>Are you human?</h1> Please show that you are.")


def too_many(style: Style) -> str:
    """What such an address is told otherwise, with status 200."""
    text = "Your IP address made too many requests. Please wait before you go on."
    return _page(style, "Slow down", f'<div class="mt-4 text-center">{text}</div>')


def missing(style: Style) -> str:
    """The page of an address that has nothing."""
    return _page(style, "Not found", _row("<h1>404</h1> Nothing was found here."))


def strange(title: str) -> str:
    """A page made so differently that nothing known is in it."""
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8">'
        f"<title>{_text(title)}</title></head><body><main data-app='v2'>"
        '<section class="card"><h2>Welcome to the new look</h2></section></main></body></html>'
    )


def _header(member: Member) -> str:
    """The bar of the favourites pages, which tells how the user's name is written."""
    address = f"/profile.php?user={quote(member.name, errors='surrogateescape')}"
    return _row(
        f'<a class="blk_header" href="{address}" style="font-size:20px;">{_text(member.name)}</a>'
    )


def _row(inside: str) -> str:
    # No table: two of them in a row mean a picture folder.
    return f"<div>{inside}</div>"


def _or(style: Style, unbalanced: str, balanced: str) -> str:
    return unbalanced if style.unbalanced else balanced


def _text(text: str) -> str:
    return html.escape(text)


def _page(style: Style, title: str, body: str, head: str = "", script: str = "") -> str:
    """The frame around every page; what is in a script is data and keeps its spelling."""
    start = f'<!DOCTYPE html>\n<html><head><meta charset="utf-8">\n<title>{_text(title)}</title>\n'
    unclosed = _or(style, "<center>", "")
    end = f"</head>\n<body>{unclosed}\n{body}\n</body></html>\n"
    return f"{_dressed(style, start + head)}\n{script}\n{_dressed(style, end)}"


def _dressed(style: Style, text: str) -> str:
    """The same markup in the spelling asked for. No attribute here has a quote in its value."""
    if style.upper:
        text = re.sub(r"<(/?)([a-z][a-z0-9]*)", lambda tag: f"<{tag[1]}{tag[2].upper()}", text)
    if style.quotes == "single":
        text = re.sub(r'="([^"<>]*)"', r"='\1'", text)
    elif style.quotes == "mixed":
        text = re.sub(r'(class|id|original)="([^"<>]*)"', r"\1='\2'", text)
    if style.entities:
        text = re.sub(r"[^\W\x00-\x7f]", lambda one: f"&#{ord(one[0])};", text)
    return text
