"""Dagster's history in SQLite, without opening and flushing a database for every event.

Dagster opens a connection for each statement; closing the last one makes SQLite write its log back and flush it,
which takes tens of milliseconds and is most of a run over many partitions. Here connections stay open, and SQLite
flushes when its log is full: after a power cut the last lines of the history may be missing, never data.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy as db
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import create_db_conn_string
from dagster._serdes import ConfigurableClassData
from sqlalchemy.pool import QueuePool

MOST_OPEN = 4
"""Databases kept open: the index and those of the last runs."""
BUSY_SECONDS = 60.0


class EventLog(SqliteEventLogStorage):
    """The event log that `dagster.yaml` names; its files are those of Dagster's own."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, db.Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> Any:
        """`home`: the folder of Dagster's settings, in which it keeps its history."""
        return {"home": dg.StringSource}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "EventLog":
        """As Dagster makes it of `dagster.yaml`."""
        return cls(str(Path(config_value["home"]) / "history" / "runs"), inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[db.Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def _engine(self, shard: str) -> db.Engine:
        engine = self._engines.pop(shard, None) or _opened(create_db_conn_string(self._base_dir, shard))
        self._engines[shard] = engine  # the newest last
        while len(self._engines) > MOST_OPEN:
            self._engines.pop(next(iter(self._engines))).dispose()
        return engine

    def dispose(self) -> None:
        """Close every database."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        super().dispose()


def _opened(address: str) -> db.Engine:
    engine = db.create_engine(address, poolclass=QueuePool, connect_args={"timeout": BUSY_SECONDS})

    @db.event.listens_for(engine, "connect")
    def _quick(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine
