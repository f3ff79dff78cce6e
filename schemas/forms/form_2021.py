"""The 2021 form: 国办公开办函〔2021〕30号, for reports on 2021 and later.

It changed chapter 2 (regulations and normative documents by what is in force; decisions and fees only) and split
（六）其他处理 of chapter 3 into three rows; the rest is the 2019 form's.
"""

from schemas.forms.form import Block, Form, Measure
from schemas.forms.form_2019 import (
    APPLICANTS,
    COERCION,
    FEES,
    LICENSING,
    NORMATIVE_DOCUMENTS,
    OTHER_ONE_OR_SEVERAL,
    OUTCOMES,
    PENALTIES,
    PROCEEDINGS,
    REGULATIONS,
    RESULTS,
)

IN_FORCE = (
    Measure("issued", "本年制发件数", ("制发件数", "本年度制发件数", "本年制发数量")),
    Measure("repealed", "本年废止件数", ("废止件数", "本年度废止件数", "本年废止数量")),
    Measure("in_force", "现行有效件数", ("现行有效数", "现行有效数量")),
)
DECISIONS = (Measure("decisions", "本年处理决定数量", ("处理决定数量", "本年度处理决定数量")),)

FORM = Form(
    version="2021",
    authority="国办公开办函〔2021〕30号",
    first_year=2021,
    blocks=(
        Block("第二十条第（一）项", IN_FORCE, (REGULATIONS, NORMATIVE_DOCUMENTS)),
        Block("第二十条第（五）项", DECISIONS, (LICENSING,)),
        Block("第二十条第（六）项", DECISIONS, (PENALTIES, COERCION)),
        Block(
            "第二十条第（八）项",
            (Measure("amount", "本年收费金额", ("收费金额", "本年度收费金额"), unit="万元"),),
            (FEES,),
        ),
    ),
    applicants=APPLICANTS,
    outcomes=OUTCOMES,
    alternatives=(OTHER_ONE_OR_SEVERAL,),
    proceedings=PROCEEDINGS,
    results=RESULTS,
)
