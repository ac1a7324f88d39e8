"""Images turned and shifted back, so that their content lies upright and in the middle."""

from torch import Tensor

from napari_hypseg.nn.spatial.coordinates import pixel_coordinates, sample_at
from napari_hypseg.nn.spatial.pose_posterior import Pose


def align(images: Tensor, pose: Pose) -> Tensor:
    """`images` (b, *shape) as they would be under no rotation and no shift; 0 where nothing was seen.

    A coordinate u of the content lies at x = (u − Δ) R⁻¹ of the image, the inverse of eq. 2 of Bepler et al.
    """
    content = pixel_coordinates(images.shape[1:]).to(images)
    return sample_at(images, (content - pose.shift[:, None]) @ pose.rotation.mT).view_as(images)
