import itertools

from hypothesis import given
from hypothesis import strategies as st

from pipelines.recognise.align import Pair, align

SPACER = "spacer"
SEQUENCES = st.lists(st.sampled_from("abcdefgh"), max_size=12)
DISTINCT = st.lists(st.sampled_from("abcdefghijklmnop"), min_size=1, max_size=12, unique=True)


def aligned(printed, expected, *, merges=()):
    """Align sequences of letters: like with like gains, unlike loses; a spacer may be skipped for nothing."""
    return align(
        len(printed),
        len(expected),
        score=lambda i, j: 0.5 if printed[i] == expected[j] else -0.5,
        merged_score=lambda i, j: (
            (0.5 if printed[i] + printed[i + 1] == expected[j] else -0.5) if i in merges else None
        ),
        skip_printed=lambda i: 0.0 if printed[i] == SPACER else -0.4,
        skip_expected=-0.05,
    )


@given(SEQUENCES)
def test_identical_sequences_align_fully(letters):
    assert aligned(letters, letters) == tuple(Pair(i, i) for i in range(len(letters)))


@given(SEQUENCES, SEQUENCES)
def test_order_is_preserved_and_nothing_is_paired_twice(printed, expected):
    pairs = aligned(printed, expected)
    for before, after in itertools.pairwise(pairs):
        assert before.printed < after.printed
        assert before.expected < after.expected
    assert all(0 <= pair.printed < len(printed) and 0 <= pair.expected < len(expected) for pair in pairs)


@given(DISTINCT, st.data())
def test_the_rest_aligns_where_a_row_was_dropped(expected, data):
    dropped = data.draw(st.integers(0, len(expected) - 1))
    printed = expected[:dropped] + expected[dropped + 1 :]
    assert {(printed[pair.printed], expected[pair.expected]) for pair in aligned(printed, expected)} == {
        (letter, letter) for letter in printed
    }


@given(DISTINCT, st.data())
def test_the_rest_aligns_where_a_spacer_row_was_put_in(expected, data):
    at = data.draw(st.integers(0, len(expected)))
    printed = [*expected[:at], SPACER, *expected[at:]]
    pairs = aligned(printed, expected)
    assert [expected[pair.expected] for pair in pairs] == expected
    assert at not in {pair.printed for pair in pairs}


@given(DISTINCT, st.data())
def test_a_row_cut_in_two_is_merged_where_it_may_be(expected, data):
    words = [letter * 2 for letter in expected]
    cut = data.draw(st.integers(0, len(words) - 1))
    printed = [*words[:cut], *words[cut], *words[cut + 1 :]]
    pairs = aligned(printed, words, merges={cut})
    assert [pair.expected for pair in pairs] == list(range(len(words)))
    assert [pair.expected for pair in pairs if pair.merged] == [cut]


def test_an_unlike_row_between_alike_neighbours_is_held_by_its_place():
    assert aligned(["a", "?", "c"], ["a", "b", "c"]) == (Pair(0, 0), Pair(2, 2))
    nearly = align(
        3,
        3,
        score=lambda i, j: 0.5 if i == j != 1 else (-0.1 if i == j else -0.5),
        merged_score=lambda i, j: None,
        skip_printed=lambda i: -0.4,
        skip_expected=-0.05,
    )
    assert nearly == (Pair(0, 0), Pair(1, 1), Pair(2, 2))


def test_nothing_aligns_with_nothing():
    assert aligned([], []) == ()
    assert aligned([], ["a"]) == ()
    assert aligned(["a"], []) == ()
