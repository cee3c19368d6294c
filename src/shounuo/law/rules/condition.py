"""Conditions: when a requirement applies, as a small boolean expression over facts.

1. `and`, `or`, `not`, brackets, the six comparisons with whole numbers, names of facts, and `always`;
   nothing else.
2. Nothing is evaluated as Python: the text is parsed once into a tree of our own, and a word or sign
   outside (1), or a fact that nobody declared, is refused with its place.
3. A fact not given counts as not so, and as the number 0.
"""

import ast
import operator
from collections.abc import Callable, Collection, Mapping

LONGEST = 300  # characters; keeps the parser's depth small

Facts = Mapping[str, int | bool]
Condition = Callable[[Facts], bool]

_COMPARE: Mapping[type[ast.cmpop], Callable[[int, int], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip


def parse(text: str, known: Collection[str]) -> Condition:
    """The condition written in `text` over the facts `known`. Raises ValueError where it is wrong. (1, 2)"""
    if text == "always":
        return _always
    if len(text) > LONGEST:
        raise ValueError(f"the condition has {len(text)} characters: at most {LONGEST} are read")
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"`{text}` is not a condition: write `export and pi_subjects >= 1000000`") from None
    return _truth(tree, known)


def _always(_: Facts) -> bool:
    return True


def _truth(node: ast.expr, known: Collection[str]) -> Condition:
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            terms = [_truth(value, known) for value in values]
            return lambda facts: all(term(facts) for term in terms)
        case ast.BoolOp(op=ast.Or(), values=values):
            terms = [_truth(value, known) for value in values]
            return lambda facts: any(term(facts) for term in terms)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            term = _truth(operand, known)
            return lambda facts: not term(facts)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
            holds, one, other = _COMPARE[type(op)], _number(left, known), _number(right, known)
            return lambda facts: holds(one(facts), other(facts))
        case ast.Name():
            number = _number(node, known)
            return lambda facts: bool(number(facts))
        case _:
            raise ValueError(f"`{ast.unparse(node)}` is not part of a condition")


def _number(node: ast.expr, known: Collection[str]) -> Callable[[Facts], int]:
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return lambda _: value
        case ast.Name(id=name) if name in known:
            return lambda facts: int(facts.get(name, 0))  # (3)
        case ast.Name(id=name):
            raise ValueError(f"there is no fact `{name}`")
        case _:
            raise ValueError(f"`{ast.unparse(node)}` is neither a fact nor a whole number")
