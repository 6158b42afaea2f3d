"""The form of all choices on the real window: fields, presets, the range, and what choices do to a run."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QSpinBox

from cfgui.core.hyperparameters import Hyperparameters
from cfgui.core.models import predict_all
from cfgui.core.options import OPTION_BY_NAME, OPTIONS
from cfgui.core.presets import PRESETS
from cfgui.core.structure import starting_weights
from cfgui.gui.choices_bar import FIELDS
from cfgui.gui.range_curve import RangeCurve
from cfgui.gui.training_form import AS_BUTTON, NO_PRESET, TrainingForm
from tests.gui.conftest import Driver


@pytest.fixture
def form(driver: Driver) -> TrainingForm:
    """The form, open."""
    driver.trigger("train.choices")
    form = driver.window.all_choices.form
    assert form is not None
    assert form.isVisible()
    return form


def enter(form: TrainingForm, name: str, text: str) -> None:
    """Type into a line and press Enter."""
    field = form.fields[name]
    assert isinstance(field, QLineEdit)
    field.clear()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def pick(form: TrainingForm, name: str, value: object) -> None:
    """Choose in a box."""
    field = form.fields[name]
    assert isinstance(field, QComboBox)
    field.setCurrentIndex(field.findData(value))
    field.activated.emit(field.currentIndex())


def use(form: TrainingForm, preset: str) -> None:
    """Choose a preset."""
    form.presets.setCurrentIndex(form.presets.findData(preset))
    form.presets.activated.emit(form.presets.currentIndex())


def message(driver: Driver) -> str:
    """What the message bar says."""
    assert driver.window.messages.isVisible()
    return driver.window.messages.label.text()


def test_every_option_has_a_labelled_field(form: TrainingForm) -> None:
    assert set(form.fields) == {option.name for option in OPTIONS} - {AS_BUTTON}
    for name, field in form.fields.items():
        assert field.accessibleName() == OPTION_BY_NAME[name].label
        assert OPTION_BY_NAME[name].help in field.toolTip()
        assert field.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_it_opens_and_closes_by_the_same_command(driver: Driver, form: TrainingForm) -> None:
    driver.trigger("train.choices")
    assert not form.isVisible()
    driver.trigger("train.choices")
    assert form.isVisible()
    assert driver.window.all_choices.form is form


def test_fields_without_effect_are_off_and_say_why(driver: Driver, form: TrainingForm) -> None:
    assert not form.fields["hidden"].isEnabled()
    assert form.fields["hidden"].toolTip().startswith("Only a neural net has this.")
    assert not form.rule.isEnabled()
    assert form.fields["epsilon"].isEnabled()
    pick(form, "gradient", "autograd")
    assert not form.fields["epsilon"].isEnabled()
    assert not driver.window.choices.fields["epsilon"].isEnabled()
    pick(form, "model", "neural")
    assert form.fields["hidden"].isEnabled()
    assert form.rule.isEnabled()
    assert driver.window.session.active == "neural"
    assert driver.window.page.model == "neural"


def test_what_takes_no_gradient_needs_no_device(form: TrainingForm) -> None:
    pick(form, "gradient", "autograd")
    assert form.fields["device"].isEnabled()
    pick(form, "optimizer", "als")
    assert not form.fields["device"].isEnabled()


def test_an_empty_field_without_effect_looks_as_faint_as_others(form: TrainingForm) -> None:
    colours = form.fields["layer_decay"].palette()
    faint, usual = QPalette.ColorGroup.Disabled, QPalette.ColorGroup.Active
    empty, text = QPalette.ColorRole.PlaceholderText, QPalette.ColorRole.Text
    assert colours.color(faint, empty) == colours.color(faint, text) != colours.color(usual, empty)


def test_no_preset_moves_the_form(form: TrainingForm) -> None:
    heights = set()
    for name in PRESETS:
        use(form, name)
        QTest.qWait(1)
        heights.add((form.size().height(), form.fields["model"].mapTo(form, form.fields["model"].rect().topLeft()).y()))
    assert len(heights) == 1
    assert form.presets.toolTip()


def test_bar_and_form_show_the_same(driver: Driver, form: TrainingForm) -> None:
    pick(form, "optimizer", "adam")
    bar = driver.window.choices.fields
    assert isinstance(bar["optimizer"], QComboBox)
    assert bar["optimizer"].currentData() == "adam"
    rate = bar["learning_rate"]
    rate.setValue(0.02)
    assert form.fields["learning_rate"].value() == 0.02
    assert set(FIELDS) <= set(form.fields)


def test_a_range_is_one_undo_entry_and_is_drawn(driver: Driver, form: TrainingForm) -> None:
    session, stack = driver.window.session, driver.window.edits.stack
    pick(form, "range", "sigmoid")
    assert (form.fields["low"].text(), form.fields["high"].text()) == ("1", "5")
    assert message(driver) == "Predictions are sigmoid(score) × 4 + 1 now."
    enter(form, "low", "0")
    enter(form, "high", "5,5")
    factors = session.sheet("dot").factors
    assert (factors.range.kind, factors.range.low, factors.range.high) == ("sigmoid", 0.0, 5.5)
    assert form.curve.rating_range == factors.range
    assert "from 1 to 5" in form.curve.toolTip()
    assert stack.count() == 3
    assert driver.window.page.views["predictions"].model().index(0, 0).data() == f"{predict_all(factors)[0, 0]:.2f}"
    for _ in range(3):
        driver.trigger("edit.undo")
    assert (session.hyperparameters.range, form.fields["low"].text()) == ("none", "")
    assert driver.rmse() == 2.8060620616483134


def test_refused_choices_go_back_with_a_sentence(driver: Driver, form: TrainingForm) -> None:
    pick(form, "loss", "bce")
    assert "choose the sigmoid range first, or the squared error as loss" in message(driver)
    assert form.fields["loss"].currentData() == "mse"
    pick(form, "range", "sigmoid")
    enter(form, "high", "0.5")
    assert "The range must rise" in message(driver)
    assert form.fields["high"].text() == "5"
    enter(form, "high", "many")
    assert message(driver) == "High must be a finite number, not 'many'."
    assert form.fields["high"].text() == "5"
    pick(form, "loss", "bce")
    enter(form, "high", "4")
    assert "such a loss has no lowest value" in message(driver)
    assert driver.window.session.sheet("dot").factors.range.high == 5.0
    assert driver.window.edits.stack.count() == 1


def test_open_lines_can_be_emptied(driver: Driver, form: TrainingForm) -> None:
    enter(form, "movie_decay", "0.1")
    assert driver.window.session.hyperparameters.movie_decay == 0.1
    enter(form, "movie_decay", "")
    assert driver.window.session.hyperparameters.movie_decay is None
    assert form.fields["movie_decay"].placeholderText() == "as decay"


def test_the_layers_of_a_net(driver: Driver, form: TrainingForm) -> None:
    session = driver.window.session
    pick(form, "model", "neural")
    enter(form, "hidden", "7, 4")
    assert [layer.bias.size for layer in session.sheet("neural").factors.layers] == [7, 4, 1]
    assert form.fields["hidden"].text() == "7,4"
    enter(form, "n_movie_factors", "8")
    assert session.sheet("neural").factors.n_movie_factors == 8
    form.rule.click()
    factors = session.sheet("neural").factors
    assert (factors.n_factors, factors.n_movie_factors) == (7, 7)  # round(1.6 x 15^0.56)
    assert message(driver) == "The net has 7 factors per user and 7 per movie now."
    enter(form, "hidden", "ten")
    assert "a list of layer sizes" in message(driver)
    assert form.fields["hidden"].text() == "7,4"


def test_other_choices_change_a_run_and_structure_pauses_it(driver: Driver, form: TrainingForm) -> None:
    driver.trigger("train.run")
    driver.qtbot.waitUntil(lambda: driver.window.session.sheet("dot").step > 5, timeout=10_000)
    pick(form, "optimizer", "nesterov")
    assert driver.window.bridge.running
    pick(form, "range", "clip")
    assert not driver.window.bridge.running
    assert driver.window.session.sheet("dot").factors.range.kind == "clip"
    assert driver.window.edits.stack.count() == 2


@pytest.mark.parametrize("name", ["course-dot", "blog-neural", "fastai-wd", "best-sgd"])
def test_a_preset_sets_everything_at_once(driver: Driver, form: TrainingForm, name: str) -> None:
    session, preset = driver.window.session, PRESETS[name]
    before = session.state
    use(form, name)
    choices = Hyperparameters(**preset.complete)
    assert session.active == choices.model == driver.window.page.model
    assert session.sheet(choices.model).factors.equals(starting_weights(session.ratings, choices))
    for option in preset.choices:
        assert getattr(session.hyperparameters, option) == preset.choices[option]
    assert form.presets.currentData() == name
    assert form.source.text() == preset.source
    assert driver.window.edits.stack.count() == 1
    assert driver.window.edits.stack.undoText() == f"start as “{preset.label}”"
    driver.trigger("edit.undo")
    assert session.state is before


def test_a_preset_offers_to_train_as_long_as_its_source(driver: Driver, form: TrainingForm) -> None:
    use(form, "fastai-wd")
    (button,) = driver.window.messages.buttons
    assert button.text() == "Train 5 epochs"
    button.click()
    driver.idle()
    sheet = driver.window.session.sheet("bias")
    assert sheet.step == 5 * 4  # 206 ratings in batches of 64
    assert sheet.curve.rmses[-1] < sheet.curve.rmses[0]
    spin = form.fields["seed"]
    assert isinstance(spin, QSpinBox)
    spin.setValue(7)
    assert form.presets.currentData() == "fastai-wd"
    form.fields["weight_decay"].setValue(0.2)
    assert form.presets.currentIndex() == -1
    assert form.source.text() == NO_PRESET


def test_new_weights_start_as_chosen(driver: Driver, form: TrainingForm) -> None:
    pick(form, "init", "xavier")
    form.anew.click()
    expected = starting_weights(driver.window.session.ratings, Hyperparameters(init="xavier", seed=42))
    assert driver.window.session.sheet("dot").factors.equals(expected)


def test_enter_closes_nothing_and_escape_does(form: TrainingForm) -> None:
    QTest.keyClick(form, Qt.Key.Key_Return)
    assert form.isVisible()
    QTest.keyClick(form, Qt.Key.Key_Escape)
    assert not form.isVisible()


def test_the_curve_is_painted_with_any_range(form: TrainingForm) -> None:
    for kind in ("clip", "tanh", "sigmoid", "none"):
        pick(form, "range", kind)
        image = form.curve.grab().toImage()
        assert len({image.pixel(x, 40) for x in range(image.width())}) > 3
    assert isinstance(form.curve, RangeCurve)
    assert form.curve.reach() == (0.0, 6.0)
