from napari_hypseg.nn.pyramid import plan_pyramid

SECTIONS = (50.0, 4.6, 4.6)


def test_cubes_are_halved_along_every_axis():
    assert [level.stride for level in plan_pyramid((2.0, 2.0, 2.0), 3)] == [(1, 1, 1), (2, 2, 2), (4, 4, 4)]
    assert all(level.axes == (0, 1, 2) for level in plan_pyramid((2.0, 2.0, 2.0), 3))


def test_coarse_axes_are_pooled_last():
    strides = [level.stride for level in plan_pyramid(SECTIONS, 5)]
    assert strides == [(1, 1, 1), (1, 2, 2), (1, 4, 4), (1, 8, 8), (2, 16, 16)]


def test_a_coarse_axis_is_looked_along_when_cells_have_become_as_long():
    assert [level.axes for level in plan_pyramid(SECTIONS, 4)] == [(1, 2), (1, 2), (1, 2), (0, 1, 2)]


def test_some_axis_is_always_looked_along():
    assert plan_pyramid((10.0, 10.0, 1.0), 1)[0].axes == (2,)
