"""Velocity Template Language, as API Gateway's mapping templates and AppSync's resolvers use it.

Our own, after a look at `airspeed` (the one on PyPI that is kept): that evaluates both sides of `&&`, takes an empty
list for false, knows few of Java's methods, and reaches into any Python object. Here a template is compiled once to
closures, follows Velocity 1.7 in what is true and how a value prints, and can touch only plain values and `Host`
objects.
"""

from panregion.languages.vtl.errors import VtlError
from panregion.languages.vtl.template import Template
from panregion.languages.vtl.values import Host, text

__all__ = ["Host", "Template", "VtlError", "text"]
"""Those are: an object of the host's, a compiled template, what goes wrong, and a value's printed form."""
