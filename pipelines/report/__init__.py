"""The report of a run: what failed, is invalid, changed or did not; what is proposed and missing; who is told."""
