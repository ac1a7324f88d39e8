import numpy as np
import pytest

pytest.importorskip("SimpleITK")

from napari_hypseg.volumes.bias_field import log_bias_field
from tests.label_phantoms import image_of, label_phantom


def test_the_field_that_grey_values_were_multiplied_by_is_found():
    labels = label_phantom()
    drift = np.linspace(-0.4, 0.4, labels.shape[1], dtype=np.float32)[None, :, None]
    inside = labels > 0
    grey = image_of(labels, noise=2.0) * np.exp(drift) * inside
    found = log_bias_field(grey.astype(np.float32), inside)
    assert found.shape == labels.shape
    assert float(found[inside].mean()) == pytest.approx(0.0, abs=1e-4)
    true = np.broadcast_to(drift, labels.shape)[inside]
    assert np.corrcoef(found[inside], true)[0, 1] > 0.95
    assert np.std(true - found[inside]) < 0.5 * np.std(true)


def test_a_volume_without_signal_has_none():
    nothing = np.zeros((16, 16, 16), dtype=np.float32)
    assert not log_bias_field(nothing, nothing == 0).any()
