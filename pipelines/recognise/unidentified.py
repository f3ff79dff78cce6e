"""Why a document cannot be identified: each a reason that a person can act on."""


class UnidentifiedReport(Exception):  # noqa: N818 - named for the situation
    """A document of which title, year or publisher cannot be told."""


class NotAReport(UnidentifiedReport):
    """A document that is no annual report on open government information."""


class UnknownYear(UnidentifiedReport):
    """A report that does not say which year it covers."""


class UnknownPublisherRegion(UnidentifiedReport):
    """A report whose publisher is not named, or lies in no division that could be told."""


class SeveralReports(UnidentifiedReport):
    """A document that holds more than one report."""
