"""The map as a person sees and uses it: mouse, keys, lists, search, and how it follows a run."""

import re

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication, QImage, QWheelEvent
from PySide6.QtTest import QTest

from cfgui.app.map_points import MapChoice, map_points
from cfgui.core.document import Document
from cfgui.core.factors import Factors
from cfgui.core.import_report import ImportReport
from cfgui.core.ratings import Ratings
from cfgui.gui.map_look import Legend, emptiest
from cfgui.gui.map_raster import draw_points
from cfgui.gui.map_viewport import Viewport
from cfgui.gui.theme import DARK, LIGHT

LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
N_USERS, N_MOVIES = 40, 60


def document():
    """60 movies with titles and genres, 40 users, and weights drawn at random."""
    rng = np.random.default_rng(4)
    rated = rng.random((N_USERS, N_MOVIES)) < np.linspace(0.9, 0.2, N_MOVIES)
    values = rng.integers(1, 6, rated.shape).astype(float)
    ids = [str(100 + number) for number in range(N_MOVIES)]
    table = Ratings.from_crosstab([str(row + 1) for row in range(N_USERS)], ids, values, rated)
    titles = {id_: f"Film {id_} (19{90 + int(id_) % 10})" for id_ in ids}
    genres = {id_: ("Comedy|Drama", "Drama", "War", "")[int(id_) % 4] for id_ in ids}
    ratings = Ratings(table.user_ids, table.movie_ids, table.users, table.movies, table.values, titles, genres)
    users, movies = rng.normal(size=(N_USERS, 4)), rng.normal(size=(N_MOVIES, 4)) * [1.0, 3.0, 2.0, 0.5]
    bias = Factors(users, movies, rng.normal(size=N_USERS), rng.normal(size=N_MOVIES)).copy()
    return Document(ratings, {"dot": Factors(users, movies).copy(), "bias": bias}, report=ImportReport("m.csv", "made"))


@pytest.fixture
def page(driver):
    """The map of the sheet "bias", drawn."""
    window = driver.window
    window.documents.open(document(), "m.csv", "made")
    driver.idle()
    window.tabs.setCurrentIndex(1)
    driver.trigger("explore.map")
    found = window.explore.page
    wait(driver, found)
    return found


def wait(driver, page):
    driver.qtbot.waitUntil(lambda: not page.drawer.working and page.canvas.points is not None, timeout=10_000)


def points_of(page):
    return page.canvas.points


def pixel(page, position):
    return page.canvas.pixel_of(position).toPoint()


def test_the_map_is_that_of_the_sheet(page, driver):
    session = driver.window.session
    assert page._reading.model == session.active == "bias"
    expected = map_points(page._reading, MapChoice())
    np.testing.assert_array_equal(points_of(page).places, expected.places)
    assert len(points_of(page)) == N_MOVIES
    assert page.bar.most.text() == "all"
    assert "Left end: Film" in page.canvas.accessibleDescription()


def test_names_do_not_collide_and_are_those_of_points(page):
    boxes = [label.box for label in page.canvas.names.labels]
    assert len(boxes) > 10
    for number, box in enumerate(boxes):
        assert not any(
            box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
            for other in boxes[:number]
        )
    titles = {re.sub(r" \(\d+\)", "", title) for title in points_of(page).reading.ratings.titles.values()}
    assert set(page.canvas.names.texts) <= titles


