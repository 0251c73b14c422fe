import pytest

from migsafe.sql.parse.conditions import MOST_WAYS, Term, ways


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("a > 5 AND a <= 9", [[Term("a", ">", ("5",)), Term("a", "<=", ("9",))]]),
        ("a > 5 OR b IS NULL", [[Term("a", ">", ("5",))], [Term("b", "null")]]),
        ("NOT (a > 5 AND b IS NULL)", [[Term("a", "<=", ("5",))], [Term("b", "not null")]]),
        ("5 < a", [[Term("a", ">", ("5",))]]),
        ("a <> 'x'", [[]]),
        ("NOT a = 1", [[]]),
        ("yes AND NOT no", [[Term("yes", "=", ("true",)), Term("no", "=", ("false",))]]),
        ("yes IS FALSE", [[Term("yes", "=", ("false",))]]),
        ("a IN (1, 2)", [[Term("a", "=", ("1", "2"))]]),
        (
            "(a)::text = ANY ((ARRAY['x'::character varying, 'y'::character varying])::text[])",
            [[Term("a", "=", ("'x'::varchar", "'y'::varchar"))]],
        ),
        ("a < b", [[Term("a", "<", ("b",), ("b",)), Term("b", ">", ("a",), ("a",))]]),
        ("total = net + tax", [[Term("total", "=", ("net + tax",), ("net", "tax"))]]),
        ("a = upper((a)::text)", [[Term("a", "=", ("upper(a::text)",), ("a",))]]),
        ("a % 10 = 3", [[Term("a", "=", ("a - a % 10 + (3)",), ("a",))]]),
        ("(a)::text ~ '^x'::text", [[Term("a", "~", ("^x",))]]),
        ("a ~~ 'x%'::text", [[Term("a", "like", ("x%",))]]),
        ("char_length((a)::text) > 3", [[Term("a", "length >=", ("4",))]]),
        ("length(a) = 3", [[Term("a", "length <=", ("3",)), Term("a", "length >=", ("3",))]]),
        (
            "(a IS NULL) <> (b IS NULL)",
            [[Term("a", "not null"), Term("b", "null")], [Term("a", "null"), Term("b", "not null")]],
        ),
        (
            "num_nonnulls(a, b) = 1",
            [[Term("a", "not null"), Term("b", "null")], [Term("b", "not null"), Term("a", "null")]],
        ),
        (
            "CASE WHEN a IS NULL THEN b > 1 ELSE b < 0 END",
            [[Term("a", "null"), Term("b", ">", ("1",))], [Term("a", "not null"), Term("b", "<", ("0",))]],
        ),
        ("jsonb_typeof(a) = 'array'::text", [[Term("a", "mentions", ("array",))]]),
        ("a ? 'key'", [[Term("a", "mentions", ("key",))]]),
        ("whatever(a, b)", [[]]),
        ("false", [[]]),
        ("no SQL (", [[]]),
    ],
)
def test_ways(condition: str, expected: list[list[Term]]) -> None:
    assert [list(way) for way in ways(condition)] == expected


def test_there_are_never_too_many() -> None:
    condition = " AND ".join(f"(a{n} IS NULL OR b{n} IS NULL)" for n in range(30))
    assert len(ways(condition)) == MOST_WAYS
