import csv
import pickle
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.regions import (
    UnknownDivision,
    cities,
    division,
    divisions,
    find,
    frame,
    inside,
    locate,
)
from schemas.regions.gazetteer import in_force, no_longer_in_force, stem
from schemas.tables import CITY_SLUG, Regions

CATALOGUE = Path(__file__).parents[2] / ".." / "shared" / "catalogue"
MUNICIPALITIES = {"110000", "120000", "310000", "500000"}


def codes(found):
    return [each.adcode for each in found]


def test_divisions_are_those_of_the_shared_list():
    path = CATALOGUE / "regions.csv"
    if not path.exists():
        pytest.skip("shared catalogue absent")
    with path.open(encoding="utf-8-sig") as file:
        listed = [
            (row["adcode"], row["name"], row["level"], row["parent_adcode"] or None) for row in csv.DictReader(file)
        ]
    ours = [(each.adcode, each.name, each.level, each.parent_adcode) for each in divisions()]
    assert ours == sorted(listed, key=lambda row: row[0])


def test_division_by_code_and_unknown_code():
    hongze = division("320813")
    assert (hongze.name, hongze.name_en, hongze.level) == ("洪泽区", "Hongze Qu", "county")
    assert (hongze.parent_adcode, hongze.city_code, hongze.city) == ("320800", "320800", "huaian-320800")
    with pytest.raises(UnknownDivision, match="'999999'") as raised:
        division("999999")
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)  # noqa: S301


@pytest.mark.parametrize(
    ("adcode", "city"),
    [
        ("411600", "zhoukou-411600"),
        ("410000", "henan-410000"),
        ("110105", "beijing-110000"),
        ("500230", "chongqing-500000"),
        ("419001", "jiyuan-419001"),
        ("469025", "baisha-469025"),
        ("659001", "shihezi-659001"),
        ("222401", "yanbian-222400"),
        ("150000", "neimenggu-150000"),
        ("653001", "kezilesu-653000"),
        ("141100", "lvliang-141100"),
        ("232700", "daxinganling-232700"),
        ("429021", "shennongjia-429021"),
        ("610000", "shaanxi-610000"),
        ("810000", "xianggang-810000"),
    ],
)
def test_city_partition(adcode, city):
    assert division(adcode).city == city


@pytest.mark.parametrize(
    ("adcode", "name_en"),
    [
        ("411100", "Luohe Shi"),
        ("140400", "Changzhi Shi"),
        ("211300", "Chaoyang Shi"),
        ("610100", "Xi'an Shi"),
        ("141100", "Lüliang Shi"),
        ("222400", "Yanbian Chaoxianzu Zizhizhou"),
        ("429021", "Shennongjia Linqu"),
    ],
)
def test_pinyin_is_read_as_the_name_is(adcode, name_en):
    assert division(adcode).name_en == name_en


def test_every_division_lies_in_one_city_and_slugs_are_unique():
    slugs = {each.city_code: each.city for each in cities()}
    assert len(set(slugs.values())) == len(cities()) == 399
    assert all(re.fullmatch(CITY_SLUG, slug) and slug.endswith(code) for code, slug in slugs.items())
    for each in divisions():
        assert slugs[each.city_code] == each.city
        if each.level == "county":
            parent = division(each.parent_adcode)
            direct = parent.level == "province" and parent.adcode not in MUNICIPALITIES
            assert each.city_code == (each.adcode if direct else each.parent_adcode)
        else:
            assert each.city_code == each.adcode


def test_divisions_no_longer_in_force_lie_in_cities_of_today():
    slugs = {each.city for each in cities()}
    assert all(each.city in slugs for _, each in no_longer_in_force())


@pytest.mark.parametrize(
    ("adcode", "city"),
    [
        ("361122", "shangrao-361100"),  # 广丰县: its prefecture is still there
        ("371202", "jinan-370100"),  # 莱城区 of 莱芜市, withdrawn, now 莱芜区 of 济南
        ("341422", "wuhu-340200"),  # 无为县 of 巢湖市, withdrawn: its heir went to 芜湖
        ("341402", "hefei-340100"),  # 居巢区 of 巢湖市: the prefecture's heir, 巢湖市 of 合肥
        ("522222", "tongren-520600"),  # 江口县 of 铜仁地区, renumbered
        ("310230", "shanghai-310000"),  # 崇明县
        ("420600", "xiangyang-420600"),  # 襄樊市: the code is still in force
        ("469031", "hainan-460000"),  # 西沙群岛, then directly under the province
    ],
)
def test_city_of_a_division_no_longer_in_force(adcode, city):
    assert division(adcode).city == city


def test_frame_is_the_table_regions():
    table = frame()
    Regions.validate(table)
    assert table["adcode"].is_sorted()
    assert table["adcode"].is_unique().all()
    assert table.filter(table["parent_adcode"].is_null())["level"].unique().to_list() == ["province"]
    in_force = table.filter(table["last_year"].is_null())
    assert in_force["adcode"].to_list() == [each.adcode for each in divisions()]
    assert len(in_force) == 3216


@pytest.mark.parametrize(
    ("adcode", "name", "first", "last", "successor", "former"),
    [
        ("361103", "广丰区", 2015, None, None, []),
        ("361122", "广丰县", None, 2015, "361103", []),  # became a district
        ("420600", "襄阳市", None, None, None, ["襄樊市"]),  # another name, the same code
        ("110103", "崇文区", None, 2009, None, []),  # merged: the lists name no heir
        ("522222", "江口县", None, 2010, "520621", []),  # another code, the same name
        ("130571", "河北邢台经济开发区", 2018, 2023, None, []),  # counted for statistics only
    ],
)
def test_the_table_has_the_divisions_of_the_past(adcode, name, first, last, successor, former):
    rows = frame().filter(frame()["adcode"] == adcode).to_dicts()
    found = [
        (row["name"], row["first_year"], row["last_year"], row["successor_adcode"], row["former_names"]) for row in rows
    ]
    assert found == [(name, first, last, successor, former)]


