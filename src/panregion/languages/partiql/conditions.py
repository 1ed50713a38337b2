"""The grammar of WHERE, straight into the trees that DynamoDB's own condition expressions are compiled from."""

from panregion.languages.dynamodb.compiled import TYPES
from panregion.languages.dynamodb.conditions import (
    COMPARATORS,
    FUNCTIONS,
    Both,
    Call,
    Comparison,
    Condition,
    Either,
    Node,
    Not,
    Operand,
    PathOperand,
    ValueOperand,
)
from panregion.languages.partiql.cursor import Cursor
from panregion.languages.partiql.errors import PartiqlError, at, malformed
from panregion.languages.partiql.tokens import Token

MAX_CANDIDATES = 100
IS_TYPES = {
    "BOOLEAN": "BOOL",
    "BOOL": "BOOL",
    "BLOB": "B",
    "STRING": "S",
    "NUMERIC": "N",
    "STRUCT": "M",
    "TUPLE": "M",
    "LIST": "L",
    "NULL": "NULL",
}


def where(cursor: Cursor) -> Condition:
    """A condition that stands for itself."""
    node = _either(cursor)
    if isinstance(node, PathOperand | ValueOperand) or (isinstance(node, Call) and node.name == "size"):
        raise PartiqlError("WHERE clause must contain an expression that resolves to a boolean")
    return node


def _condition(node: Node, what: str) -> Condition:
    if isinstance(node, PathOperand | ValueOperand) or (isinstance(node, Call) and node.name == "size"):
        if what == "NOT":
            raise PartiqlError("The argument to NOT must be a Type or Expression")
        raise PartiqlError("The arguments to AND/OR must be Expressions")
    return node


def _either(cursor: Cursor) -> Node:
    node = _both(cursor)
    while cursor.skip_word("OR"):
        node = Either(_condition(node, "OR"), _condition(_both(cursor), "OR"))
    return node


def _both(cursor: Cursor) -> Node:
    node = _negation(cursor)
    while cursor.skip_word("AND"):
        node = Both(_condition(node, "AND"), _condition(_negation(cursor), "AND"))
    return node


def _negation(cursor: Cursor) -> Node:
    if cursor.skip_word("NOT"):
        return Not(_condition(_negation(cursor), "NOT"))
    node = _comparison(cursor)
    while (longer := _longer(cursor, node)) is not None:
        node = longer
    return node


def _comparison(cursor: Cursor) -> Node:
    return _primary(cursor)


def _longer(cursor: Cursor, left: Node) -> Node | None:
    """What an operator after `left` makes of it."""
    if cursor.token.kind == "sign" and (cursor.token.text in COMPARATORS or cursor.token.text == "!="):
        operator = cursor.take().text
        return _compared("<>" if operator == "!=" else operator, left, _primary(cursor), cursor)
    if cursor.skip_word("BETWEEN"):
        lower = _operand(_primary(cursor))
        cursor.expect_word("AND")
        return Comparison("BETWEEN", (_operand(left), lower, _operand(_primary(cursor))))
    if cursor.skip_word("IN"):
        return _among(cursor, left)
    if cursor.is_word("NOT") and cursor.following.word() in ("IN", "BETWEEN"):
        cursor.take()
        inner = _longer(cursor, left)
        assert inner is not None, "IN or BETWEEN follows"
        return Not(_condition(inner, "NOT"))
    if cursor.skip_word("IS"):
        return _is(cursor, left)
    if cursor.is_word("LIKE"):
        raise at("Unsupported operator in Condition Expression. Operator: LIKE", cursor.token)
    return None


def _compared(operator: str, left: Node, right: Node, cursor: Cursor) -> Node:
    """A comparison; one of a condition with true or false is that condition or its opposite."""
    for one, other in ((left, right), (right, left)):
        if not isinstance(one, PathOperand | ValueOperand) and not (isinstance(one, Call) and one.name == "size"):
            if operator not in ("=", "<>"):
                raise PartiqlError(
                    "Incorrect operand type for operator or function; "
                    f"operator or function: {operator}, operand type: BOOL"
                )
            if not isinstance(other, ValueOperand) or "BOOL" not in cursor.literals.get(other.name, {}):
                raise PartiqlError("Unsupported operation: a condition can be compared with TRUE and FALSE only")
            same = cursor.literals[other.name]["BOOL"] == (operator == "=")
            return one if same else Not(one)
    return Comparison(operator, (_operand(left), _operand(right)))


def _operand(node: Node) -> Operand:
    if isinstance(node, PathOperand | ValueOperand) or (isinstance(node, Call) and node.name == "size"):
        return node
    raise malformed("Unexpected expression")


def _among(cursor: Cursor, left: Node) -> Comparison:
    closing = {"[": "]", "(": ")", "<<": ">>"}.get(cursor.token.text) if cursor.token.kind == "sign" else None
    wrong = (
        "IN operator must have a left hand argument of type Variable Reference and right hand argument of type Seq "
        "with at least one member"
    )
    if closing is None or not isinstance(left, PathOperand):
        raise PartiqlError(wrong)
    cursor.take()
    candidates: list[Operand] = []
    while not cursor.skip_sign(closing):
        if candidates:
            cursor.expect_sign(",", "COMMA")
        candidates.append(_operand(_primary(cursor)))
    if not candidates:
        raise PartiqlError(wrong)
    if len(candidates) > MAX_CANDIDATES:
        raise PartiqlError(f"The IN operator is provided with too many operands; number of operands: {len(candidates)}")
    return Comparison("IN", (left, *candidates))


def _is(cursor: Cursor, left: Node) -> Node:
    negative = cursor.skip_word("NOT")
    if not isinstance(left, PathOperand | ValueOperand):
        raise PartiqlError("The left hand side argument to IS must be a Variable Reference, Literal, or Path")
    token = cursor.take()
    word = token.word()
    if word == "MISSING":
        return Call("attribute_exists" if negative else "attribute_not_exists", (left,))
    kind = IS_TYPES.get(word)
    if kind is None:
        raise at(
            f"Unsupported data type for IS operator: {token.text}. Supported data types are "
            "[MISSING, NULL, BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, TUPLE, LIST]",
            token,
        )
    assert kind in TYPES, "the table names attribute types"
    found = Call("attribute_type", (left, ValueOperand(cursor.keep({"S": kind}))))
    return Not(found) if negative else found


def _primary(cursor: Cursor) -> Node:
    if cursor.skip_sign("("):
        node = _either(cursor)
        cursor.expect_sign(")", "RIGHT_PAREN")
        return node
    if cursor.is_sign("?"):
        return ValueOperand(cursor.parameter())
    if cursor.is_literal():
        return ValueOperand(cursor.keep(cursor.literal()))
    if cursor.is_word("EXISTS"):
        raise PartiqlError("EXISTS can only be used in ExecuteTransaction write requests.")
    following = cursor.following
    if cursor.token.kind == "name" and following.kind == "sign" and following.text == "(":
        return _call(cursor, cursor.take())
    return PathOperand(cursor.path())


def _call(cursor: Cursor, token: Token) -> Call:
    name = token.text.lower()
    if name not in FUNCTIONS:
        raise at(f"Unrecognized function: {name}", token)
    cursor.take()
    arguments: list[Operand] = []
    while not cursor.skip_sign(")"):
        if arguments:
            cursor.expect_sign(",", "COMMA")
        arguments.append(_operand(_primary(cursor)))
    return Call(name, tuple(arguments))
