"""Batch covariates from a table."""

import pytest

from napari_hypseg.cli.parsing.batch_table import covariates_of
from napari_hypseg.errors import InputError, SettingError


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_rows_are_put_in_the_order_of_the_specimens(tmp_path):
    table = written(tmp_path / "day.csv", "\ufeffspecimen,day,microscope\nb,tue,two\na, mon ,one\n")
    assert covariates_of(table, ["a", "b"]) == "day=mon,tue;microscope=one,two"
    assert covariates_of("day=x,y", ["a", "b"]) == "day=x,y"


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("specimen,day\na,mon\nc,tue\n", SettingError, "names c, which is no specimen; the specimens are a, b"),
        ("specimen,day\na,mon\n", SettingError, "says nothing of b"),
        ("name,day\na,mon\n", InputError, "its first line has to be specimen and the covariates' names"),
        ("specimen\na\n", InputError, "is no table of batches"),
        ("specimen,day\na,\nb,mon\n", InputError, "give one word in each cell"),
        ("specimen,day\na,x;y\nb,mon\n", InputError, "give one word in each cell"),
        ("specimen,day\na,mon,more\nb,tue\n", InputError, "give one word in each cell"),
        ("", InputError, "is no table of batches"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path, text, kind, said):
    with pytest.raises(kind, match=said):
        covariates_of(written(tmp_path / "day.csv", text), ["a", "b"])


def test_a_table_that_is_not_there_is_said(tmp_path):
    with pytest.raises(InputError, match="cannot be read as a table"):
        covariates_of(str(tmp_path / "no.csv"), ["a"])
