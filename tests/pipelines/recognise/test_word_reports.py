"""The real Word reports against their gold figures, cell by cell."""

import hashlib
import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.read.reader import read
from pipelines.recognise.report import recognise

REPORTS = Path(__file__).parents[3] / ".." / "shared" / "reports"
MEASURES = {"amount_wan": "amount", "procurement_amount_yuan": "procurement_amount"}


def decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


@pytest.mark.parametrize("name", ["shuyang-2025-docx.docx", "pingtan-2025-docx.docx", "shanghai-office-2019-doc.doc"])
def test_every_cell_is_the_gold_files(name: str) -> None:
    source = REPORTS / name
    if not source.exists():
        pytest.skip("the shared reports are not here")
    if name.endswith(".doc") and shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    gold = json.loads((REPORTS / f"{source.stem}.gold.json").read_text())
    content = source.read_bytes()
    found = recognise(read(content, hashlib.sha256(content).hexdigest()))
    assert (found.identity.publisher, found.identity.year) == (gold["publisher"], gold["year"])
    assert {(one.category, one.measure): one.value for one in found.disclosures} == {
        (category, MEASURES.get(measure, measure)): decimal(value)
        for category, measures in gold["disclosure"].items()
        for measure, value in measures.items()
    }
    assert {(one.outcome, one.applicant): one.value for one in found.requests} == {
        (outcome, applicant): value for outcome, row in gold["requests"].items() for applicant, value in row.items()
    }
    assert {(one.proceeding, one.result): one.value for one in found.reviews} == {
        (proceeding, result): value for proceeding, row in gold["reviews"].items() for result, value in row.items()
    }
