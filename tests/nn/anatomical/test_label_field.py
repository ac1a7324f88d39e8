import torch

from napari_hypseg.nn.anatomical.label_field import LabelField
from napari_hypseg.nn.anatomical.lattice import at_phase
from napari_hypseg.nn.anatomical.mean_field import mean_field

SHAPE = (5, 6, 7)


def _field(coupling=3.0):
    probabilities = torch.rand(3, *SHAPE, generator=torch.Generator().manual_seed(0)).softmax(dim=0)
    field = LabelField(3, SHAPE, coupling)
    field.start(probabilities)
    return field, probabilities


def test_a_message_is_that_of_the_mean_field(monkeypatch):
    monkeypatch.setattr("napari_hypseg.nn.anatomical.mean_field.ROUNDS", 1)
    field, probabilities = _field()
    around = torch.nn.functional.pad(probabilities, (1,) * 6)
    around[0][around.sum(dim=0) == 0] = 1  # background around the grid
    log = around.clamp_min(1e-30).log()
    expected = mean_field(log, 3.0, (1.0, 1.0, 1.0)) - log[:, 1:-1, 1:-1, 1:-1]
    for phase in ((0, 0, 0), (1, 0, 1), (0, 1, 1)):
        torch.testing.assert_close(field.message(phase), at_phase(expected, phase), atol=1e-5, rtol=0)


def test_an_update_is_of_one_lattice_and_of_what_is_valid():
    field, probabilities = _field()
    valid = torch.zeros(SHAPE, dtype=torch.bool)
    valid[:, :, :4] = True
    phase = (1, 0, 1)
    there = at_phase(valid, phase)
    sure = torch.tensor([0.0, 1.0, 0.0])[:, None].expand(-1, int(there.sum()))
    field.update(phase, there, sure)
    expected = probabilities.clone()
    at_phase(expected, phase)[:, there] = sure
    torch.testing.assert_close(field.probabilities[:, 1:-1, 1:-1, 1:-1], expected)


def test_it_is_no_part_of_what_is_stored():
    assert not _field()[0].state_dict()
