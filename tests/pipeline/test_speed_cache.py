import pytest

from napari_hypseg.pipeline.speed import Speed
from napari_hypseg.pipeline.speed_cache import SpeedCache
from napari_hypseg.project.run_settings import RunSettings


def test_a_speed_is_kept_for_the_next_window_by_method_and_device(tmp_path):
    file = tmp_path / "new" / "speeds.json"
    SpeedCache(file).put("hyperbolic", "auto", Speed(1.0, 2e-6))
    SpeedCache(file).put("hyperbolic", "cpu", Speed(0.0, 5e-6))
    known = SpeedCache(file)
    assert known.get("hyperbolic") == known.of(RunSettings()) == Speed(1.0, 2e-6)
    assert known.get("hyperbolic", "cpu") == Speed(0.0, 5e-6)
    assert known.get("euclidean") is None
    assert [entry.name for entry in file.parent.iterdir()] == ["speeds.json"]


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[1, 2]", b'{"hyperbolic auto": 3}', b'{"hyperbolic auto": [0, 0]}', b"[" * 100_000,
     b'{"hyperbolic auto": [-1, 1e-6]}', b'{"hyperbolic auto": [1, NaN]}', b'{"hyperbolic auto": [1, 2, 3]}'],
)  # fmt: skip
def test_what_cannot_be_read_is_ignored_and_replaced(tmp_path, content):
    file = tmp_path / "speeds.json"
    file.write_bytes(content)
    known = SpeedCache(file)
    assert known.get("hyperbolic") is None
    known.put("hyperbolic", "auto", Speed(1.0, 2e-6))
    assert known.get("hyperbolic") == Speed(1.0, 2e-6)


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path):
    (tmp_path / "file").write_text("")
    known = SpeedCache(tmp_path / "file" / "speeds.json")
    known.put("hyperbolic", "auto", Speed(1.0, 2e-6))
    assert known.get("hyperbolic") is None
