import pytest
import torch

from napari_hypseg.methods.spatial_vae import SpatialVAESettings, build_spatial_vae


@pytest.fixture
def build():
    """A tiny spatial-VAE for images of a shape, 100 of them."""

    def make(shape=(9, 9), **settings):
        torch.manual_seed(0)
        small = {
            "width": 8,
            "decoded_pixels": 20,
            "compared_pixels": 10,
            "frozen_epochs": 0,
            "warm_epochs": 0,
            **settings,
        }
        return build_spatial_vae(SpatialVAESettings(**small), shape, 100)

    return make
