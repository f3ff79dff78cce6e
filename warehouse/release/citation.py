"""How a release asks to be cited: CITATION.cff and Zenodo's deposit metadata.

Belongs here: those two forms and the sentence to cite. Does not: whose the dataset is (`schemas.dataset`).
"""

from typing import Any

import yaml

from schemas.dataset import DATASET
from warehouse.release.facts import Facts

CITATION = "CITATION.cff"
ZENODO = ".zenodo.json"


def cite_as(facts: Facts) -> str:
    """The sentence by which to cite a release."""
    return f"{', '.join(DATASET.authors)} ({facts.date.year}). {DATASET.title}. Version {facts.version}."


def citation(facts: Facts) -> str:
    """The Citation File Format descriptor (1.2.0) of a release, as YAML."""
    fields = {
        "cff-version": "1.2.0",
        "message": DATASET.message,
        "title": DATASET.title,
        "type": "dataset",
        "abstract": DATASET.description,
        "authors": [{"name": author} for author in DATASET.authors],
        "version": str(facts.version),
        "date-released": facts.date,
        "license": DATASET.license.name,
        "keywords": list(DATASET.keywords),
    }
    return yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=110)


def zenodo(facts: Facts) -> dict[str, Any]:
    """The metadata with which Zenodo receives a release."""
    return {
        "upload_type": "dataset",
        "title": DATASET.title,
        "description": (
            f'<p>{DATASET.description}</p>\n<p lang="zh">{DATASET.description_zh}</p>\n<p>{DATASET.sources}</p>'
        ),
        "creators": [{"name": author} for author in DATASET.authors],
        "version": str(facts.version),
        "publication_date": facts.date.isoformat(),
        "access_right": "open",
        "license": DATASET.license.name.lower(),
        "language": "zho",
        "keywords": list(DATASET.keywords),
        "notes": DATASET.message,
    }
