"""``--output``: which report goes where, and that files are written all or none."""

from pathlib import Path

import pytest

from migsafe.cli import outputs
from migsafe.errors import ConfigError, InputError


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ([], {"-": "text"}),
        (["report.txt"], {"report.txt": "text"}),
        (["sarif=x.sarif", "junit=out/x.xml"], {"-": "text", "x.sarif": "sarif", "out/x.xml": "junit"}),
        (["report.txt", "json=x.json"], {"report.txt": "text", "x.json": "json"}),
        (["gitlab=-"], {"-": "gitlab"}),
        (["./a=b.txt", "out/json=x"], {"a=b.txt": "text", "out/json=x": "text"}),
    ],
)
def test_which_format_goes_where(written: list[str], read: dict[str, str]) -> None:
    assert outputs.read(written, "text") == read


def test_files_in_the_configuration_are_beside_it() -> None:
    formats = outputs.read(["json=x.json", "text=-"], "text", Path("/repo"))
    assert formats == {"/repo/x.json": "json", "-": "text"}


def test_all_mistakes_are_in_one_message() -> None:
    with pytest.raises(ConfigError) as raised:
        outputs.read(["sraif=x", "json=", "json=y", "junit=y"], "text")
    assert raised.value.message == (
        "--output sraif=x: there is no format 'sraif' (did you mean sarif?)\n"
        "--output json=: the file is missing\n"
        "--output junit=y: that file takes a report already"
    )


@pytest.mark.parametrize("broken", ["no/such/folder/x", "folder"])
def test_if_one_file_cannot_be_written_all_stay_as_they_were(tmp_path: Path, broken: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "earlier").write_text("earlier")
    with pytest.raises(InputError, match=f"{broken} cannot be written"):
        outputs.write({str(tmp_path / name): "new" for name in ("earlier", "other", broken)})
    assert (tmp_path / "earlier").read_text() == "earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["earlier", "folder"]


def test_what_was_replaced_is_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "earlier").write_text("earlier")
    replace = Path.replace

    def replace_but_one(path: Path, target: Path) -> Path:
        if target.name == "last":
            raise PermissionError(1, "Operation not permitted")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", replace_but_one)
    with pytest.raises(InputError, match="last cannot be written: Operation not permitted"):
        outputs.write({str(tmp_path / name): "new" for name in ("earlier", "other", "last")})
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("earlier", "earlier")]


def test_a_file_keeps_its_mode_and_a_link_its_target(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("earlier")
    target.chmod(0o640)
    link.symlink_to(target)
    outputs.write({str(link): "new"})
    assert (link.is_symlink(), target.read_text(), target.stat().st_mode & 0o777) == (True, "new", 0o640)


def test_devices_are_written_to(capfd: pytest.CaptureFixture[str]) -> None:
    outputs.write({"/dev/stdout": "text\n"})
    assert capfd.readouterr().out == "text\n"
