"""A statement's text -> what it asks for. Recursive descent; each text is read once and kept."""

from functools import lru_cache
from typing import NoReturn

from panregion.languages.dynamodb.conditions import Condition
from panregion.languages.dynamodb.paths import Path
from panregion.languages.dynamodb.updates import Action, CallTerm, PathTerm, Term, ValueTerm
from panregion.languages.partiql import conditions
from panregion.languages.partiql.cursor import Cursor
from panregion.languages.partiql.errors import PartiqlError, at, malformed
from panregion.languages.partiql.statements import Column, Delete, Exists, Insert, Order, Select, Statement, Update
from panregion.languages.partiql.tokens import Token

RETURNED = {
    ("ALL", "OLD"): "ALL_OLD",
    ("MODIFIED", "OLD"): "UPDATED_OLD",
    ("ALL", "NEW"): "ALL_NEW",
    ("MODIFIED", "NEW"): "UPDATED_NEW",
}


@lru_cache(maxsize=2048)
def parse(text: str) -> Statement:
    """Raises PartiqlError. What comes back is shared: nobody changes it."""
    cursor = Cursor(text)
    readers = {"SELECT": _select, "INSERT": _insert, "UPDATE": _update, "DELETE": _delete, "EXISTS": _exists}
    reader = readers.get(cursor.token.word()) or _refuse(cursor)
    cursor.take()
    statement = reader(cursor)
    cursor.expect_end()
    return statement


def _refuse(cursor: Cursor) -> NoReturn:
    if cursor.token.kind == "end":
        raise malformed("Expected expression")
    raise malformed("Expected data manipulation")


# SELECT


def _select(cursor: Cursor) -> Select:
    if cursor.is_word("VALUE") and not _is_column_end(cursor.following):
        raise PartiqlError("Select projection doesn't support value or pivot keywords")
    columns = _columns(cursor)
    cursor.expect_word("FROM")
    table, index = _source(cursor)
    where = conditions.where(cursor) if cursor.skip_word("WHERE") else None
    order = _order(cursor)
    for word in ("LIMIT", "OFFSET", "GROUP", "HAVING"):
        if cursor.is_word(word):
            raise at(f"Unsupported clause: {word}", cursor.token)
    return Select(
        table=table,
        index=index,
        columns=columns,
        where=where,
        order=order,
        literals=cursor.literals,
        parameters=cursor.parameters,
    )


def _is_column_end(token: Token) -> bool:
    return token.word() == "FROM" or (token.kind == "sign" and token.text in (",", ".", "["))


def _columns(cursor: Cursor) -> tuple[Column, ...] | None:
    if cursor.skip_sign("*"):
        if cursor.is_sign(","):
            raise PartiqlError("Other attributes should not be present in the projection when '*' is used.")
        return None
    found: dict[str, Column] = {}
    while True:
        if cursor.is_sign("*"):
            raise PartiqlError("Other attributes should not be present in the projection when '*' is used.")
        path = cursor.path()
        if cursor.is_word("AS"):
            raise at("Aliasing is not supported", cursor.token)
        name = _column_name(path)
        if name in found:
            raise PartiqlError(f"Duplicate identifiers in select clause: {name}")
        found[name] = Column(name, path)
        if not cursor.skip_sign(","):
            return tuple(found.values())


def _column_name(path: Path) -> str:
    """The last name of the path and the indexes after it."""
    last = max(place for place, step in enumerate(path) if isinstance(step, str))
    return str(path[last]) + "".join(f"[{step}]" for step in path[last + 1 :])


def _source(cursor: Cursor) -> tuple[str, str | None]:
    """A table, or an index of one."""
    if cursor.is_sign("("):
        raise malformed("Unexpected from source")
    names = [cursor.name()]
    while cursor.skip_sign("."):
        names.append(cursor.name())
    if cursor.is_sign("["):
        raise PartiqlError("Invalid list expression in source.")
    if cursor.is_sign(","):
        raise PartiqlError("Only select from a single table or index is supported.")
    if len(names) > 2:
        raise PartiqlError("A path may contain at most 2 components in the FROM clause")
    if cursor.is_word("AS"):
        raise at("Aliasing is not supported", cursor.token)
    return names[0], names[1] if len(names) == 2 else None


def _order(cursor: Cursor) -> tuple[Order, ...]:
    if not cursor.skip_word("ORDER"):
        return ()
    cursor.expect_word("BY")
    found: list[Order] = []
    while True:
        path = cursor.path()
        if len(path) > 1:
            raise PartiqlError("Argument to ORDER BY must be of type VariableReference. Type: Path")
        descending = cursor.skip_word("DESC")
        if not descending:
            cursor.skip_word("ASC")
        found.append(Order(str(path[0]), descending))
        if not cursor.skip_sign(","):
            return tuple(found)


def _exists(cursor: Cursor) -> Exists:
    cursor.expect_sign("(", "LEFT_PAREN")
    cursor.expect_word("SELECT")
    inner = _select(cursor)
    cursor.expect_sign(")", "RIGHT_PAREN")
    return Exists(
        table=inner.table,
        index=inner.index,
        where=inner.where,
        literals=cursor.literals,
        parameters=cursor.parameters,
    )


# INSERT, UPDATE, DELETE


def _table(cursor: Cursor) -> str:
    table, index = _source(cursor)
    if index is not None:
        raise PartiqlError("This operation is not supported on an index")
    return table


