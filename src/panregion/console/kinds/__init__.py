"""What there is in a region or at the edge, a file for each kind of thing: from AWS's answers to sections of a page.

section.py    what every page is made of: lists with their command, facts, bars by the minute
the others    one kind each; functions that ask are asynchronous, those that only arrange are pure
"""

from panregion.console.kinds.section import Act, Bars, Cell, Chart, Column, Facts, Section, beside, number

__all__ = ["Act", "Bars", "Cell", "Chart", "Column", "Facts", "Section", "beside", "number"]
