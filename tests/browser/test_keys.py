"""Which control a key presses, and when it presses none."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

CONTROLS = """
(html) => {
  const place = document.createElement("div");
  place.innerHTML = html;
  document.querySelector("main").append(place);
  window.pressed = [];
  place.addEventListener("click", (event) => {
    event.preventDefault();
    window.pressed.push(event.target.id);
  });
}
"""

BUTTONS = """
<button id="keep" data-key="k">Keep it</button>
<button id="moved" data-key="Shift+k">The other</button>
<button id="first" data-key="1">First</button>
<button id="armed" data-key="a" data-armed>Decide</button>
<a id="next" href="/nowhere/" data-key="PageDown j">Next</a>
<input id="words" aria-label="Words"><input id="seek" data-key="g" aria-label="Seek">
<select id="one" aria-label="One"><option>k</option></select>
<button id="off" data-key="o" disabled>Off</button>
<p hidden><button id="hidden" data-key="h">Hidden</button></p>
<input id="slide" type="range" aria-label="Slide">
<button id="right" data-key="ArrowRight">R</button>
"""


@pytest.fixture
def board(page: Page) -> Page:
    """A page with some controls that keys press."""
    page.evaluate(CONTROLS, BUTTONS)
    return page


def pressed(page: Page) -> list[str]:
    return list(page.evaluate("window.pressed.splice(0)"))


def send(page: Page, **event: object) -> None:
    """A key of a keyboard that the browser of the test does not have."""
    page.evaluate(
        """(init) => {
          const event = { bubbles: true, cancelable: true, ...init };
          document.body.dispatchEvent(new KeyboardEvent("keydown", event));
          document.body.dispatchEvent(new KeyboardEvent("keyup", event));
        }""",
        event,
    )


def test_a_key_presses_its_control_and_shift_is_another_key(board: Page) -> None:
    board.keyboard.press("k")
    board.keyboard.press("Shift+K")
    board.keyboard.press("j")
    board.keyboard.press("x")

    assert pressed(board) == ["keep", "moved", "next"]


def test_hidden_and_disabled_controls_are_not_pressed(board: Page) -> None:
    board.keyboard.press("o")
    board.keyboard.press("h")

    assert pressed(board) == []


@pytest.mark.parametrize("where", ["#words", "#one"])
def test_nothing_is_pressed_while_typing_or_choosing(board: Page, where: str) -> None:
    board.focus(where)
    board.keyboard.press("k")

    assert pressed(board) == []


def test_nothing_is_pressed_while_composing_or_with_modifiers(board: Page) -> None:
    send(board, key="k", code="KeyK", isComposing=True)
    for modifier in ("ctrlKey", "altKey", "metaKey"):
        send(board, key="k", code="KeyK", **{modifier: True})

    assert pressed(board) == []


def test_a_field_is_focused_rather_than_pressed(board: Page) -> None:
    board.keyboard.press("g")

    assert board.evaluate("document.activeElement.id") == "seek"
    assert pressed(board) == []


def test_digits_are_those_of_the_keyboard_whatever_is_printed_on_them(board: Page) -> None:
    send(board, key="&", code="Digit1")
    send(board, key="1", code="Digit1", shiftKey=True)
    send(board, key="1", code="Numpad1")
    send(board, key="End", code="Numpad1")

    assert pressed(board) == ["first", "first", "first"]


def test_letters_of_another_script_are_those_in_the_same_place(board: Page) -> None:
    send(board, key="\u043b", code="KeyK")

    assert pressed(board) == ["keep"]


def test_a_key_held_down_presses_once(board: Page) -> None:
    board.keyboard.down("k")
    board.keyboard.down("k")
    board.keyboard.down("k")
    board.keyboard.up("k")

    assert pressed(board) == ["keep"]


def test_arrows_repeat_but_a_slider_keeps_them(board: Page) -> None:
    board.keyboard.down("ArrowRight")
    board.keyboard.down("ArrowRight")
    board.keyboard.up("ArrowRight")
    board.focus("#slide")
    board.keyboard.press("ArrowRight")

    assert pressed(board) == ["right", "right"]
    assert board.input_value("#slide") == "51"


def test_only_an_open_dialog_hears_keys(board: Page) -> None:
    board.evaluate(
        """() => {
          const dialog = document.createElement("dialog");
          dialog.innerHTML = '<button id="inside" data-key="k">Inside</button>';
          dialog.addEventListener("click", () => window.pressed.push("inside"));
          document.body.append(dialog);
          dialog.showModal();
        }"""
    )
    board.keyboard.press("k")
    board.keyboard.press("a")
    inside = pressed(board)
    board.keyboard.press("Escape")
    expect(board.locator("dialog[open]:has(#inside)")).to_have_count(0)
    board.keyboard.press("k")

    assert inside == ["inside"]
    assert pressed(board) == ["keep"]


def test_a_key_may_be_moved_or_switched_off(board: Page) -> None:
    board.evaluate("""document.documentElement.dataset.keys = '{"k": "q", "a": ""}'""")
    for key in "kqa":
        board.keyboard.press(key)

    assert pressed(board) == ["keep"]


def test_what_decides_waits_until_armed_and_every_key_is_up(board: Page) -> None:
    board.evaluate(
        """async () => {
          const address = [...document.scripts].find((one) => one.src.includes("main.js")).src;
          window.keys = await import(new URL("keys.js", address).href);
          window.keys.disarm();
        }"""
    )
    board.keyboard.press("a")
    board.keyboard.down("k")
    board.evaluate("window.keys.arm()")
    board.keyboard.press("a")
    early = pressed(board)
    board.keyboard.up("k")
    board.keyboard.press("a")

    assert early == ["keep"]
    assert pressed(board) == ["armed"]


def test_whoever_listens_hears_that_a_key_goes_down_and_up(board: Page) -> None:
    board.evaluate(
        """async () => {
          const address = [...document.scripts].find((one) => one.src.includes("main.js")).src;
          const { onKeys } = await import(new URL("keys.js", address).href);
          const say = (words) => () => window.pressed.push(words);
          onKeys(document.querySelector("main"), { y: { down: say("down"), up: say("up") } });
        }"""
    )
    board.keyboard.down("y")
    board.keyboard.down("y")
    held = pressed(board)
    board.keyboard.up("y")

    assert held == ["down"]
    assert pressed(board) == ["up"]


def test_help_lists_what_is_on_the_page_and_gives_the_focus_back(board: Page) -> None:
    board.evaluate("""document.documentElement.dataset.keys = '{"k": "q"}'""")
    board.focus("#keep")
    board.keyboard.press("?")
    dialog = board.locator("dialog.keys-help")
    dialog.wait_for()
    rows = dict(row.split("\t") for row in dialog.locator("tr").all_inner_texts())
    board.keyboard.press("Escape")

    expect(dialog).to_have_count(0)
    expect(board.locator("#keep")).to_be_focused()
    assert rows["Q"] == "Keep it"
    assert rows["Shift + K"] == "The other"
    assert rows["?"] == "This help"
    assert "Off" not in rows.values()


def test_control_z_is_undo_outside_of_fields(board: Page) -> None:
    board.evaluate("document.querySelector('header form:has([data-key=u])').remove()")
    board.evaluate(CONTROLS, '<button id="undo" data-key="u">Undo</button>')
    board.keyboard.press("Control+z")
    once = pressed(board)
    board.focus("#words")
    board.keyboard.press("Control+z")

    assert once == ["undo"]
    assert pressed(board) == []


def high(page: Page, pixels: int) -> None:
    """Makes the window so high, and waits until the page knows."""
    page.set_viewport_size({"width": 1280, "height": pixels})
    page.wait_for_function("(pixels) => innerHeight === pixels", arg=pixels)


def test_pages_are_scrolled_as_long_as_there_is_something_to_scroll(board: Page) -> None:
    high(board, 4000)
    board.keyboard.press("PageDown")
    whole = pressed(board)
    high(board, 200)
    board.keyboard.press("PageDown")

    assert whole == ["next"]
    assert pressed(board) == []
