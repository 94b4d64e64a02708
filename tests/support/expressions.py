"""CloudEvents SQL as hypothesis makes it: any tree that a text can express, and events with attributes it speaks of."""

from hypothesis import strategies as st

from renga.cesql.nodes import LEVELS, Attribute, Call, Chain, Constant, Exists, In, Like, Minus, Node, Not, text_of

INTEGERS = st.integers(-(2**31), 2**31 - 1) | st.integers(-3, 12) | st.sampled_from([-(2**31), 2**31 - 1])
NAMES = ("id", "source", "subject", "time", "region", "size", "big", "absent", "5g")
FUNCTIONS = (
    *("ABS", "BOOL", "CONCAT", "CONCAT_WS", "INT", "IS_BOOL", "IS_INT", "LEFT", "LENGTH", "LOWER", "RIGHT", "STRING"),
    *("SUBSTRING", "TRIM", "UPPER", "NOSUCH"),
)


def _expressible(text: str) -> bool:
    try:
        text_of(Constant(text))
    except ValueError:
        return False
    return True


def texts(alphabet: str | None = None) -> st.SearchStrategy[str]:
    """Texts that a literal can express, often ones that mean something."""
    made = st.text(alphabet, max_size=6) if alphabet else st.text(max_size=6)
    telling = st.sampled_from(["", "true", "FALSE", "5", "-3", "+7", "eu", "%", "a_b", "a\\%b", "2147483648", " x "])
    return (telling | made).filter(_expressible)


def trees(alphabet: str | None = None) -> st.SearchStrategy[Node]:
    """Trees that parsing can yield; `alphabet` bounds the characters of their texts."""
    literal_texts = texts(alphabet)
    leaves: st.SearchStrategy[Node] = st.one_of(
        st.builds(Constant, literal_texts | INTEGERS | st.booleans()),
        st.builds(Attribute, st.sampled_from(NAMES)),
        st.builds(Exists, st.sampled_from(NAMES)),
    )

    def nested(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        several = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return st.one_of(
            st.builds(Call, st.sampled_from(FUNCTIONS), st.lists(inner, max_size=3).map(tuple)),
            st.builds(Not, inner),
            st.builds(Minus, inner),
            st.builds(Like, inner, literal_texts, st.booleans()),
            st.builds(In, inner, several, st.booleans()),
            *(_chains(inner, level) for level in sorted(set(LEVELS.values()))),
        )

    return st.recursive(leaves, nested, max_leaves=12)


def _chains(inner: st.SearchStrategy[Node], level: int) -> st.SearchStrategy[Chain]:
    symbols = st.sampled_from([symbol for symbol, its_level in LEVELS.items() if its_level == level])
    return st.builds(Chain, inner, st.lists(st.tuples(symbols, inner), min_size=1, max_size=4).map(tuple))


def events(alphabet: str | None = None) -> st.SearchStrategy[dict[str, str | int | bool]]:
    """Attributes of valid events."""
    words = texts(alphabet).filter(bool)
    return st.fixed_dictionaries(
        {"specversion": st.just("1.0"), "id": words, "source": st.just("/s"), "type": st.just("t")},
        optional={
            "subject": words,
            "time": st.just("2024-05-01T10:00:00.12Z"),
            "region": words,
            "size": INTEGERS,
            "big": st.booleans(),
            "5g": words,
        },
    )
