import numpy as np

from napari_hypseg.training.images import ImageSampler


def test_every_image_is_drawn_once_a_pass():
    images = np.arange(5, dtype=np.int16)[:, None, None] * np.ones((2, 3), np.int16)
    sampler = ImageSampler(images, seed=0)
    drawn = np.concatenate([sampler.draw(3) for _ in range(5)])
    assert drawn.shape == (15, 2, 3)
    assert drawn.dtype == np.float32
    numbers = drawn[:, 0, 0].astype(int)
    for start in (0, 5, 10):
        assert sorted(numbers[start : start + 5]) == [0, 1, 2, 3, 4]
    assert numbers[:5].tolist() != numbers[5:10].tolist()


def test_more_than_there_are_may_be_drawn_at_once():
    drawn = ImageSampler(np.arange(2.0)[:, None, None], seed=0).draw(7)
    assert sorted(np.bincount(drawn.ravel().astype(int))) == [3, 4]


def test_the_same_seed_draws_the_same():
    images = np.arange(50.0)[:, None, None]
    first, second, other = (ImageSampler(images, seed).draw(20) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()
