"""Points in an outline, against a polygon whose answer is plain and against a walk round it by angles."""

import numpy as np

from cfgui.core.outline import inside


def winds(outline, point):
    """Whether the outline winds around the point: the sum of the angles under which its sides are seen."""
    angles = np.angle((outline - point) @ [1.0, 1.0j])
    steps = np.diff(np.append(angles, angles[0]))
    return abs(round(float(((steps + np.pi) % (2 * np.pi) - np.pi).sum() / (2 * np.pi)))) % 2 == 1


def test_a_square_and_its_neighbours():
    square = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]])
    points = np.array([[1.0, 1.0], [0.1, 1.9], [3.0, 1.0], [-1.0, 1.0], [1.0, 3.0], [1.0, -1.0]])
    assert inside(square, points).tolist() == [True, True, False, False, False, False]


def test_a_horseshoe_leaves_out_its_gap():
    shoe = np.array([[0, 0], [6, 0], [6, 6], [4, 6], [4, 2], [2, 2], [2, 6], [0, 6]], dtype=float)
    assert inside(shoe, np.array([[3.0, 4.0], [1.0, 4.0], [5.0, 4.0], [3.0, 1.0]])).tolist() == [
        False,
        True,
        True,
        True,
    ]


def test_any_outline_as_by_winding():
    rng = np.random.default_rng(3)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 25))
    star = np.column_stack((np.cos(angles), np.sin(angles))) * rng.uniform(0.3, 1.0, 25)[:, None]
    points = rng.uniform(-1, 1, (400, 2))
    expected = [winds(star, point) for point in points]
    assert inside(star, points).tolist() == expected
    assert 50 < sum(expected) < 350


def test_fewer_than_three_corners_hold_nothing():
    assert not inside(np.array([[0.0, 0.0], [5.0, 5.0]]), np.array([[1.0, 1.0]])).any()
    assert not inside(np.zeros((0, 2)), np.array([[1.0, 1.0]])).any()
