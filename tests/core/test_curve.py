"""Curves grow without changing what was there."""

import numpy as np

from cfgui.core.curve import Curve, Point


def test_a_curve_holds_its_points():
    curve = Curve("run 1", [0, 1, 2], [3.0, 2.0, 1.5])
    assert len(curve) == 3
    assert curve.steps.tolist() == [0, 1, 2]
    assert curve.rmses.tolist() == [3.0, 2.0, 1.5]
    assert curve.last == Point(2, 1.5)
    assert curve.label == "run 1"


def test_an_empty_curve_has_no_last_point():
    empty = Curve("")
    assert len(empty) == 0
    assert empty.last is None
    assert empty.extended([1], [2.0]).last == Point(1, 2.0)


def test_extending_leaves_the_shorter_curve_alone():
    short = Curve("a", [0], [3.0])
    long = short.extended([1, 2], [2.0, 1.0], label="b")
    assert (short.steps.tolist(), short.rmses.tolist(), short.label) == ([0], [3.0], "a")
    assert (long.steps.tolist(), long.rmses.tolist(), long.label) == ([0, 1, 2], [3.0, 2.0, 1.0], "b")
    assert short.extended([], []).label == "a"


def test_two_curves_may_grow_from_one():
    trunk = Curve("t", [0, 1], [3.0, 2.0])
    left, right = trunk.extended([2], [1.0]), trunk.extended([2], [9.0])
    assert left.rmses.tolist() == [3.0, 2.0, 1.0]
    assert right.rmses.tolist() == [3.0, 2.0, 9.0]
    assert left.extended([3], [0.5]).rmses.tolist() == [3.0, 2.0, 1.0, 0.5]
    assert right.rmses.tolist() == [3.0, 2.0, 9.0]


def test_what_was_read_stays_while_the_curve_outgrows_its_storage():
    curve = Curve("t", [0], [1.0])
    seen = curve.rmses
    for step in range(1, 500):
        curve = curve.extended([step], [float(step)])
    assert seen.tolist() == [1.0]
    assert curve.rmses.tolist() == [1.0, *map(float, range(1, 500))]


def test_extending_mostly_costs_no_copy():
    curve = Curve("t", [0], [1.0])
    moves = 0
    for step in range(1, 4096):
        before = curve.rmses
        curve = curve.extended([step], [0.0])
        moves += not np.shares_memory(before, curve.rmses)
    assert moves <= 7


def test_equality_is_of_points():
    curve = Curve("a", [0, 1], [1.0, 2.0])
    assert curve.equals(Curve("b", [0], [1.0]).extended([1], [2.0]))
    assert not curve.equals(Curve("a", [0, 2], [1.0, 2.0]))
    assert not curve.equals(Curve("a", [0, 1], [1.0, 2.5]))


def test_a_curve_up_to_a_step_is_its_beginning():
    curve = Curve("run 1", [0, 3, 3, 7], [4.0, 3.0, 2.5, 2.0])
    assert curve.up_to(3).steps.tolist() == [0, 3, 3]
    assert curve.up_to(3).label == "run 1"
    assert curve.up_to(7) is curve
    assert len(curve.up_to(-1)) == 0
