"""`backup` and `restore` as they are typed."""

from __future__ import annotations

from pathlib import Path

from tests.cli.running import Home


def test_a_backup_and_a_restore_of_it(filled: Home, tmp_path: Path) -> None:
    archive = filled.path / "Downloads" / "imagefap"
    first = filled.run("process", "backup", tmp_path / "copy")
    again = filled.run("process", "backup", tmp_path / "copy", "--check", "--json")
    listed = filled.run("process", "restore", tmp_path / "copy", "--list", "--json")
    restored = filled.run("process", "restore", tmp_path / "copy", "--dir", tmp_path / "new")
    before = filled.run("process", "print", "--json", "--dir", archive)
    after = filled.run("process", "print", "--json", "--dir", tmp_path / "new")

    assert first.code == 0
    assert "the database is new; kept: 1 database" in first.out
    assert (again.code, again.object["files"], again.object["failed"]) == (0, 0, [])
    assert again.object["checked"] == again.object["present"] > 0
    assert listed.object == {"databases": ["imagefap.database"]}
    assert restored.code == 0
    assert "verify --dir" in restored.out
    assert before.object == after.object


def test_what_got_lost_in_a_backup_is_named(filled: Home, tmp_path: Path) -> None:
    filled.run("process", "backup", tmp_path / "copy")
    blob = next((tmp_path / "copy" / "blobs").iterdir())
    blob.write_bytes(b"x" * blob.stat().st_size)
    ran = filled.run("process", "restore", tmp_path / "copy", "--dir", tmp_path / "new")

    assert ran.code == 1
    assert f"blobs/{blob.name}" in ran.err
    assert "1 file could not be copied" in ran.err


def test_an_encrypted_archive_is_copied_without_its_password(home: Home, tmp_path: Path) -> None:
    made = home.run(
        "favorites", "read", "-l", tmp_path, "--model", "off", FAPFAV_PASSWORD="a secret"
    )
    ran = home.run("process", "backup", tmp_path / "copy")
    restored = home.run("process", "restore", tmp_path / "copy", "--dir", tmp_path / "new")
    locked = home.run("process", "stats", "--dir", tmp_path / "new")
    opened = home.run("process", "stats", "--dir", tmp_path / "new", FAPFAV_PASSWORD="a secret")

    assert made.code == ran.code == restored.code == opened.code == 0
    assert locked.code == 3


def test_a_folder_that_is_no_backup_is_refused_in_words(filled: Home, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear")
    refused = filled.run("process", "backup", tmp_path / "full")
    missing = filled.run("process", "restore", tmp_path / "none", "--dir", tmp_path / "new")
    empty = filled.run("process", "restore", tmp_path / "full", "--list")

    assert refused.code == 2
    assert "neither empty nor a backup" in refused.err
    assert missing.code == 3
    assert "there is no backup in" in missing.err
    assert "no backup there" in empty.out
