from collections.abc import Callable

import pytest

from tests.generator.accuracy import judge
from tests.generator.documents import Generated
from tests.generator.docx_documents import docx_document
from tests.generator.ofd_documents import ofd_document
from tests.generator.xlsx_documents import xlsx_document


@pytest.mark.parametrize("make", [docx_document, ofd_document, xlsx_document])
@pytest.mark.parametrize("seed", range(1, 6))
def test_generated_office_documents_are_read_without_a_flaw(make: Callable[[int], Generated], seed: int) -> None:
    judged = judge(make(seed))
    assert judged.flawless, f"{judged.document}\n" + "\n".join(judged.problems())


@pytest.mark.parametrize("make", [docx_document, ofd_document])
def test_a_seed_makes_the_same_document(make: Callable[[int], Generated]) -> None:
    assert make(3).content == make(3).content
