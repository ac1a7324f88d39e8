"""Whatever two names look like, nothing is written over what is read."""

import os
from pathlib import Path

import pytest

from napari_hypseg.errors import OutputError
from napari_hypseg.io.overwrite_protection import check_no_overwrite, is_project_folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "tomogram.mrc"
    path.parent.mkdir()
    path.write_bytes(b"voxels")
    return path


def refused(target: Path, *inputs: Path) -> None:
    with pytest.raises(OutputError, match="would write over"):
        check_no_overwrite([target], inputs)


def test_other_names_are_free(source: Path, tmp_path: Path) -> None:
    check_no_overwrite(
        [source.with_name("other.mrc"), tmp_path / "data" / "new" / "a.mrc"], [source, tmp_path / "gone"]
    )


def test_the_same_file_by_any_name(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soft, hard, folder = (tmp_path / name for name in ("soft.mrc", "hard.mrc", "folder"))
    soft.symlink_to(source)
    os.link(source, hard)
    folder.symlink_to(source.parent)
    monkeypatch.chdir(source.parent)
    spellings = [source, soft, hard, folder / source.name, Path(source.name), Path("..", "data", source.name)]
    for target in spellings:
        for named in spellings:
            refused(target, named)


def test_a_link_on_the_way_to_the_source(source: Path, tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    middle, named = tmp_path / "links" / "middle", tmp_path / "named.mrc"
    middle.symlink_to(source)
    named.symlink_to(middle)
    refused(middle, named)
    refused(tmp_path / "links", named)
    refused(source.parent, named)


def test_a_data_set_stands_for_its_file(source: Path) -> None:
    refused(source, source / "volumes" / "raw")
    refused(source, Path(f"{source}:/volumes/raw"))


def test_links_that_lead_nowhere_or_in_a_circle(source: Path, tmp_path: Path) -> None:
    one, other, dangling = (tmp_path / name for name in ("one", "other", "dangling"))
    one.symlink_to(other)
    other.symlink_to(one)
    dangling.symlink_to(tmp_path / "nothing")
    check_no_overwrite([one, dangling], [source])
    refused(other, one)
    refused(tmp_path / "nothing", dangling)


def test_file_systems_that_do_not_tell_case(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path.stat

    def blind(path: Path, **words: bool) -> os.stat_result:
        return real(source if path.name.lower() == source.name else path, **words)

    monkeypatch.setattr(Path, "stat", blind)
    refused(source.with_name("TOMOGRAM.MRC"), source)


def test_inside_and_around_a_folder_that_is_read(tmp_path: Path) -> None:
    zarr = tmp_path / "outer" / "a.zarr"
    zarr.mkdir(parents=True)
    (tmp_path / "link").symlink_to(zarr)
    for target in (zarr / "0" / "new.mrc", tmp_path / "link" / "new.mrc", tmp_path / "outer", zarr):
        refused(target, zarr)
        refused(target, tmp_path / "link")


@pytest.mark.parametrize(("name", "record"), [("p.hypseg", "{}"), ("renamed", '{"napari-hypseg": "0.1.0"}')])
def test_inside_any_project(name: str, record: str, tmp_path: Path) -> None:
    project = tmp_path / name
    (project / "volumes").mkdir(parents=True)
    (project / "project.json").write_text(record)
    (tmp_path / "link").symlink_to(project)
    for target in (project / "a.mrc", project / "volumes" / "0-0.npy", tmp_path / "link" / "new" / "a.mrc"):
        with pytest.raises(OutputError, match="lies inside the project"):
            check_no_overwrite([target], [])
    check_no_overwrite([project / ".." / "a.mrc"], [])


def test_a_folder_with_another_project_json_is_none(tmp_path: Path) -> None:
    (tmp_path / "project.json").write_text('{"name": "somebody else\'s"}')
    assert not is_project_folder(tmp_path)
    check_no_overwrite([tmp_path / "a.mrc"], [])
