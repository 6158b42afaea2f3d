"""Names on a map: none on another, none beyond the edge, the first asked for first."""

import numpy as np

from cfgui.core.label_layout import Cells, place_labels

ROOM = (400.0, 300.0)


def overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def test_a_lone_name_stands_right_of_its_point():
    (label,) = place_labels([(100.0, 50.0)], [60.0], 12.0, ROOM, gap=5.0)
    assert label.box == (105.0, 44.0, 165.0, 56.0)


def test_at_the_right_edge_it_goes_left():
    (label,) = place_labels([(390.0, 50.0)], [60.0], 12.0, ROOM, gap=5.0)
    assert label.box == (325.0, 44.0, 385.0, 56.0)


def test_the_second_of_one_place_goes_elsewhere_and_a_fifth_is_left_out():
    labels = place_labels([(200.0, 150.0)] * 5, [60.0] * 5, 12.0, ROOM)
    assert [label.number for label in labels] == [0, 1, 2, 3]


def test_names_beyond_the_edge_and_on_what_is_taken_are_left_out():
    assert place_labels([(-50.0, 50.0)], [30.0], 12.0, ROOM) == []
    assert place_labels([(100.0, 50.0)], [60.0], 12.0, ROOM, taken=[(0.0, 0.0, 400.0, 300.0)]) == []


def test_of_a_crowd_none_collide_and_earlier_ones_are_not_pushed_out():
    rng = np.random.default_rng(1)
    points = [tuple(point) for point in rng.uniform((0, 0), ROOM, (500, 2)).tolist()]
    widths = rng.uniform(20, 90, 500).tolist()
    labels = place_labels(points, widths, 12.0, ROOM, most=1000)
    boxes = [label.box for label in labels]
    assert len(boxes) > 30
    assert not any(overlap(a, b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(box[0] >= 0 and box[1] >= 0 and box[2] <= ROOM[0] and box[3] <= ROOM[1] for box in boxes)
    assert labels == place_labels(points, widths, 12.0, ROOM, most=1000)
    first = place_labels(points[:100], widths[:100], 12.0, ROOM, most=1000)
    assert labels[: len(first)] == first
    assert place_labels(points, widths, 12.0, ROOM, most=7) == labels[:7]


def test_cells_compare_boxes_far_larger_than_a_cell():
    cells = Cells([(-500.0, 10.0, 500.0, 20.0)])
    assert not cells.is_free((300.0, 15.0, 310.0, 18.0))
    assert cells.is_free((300.0, 20.0, 310.0, 30.0))
