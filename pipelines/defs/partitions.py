"""City by year: the two dimensions of every partitioned asset."""

import dagster as dg

from schemas.regions import cities
from warehouse.layout import Partition

FIRST_YEAR, LAST_YEAR = 2008, 2030
"""The Regulations took effect on 1 May 2008; a year more needs no change of code until 2030."""

CITY_YEAR = dg.MultiPartitionsDefinition(
    {
        "city": dg.StaticPartitionsDefinition([city.city for city in cities()]),
        "year": dg.StaticPartitionsDefinition([str(year) for year in range(FIRST_YEAR, LAST_YEAR + 1)]),
    }
)


def dagster_key(partition: Partition) -> dg.MultiPartitionKey:
    """A partition as Dagster's key, `city|year`."""
    return dg.MultiPartitionKey({"city": partition.city, "year": str(partition.year)})
