"""What a page asks for besides itself: joined from what it is written as, and nothing twice."""

from __future__ import annotations

import re
from graphlib import CycleError
from pathlib import Path

import pytest

import viewer as package
from viewer.assets import FIRST
from viewer.joining import joined, joined_sheet, reached

HERE = Path(package.__file__).parent
MODULES = {path.name: path.read_text("utf-8") for path in HERE.glob("static/viewer/js/*.js")}
SHEETS = {path.name: path.read_text("utf-8") for path in HERE.glob("static/viewer/*.css")}
TEMPLATES = "".join(path.read_text("utf-8") for path in HERE.glob("templates/viewer/**/*.html"))
NAMED = re.findall(r'data-(?:module|later)="([^"]+)"', TEMPLATES)
ASKED_FOR = re.findall(r'await import\("\./([\w-]+\.js)"\)', "".join(MODULES.values()))
STARTED = {f"{name}.js" for each in NAMED for name in each.split()} | set(ASKED_FOR)
SHARED = reached(MODULES, FIRST)

SMALL = {
    "first.js": """import { two as second, Three } from "./second.js";
import { say } from "./main.js";

export async function start() {
  say(second + new Three().four);
}
""",
    "second.js": """import { say } from "./main.js";

export const two = 2;

export class Three {
  four = say;
}

function own() {}
""",
    "main.js": "export function say() {}\n",
}


def test_what_only_one_uses_stands_before_it() -> None:
    text = joined(SMALL, "first.js", ["main.js"])

    assert re.findall(r"^import .*", text, re.MULTILINE) == ['import * as $main from "./main.js";']
    taken = "const { two: second, Three } = $second;"
    assert text.index("return { two, Three };") < text.index(taken)
    assert text.count("const { say } = $main;") == 2
    assert text.endswith("export const { start } = $first;\n")
    assert not re.search(r"^export (?!const \{ start \})", text, re.MULTILINE)


def test_who_imports_shared_ones_only_stays_as_it_is() -> None:
    assert joined(SMALL, "second.js", ["main.js"]) == SMALL["second.js"]


@pytest.mark.parametrize(
    "line",
    [
        'import all from "./second.js";',
        'import * as all from "./second.js";',
        "export default 1;",
        "export let two = 2;",
        'export { two } from "./second.js";',
    ],
)
def test_what_is_written_in_another_way_is_refused(line: str) -> None:
    modules = SMALL | {"first.js": f"{line}\n{SMALL['first.js']}"}

    with pytest.raises(ValueError, match=r"^first\.js cannot be joined"):
        joined(modules, "first.js", ["main.js"])


def test_a_module_that_imports_itself_by_way_of_another_is_refused() -> None:
    modules = SMALL | {"main.js": 'import { start } from "./first.js";\n'}

    with pytest.raises(CycleError):
        reached(modules, "first.js")


def test_a_module_that_pages_name_is_there() -> None:
    assert len(STARTED) > 5
    assert STARTED - MODULES.keys() == set()


def test_no_page_has_a_module_twice_that_remembers_something() -> None:
    within = [set(reached(MODULES, name)) - set(SHARED) for name in STARTED]
    several = {name for name in MODULES if sum(name in each for each in within) > 1}

    # Numbers in and numbers out: how often it is there makes no difference.
    assert several == {"zoom.js"}
    assert not re.search(r"^(let|const \w+ = new)\b", MODULES["zoom.js"], re.MULTILINE)


def test_a_sheet_has_those_that_it_imports_in_their_places() -> None:
    sheets = {"one.css": '@import "./two.css";\na {}\n', "two.css": "b {}\n"}

    assert joined_sheet(sheets, "one.css") == "b {}\n\na {}\n"
    for name in SHEETS:
        assert "@import" not in joined_sheet(SHEETS, name), name
