"""The bias field of a scanner: brightness that drifts across a volume, found by N4 (Tustison et al. 2010)."""

import math

import numpy as np
import numpy.typing as npt

from napari_hypseg.volumes.registration import simple_itk

ITERATIONS = (50, 50, 50)
"""At each resolution, from 4 control points along each axis on, which double."""
DARK = 0.05
"""Grey values below this share of the median are no signal."""
MOST_VOXELS = 2**17
"""Of the image that it is found in: it is smooth, and the time grows with their number."""


def log_bias_field(grey: npt.NDArray[np.float32], mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """Logarithm (z, y, x) of what multiplies grey values (z, y, x), which are 0 where there is no signal.

    Its mean inside the mask is 0, so that grey values stay on their scale; without any signal it is 0 everywhere.

    Parameters
    ----------
    grey
        Grey values.
    mask
        Where the specimen is.

    Raises
    ------
    SettingError
        If SimpleITK is not installed.
    """
    sitk = simple_itk()
    bright = mask & (grey > 0)
    if not bright.any():
        return np.zeros_like(grey)
    bright &= grey > DARK * np.median(grey[bright])
    image, where = sitk.GetImageFromArray(np.maximum(grey, 0)), sitk.GetImageFromArray(bright.astype(np.uint8))
    factors = [math.ceil((grey.size / MOST_VOXELS) ** (1 / 3))] * 3
    n4 = sitk.N4BiasFieldCorrectionImageFilter()
    n4.SetMaximumNumberOfIterations(ITERATIONS)
    n4.Execute(sitk.Shrink(image, factors), sitk.Shrink(where, factors))
    found = np.asarray(sitk.GetArrayFromImage(n4.GetLogBiasFieldAsImage(image)), dtype=np.float32)
    centred: npt.NDArray[np.float32] = found - found[bright].mean()
    return centred
