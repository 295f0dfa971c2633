"""Shapes that are made field by field, without the names of their fields: each stands where it belongs."""

import ast
import inspect
import re

import pytest
from msgspec import Struct
from msgspec.structs import fields

from checkstand.api.management import render, shapes


@pytest.mark.parametrize("shape", [shapes.Checkout, shapes.CheckoutCart, shapes.CheckoutLine])
def test_what_is_given_in_the_order_of_fields_has_their_names(shape: type[Struct]) -> None:
    expected = [field.name for field in fields(shape)]

    given = _names_given(shape.__name__)

    assert given == expected[: len(given)]
    assert len(given) > 3


def _names_given(shape: str) -> list[str]:
    """The last word of what is given, `of.version`, or the name in the comment behind it."""
    source = inspect.getsource(render)
    lines = source.splitlines()
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    (call,) = (call for call in calls if ast.unparse(call.func) == f"shapes.{shape}")
    names = []
    for argument in call.args:
        comment = re.search(r"# (\w+)$", lines[argument.lineno - 1])
        names.append(comment[1] if comment else ast.unparse(argument).rpartition(".")[2])
    return names
