import torch

from napari_hypseg.nn.standardiser import MEASURED_BATCHES, Standardiser


def batches(n, scale=3.0, shift=5.0):
    generator = torch.Generator().manual_seed(0)
    return [shift + scale * torch.randn(2, 2, 6, 6, 6, generator=generator) for _ in range(n)]


def test_features_get_the_deviation_that_is_asked_for():
    standard = Standardiser(torch.tensor([1.0, 0.5]))
    data = batches(8)
    for part in data:
        standard.measure(part)
    values = standard(torch.cat(data)).movedim(1, 0).flatten(1)
    torch.testing.assert_close(values.mean(1), torch.zeros(2), atol=1e-3, rtol=0)
    torch.testing.assert_close(values.std(1), torch.tensor([1.0, 0.5]), atol=2e-3, rtol=0)


def test_the_scale_stands_after_the_first_batches():
    standard = Standardiser(torch.ones(2))
    for part in batches(MEASURED_BATCHES):
        standard.measure(part)
    before = standard.mean.clone()
    for part in batches(3, shift=100):
        standard.measure(part)
    assert torch.equal(standard.mean, before)


def test_a_feature_that_never_varies_says_nothing():
    standard = Standardiser(torch.ones(1))
    constant = torch.full((1, 1, 4, 4, 4), 7.0)
    standard.measure(constant)
    assert torch.equal(standard(constant), torch.zeros_like(constant))
