"""`process.py key`, `encrypt` and `decrypt`, at a terminal and at none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fapfav.cli.process import process
from fapfav.jobs import convert
from fapfav.jobs.library import open_archive
from fapfav.store import opening
from fapfav.store.recovery import read_code
from tests.cli.running import Home, Ran, Terminal, here
from tests.support import CHEAP, PASSWORD

NEW = "another horse"


def secret(home: Home, name: str, text: str) -> Path:
    file = home.path / name
    file.write_text(text + "\n")
    file.chmod(0o600)
    return file


@pytest.fixture
def locked(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose default archive is encrypted and empty; `old` and `new` hold passwords."""
    monkeypatch.setenv("HOME", str(home.path))
    opening.create_archive(archive(home), PASSWORD, cost=CHEAP).close()
    secret(home, "old", PASSWORD)
    secret(home, "new", NEW)
    return home


def archive(home: Home) -> Path:
    return home.path / "Downloads" / "imagefap"


def run(home: Home, *words: str) -> Ran:
    """A verb of an archive without a terminal; files are those of the home."""
    named = [str(home.path / word) if word in ("old", "new", "code") else word for word in words]
    return here(process, "process.py", *named, "--dir", str(archive(home)))


def opens(home: Home, name: str) -> bool:
    return run(home, "key", "list", "--password-file", name).code == 0


def test_keys_are_listed_without_a_secret(locked: Home) -> None:
    done = run(locked, "key", "list", "--password-file", "old", "--json")
    assert done.code == 0, done.err
    (one,) = done.object["keys"]
    assert (one["kind"], one["label"], one["opened"]) == ("password", "", True)
    assert len(one["id"]) == 16
    assert set(one) == {"id", "kind", "label", "made", "opened"}


def test_the_password_is_changed_from_files(locked: Home) -> None:
    words = ("key", "change", "--password-file", "old", "--new-password-file", "new")
    done = run(locked, *words, "--label", "at home")

    assert done.code == 0, done.err
    assert "the password was changed" in done.out
    assert "cannot be undone" in done.err
    assert re.search("whoever kept an old copy .* `decrypt` and then `encrypt`", done.err)
    assert opens(locked, "new")
    assert not opens(locked, "old")
    listed = run(locked, "key", "list", "--password-file", "new")
    assert re.search(r"[0-9a-f]{16}  password +\d{4}/.* at home  \(opened it", listed.out)
    log = run(locked, "log", "--password-file", "new")
    assert "key: password changed" in log.out


def test_what_opens_it_never_becomes_the_new_password(locked: Home) -> None:
    for word in ("change", "add"):
        done = locked.run("process", "key", word, FAPFAV_PASSWORD=PASSWORD)
        assert done.code == 2
        assert "give --new-password-file FILE" in done.err
    assert opens(locked, "old")
    assert len(run(locked, "key", "list", "--json", "--password-file", "old"
    ).object["keys"]) == 1  # fmt: skip


def test_at_a_terminal_the_old_is_asked_once_and_the_new_twice(locked: Home) -> None:
    changing = Terminal(locked, "process", "key", "change")
    changing.expect("cannot be undone")
    changing.expect("Password of .*: ")
    changing.type(PASSWORD)
    changing.expect("New password: ")
    changing.type(NEW)
    changing.expect("The same password again: ")
    changing.type(NEW)
    code, seen = changing.end()

    assert code == 0, seen
    assert "horse" not in seen
    assert opens(locked, "new")

    differing = Terminal(locked, "process", "key", "change", "--password-file", "new")
    differing.expect("New password: ")
    differing.type("one")
    differing.expect("again: ")
    differing.type("two")
    code, seen = differing.end()
    assert code == 2
    assert "the two passwords differ; nothing was changed" in seen
    assert opens(locked, "new")


def test_a_recovery_code_is_shown_once_typed_back_and_opens(locked: Home) -> None:
    adding = Terminal(locked, "process", "key", "add-recovery", "--password-file", "old")
    adding.expect("shown only this once:")
    adding.expect("type groups ")
    shown = adding.seen_before
    groups = re.findall(r"\d+ ([0-9A-Z]{4})\b", shown)
    assert len(groups) == 14
    adding.expect(r"of it:")
    wanted = [int(number) for number in re.findall(r"\d+", adding.seen_before)]
    adding.type("0000 0000 0000")
    adding.expect("that is not what they are")
    adding.expect("type groups ")
    adding.expect("of it:")
    again = [int(number) for number in re.findall(r"\d+", adding.seen_before)]
    assert len(wanted) == len(again) == 3
    adding.type(" ".join(groups[number - 1].lower() for number in again))
    code, seen = adding.end()
    assert code == 0, seen
    assert "opens the archive from now on" in seen

    asked = Terminal(locked, "process", "key", "list")
    asked.expect("Password of .*: ")
    asked.type(" ".join(groups))
    code, seen = asked.end()
    assert code == 0, seen
    assert re.search(r"recovery code .*\(opened it just now\)", seen)
    # A group of digits alone may stand in a date or in the id of a key as well.
    assert not any(group in seen for group in groups if not group.isdigit())


def test_a_code_that_was_not_written_down_opens_nothing(locked: Home) -> None:
    adding = Terminal(locked, "process", "key", "add-recovery", "--password-file", "old")
    for _ in range(3):
        adding.expect("of it:")
        adding.type("no")
    code, seen = adding.end()
    assert code == 2
    assert "so none was made" in seen
    done = run(locked, "key", "list", "--json", "--password-file", "old")
    assert len(done.object["keys"]) == 1


