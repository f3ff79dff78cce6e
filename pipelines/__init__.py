"""How documents become rows: discover -> fetch -> read -> recognise -> validate -> store -> assemble -> publish.

Plain functions on plain values. Dagster appears in `pipelines.defs` alone; only `pipelines.fetch` touches the
network; reading takes bytes from the archive by hash.
"""
