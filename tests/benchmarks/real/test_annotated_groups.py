import json

import pytest

from benchmarks.real.annotated_groups import Group, groups_of, read_paths
from napari_hypseg.errors import InputError

BRAIN = {
    "0 (inside brainmask)": ["head", "brain", "healthy tissue"],
    "2": ["head", "brain", "whole tumour", "oedema"],
    "1": ["head", "brain", "whole tumour", "tumour core", "necrosis"],
    "4": ["head", "brain", "whole tumour", "tumour core", "enhancing"],
}


@pytest.fixture
def paths(tmp_path):
    file = tmp_path / "hierarchy.json"
    file.write_text(json.dumps(BRAIN))
    return read_paths(file)


def test_every_whole_and_every_part_is_a_group_but_what_holds_everything(paths):
    assert groups_of(paths, [0, 1, 2, 4]) == (
        Group("healthy tissue", 3, (0,)),
        Group("whole tumour", 3, (1, 2, 4)),
        Group("tumour core", 4, (1, 4)),
        Group("oedema", 4, (2,)),
        Group("necrosis", 5, (1,)),
        Group("enhancing", 5, (4,)),
    )


def test_of_what_does_not_occur_there_is_no_group_and_of_equals_only_the_whole(paths):
    names = [(group.name, group.labels) for group in groups_of(paths, [0, 2, 4])]
    assert names == [
        ("healthy tissue", (0,)),
        ("whole tumour", (2, 4)),
        ("oedema", (2,)),
        ("tumour core", (4,)),
    ]


def test_words_that_occur_twice_are_told_apart_and_unnamed_labels_belong_to_nothing():
    paths = {
        1: ("brain", "left", "cortex"),
        2: ("brain", "right", "cortex"),
        3: ("brain", "left", "nucleus"),
        4: ("brain", "right", "nucleus"),
    }
    assert {group.name: group.labels for group in groups_of(paths, [0, 1, 2, 3, 4])} == {
        "brain": (1, 2, 3, 4),
        "left": (1, 3),
        "right": (2, 4),
        "brain / left / cortex": (1,),
        "brain / right / cortex": (2,),
        "brain / left / nucleus": (3,),
        "brain / right / nucleus": (4,),
    }


@pytest.mark.parametrize("text", ["", "[]", '{"bone": ["animal"]}', '{"1": 3}', '{"": ["animal"]}'])
def test_a_damaged_file_is_a_sentence(tmp_path, text):
    file = tmp_path / "hierarchy.json"
    file.write_text(text)
    with pytest.raises(InputError, match=r"hierarchy\.json"):
        read_paths(file)