def test_a_script_gets_the_code_and_a_slip_in_it_is_put_right(locked: Home) -> None:
    made = run(locked, "key", "add-recovery", "--password-file", "old", "--json")
    assert made.code == 0, made.err
    code = made.object["code"]
    assert read_code(code)[0].shown == code
    wrong = ("0" if code[0] != "0" else "1") + code[1:]

    done = locked.run("process", "key", "list", FAPFAV_PASSWORD=wrong)

    assert done.code == 0, done.err
    assert f"the recovery code had a slip: read group 1 as {code[:4]}" in done.err
    assert code[5:] not in done.err + done.out


def test_a_forgotten_password_is_replaced_with_the_code(locked: Home) -> None:
    made = run(locked, "key", "add-recovery", "--password-file", "old", "--json")
    secret(locked, "code", made.object["code"].lower())
    words = ("key", "change", "--password-file", "code", "--new-password-file", "new")
    done = run(locked, *words)
    assert done.code == 0, done.err
    assert opens(locked, "new")
    assert not opens(locked, "old")


def test_keys_are_removed_but_for_the_last(locked: Home) -> None:
    words = ("key", "add", "--password-file", "old", "--new-password-file", "new")
    added = run(locked, *words, "--json")
    assert added.code == 0, added.err
    listed = run(locked, "key", "list", "--json", "--password-file", "old").object["keys"]
    assert [one["opened"] for one in listed] == [True, False]

    done = run(locked, "key", "remove", listed[0]["id"][:6], "--password-file", "old")
    assert done.code == 0, done.err
    assert "the key that opened the archive just now: it does no more" in done.err
    assert not opens(locked, "old")
    last = run(locked, "key", "remove", added.object["id"], "--password-file", "new")
    assert last.code == 2
    assert "the only key" in last.err
    other = "0000" if added.object["id"][0] != "0" else "ffff"
    none = run(locked, "key", "remove", other, "--password-file", "new")
    assert none.code == 2
    assert f"no key has an id that begins with '{other}'" in none.err
    assert opens(locked, "new")


def test_a_plain_archive_has_no_keys(filled: Home) -> None:
    done = filled.run("process", "key", "list")
    assert done.code == 2
    assert "is not encrypted, so it has no keys; `encrypt` gives it one" in done.err


def test_encrypt_asks_for_a_word_and_offers_a_code(filled: Home) -> None:
    refused = Terminal(filled, "process", "encrypt")
    refused.expect("cannot be undone")
    refused.expect("type 'encrypt' to go on:")
    refused.type("yes")
    code, seen = refused.end()
    assert code == 2
    assert "nothing was changed" in seen
    (archive(filled) / "tag_export").mkdir(exist_ok=True)

    done = Terminal(filled, "process", "encrypt")
    done.expect("to go on:")
    done.type("encrypt")
    done.expect("Password of the archive: ")
    done.type(NEW)
    done.expect("again: ")
    done.type(NEW)
    done.expect(r"a recovery code as well.*\(y/N\)")
    done.type("n")
    code, seen = done.end()
    assert code == 0, seen
    assert "encrypted: 8 files" in seen
    assert "in snapshots and in backups" in seen
    assert "still in the clear: tag_export" in seen
    assert opening.is_sealed(archive(filled))
    secret(filled, "new", NEW)
    assert filled.run("process", "stats", "--password-file", "new").code == 0


def test_encrypt_and_decrypt_from_a_script(filled: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(filled.path))
    secret(filled, "new", NEW)
    asked = run(filled, "encrypt", "--new-password-file", "new")
    assert asked.code == 2
    assert "give --yes" in asked.err
    given = filled.run("process", "encrypt", "--yes", FAPFAV_PASSWORD=NEW)
    assert given.code == 3
    assert "not encrypted, but a password was given" in given.err
    unsaid = run(filled, "encrypt", "--yes")
    assert unsaid.code == 2
    assert "give --new-password-file" in unsaid.err
    assert not opening.is_sealed(archive(filled))
    before = run(filled, "stats", "--json").object

    words = ("encrypt", "--yes", "--new-password-file", "new", "--recovery", "--json")
    done = run(filled, *words)
    assert done.code == 0, done.err
    assert (done.object["files"], done.object["finished"]) == (8, True)
    secret(filled, "code", done.object["code"])
    assert run(filled, "stats", "--password-file", "code").code == 0
    again = run(filled, *words)
    assert again.code == 2
    assert "is encrypted already" in again.err

    back = run(filled, "decrypt", "--yes", "--password-file", "new", "--json")
    assert back.code == 0, back.err
    assert back.object["finished"]
    now = run(filled, "stats", "--json").object
    assert {name for name in now if now[name] != before[name]} <= {
        "database_size",
        "database_share",
    }
    refused = run(filled, "decrypt", "--yes")
    assert refused.code == 2
    assert "is not encrypted" in refused.err


def test_broken_off_encrypt_goes_on_with_the_same_line(
    filled: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(filled.path))
    secret(filled, "new", NEW)
    with open_archive(archive(filled)) as opened:
        convert.encrypt(opened, NEW, stop=lambda: True)

    done = run(filled, "encrypt", "--yes", "--new-password-file", "new", "--json")

    assert done.code == 0, done.err
    assert (done.object["files"], done.object["finished"]) == (8, True)
