"""What counts of a definition, and what it is that what ran depends on."""

import textwrap

import pytest

from book._tools.sources import Sources

RAN = "mamllib/a.py:f:0"
FILES = {
    "mamllib/__init__.py": "from mamllib.a import f\n",
    "mamllib/a.py": """
        from mamllib import b
        from mamllib.b import FACTOR, g

        UNUSED = 1

        def f(x, y=2):
            "Told."
            z = FACTOR * x
            return b.h(z) + y
        """,
    "mamllib/b.py": """
        FACTOR = 3
        LEVELS = [1, 2]

        def g(x):
            return x

        def h(x):
            return max(LEVELS) * x
        """,
}


@pytest.fixture
def needed(tmp_path):
    """(ran, file=(before, after), …) → what those functions depend on after these replacements."""

    def find(*ran: str, **replaced: tuple[str, str]) -> dict[str, str]:
        for file, text in FILES.items():
            path = tmp_path / file
            path.parent.mkdir(exist_ok=True)
            text = textwrap.dedent(text)
            before, after = replaced.get(path.stem, ("", ""))
            assert before in text
            path.write_text(text.replace(before, after) if before else text)
        return Sources(tmp_path).needed({"ran": ran, "imported": [], "statements": []})

    return find


def test_what_ran_depends_on_what_it_names_and_that_on_what_it_names(needed):
    assert set(needed(RAN, "mamllib/b.py:h:0")) == {
        *(f"mamllib/a.py:{name}" for name in ("f", "b", "FACTOR")),
        *(f"mamllib/b.py:{name}" for name in ("FACTOR", "h", "LEVELS")),
    }


def test_what_never_ran_names_nothing(needed):
    assert "mamllib/b.py:LEVELS" not in needed(RAN)


@pytest.mark.parametrize(
    "change",
    [
        {"a": ("FACTOR * x", "FACTOR + x")},
        {"a": ("y=2", "y=3")},
        {"a": ("x, y", "y, x")},
        {"b": ("FACTOR = 3", "FACTOR = 3.0")},
        {"b": ("[1, 2]", "[1, 2, 4]")},
        {"b": ("LEVELS) * x", "LEVELS) / x")},
        {"b": ("def g", "def max(x):\n    return 0\n\ndef g")},
        {"b": ("FACTOR = 3", "FACTOR = 3\nprint(FACTOR)")},
        {"a": ("import b", "import a as b")},
    ],
    ids=str,
)
def test_what_may_change_a_result_counts(needed, change):
    assert needed(RAN, "mamllib/b.py:h:0", **change) != needed(RAN, "mamllib/b.py:h:0")


@pytest.mark.parametrize(
    "change",
    [
        {"a": ("Told.", "Told otherwise.")},
        {"a": ("z", "product")},
        {"a": ("FACTOR * x", "(FACTOR  *  x)  # a remark")},
        {"a": ("UNUSED = 1", "UNUSED = 2\n\n\n")},
        {"b": ("return x", "return 2 * x")},
        {"b": ("def g", "def another():\n    return 0\n\ndef g")},
    ],
    ids=str,
)
def test_what_changes_no_result_does_not_count(needed, change):
    assert needed(RAN, "mamllib/b.py:h:0", **change) == needed(RAN, "mamllib/b.py:h:0")


def test_the_signature_of_what_never_ran_counts(needed):
    assert needed(RAN, b=("h(x)", "h(x, y=0)")) != needed(RAN)
    assert needed(RAN, b=("return max(LEVELS) * x", "yield x")) != needed(RAN)
    assert needed(RAN, b=("return max(LEVELS) * x", "return x")) == needed(RAN)


def test_what_ran_and_is_gone_is_told(needed):
    assert needed("mamllib/b.py:h:0", b=("def h", "def other"))["mamllib/b.py:h"] == "gone"
