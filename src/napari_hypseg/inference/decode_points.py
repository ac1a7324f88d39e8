"""What single latent points stand for: the decoder applied to neighbourhoods that are the same point everywhere."""

import torch
from torch import Tensor

from napari_hypseg.nn.model import DenseModel


@torch.inference_mode()
def decode_points(model: DenseModel, points: Tensor) -> Tensor:
    """Standardised grey values (n, c) in the middle of neighbourhoods filled with one of `points` (n, d) each.

    Raises
    ------
    HypsegError
        If the model has no decoder.
    """
    reach = model.decoder_radius
    edge = 2 * reach + 1
    filled = points[:, None, None, None].expand(-1, edge, edge, edge, -1)
    return model.decode(filled)[:, :, reach, reach, reach]
