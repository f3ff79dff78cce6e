from hashlib import sha256
from pathlib import Path

import pytest

from pipelines.read.document import Paragraph, Place
from pipelines.read.html.page import read_html
from pipelines.read.pdf.document import read_pdf
from pipelines.recognise.narrative import narrative
from pipelines.recognise.report import recognise
from pipelines.recognise.sentences import sentences

FIXTURES = Path(__file__).parents[2] / "fixtures" / "free"
SHARED = Path(__file__).parents[3] / ".." / "shared" / "reports"


def mentions(*lines, year=2021):
    return narrative(sentences(tuple(Paragraph(line, Place()) for line in lines)), year)


def told(*lines, year=2021):
    return [(one.verb, one.label, one.value, one.unit) for one in mentions(*lines, year=year)]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        # Figures of real reports: 三明 2018, 蚌埠 2019, 洛阳 2013, 上海 2025.
        (
            "在政府网站公开会议信息47条，以及公开政府制定的政策文件38条。",
            [("公开", "会议信息", 47, "条"), ("公开", "政府制定的政策文件", 38, "条")],
        ),
        ("全市主动公开政府信息26.8万条，依申请公开信息223条（详见附件2）。", [("主动公开", "政府信息", 268000, "条")]),
        (
            "开展学习交流活动65场、印发材料3000余份。",
            [("开展", "学习交流活动", 65, "场"), ("印发", "材料", 3000, "份")],
        ),
        ("全年共接收公开信息件1600多份。", [("接收", "公开信息件", 1600, "份")]),
        ("制发市政府规章22件，其中修订16件。", [("制发", "市政府规章", 22, "件"), ("修订", "市政府规章", 16, "件")]),
        ("制定了十二件规范性文件。", [("制定", "规范性文件", 12, "件")]),
        ("召开新闻发布会两次。", [("召开", "新闻发布会", 2, "次")]),
        ("发布政策解读类信息1012条。", [("发布", "政策解读类信息", 1012, "条")]),
        ("录入并在平台公开重点项目21个。", [("公开", "重点项目", 21, "个")]),
        ("清理过期信息697条。", [("清理", "过期信息", 697, "条")]),
        (
            "新收政府信息公开申请154件，办结148件。",
            [("新收", "政府信息公开申请", 154, "件"), ("办结", "政府信息公开申请", 148, "件")],
        ),
        ("未收取信息处理费，收取检索费400元。", [("收取", "检索费", 400, "元")]),
    ],
)
def test_what_was_done_and_how_many(sentence, found):
    assert told(sentence) == found


@pytest.mark.parametrize(
    "sentence",
    [
        "政策解读1012条。",  # nothing says what was done
        "全年培训不少于4次。",
        "计划公开信息12条。",
        "公开信息比上年增加35条。",
        "发布信息分别为12条、3条。",
        "每个县选取3个乡镇作为试点。",
        "累计播放量达8650万次。",
        "2020年收到申请63件。",
        "2020年，收到申请63件。",
        "按照第二十条公开信息。",
        "4个工作日内办结。",
        "同意公开46件。",
        "组织机构代码12条。",
        "《信息公开目录》12条。",
    ],
)
def test_what_is_not_taken(sentence):
    assert told(sentence) == []


def test_a_list_goes_on_with_its_verb_over_shares_and_a_new_sentence():
    # 永嘉县农业局 2010.
    found = told(
        "2010年，我局主动公开政府信息共145条。其中，机构信息1条；工作信息126条，占86.9%；财政管理6条。", year=2010
    )
    assert found == [
        ("主动公开", "政府信息", 145, "条"),
        ("主动公开", "机构信息", 1, "条"),
        ("主动公开", "工作信息", 126, "条"),
        ("主动公开", "财政管理", 6, "条"),
    ]


def test_a_list_ends_where_something_else_is_said_or_counted():
    assert told("制作短视频569条，营造了良好氛围，点赞88条。") == [("制作", "短视频", 569, "条")]
    assert told("制作短视频569条，播放量86次。") == [("制作", "短视频", 569, "条")]


def test_the_sentence_the_chapter_and_the_place_are_kept():
    first, second = mentions("前言。", "一、概述", "有序推进。公开信息约12条，其中图解3条。")
    assert (first.chapter, first.position, first.approximation) == (1, 1, "about")
    assert (second.position, second.approximation) == (2, "exact")
    assert first.sentence == second.sentence == "公开信息约12条，其中图解3条。"
    assert (first.ref.table, first.ref.cell.row, first.ref.cell.column) == (0, 2, 1)


def test_a_free_report_of_2010():
    content = (FIXTURES / "nanshan-safety-2010.html").read_bytes()
    found = recognise(read_html(content, sha256(content).hexdigest()))
    assert [(one.verb, one.label, one.value) for one in found.narrative] == [
        ("发布", "政府信息", 148),
        ("发布", "机构职能类信息", 12),
        ("发布", "法规标准类信息", 78),
        ("发布", "业务动态类信息", 58),
        ("提供", "政府新闻信息", 49),
        ("受理", "政府信息公开申请", 0),
    ]


def test_a_real_report_of_2021():
    path = SHARED / "zhoukou-2021-kangxi.pdf"
    if not path.exists():
        pytest.skip("the shared reports are not here")
    content = path.read_bytes()
    found = recognise(read_pdf(content, sha256(content).hexdigest()))
    got = {(one.label, one.value, one.unit) for one in found.narrative}
    assert got >= {
        ("行政处罚信息", 170687, "条"),
        ("行政许可信息", 111075, "条"),
        ("政府采购信息", 135, "条"),
        ("采购项目信息公告", 101, "条"),
        ("政策解读类信息", 1012, "条"),
        ("市级新冠肺炎疫情防控新闻发布会", 6, "次"),
        ("咨询", 11883, "件"),
    }
    # Dates, shares, households, document and article numbers are no figures of disclosure.
    assert not {int(one.value) for one in found.narrative} & {711, 2021, 494, 54, 61, 109, 20, 12} - {20}
    assert all(one.value > 0 for one in found.narrative)


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("召开推进会2次，通报3次，约谈1次。", [("召开", "推进会", 2, "次")]),
        ("发布各类信息2.3万余条，日均60余条。", [("发布", "信息", 23000, "条")]),
        ("废止规章1件，现行有效45件。", [("废止", "规章", 1, "件")]),
        (
            "受理案件15件，审结12件，维持8件。",
            [("受理", "案件", 15, "件"), ("审结", "案件", 12, "件"), ("维持", "案件", 8, "件")],
        ),
        (
            "清理文件20件，保留8件，废止3件。",
            [("清理", "文件", 20, "件"), ("保留", "文件", 8, "件"), ("废止", "文件", 3, "件")],
        ),
        (
            "公开处罚决定567条，双公示信息1801条。",
            [("公开", "处罚决定", 567, "条"), ("公开", "双公示信息", 1801, "条")],
        ),
    ],
)
def test_what_goes_on_beside_a_list_is_no_item_of_it(sentence, found):
    assert told(sentence) == found