def _insert(cursor: Cursor) -> Insert:
    cursor.expect_word("INTO")
    table = _table(cursor)
    if cursor.is_sign("<<"):
        raise PartiqlError(
            "Unsupported operation: Inserting multiple items in a single statement is not supported, "
            'use "INSERT INTO tableName VALUE item" instead'
        )
    cursor.expect_word("VALUE")
    if cursor.is_sign("?"):
        raise PartiqlError(
            "Unsupported format in item expression. Please use struct format {...} to express item values "
            "for insert statement."
        )
    item = _item(cursor)
    if cursor.is_word("AT"):
        raise PartiqlError("AT is not supported in insert statements.")
    if cursor.is_word("RETURNING"):
        raise PartiqlError("RETURNING is not supported in INSERT")
    return Insert(table=table, item=item, literals=cursor.literals, parameters=cursor.parameters)


def _item(cursor: Cursor) -> tuple[tuple[str, str], ...]:
    """A tuple whose members may be parameters."""
    if not cursor.skip_sign("{"):
        raise PartiqlError(
            "Unsupported format in item expression. Please use struct format {...} to express item values "
            "for insert statement."
        )
    found: dict[str, str] = {}
    while not cursor.skip_sign("}"):
        if found:
            cursor.expect_sign(",", "COMMA")
        name = cursor.key("root")
        if name in found:
            raise PartiqlError(f"Duplicate keys in tuple. Key: {name} under root")
        found[name] = cursor.parameter() if cursor.is_sign("?") else cursor.keep(cursor.literal())
    return tuple(found.items())


def _update(cursor: Cursor) -> Update:
    table = _table(cursor)
    actions: list[Action] = []
    where: Condition | None = None
    while cursor.is_word("SET") or cursor.is_word("REMOVE"):
        read = _assignment if cursor.take().word() == "SET" else _removal
        actions.append(read(cursor))
        while cursor.skip_sign(","):
            actions.append(read(cursor))
    if not actions:
        raise malformed("Expected data manipulation")
    if cursor.skip_word("WHERE"):
        where = conditions.where(cursor)
    return Update(
        table=table,
        actions=tuple(actions),
        where=where,
        returning=_returning(cursor),
        literals=cursor.literals,
        parameters=cursor.parameters,
    )


def _delete(cursor: Cursor) -> Delete:
    cursor.expect_word("FROM")
    table = _table(cursor)
    where = conditions.where(cursor) if cursor.skip_word("WHERE") else None
    returning = _returning(cursor)
    if returning not in (None, "ALL_OLD"):
        words = {given: " ".join(said) for said, given in RETURNED.items()}[str(returning)]
        raise PartiqlError(
            f"Invalid returning clause: RETURNING {words} *. Only RETURNING ALL OLD * is allowed in DELETE statements."
        )
    return Delete(table=table, where=where, returning=returning, literals=cursor.literals, parameters=cursor.parameters)


def _returning(cursor: Cursor) -> str | None:
    if not cursor.skip_word("RETURNING"):
        return None
    scope, which = cursor.take().word(), cursor.take().word()
    found = RETURNED.get((scope, which))
    if found is None or not cursor.skip_sign("*"):
        raise PartiqlError("Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause")
    if cursor.is_sign(","):
        raise PartiqlError("Invalid syntax with multiple returning elements in RETURNING clause")
    return found


def _removal(cursor: Cursor) -> Action:
    return Action("REMOVE", cursor.path(), None)


def _assignment(cursor: Cursor) -> Action:
    target = cursor.path()
    cursor.expect_sign("=", "EQUALS")
    word, following = cursor.token.text.lower(), cursor.following
    if word in ("set_add", "set_delete") and following.kind == "sign" and following.text == "(":
        return _set_change(cursor, target, word)
    return Action("SET", target, _sum(cursor))


def _set_change(cursor: Cursor, target: Path, function: str) -> Action:
    """x = set_add(x, <<...>>)."""
    name = function.upper()
    cursor.take()
    cursor.take()
    start = cursor.token
    first = cursor.path() if cursor.is_name() else None
    if first != target:
        raise at(f"The first argument to {name} must equal the assignment value", start)
    if not cursor.skip_sign(","):
        raise at(f"{name} must have exactly two arguments", start)
    if cursor.is_sign("?"):
        value = cursor.parameter()
    else:
        literal = cursor.literal()
        if "SS" not in literal and "NS" not in literal:
            raise at(f"The second argument to {name} must be a value with type SET", start)
        value = cursor.keep(literal)
    cursor.expect_sign(")", "RIGHT_PAREN")
    return Action("ADD" if function == "set_add" else "DELETE", target, ValueTerm(value))


def _sum(cursor: Cursor) -> Term:
    left = _term(cursor)
    for sign in "+-":
        if cursor.skip_sign(sign):
            return CallTerm(sign, (left, _term(cursor)))
    return left


def _term(cursor: Cursor) -> Term:
    if cursor.skip_sign("("):
        term = _sum(cursor)
        cursor.expect_sign(")", "RIGHT_PAREN")
        return term
    if cursor.is_sign("?"):
        return ValueTerm(cursor.parameter())
    if cursor.is_literal():
        return ValueTerm(cursor.keep(cursor.literal()))
    following = cursor.following
    if cursor.token.kind == "name" and following.kind == "sign" and following.text == "(":
        return _call(cursor)
    return PathTerm(cursor.path())


def _call(cursor: Cursor) -> Term:
    token = cursor.take()
    if token.text.lower() != "list_append":
        raise at(f"Unrecognized function: {token.text.lower()}", token)
    cursor.take()
    arguments = [_term(cursor)]
    while cursor.skip_sign(","):
        arguments.append(_term(cursor))
    cursor.expect_sign(")", "RIGHT_PAREN")
    return CallTerm("list_append", tuple(arguments))
