"""What the dataset is called, whose it is and on what terms: the facts every descriptor of a release repeats.

Belongs here: title, authors, licence, sources, as data. Does not: the descriptors made of them
(`warehouse.release`), and anything about single tables (`schemas.tables`).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class License:
    """A licence: its SPDX name, title and address."""

    name: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """The dataset as a whole.

    Args:
        name: short name, also of its files.
        title: in English.
        title_zh: in Chinese.
        description: one paragraph in English.
        description_zh: one paragraph in Chinese.
        authors: who made it.
        keywords: for catalogues.
        license: of what the project itself made.
        sources, sources_zh: where the figures come from and on what terms, as a paragraph.
        message: what to do when using it.
    """

    name: str
    title: str
    title_zh: str
    description: str
    description_zh: str
    authors: tuple[str, ...]
    keywords: tuple[str, ...]
    license: License
    sources: str
    sources_zh: str
    message: str


DATASET = Dataset(
    name="gongkai",
    title="gongkai: an open-data warehouse of China's government-transparency annual reports",
    title_zh="公开：政府信息公开工作年度报告数据仓库",
    description=(
        "Figures and text of the annual reports on open government information (政府信息公开工作年度报告) that "
        "Chinese government bodies must publish: requests received and how they were answered, reviews and "
        "lawsuits, regulations, decisions and fees. Every figure names the printed cell it was read from, and what "
        "breaks the form's own arithmetic is flagged, not repaired."
    ),
    description_zh=(
        "各级行政机关依法公布的政府信息公开工作年度报告中的数字与正文：收到和处理政府信息公开申请情况、"
        "行政复议和行政诉讼情况、主动公开政府信息情况。每个数字都可追溯到原文的单元格；与表内勾稽关系不符的数字"
        "照原样收录并加以标注，不作修改。"
    ),
    authors=("The gongkai authors",),
    keywords=("China", "open government information", "政府信息公开工作年度报告", "transparency"),
    license=License("Apache-2.0", "Apache License 2.0", "https://www.apache.org/licenses/LICENSE-2.0"),
    sources=(
        "The reports are official documents of the administrative bodies named in `reports.publisher`, published on "
        "their web sites as the Regulations on Open Government Information (政府信息公开条例, articles 49 and 50) "
        "require. The address, the time of retrieval and the SHA-256 of every document are in `documents`. The "
        "licence covers the compilation, the schema and the descriptions; it claims nothing in the reports "
        "themselves."
    ),
    sources_zh=(
        "报告为 reports.publisher 所列行政机关的公文，依《政府信息公开条例》第四十九条、第五十条在其网站公布；每份文件"
        "的网址、获取时间和 SHA-256 见 documents 表。许可仅及于本数据集的汇编、结构与说明，不对报告本身主张任何权利。"
    ),
    message="If you use this dataset or software, please cite it, and the publisher of each report you use.",
)