def test_the_ends_are_listed_and_lead_to_their_point(page):
    tree, points = page.side.ends, points_of(page)
    texts = [
        (tree.topLevelItem(row).text(0), tree.topLevelItem(row).text(1)) for row in range(tree.topLevelItemCount())
    ]
    assert [words for words, value in texts if not value] == [
        "Axis 1, left end",
        "Axis 1, right end",
        "Axis 2, bottom end",
        "Axis 2, top end",
    ]
    lowest = int(points.places[:, 0].argmin())
    title = points.reading.ratings.movie_name(int(points.indices[lowest]))
    assert texts[1] == (title, f"{points.places[lowest, 0]:.2f}".replace("-", "−"))
    tree.setCurrentItem(tree.topLevelItem(1))
    assert page.canvas.mark.index == points.indices[lowest]
    assert page.words.rest.startswith(f"{title} · {points.counts[lowest]} ratings · mean ")
    QTest.keyClick(tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == f"axis 1, left end\t{title}\t{float(points.places[lowest, 0])!r}"


def test_a_click_picks_a_point_out_and_escape_lets_it_go(page):
    QTest.mouseClick(page.canvas, LEFT, pos=pixel(page, 7))
    near = page.canvas.nearest(pixel(page, 7).x(), pixel(page, 7).y())
    assert page.canvas.mark.index == points_of(page).indices[near]
    assert page.neighbours.isEnabled()
    QTest.keyClick(page.canvas, Qt.Key.Key_Escape)
    assert page.canvas.mark is None
    assert not page.neighbours.isEnabled()


def test_a_drag_moves_the_map_and_home_fits_it(page):
    before = page.canvas.viewport
    middle = QPoint(300, 250)
    QTest.mousePress(page.canvas, LEFT, pos=middle)
    QTest.mouseMove(page.canvas, middle + QPoint(40, 10))
    QTest.mouseRelease(page.canvas, LEFT, pos=middle + QPoint(40, 10))
    after = page.canvas.viewport
    assert after.left == pytest.approx(before.left - 40 / before.width * (before.right - before.left))
    assert after.top == pytest.approx(before.top + 10 / before.height * (before.top - before.bottom))
    assert page.canvas.mark is None
    assert not page.canvas.is_fitted
    QTest.keyClick(page.canvas, Qt.Key.Key_Home)
    assert page.canvas.viewport == before


def test_the_wheel_zooms_around_the_mouse(page, qapp):
    before, at = page.canvas.viewport, QPointF(200, 150)
    held = before.to_map(at.x(), at.y())
    event = QWheelEvent(
        at, at, QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    qapp.sendEvent(page.canvas, event)
    after = page.canvas.viewport
    assert (before.right - before.left) / (after.right - after.left) == pytest.approx(1.25**2)
    assert after.to_map(at.x(), at.y()) == pytest.approx(held)


def test_keys_move_and_zoom(page):
    start = page.canvas.viewport
    QTest.keyClick(page.canvas, Qt.Key.Key_Plus)
    assert page.canvas.viewport.right - page.canvas.viewport.left == pytest.approx((start.right - start.left) / 1.25)
    QTest.keyClick(page.canvas, Qt.Key.Key_Minus)
    QTest.keyClick(page.canvas, Qt.Key.Key_Right)
    assert page.canvas.viewport.left == pytest.approx(start.left + 0.12 * (start.right - start.left))
    QTest.keyClick(page.canvas, Qt.Key.Key_Up)
    assert page.canvas.viewport.top == pytest.approx(start.top + 0.12 * (start.top - start.bottom))


def test_no_zoom_leads_out_of_the_world(page):
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
        for _ in range(150):
            QTest.keyClick(page.canvas, key)
        seen = page.canvas.viewport
        assert np.isfinite([seen.left, seen.right, seen.bottom, seen.top]).all()
        assert seen.left < seen.right


def test_a_lasso_lists_those_inside(page, driver):
    canvas, points = page.canvas, points_of(page)
    seen = canvas.viewport
    corners = [QPoint(int(seen.x) + 30, 40), QPoint(300, 40), QPoint(300, 400), QPoint(int(seen.x) + 30, 400)]
    QTest.mousePress(canvas, LEFT, SHIFT, corners[0])
    for corner in corners[1:]:
        QTest.mouseMove(canvas, corner)
    QTest.mouseRelease(canvas, LEFT, SHIFT, corners[-1])
    pixels = seen.to_pixels(points.places)
    within = (pixels > [corners[0].x(), 40]).all(axis=1) & (pixels < [300, 400]).all(axis=1)
    assert 3 < within.sum() < N_MOVIES
    assert page.side.listed_indices == points.indices[within].tolist()
    assert page.side.currentIndex() == 1
    assert canvas.viewport == seen
    rows = [line.split("\t") for line in page.side.table.tsv().splitlines()]
    assert rows[0] == ["title", "ratings", "mean", "bias", "axis 1", "axis 2", "id"]
    assert [row[-1] for row in rows[1:]] == [points.owners.ids[index] for index in points.indices[within]]
    assert page.copied_table is page.side.table
    page.side.table.select_row(2)
    assert canvas.mark.index == page.side.listed_indices[2]


def test_what_is_in_view_is_listed_from_the_keyboard(page):
    page.canvas.zoom(2.0)
    kept = int(points_of(page).indices[page.canvas.in_view()[3]])
    page.canvas.choose(kept)
    QTest.keyClick(page.canvas, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    points, seen = points_of(page), page.canvas.viewport
    x, y = points.places.T
    within = (x >= seen.left) & (x <= seen.right) & (y >= seen.bottom) & (y <= seen.top)
    assert 3 < within.sum() < N_MOVIES
    assert page.side.listed_indices == points.indices[within].tolist()
    assert page.canvas.mark.index == kept
    QTest.keyClick(page.side.table, Qt.Key.Key_Down)
    assert page.canvas.mark.index == page.side.listed_indices[4]


def test_weights_that_are_not_finite_are_told_of_once(page, driver):
    said = []
    page.said.connect(lambda words, problem: said.append((words, problem)))
    reading = page._reading
    broken = reading.factors.copy().flat()
    broken[-N_MOVIES - N_USERS - 1] = np.inf
    for _ in range(2):
        page.show_reading(type(reading)(reading.ratings, reading.factors.view_of(broken), "bias", "bias"))
        wait(driver, page)
    assert said == [("Some factors are not finite numbers: reset the weights, or correct those typed.", True)]
    page.show_reading(reading)
    wait(driver, page)
    assert len(points_of(page)) == N_MOVIES


def test_the_button_makes_a_plain_drag_a_lasso(page):
    page.side.lasso.setChecked(True)
    QTest.mousePress(page.canvas, LEFT, pos=QPoint(60, 30))
    for corner in (QPoint(560, 30), QPoint(560, 500), QPoint(60, 500)):
        QTest.mouseMove(page.canvas, corner)
    QTest.mouseRelease(page.canvas, LEFT, pos=QPoint(60, 500))
    assert len(page.side.listed_indices) > 40


def test_searching_centres_also_who_is_not_drawn(page, driver):
    page.bar.most.setValue(10)
    wait(driver, page)
    points = points_of(page)
    assert len(points) == 10
    last = int(np.argsort(-points.owners.counts, kind="stable")[-1])
    said = []
    page.said.connect(lambda words, problem: said.append((words, problem)))
    page.canvas.zoom(8.0)
    page._find(points.owners.ids[last])
    x, y = page.canvas.viewport.to_pixels(np.array([points.place_of(last)]))[0]
    assert page.canvas.viewport.holds(x, y)
    assert page.canvas.mark.index == last
    assert said == [(
        f"{points.reading.ratings.movie_name(last)} is not among the 10 most rated: it is placed by the same axes.",
        False,
    )]  # fmt: skip


def test_typing_into_the_search_line_finds_a_title(page, driver):
    assert page.search_line is page.bar.picker.edit
    QTest.keyClicks(page.search_line, "film 131")
    QTest.keyClick(page.search_line, Qt.Key.Key_Return)
    assert points_of(page).owners.ids[page.canvas.mark.index] == "131"


def test_somebody_asked_for_from_elsewhere_is_picked_out(page, driver):
    page.show_subject("user", "17")
    wait(driver, page)
    assert points_of(page).choice.side == "user"
    assert points_of(page).owners.ids[page.canvas.mark.index] == "17"
    page.show_subject("movie", "no such id")
    said = []
    page.said.connect(lambda words, problem: said.append((words, problem)))
    wait(driver, page)
    assert said == [("There is no movie no such id in this table.", True)]
    assert page.canvas.mark is None


def test_axes_and_colours_are_chosen(page, driver):
    page.bar.axes.setCurrentIndex(1)
    wait(driver, page)
    page.bar.across.setValue(4)
    wait(driver, page)
    np.testing.assert_array_equal(
        points_of(page).places, page._reading.factors.movie_factors[points_of(page).indices][:, [3, 1]]
    )
    page.bar.colour.setCurrentIndex(page.bar.colour.findData("genre"))
    wait(driver, page)
    assert page.bar.genre.isVisible()
    assert [page.bar.genre.itemText(place) for place in range(page.bar.genre.count())] == [
        "first genre",
        "Drama",
        "Comedy",
        "War",
    ]
    page.bar.genre.setCurrentIndex(1)
    wait(driver, page)
    drawn = points_of(page)
    ids = [drawn.owners.ids[index] for index in drawn.indices]
    assert [level == 0 for level in drawn.colours.levels] == [int(id_) % 4 < 2 for id_ in ids]


def test_without_biases_the_field_says_what_the_colours_mean(page, driver):
    driver.window.tabs.setCurrentIndex(0)
    driver.trigger("explore.map")
    wait(driver, page)
    assert points_of(page).reading.model == "dot"
    assert page.bar.colour.currentText() == "mean rating" == points_of(page).colours.caption


def test_a_run_is_followed_without_a_flip(page, driver):
    page.canvas.choose(5)
    before = points_of(page)
    driver.train("train.step")
    driver.qtbot.waitUntil(lambda: points_of(page) is not before and not page.drawer.working, timeout=10_000)
    after = points_of(page)
    assert (after.places != before.places).any()
    assert ((after.projection.axes * before.projection.axes).sum(axis=1) > 0).all()
    assert page.canvas.mark.place == after.place_of(5)


def test_pages_and_the_sheet_are_asked_for(page, driver):
    asked, shown = [], []
    page.page_wanted.disconnect()
    page.sheet_wanted.disconnect()
    page.page_wanted.connect(lambda *words: asked.append(words))
    page.sheet_wanted.connect(shown.append)
    page.canvas.choose(3)
    QTest.keyClick(page.canvas, Qt.Key.Key_Return)
    page.neighbours.click()
    page.on_sheet.click()
    assert asked == [("movies", "movie", "103")] * 2
    assert shown == ["movie 103"]
    menu = page.menu_of([("movie", "103")])
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts[0] == "&Neighbours of “Film 103 (1993)”"
    assert texts[-1] == "Show “Film 103 (1993)” on the &sheet"
    menu.close()


def test_it_is_drawn_in_both_looks(page):
    position = next(
        place for place in range(N_MOVIES) if page.canvas.viewport.holds(*page.canvas.pixel_of(place).toTuple())
    )
    grounds = []
    for theme in (LIGHT, DARK):
        page.apply_theme(theme)
        image = page.canvas.grab().toImage()
        grounds.append(image.pixelColor(page.canvas.width() - 12, 30).name())
        assert image.pixelColor(pixel(page, position)).name() != theme.plot_background.name()
    assert grounds == [LIGHT.plot_background.name(), DARK.plot_background.name()]


def test_the_raster_draws_discs_where_points_are():
    pixels = np.array([[10.5, 20.5], [10.5, 20.5], [-50.0, 5.0], [39.5, 29.5]])
    colours = np.array([0xFFFF0000, 0xFF00FF00, 0xFF0000FF, 0xFF123456], dtype=np.uint32)
    image = draw_points(pixels, colours, 40, 30, 2.0, 1.0)
    assert (image.width(), image.height(), image.format()) == (40, 30, QImage.Format.Format_ARGB32_Premultiplied)
    painted = {(x, y): image.pixel(x, y) for x in range(40) for y in range(30) if image.pixel(x, y)}
    disc = {(x, y) for x in range(-2, 3) for y in range(-2, 3) if x * x + y * y <= 4}
    expected = {(10 + x, 20 + y): 0xFFFF0000 for x, y in disc}
    expected |= {(39 + x, 29 + y): 0xFF123456 for x, y in disc if x <= 0 and y <= 0}
    assert painted == expected


def test_a_viewport_goes_there_and_back():
    seen = Viewport(x=40, y=20, width=300, height=200).fitted((-2.0, 1.0, 6.0, 5.0))
    ((x, y),) = seen.to_pixels(np.array([[1.5, 2.0]])).tolist()
    assert seen.to_map(x, y) == pytest.approx((1.5, 2.0))
    assert seen.to_pixels(np.array([[-2.48, 5.24]]))[0].tolist() == pytest.approx([40, 20])
    assert seen.zoomed(2.0, x, y).to_map(x, y) == pytest.approx((1.5, 2.0))
    assert seen.centred(0.0, 0.0).to_map(190, 120) == pytest.approx((0.0, 0.0))


def test_the_legend_hides_as_few_points_as_it_can_and_stays_while_the_map_is_moved(page, driver):
    def hidden():
        metrics = QFontMetrics(canvas._label_font())
        legend = Legend(canvas.points.colours, LIGHT, metrics)
        pixels = canvas._pixels - (canvas.viewport.x, canvas.viewport.y)
        boxes = legend.corners(canvas.viewport.width, canvas.viewport.height)
        return [int(sum(box[0] <= x <= box[2] and box[1] <= y <= box[3] for x, y in pixels)) for box in boxes]

    canvas = page.canvas
    for across, up in ((1, 2), (2, 3), (3, 4), (1, 3)):
        page.bar.across.setValue(across)
        page.bar.up.setValue(up)
        wait(driver, page)
        assert hidden()[canvas._corner] <= 2 * min(hidden())
    corner = canvas._corner
    canvas.move_to(canvas.viewport.panned(80.0, 60.0))
    assert canvas._corner == corner


def test_the_emptiest_corner_wins_and_a_good_one_is_kept():
    boxes = [(0.0, 0.0, 10.0, 10.0), (20.0, 0.0, 30.0, 10.0), (0.0, 20.0, 10.0, 30.0)]
    pixels = np.array([[5.0, 5.0], [6.0, 6.0], [25.0, 5.0], [90.0, 90.0]])
    assert emptiest(boxes, pixels, 0) == 2
    assert emptiest(boxes[:2], pixels, 0) == 0, "twice as many are no reason to jump"
    assert emptiest(boxes, np.zeros((0, 2)), 1) == 1


def test_who_is_picked_out_is_never_another_one_in_another_table(page, driver):
    page.canvas.choose(5)
    driver.trigger("file.open_sample")
    driver.idle()
    wait(driver, page)
    driver.qtbot.waitUntil(lambda: len(points_of(page)) == 15, timeout=10_000)
    assert page.canvas.mark is None
    page.canvas.choose(5)
    with_row = driver.window.session.ratings
    again = Ratings(
        with_row.user_ids, with_row.movie_ids[::-1], with_row.users, 14 - with_row.movies, with_row.values, {}, {}
    )
    weights = {name: driver.window.session.sheet(name).factors for name in ("dot", "bias")}
    before = with_row.movie_ids[5]
    turned = {
        name: Factors(
            found.user_factors,
            found.movie_factors[::-1],
            *(() if found.user_bias is None else (found.user_bias, found.movie_bias[::-1])),
        ).copy()
        for name, found in weights.items()
    }
    driver.window.documents.open(Document(again, turned, report=ImportReport("n.csv", "made")), "n.csv", "made")
    driver.idle()
    wait(driver, page)
    driver.qtbot.waitUntil(lambda: points_of(page).owners.ids[0] == with_row.movie_ids[14], timeout=10_000)
    assert points_of(page).owners.ids[page.canvas.mark.index] == before
