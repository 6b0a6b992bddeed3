"""fapfav/jobs/report_see_also.py: the page of sets says why, and what to see besides."""

from __future__ import annotations

from pathlib import Path

from lxml import html

from fapfav.jobs.report import report_html
from tests.jobs.alike import digest
from tests.jobs.looked import RELATED, SAME, Looked


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_a_set_says_why_and_lists_what_is_related(tmp_path: Path) -> None:
    looked = Looked(tmp_path / "archive")
    looked.pictures(1, 2, 3)
    looked.found(1, 2, SAME, 0.96)
    looked.found(2, 3, RELATED, 0.8)

    report_html(looked.archive, tmp_path / "a.html")

    (article,) = html.fromstring((tmp_path / "a.html").read_bytes()).findall(".//article")
    first, second = (words(each) for each in article.findall(".//figcaption"))
    assert "keeper" in first
    assert "same for 0.96 (96 % sure)" in second
    (also,) = [each for each in article.findall("details") if "See also" in words(each)]
    assert words(also.find("summary")) == "See also, set 1: 1 picture"
    (line,) = also.findall(".//li")
    assert words(line).startswith("related to picture 2: related for 0.8 (80 % sure); 1700 x 1000")
    assert [code.get("title") for code in line.findall("code")] == [digest(3).hex()]
    titles = [code.get("title") for code in article.findall(".//code[@title]")]
    assert titles == [digest(number).hex() for number in (1, 2, 3)]


def test_where_there_is_nothing_to_see_nothing_is_said(tmp_path: Path) -> None:
    looked = Looked(tmp_path / "archive")
    looked.pictures(1, 2)
    looked.found(1, 2, SAME)

    report_html(looked.archive, tmp_path / "a.html")

    assert "See also" not in (tmp_path / "a.html").read_text()
