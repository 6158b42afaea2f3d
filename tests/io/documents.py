"""Documents to test with, what makes two of them the same, and workbooks taken apart and put together again."""

import re
import zipfile
from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from cfgui.core.curve import Curve
from cfgui.core.document import Document
from cfgui.core.factors import Factors, Layer
from cfgui.core.rating_range import NO_RANGE, RatingRange
from cfgui.core.ratings import Ratings


def random_document(n_users, n_movies, k, *, seed=0, density=0.7, user_ids=None, movie_ids=None, active="dot"):
    """A document with both models, some cells unrated, and a short history of each."""
    rng = np.random.default_rng(seed)
    rated = rng.random((n_users, n_movies)) < density
    rated[0, 0] = True
    values = rng.integers(1, 11, (n_users, n_movies)) / 2
    user_ids = user_ids or [str(10 + i) for i in range(n_users)]
    movie_ids = movie_ids or [str(100 + i) for i in range(n_movies)]
    ratings = Ratings.from_crosstab(user_ids, movie_ids, values, rated, {movie_ids[0]: "A title, The (1999)"})
    factors = {
        "dot": Factors(rng.normal(size=(n_users, k)), rng.normal(size=(n_movies, k))),
        "bias": Factors(
            rng.normal(size=(n_users, k)),
            rng.normal(size=(n_movies, k)),
            rng.normal(size=n_users),
            rng.normal(size=n_movies),
        ),
    }
    history = {"dot": Curve("gd, rate 0.5", [0, 1, 5], [2.5, 1 / 3, 0.1]), "bias": Curve("adam", [0], [2.0])}
    return Document(ratings, factors, history, active)


BOOK = RatingRange("sigmoid", 0.0, 5.5)


def random_net(n_users, n_movies, sizes, *, k=(3, 2), classes=(), rating_range=NO_RANGE, seed=5):
    """A net with layers of these sizes, the output last; the numbers of factors of users and movies differ."""
    rng = np.random.default_rng(seed)
    widths = (sum(k), *sizes)
    layers = tuple(Layer(rng.normal(size=pair), rng.normal(size=pair[1])) for pair in pairwise(widths))
    users, movies = rng.normal(size=(n_users, k[0])), rng.normal(size=(n_movies, k[1]))
    return Factors(users, movies, layers=layers, classes=classes, range=rating_range)


def full_document(n_users=4, n_movies=3, *, rating_range=BOOK, active="dot", **options):
    """A document with every model: ranges, a global mean, a net of two hidden layers and an ordinal one."""
    document = random_document(n_users, n_movies, 2, active=active, **options)
    means = {"dot": 0.0, "bias": 3.1}
    factors = {
        name: replace(each, range=rating_range, global_mean=means[name]) for name, each in document.factors.items()
    }
    factors["neural"] = random_net(n_users, n_movies, (4, 3, 1), rating_range=rating_range)
    factors["ordinal"] = random_net(n_users, n_movies, (4, 3), classes=(0.5, 3.0, 5.0), seed=6)
    history = document.history | {"neural": Curve("adam", [0, 2], [2.0, 1.0]), "ordinal": Curve("adam", [0], [1.5])}
    return replace(document, factors=factors, history=history)


def assert_same(found, wanted):
    """Every bit and every text agree; remarks are not compared."""
    assert found.ratings.user_ids == wanted.ratings.user_ids
    assert found.ratings.movie_ids == wanted.ratings.movie_ids
    np.testing.assert_array_equal(found.ratings.users, wanted.ratings.users)
    np.testing.assert_array_equal(found.ratings.movies, wanted.ratings.movies)
    assert found.ratings.values.tobytes() == wanted.ratings.values.tobytes()
    assert dict(found.ratings.titles) == dict(wanted.ratings.titles)
    assert set(found.factors) == set(wanted.factors)
    assert {"dot", "bias"} <= set(found.factors)
    for model, factors in wanted.factors.items():
        assert found.factors[model].description == factors.description
        assert found.factors[model].flat().tobytes() == factors.flat().tobytes()
    assert set(found.history) == set(wanted.history)
    for model, curve in wanted.history.items():
        assert found.history[model].label == curve.label
        assert found.history[model].equals(curve)
    assert found.active == wanted.active


