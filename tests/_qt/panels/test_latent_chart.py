import numpy as np
from qtpy.QtCore import QPointF, QSize

from napari_hypseg._qt.layers.canvas_input import Joins
from napari_hypseg._qt.panels.content_chart import ContentChart
from napari_hypseg._qt.panels.latent_chart import describe
from napari_hypseg._qt.widgets.chart_painter import ChartColours, last_of_each, point_keys
from napari_hypseg._qt.widgets.chart_view import inside
from napari_hypseg.geometry.planar_projection import PlanarProjection
from napari_hypseg.geometry.space_form import SpaceForm
from napari_hypseg.particles.classes.gallery_order import ParticleRanks
from napari_hypseg.particles.classes.particle_content import ParticleContent
from napari_hypseg.particles.classes.sorted_particles import SortedParticles


def test_the_caption_says_which_chart_it_is_and_how_far_to_trust_it():
    points = np.ones((1, 3))
    disk, flat, sphere = (PlanarProjection(SpaceForm(sign), points, 8, 0.123, 0.97) for sign in (-1, 0, 1))
    assert describe(disk) == (
        "Poincaré disk, projected from 8 dimensions\ndistances within 12.3%, rank correlation 0.970"
    )
    assert describe(flat).startswith("Flat chart, projected")
    assert describe(sphere).startswith("Equal-area map of the sphere, projected")
    exact = PlanarProjection(SpaceForm(-1), points, 2)
    assert describe(exact) == "Poincaré disk of the latent space itself\nall distances exact"


def test_small_points_are_drawn_over_large_ones_and_what_is_selected_over_all():
    rgb = np.full((4, 3), 0.5, dtype=np.float32)
    places = np.array([0, 0, 0, 0.9 + 0j])
    colours = ChartColours(rgb, np.array([8.0, 2.0, 8.0, 8.0]), np.array([False, False, True, False]))
    large, small, selected, at_rim = point_keys(places, colours, rim=True)
    assert large < at_rim < small < selected
    plain = point_keys(places, ChartColours(rgb, colours.radii, None), rim=False)
    assert plain[0] == plain[2] == plain[3] < plain[1]


def test_of_points_of_one_size_at_one_pixel_only_the_last_is_drawn():
    corners = np.array([3 + 4j, -3 + 4j, 3 + 4j, 3 + 4j, -3 + 4j, 3 - 4j])
    sizes = np.array([1, 1, 2, 1, 1, 1])
    assert last_of_each(corners, sizes).tolist() == [2, 3, 4, 5]


def test_hyperbolic_content_of_particles_is_seen_in_the_poincare_disk(qtbot):
    points = np.array([[0.1, 0.2], [np.nan, np.nan], [-0.3, 0.4]], dtype=np.float32)
    ranks = ParticleRanks(np.arange(3), np.array([1, 0, 2]), np.zeros(3, np.float32), np.zeros(3, np.float32))
    chart = ContentChart("dark", "particle {}".format)
    qtbot.addWidget(chart)
    chart.show_sorted(SortedParticles(ranks, content=ParticleContent(points, 1.0)), np.array([False, False, True]))
    qtbot.waitUntil(lambda: chart.view._content is not None)
    assert chart.view.plane.space.sign < 0
    assert chart.view._describe(1) == "particle 2"
    with qtbot.waitSignal(chart.lassoed) as drawn:
        chart.view.lassoed.emit(np.array([False, True]), Joins.REPLACES)
    assert drawn.args[0].tolist() == [2]
    chart.show_sorted(None, np.zeros(3, bool))
    assert chart.isHidden()


def test_what_is_drawn_around_twice_is_outside():
    ring = [QPointF(x, y) for x, y in ((10, 10), (90, 10), (90, 90), (10, 90), (10, 10), (30, 30), (70, 30), (70, 70))]
    ring += [QPointF(30, 70), QPointF(30, 30)]
    pixels = np.array([20 + 20j, 50 + 50j, 80 + 20j, 95 + 50j, -5 + 50j, 500 + 500j, 20 + 80j])
    assert inside(ring, pixels, QSize(101, 100)).tolist() == [True, False, True, False, False, False, True]
