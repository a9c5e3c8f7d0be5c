"""Whatever lies in a configuration folder is read or becomes a finding; nothing raises, nothing hangs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr_flows.findings import Finding
from ivr_flows.yaml_source import MAX_BYTES
from router.configuration import ConfigurationMissing, load, load_files, read_folder

from .conftest import GOOD

BASE = Path("config")
YAML_FILES = [name for name in GOOD if name != "flows/later.flow.yaml"]


@pytest.fixture
def folder(tmp_path: Path, files: dict[str, bytes]) -> Path:
    """The good configuration on disk."""
    place = tmp_path / "config"
    for name, data in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)
    return place


def codes(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.code, Path(finding.place.file).name) for finding in findings if finding.severity == "error"]


def test_a_folder_and_its_content_load_alike(folder: Path, files: dict[str, bytes]) -> None:
    content, findings = read_folder(folder)
    assert findings == []
    assert content == files
    assert load(folder) == load_files(files, folder)


BOMB = b"a: &a [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 10)) for i in range(8)
)


@pytest.mark.parametrize("name", [*GOOD])
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-file"),
        (b"  \n\n", "empty-file"),
        (b"# only a comment\n", "empty-file"),
        (b"lines:\n\tx: 1\n", "tab"),
        ("lines: {x: 线路}".encode("gbk"), "wrong-encoding"),
        ("lines: 线路".encode("utf-16"), "wrong-encoding"),
        (b"a: [1, 2\n", "yaml-syntax"),
        (b"a: \x00\n", "yaml-syntax"),
        (b"a: " + b"x" * MAX_BYTES, "file-too-large"),
        (BOMB, "too-many-values"),
        (b"[" * 100_000, "too-deep"),
        (b"- " * 100_000 + b"x", "too-deep"),
        (b"a: &a [*a]\n", "too-deep"),
    ],
    ids=[
        "empty",
        "blank",
        "comment",
        "tab",
        "gbk",
        "utf16",
        "syntax",
        "nul",
        "large",
        "bomb",
        "deep",
        "dashes",
        "self",
    ],
)
def test_a_bad_file_is_one_finding(files: dict[str, bytes], name: str, data: bytes, code: str) -> None:
    found = [pair for pair in codes(load_files({**files, name: data}, BASE).findings) if pair[1] == Path(name).name]
    assert found == [(code, Path(name).name)]


def test_a_byte_order_mark_is_read_over(files: dict[str, bytes]) -> None:
    marked = {name: b"\xef\xbb\xbf" + data for name, data in files.items()}
    loaded = load_files(marked, BASE)
    assert loaded.findings == []
    assert loaded.configuration is not None
    assert loaded.configuration.files["lines.yaml"].startswith(b"\xef\xbb\xbf")


def test_windows_line_ends_are_read(files: dict[str, bytes]) -> None:
    assert load_files({name: data.replace(b"\n", b"\r\n") for name, data in files.items()}, BASE).findings == []


def test_a_large_file_on_disk_is_not_even_read(folder: Path) -> None:
    with (folder / "routes.yaml").open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    content, findings = read_folder(folder)
    assert "routes.yaml" not in content
    assert codes(findings) == [("file-too-large", "routes.yaml")]
    assert codes(load(folder).findings) == [("file-too-large", "routes.yaml")]


@pytest.mark.parametrize("name", ["lines.yaml", "numbers.yaml", "routes.yaml", "flows/later.flow.yaml"])
def test_a_directory_in_place_of_a_file_is_a_finding(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()
    assert codes(load(folder).findings) == [("not-a-file", Path(name).name)]


def test_a_file_in_place_of_the_flows_is_a_finding(folder: Path) -> None:
    (folder / "flows" / "later.flow.yaml").unlink()
    (folder / "flows").rmdir()
    (folder / "flows").write_text("x")
    assert codes(load(folder).findings) == [("not-a-folder", "flows")]


def test_links_in_a_loop_are_a_finding(folder: Path) -> None:
    (folder / "lines.yaml").unlink()
    (folder / "lines.yaml").symlink_to("lines.yaml")
    assert codes(load(folder).findings) == [("unreadable-file", "lines.yaml")]


def test_folders_that_link_to_themselves_are_entered_once(folder: Path) -> None:
    (folder / "again").symlink_to(".")
    (folder / "flows" / "up").symlink_to("..")
    assert load(folder).findings == []


def test_a_pipe_is_a_finding_and_does_not_block(folder: Path) -> None:
    (folder / "trunks.yaml").unlink()
    os.mkfifo(folder / "trunks.yaml")
    assert codes(load(folder).findings) == [("not-a-file", "trunks.yaml")]


def test_a_link_to_a_file_elsewhere_is_read(folder: Path, tmp_path: Path) -> None:
    (folder / "lines.yaml").rename(tmp_path / "elsewhere.yaml")
    (folder / "lines.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    assert load(folder).findings == []


def test_scenarios_prompts_and_hidden_files_belong_to_no_revision(folder: Path) -> None:
    for name in ("scenarios/a.scenario.yaml", "prompts/words.yaml", ".git/x.yaml", ".hidden.yaml", "README.md"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x: 1\n")
    content, findings = read_folder(folder)
    assert sorted(content) == sorted(GOOD)
    assert findings == []


def test_a_folder_that_is_not_there_is_no_configuration(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for place in (tmp_path / "none", tmp_path / "file"):
        with pytest.raises(ConfigurationMissing) as caught:
            load(place)
        assert "line400 init" in caught.value.cure.en


def test_an_empty_folder_says_how_to_begin(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert loaded.configuration is None
    assert {finding.code for finding in loaded.findings} == {"missing-file"}
    assert all(f"line400 init {tmp_path}" in finding.cure.en for finding in loaded.findings)


def test_places_name_files_as_the_folder_was_typed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "lines.yaml").write_text("lines: 1\n")
    monkeypatch.chdir(folder.parent)
    assert {finding.place.file for finding in load(Path("config")).findings} == {"config/lines.yaml"}


def test_the_store_is_relative_to_the_parent_of_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    loaded = load(Path("config"))
    assert loaded.configuration is not None
    assert loaded.configuration.settings.store == f"sqlite:///{folder.parent}/var/line400.db"
    for url in ("sqlite:////tmp/x.db", "sqlite://", "sqlite:///:memory:", "postgresql://u@h/d"):
        (folder / "line400.yaml").write_text(f"store: '{url}'\n")
        again = load(folder).configuration
        assert again is not None
        assert again.settings.store == url


FRAGMENTS = st.sampled_from(
    [
        *(word for text in GOOD.values() for word in text.replace("\n", " \n ").split(" ")),
        "{",
        "}",
        "[",
        "]",
        ": ",
        "- ",
    ]
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(
    name=st.sampled_from([*GOOD, "numbers.csv", "routes.csv", "other.yaml"]),
    data=st.one_of(
        st.binary(max_size=300),
        st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
        st.lists(FRAGMENTS, max_size=60).map(lambda words: " ".join(words).encode()),
    ),
)
def test_no_bytes_make_it_raise(files: dict[str, bytes], name: str, data: bytes) -> None:
    loaded = load_files({**files, name: data}, BASE)
    errors = any(finding.severity == "error" for finding in loaded.findings)
    assert (loaded.configuration is None) is errors
    for finding in loaded.findings:
        assert finding.place.line >= 1
        assert finding.place.column >= 1
        assert finding.message.en
        assert finding.message.zh
        assert finding.cure.en
        assert finding.cure.zh


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_single_damage_makes_it_raise(files: dict[str, bytes], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([*GOOD]))
    content = files[name]
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 20)))
    inserted = data.draw(
        st.one_of(st.binary(max_size=6), st.sampled_from([b"", b": ", b"- ", b"\n", b"{", b"null", b"[]"]))
    )
    loaded = load_files({**files, name: content[:start] + inserted + content[end:]}, BASE)
    errors = any(finding.severity == "error" for finding in loaded.findings)
    assert (loaded.configuration is None) is errors
