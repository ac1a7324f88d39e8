"""Inference networks over whole images or boxes: the published perceptron, and convolutions."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn


class FlatEncoder(nn.Module):
    """The published network: all pixels at once, then hidden layers with tanh.

    Parameters
    ----------
    shape
        Of an image.
    width, layers
        Units of a hidden layer, and number of hidden layers.
    n_outputs
        Numbers out.
    """

    def __init__(self, shape: Sequence[int], width: int, layers: int, n_outputs: int) -> None:
        super().__init__()
        widths = [math.prod(shape), *[width] * layers]
        steps: list[nn.Module] = [nn.Flatten()]
        for before, after in pairwise(widths):
            steps += [nn.Linear(before, after), nn.Tanh()]
        self.layers = nn.Sequential(*steps, nn.Linear(width, n_outputs))

    def forward(self, images: Tensor) -> Tensor:
        """Outputs (b, n_outputs) of images (b, *shape)."""
        outputs: Tensor = self.layers(images)
        return outputs


class ConvolutionalEncoder(nn.Module):
    """Convolutions that halve the grid until it has at most `COARSEST` pixels an edge, then a hidden layer."""

    def __init__(self, shape: Sequence[int], width: int, layers: int, n_outputs: int) -> None:
        super().__init__()
        convolution = {2: nn.Conv2d, 3: nn.Conv3d}[len(shape)]
        grid, channels = torch.tensor(list(shape)), 1
        steps: list[nn.Module] = []
        while int(grid.max()) > COARSEST:
            wider = max(8, 2 * channels)
            steps += [convolution(channels, wider, 3, stride=2, padding=1), nn.LeakyReLU(0.1)]
            grid, channels = (grid + 1) // 2, wider
        self.convolutions = nn.Sequential(*steps, nn.Flatten())
        self.dense = FlatEncoder((channels * int(grid.prod()),), width, layers, n_outputs)

    def forward(self, images: Tensor) -> Tensor:
        """Outputs (b, n_outputs) of images (b, *shape)."""
        outputs: Tensor = self.dense(self.convolutions(images[:, None]))
        return outputs


COARSEST = 4
ENCODERS: Mapping[str, Callable[[Sequence[int], int, int, int], nn.Module]] = {
    "perceptron": FlatEncoder,
    "convolution": ConvolutionalEncoder,
}
"""By name in the settings."""