def test_every_code_that_a_report_can_have_is_in_the_table():
    codes = {row.adcode for row, _ in no_longer_in_force()} | {each.adcode for each in divisions()}
    assert set(frame()["adcode"]) == codes
    successors = frame()["successor_adcode"].drop_nulls()
    assert set(successors) <= {each.adcode for each in divisions()}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("洪泽区", ["320813"]),
        ("洪泽", ["320813"]),
        ("周口", ["411600"]),
        ("延边州", ["222400"]),
        ("峨山县", ["530426"]),
        ("镇宁自治县", ["520423"]),
        ("广西自治区", ["450000"]),
        ("朝阳市", ["211300"]),
        ("朝阳", ["110105", "211300", "211321", "220104"]),
        ("鼓楼区", ["320106", "320302", "350102", "410204"]),
        ("广丰县", ["361122"]),
        ("县", []),
        ("火星市", []),
        ("", []),
    ],
)
def test_find(name, expected):
    assert codes(find(name)) == expected


@pytest.mark.parametrize(
    ("name", "year", "expected"),
    [
        ("广丰县", 2012, ["361122"]),
        ("广丰县", 2020, ["361122"]),
        ("洪泽", 2012, ["320829"]),
        ("洪泽", 2023, ["320813"]),
        ("铜仁市", 2009, ["522201"]),
        ("铜仁市", 2015, ["520600"]),
        ("巢湖市", 2009, ["341400"]),
        ("巢湖市", 2015, ["340181"]),
        ("襄樊市", 2008, ["420600"]),
        ("江口县", 2009, ["520621"]),  # only renumbered: one series under one code
        ("江北区", 2025, ["330205", "500105"]),  # the newest dated list still has 重庆's
        ("桥东区", 2014, ["130103", "130502", "130702"]),
        ("江口县", None, ["520621"]),
    ],
)
def test_find_in_a_year(name, year, expected):
    assert codes(find(name, year=year)) == expected


@pytest.mark.parametrize(
    ("name", "within", "expected"),
    [
        ("鼓楼区", "320000", ["320106", "320302"]),
        ("鼓楼区", "350100", ["350102"]),
        ("鼓楼区", "350102", ["350102"]),
        ("鼓楼区", "440000", []),
        ("枞阳县", "340800", ["340722"]),  # it lay in 安庆 until 2015
        ("江口县", "522200", ["520621"]),
    ],
)
def test_find_within(name, within, expected):
    assert codes(find(name, within=within)) == expected


def test_inside():
    assert inside(division("320813"), "320800")
    assert inside(division("320813"), "320000")
    assert inside(division("340722"), "340800")
    assert not inside(division("320813"), "320100")


@pytest.mark.parametrize(
    ("text", "expected", "path", "rest"),
    [
        ("淮安市洪泽区人民政府办公室", ["320813"], ("淮安市", "洪泽区"), "人民政府办公室"),
        ("北京市朝阳区统计局", ["110105"], ("北京市", "朝阳区"), "统计局"),
        ("临夏回族自治州永靖县", ["622923"], ("临夏回族自治州", "永靖县"), ""),
        ("河北省邯郸市气象局", ["130400"], ("河北省", "邯郸市"), "气象局"),
        ("晋城市城区人民政府", ["140502"], ("晋城市", "城区"), "人民政府"),
        ("昆明市市场监督管理局", ["530100"], ("昆明市",), "市场监督管理局"),
        ("上海科委", ["310000"], ("上海",), "科委"),
        ("海南州人民政府", ["632500"], ("海南州",), "人民政府"),
    ],
)
def test_locate(text, expected, path, rest):
    located = locate(text)
    assert located is not None
    assert (codes(located.candidates), located.path, located.rest) == (expected, path, rest)


@pytest.mark.parametrize("text", ["赤水镇人民政府", "公安局", "城乡规划局", "新民镇", "", "区"])
def test_locate_does_not_take_a_word_for_a_place(text):
    assert locate(text) is None


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("内蒙古自治区", "内蒙古"),
        ("维西傈僳族自治县", "维西"),
        ("东乡族自治县", "东乡"),
        ("鄂温克族自治旗", "鄂温克"),
        ("管城回族区", "管城"),
        ("万柏林区", "万柏林"),
        ("神农架林区", "神农架"),
        ("浦东新区", "浦东"),
        ("云县", "云"),
    ],
)
def test_stem(name, short):
    assert stem(name) == short


@given(st.sampled_from(divisions()))
def test_a_division_is_found_by_its_full_name_inside_its_city(each):
    assert each in find(each.name, within=each.adcode)
    assert each.adcode in codes(find(each.name, within=each.city_code))


@given(st.sampled_from(divisions()), st.sampled_from(["人民政府", "财政局", ""]))
def test_a_division_is_located_in_front_of_any_organ(each, rest):
    city = division(each.city_code)
    path = each.name if city == each else city.name + each.name
    located = locate(path + rest)
    assert located is not None
    assert located.rest == rest
    assert each.adcode in codes(located.candidates)


@given(st.text(max_size=20))
def test_locate_loses_nothing_of_the_text(text):
    located = locate(text)
    assert located is None or "".join(located.path) + located.rest == text


def test_corrections_of_pinyin_are_in_use():
    assert in_force()["411100"].pinyin == ("luo", "he", "shi")