_TEXT_IDS = st.one_of(
    st.sampled_from(
        [
            "007",
            "=1+1",
            "+7",
            "-0",
            "1e5",
            "0.5",
            "TRUE",
            "#N/A",
            "a*",
            "A*",
            "~?",
            " x ",
            "na",
            "\N{GREEK SMALL LETTER MU}",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"]), min_size=1, max_size=12).filter(
        lambda text: text.strip() and "x005F_" not in text
    ),
)
_IDS = st.one_of(st.integers(-(2**60), 2**60).map(str), st.integers(0, 300).map(str), _TEXT_IDS)
_LABELS = {"movieid", "userid"}
_NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def _ids(size):
    plain = _IDS.filter(lambda raw_id: re.sub("[ _]", "", raw_id).casefold() not in _LABELS)
    return st.lists(plain, min_size=size, max_size=size, unique=True)


@st.composite
def documents(draw):
    """Any document: text ids, unrated rows and columns, other sizes of the two models, any finite numbers."""
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    k_dot, k_bias = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    user_ids, movie_ids = draw(_ids(n)), draw(_ids(m))
    rated = np.array(draw(st.lists(st.booleans(), min_size=n * m, max_size=n * m))).reshape(n, m)
    rated[draw(st.integers(0, n - 1)), draw(st.integers(0, m - 1))] = True

    def table(rows, columns):
        numbers = st.lists(_NUMBERS, min_size=rows * columns, max_size=rows * columns)
        return np.array(draw(numbers)).reshape(rows, columns)

    titles = draw(st.dictionaries(st.sampled_from(movie_ids), _TEXT_IDS, max_size=m))
    ratings = Ratings.from_crosstab(user_ids, movie_ids, table(n, m), rated, titles)
    factors = {
        "dot": Factors(table(n, k_dot), table(m, k_dot)),
        "bias": Factors(table(n, k_bias), table(m, k_bias), table(n, 1)[:, 0], table(m, 1)[:, 0]),
    }
    factors["dot"] = replace(factors["dot"], range=draw(_RANGES))
    factors["bias"] = replace(factors["bias"], range=draw(_RANGES), global_mean=draw(st.one_of(st.just(0.0), _NUMBERS)))
    for model in draw(st.sets(st.sampled_from(["neural", "ordinal"]))):
        factors[model] = draw(_nets(n, m, model == "ordinal"))
    rmses = draw(st.lists(_NUMBERS, max_size=4))
    models = sorted(factors)
    history = {draw(st.sampled_from(models)): Curve("any label = 1", range(len(rmses)), rmses)} if rmses else {}
    return Document(ratings, factors, history, draw(st.sampled_from(models)))


_ENDS = st.floats(-1e6, 1e6)
_RANGES = st.one_of(
    st.just(NO_RANGE),
    st.tuples(st.sampled_from(["clip", "sigmoid", "tanh"]), _ENDS, _ENDS)
    .filter(lambda it: it[1] != it[2])
    .map(lambda it: RatingRange(it[0], min(it[1:]), max(it[1:]))),
)


@st.composite
def _nets(draw, n_users, n_movies, ordinal):
    """Any net: none, one or two hidden layers, other numbers of factors on each side, any finite numbers."""
    rising = st.lists(st.floats(-10, 10), min_size=1, max_size=4, unique=True).map(sorted)
    classes = tuple(draw(rising)) if ordinal else ()
    k = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    sizes = (sum(k), *draw(st.lists(st.integers(1, 4), max_size=2)), max(len(classes), 1))

    def table(*shape):
        numbers = st.lists(_NUMBERS, min_size=int(np.prod(shape)), max_size=int(np.prod(shape)))
        return np.array(draw(numbers)).reshape(shape)

    layers = tuple(Layer(table(*pair), table(pair[1])) for pair in pairwise(sizes))
    rating_range = NO_RANGE if ordinal else draw(_RANGES)
    return Factors(table(n_users, k[0]), table(n_movies, k[1]), None, None, layers, classes, 0.0, rating_range)


def parts(path):
    """The files inside a workbook by name."""
    with zipfile.ZipFile(path) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def rewrite(source, target, change):
    """Copy a workbook with every part put through ``change(name, data) -> data``, None leaving the part out."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts(source).items():
            changed = change(name, data)
            if changed is not None:
                archive.writestr(name, changed)
    return target


def sheet_part(path, title):
    """The name of the part that holds the sheet with this title."""
    inside = parts(path)
    relation = re.search(rf'<sheet name="{title}"[^>]*r:id="(\w+)"', inside["xl/workbook.xml"].decode())[1]
    relations = inside["xl/_rels/workbook.xml.rels"].decode()
    for entry in re.findall(r"<Relationship [^>]*>", relations):
        if f'Id="{relation}"' in entry:
            return "xl/" + re.search(r'Target="([^"]+)"', entry)[1].removeprefix("/xl/")
    raise AssertionError(f"no part for {title}")


def set_cell(source, target, title, address, value, kind="n"):
    """Copy a workbook with one cell set straight in its XML: ``kind`` n is a number, inlineStr a text."""
    name = sheet_part(source, title)
    content = f"<is><t>{value}</t></is>" if kind == "inlineStr" else f"<v>{value}</v>"
    pattern = re.compile(rf'<c r="{address}"([^>]*?)( t="\w+")?(/>|>.*?</c>)'.encode())

    def change(part, data):
        if part != name:
            return data
        new = rf'<c r="{address}"\1 t="{kind}">'.encode() + content.encode() + b"</c>"
        data, count = pattern.subn(new, data)
        assert count == 1, f"{address} is not on {title}"
        return data

    return rewrite(source, target, change)
