"""The divisions (行政区划) of GB/T 2260, their city partitions, and how a printed name finds them.

`gazetteer` holds the facts and the partitions, `names` the lookup by printed name, `table` the table `regions`.
Reading a document's text for names is no business of this package: it is told a name and answers with divisions.
"""

from schemas.regions.gazetteer import Division, UnknownDivision, cities, division, divisions
from schemas.regions.names import Located, find, inside, locate
from schemas.regions.table import frame

__all__ = [
    "Division",
    "Located",
    "UnknownDivision",
    "cities",
    "division",
    "divisions",
    "find",
    "frame",
    "inside",
    "locate",
]
