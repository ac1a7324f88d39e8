from dataclasses import replace

import pytest
import torch

from napari_hypseg.errors import InputError
from napari_hypseg.nn.anatomical.label_decoder import LabelDecoder
from napari_hypseg.storage import checksum
from napari_hypseg.training import prior_file
from napari_hypseg.training.prior_file import AnatomicalPrior, PriorLabel, load_prior, save_prior


@pytest.fixture
def prior():
    torch.manual_seed(0)
    weights = LabelDecoder(3, (16, 16, 24), 4, 8, 0.48).state_dict()
    labels = (PriorLabel(3, "body", 12.5), PriorLabel(17, "core", 1.0))
    return AnatomicalPrior(
        labels, (16, 16, 24), (2.0, 2.0, 2.0), "millimeter", None, 4, 8, ("a", "b"), 0.02, 10, 1.5, 0.3, weights
    )


def test_a_prior_is_read_as_it_was_written(tmp_path, prior):
    path = tmp_path / "brain.hypprior"
    save_prior(path, prior)
    again = load_prior(path)
    assert replace(again, weights={}) == replace(prior, weights={})
    assert all(torch.equal(again.weights[name], tensor) for name, tensor in prior.weights.items())
    assert again.frame.spacing == (2.0, 2.0, 2.0)


def test_damage_is_noticed(tmp_path, prior):
    path = tmp_path / "brain.hypprior"
    save_prior(path, prior)
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"brain\.hypprior cannot be read as an anatomical prior"):
        load_prior(path)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match="cannot be read as an anatomical prior"):
        load_prior(path)


def test_what_is_no_prior_is_refused(tmp_path):
    path = tmp_path / "brain.hypprior"
    path.write_bytes(b"something else altogether")
    with pytest.raises(InputError, match="cannot be read as an anatomical prior"):
        load_prior(path)
    with pytest.raises(InputError, match="is missing"):
        load_prior(tmp_path / "none.hypprior")


def test_a_newer_version_is_refused(tmp_path, prior, monkeypatch):
    path = tmp_path / "brain.hypprior"
    monkeypatch.setattr(prior_file, "VERSION", 2)
    save_prior(path, prior)
    monkeypatch.undo()
    with pytest.raises(InputError, match="newer version"):
        load_prior(path)


@pytest.mark.parametrize(
    "change",
    [
        {"shape": (16, 16, 25)},
        {"shape": (10**6, 10**6, 10**6)},
        {"spacing": (0.0, 1.0, 1.0)},
        {"unit": "parrot"},
        {"labels": ()},
        {"labels": (PriorLabel(1, "a", 1.0), PriorLabel(2, "a", 1.0))},
        {"width": 10**9},
        {"latent_dim": 1},
    ],
)
def test_impossible_priors_are_refused(tmp_path, prior, change):
    path = tmp_path / "brain.hypprior"
    save_prior(path, replace(prior, **change))
    assert checksum.checksum_matches(path.read_bytes())
    with pytest.raises(InputError, match="cannot be read as an anatomical prior"):
        load_prior(path)
