"""What a run works on: home, catalogue, and which partitions."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import httpx
from pydantic import PrivateAttr

from pipelines.discover.catalogue import catalogue_of, load_catalogue
from pipelines.discover.listings import Listing, listings_of
from pipelines.discover.source import Source
from pipelines.fetch.register import registered
from pipelines.jobs import Job, jobs
from pipelines.sample.site import sample_listings, sample_sources, sample_transport
from pipelines.steps import catch_up, pending
from warehouse.layout import Home
from warehouse.store import partitions

CATALOGUE_VARIABLE = "GONGKAI_CATALOGUE"


class Work(dg.ConfigurableResource):  # type: ignore[type-arg]
    """What a run works on.

    Args:
        home: folder that holds archive, store, warehouse and exports; by default `GONGKAI_HOME` or `./data`.
        catalogue: what to fetch: `default` (with the home's own), `sample`, `none` (only what is archived already),
            or the path of a catalogue file; by default what `GONGKAI_CATALOGUE` says, else `default`.
        partitions: keys `city|year` to work on; empty for every partition of the catalogue.
        redo: `changed` redoes partitions whose bytes, code or schema changed; `all` redoes every one.
    """

    home: str = ""
    catalogue: str = ""
    partitions: list[str] = []  # noqa: RUF012 - pydantic copies it
    redo: str = "changed"
    _to_redo: tuple[Job, ...] | None = PrivateAttr(default=None)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002 - Dagster's signature
        """Begin with what other machines have done; Dagster calls this once a run."""
        catch_up(self.place)
        self._to_redo = None

    @property
    def place(self) -> Home:
        """The home as a value."""
        return Home(Path(self.home).absolute()) if self.home else Home.from_environment()

    @property
    def wanted(self) -> str:
        """What to fetch, as `catalogue` or the environment says: read when a run needs it, as `place` is."""
        return self.catalogue or os.environ.get(CATALOGUE_VARIABLE) or "default"

    def catalogued(self) -> tuple[Source, ...]:
        """The catalogue's sources in the selected partitions: what to fetch."""
        return tuple(source for source in self._catalogue() if self._is_selected(source))

    def listings(self) -> tuple[Listing, ...]:
        """The catalogue's listing pages of the selected partitions' cities: where to look for new sources."""
        cities = {key.partition("|")[0] for key in self.partitions}
        match self.wanted:
            case "default":
                listings = listings_of(self.place)
            case "sample":
                listings = sample_listings()
            case _:
                listings = ()
        return tuple(listing for listing in listings if not cities or listing.city in cities)

    def archived(self) -> tuple[Job, ...]:
        """The selected partitions with every source archived for them: what to read and load.

        A stored partition without sources is one too: a corrected catalogue moved them elsewhere.
        """
        found = jobs(registered(self.place))
        known = {job.partition for job in found}
        left = tuple(Job(partition, ()) for partition in partitions(self.place.store) if partition not in known)
        chosen = set(self.partitions)
        return tuple(job for job in found + left if not chosen or job.partition.key in chosen)

    def to_redo(self) -> tuple[Job, ...]:
        """Those of `archived` that `redo` means, told once: after fetching, nothing in a run changes which they are."""
        if self._to_redo is None:
            archived = self.archived()
            self._to_redo = archived if self.redo == "all" else pending(self.place, archived)
        return self._to_redo

    def _is_selected(self, source: Source) -> bool:
        return not self.partitions or f"{source.city}|{source.year}" in self.partitions

    def _catalogue(self) -> tuple[Source, ...]:
        match self.wanted:
            case "default":
                return catalogue_of(self.place)
            case "sample":
                return sample_sources()
            case "none":
                return ()
            case path:
                return load_catalogue([Path(path)])

    @contextmanager
    def transport(self) -> Iterator[httpx.AsyncBaseTransport | None]:
        """How requests travel: over the network, or to the sample site served on loopback meanwhile."""
        if self.wanted != "sample":
            yield None
            return
        with sample_transport() as transport:
            yield transport
