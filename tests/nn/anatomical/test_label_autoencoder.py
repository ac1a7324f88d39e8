import torch

from napari_hypseg.nn.anatomical.deformation import DeformationScale
from napari_hypseg.nn.anatomical.label_autoencoder import LabelAutoencoder
from napari_hypseg.nn.anatomical.label_decoder import LabelDecoder
from tests.label_phantoms import label_phantom


def _model(scale):
    torch.manual_seed(0)
    codes = {0: 0, 3: 1, 5: 2, 8: 3, 9: 4, 12: 5, 14: 6, 20: 7}
    maps = torch.zeros(2, 24, 24, 24, dtype=torch.uint8)
    for number in range(2):
        phantom = torch.from_numpy(label_phantom((24, 24, 24), seed=number))
        for code, place in codes.items():
            maps[number][phantom == code] = place
    return LabelAutoencoder(LabelDecoder(8, (24, 24, 24), 4, 8, scale.shift * 24), maps, scale, 8)


def test_location_prior_is_the_frequency_of_labels():
    model, generator = _model(DeformationScale(0.0, 0.0)), torch.Generator().manual_seed(0)
    for number in (0, 1):
        model.see(number, generator)
    model.finish_location()
    location = model.decoder.log_location.exp()
    torch.testing.assert_close(location.sum(dim=0), torch.ones(24, 24, 24))
    both = model.maps[0] == model.maps[1]
    assert torch.equal(location.argmax(dim=0)[both], model.maps[0].long()[both])
    assert location.max(dim=0).values[~both].max() < 0.5


def test_learning_lowers_the_loss():
    model, generator = _model(DeformationScale(0.03, 0.03)), torch.Generator().manual_seed(0)
    for number in range(16):
        model.see(number % 2, generator)
    model.finish_location()
    optimiser = model.optimiser(3e-3)
    losses = []
    for step in range(60):
        out = model.loss(torch.tensor([step % 2]), generator)
        optimiser.zero_grad()
        out.total.backward()
        optimiser.step()
        losses.append(float(out.total.detach()))
    assert sum(losses[-15:]) < 0.9 * sum(losses[:15])
    assert model.maps.requires_grad is False
    assert not any(name == "maps" for name in model.state_dict())
