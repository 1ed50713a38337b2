"""PartiQL as DynamoDB takes it: one statement, one table, compiled to the conditions and updates of its expressions.

Start at `statements.py` (what a statement is) and `parser.py`; `reads.py` decides what a WHERE clause lets one query.
The one parser on PyPI, py-partiql-parser, was looked at: it evaluates statements over Python objects while it reads
them, has no tree to compile, knows no UPDATE functions, sets or EXISTS, and complains in its own words. Hence our own.
"""

from panregion.languages.partiql.errors import PartiqlError
from panregion.languages.partiql.parser import parse
from panregion.languages.partiql.reads import Branch, KeyNames, branches, conjuncts, joined, mentioned
from panregion.languages.partiql.statements import (
    Column,
    Delete,
    Exists,
    Insert,
    Order,
    Select,
    Statement,
    Update,
    names_of,
)

__all__ = [
    "Branch",
    "Column",
    "Delete",
    "Exists",
    "Insert",
    "KeyNames",
    "Order",
    "PartiqlError",
    "Select",
    "Statement",
    "Update",
    "branches",
    "conjuncts",
    "joined",
    "mentioned",
    "names_of",
    "parse",
]
