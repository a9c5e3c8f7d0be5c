"""Where callers come from: provinces, area codes, and the city and carrier of a mobile segment. All offline.

A landline's place comes from the table of area codes below. A mobile's comes from a table of all segments of seven
digits, ``mobile_segments.xz`` beside this file, which `tools.compile_segments` makes of the data of `phone` and
`phonenumbers`: what both know and tell differently is not known. It is read on the first question (some 30 ms, 2 MB),
or before it by `warm_up`.
"""

from __future__ import annotations

import json
import lzma
import sys
from array import array
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

SEGMENTS_FILE = "mobile_segments.xz"
UNKNOWN = "未知"
"""The province or city nobody knows (CONTRACT, *Numbers and callers*)."""

PROVINCES: tuple[str, ...] = (
    *("北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "江苏", "浙江", "安徽"),
    *("福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "广西", "海南", "重庆", "四川", "贵州"),
    *("云南", "西藏", "陕西", "甘肃", "青海", "宁夏", "新疆", "台湾", "香港", "澳门"),
)
"""The 34 province-level units by their short names."""

CARRIERS: tuple[str, ...] = ("mobile", "unicom", "telecom", "broadnet")
"""Carriers as ``numbers.yaml`` names them, and 中国广电; an unknown one is ``unknown``."""
UNKNOWN_CARRIER = "unknown"


class CallerPlace(NamedTuple):
    """What is known of where a number belongs; `UNKNOWN` or ``unknown`` where it is not."""

    province: str = UNKNOWN
    city: str = UNKNOWN
    carrier: str = UNKNOWN_CARRIER


NOWHERE = CallerPlace()
FOREIGN_PLACES = {
    "00852": CallerPlace("香港", "香港"),
    "00853": CallerPlace("澳门", "澳门"),
    "00886": CallerPlace("台湾"),
}

# Area codes with the cities each serves, cities under 5 % of a code's mobile segments left out. Made from phone.dat
# 2312 and checked against phonenumbers 9.0.43, which names no other province for any of them; with the retired codes
# that old records still show (0378, 0410, 0413, 0414, 0565, 0732, 0733, 0852, 0853, 0890, 0899, 0910).
_AREA_TABLE = (
    "北京 010北京\n"
    "天津 022天津\n"
    "河北 0310邯郸 0311石家庄 0312保定 0313张家口 0314承德 0315唐山 0316廊坊 0317沧州 0318衡水 0319邢台 "
    "0335秦皇岛\n"
    "山西 0349朔州 0350忻州 0351太原 0352大同 0353阳泉 0354晋中 0355长治 0356晋城 0357临汾 0358吕梁 "
    "0359运城\n"
    "内蒙古 0470呼伦贝尔 0471呼和浩特 0472包头 0473乌海 0474乌兰察布 0475通辽 0476赤峰 0477鄂尔多斯 "
    "0478巴彦淖尔 0479锡林郭勒 0482兴安 0483阿拉善\n"
    "辽宁 024沈阳/铁岭/抚顺/本溪 0410铁岭 0411大连 0412鞍山 0413抚顺 0414本溪 0415丹东 0416锦州 0417营口 "
    "0418阜新 0419辽阳 0421朝阳 0427盘锦 0429葫芦岛\n"
    "吉林 0431长春 0432吉林 0433延边 0434四平 0435通化 0436白城 0437辽源 0438松原 0439白山\n"
    "黑龙江 0451哈尔滨 0452齐齐哈尔 0453牡丹江 0454佳木斯 0455绥化 0456黑河 0457大兴安岭 0458伊春 "
    "0459大庆 0464七台河 0467鸡西 0468鹤岗 0469双鸭山\n"
    "上海 021上海\n"
    "江苏 025南京 0510无锡 0511镇江 0512苏州 0513南通 0514扬州 0515盐城 0516徐州 0517淮安 0518连云港 "
    "0519常州 0523泰州 0527宿迁\n"
    "浙江 0570衢州 0571杭州 0572湖州 0573嘉兴 0574宁波 0575绍兴 0576台州 0577温州 0578丽水 0579金华 "
    "0580舟山\n"
    "安徽 0550滁州 0551合肥 0552蚌埠 0553芜湖 0554淮南 0555马鞍山 0556安庆 0557宿州 0558阜阳/亳州 "
    "0559黄山 0561淮北 0562铜陵 0563宣城 0564六安 0565巢湖 0566池州\n"
    "福建 0591福州 0592厦门 0593宁德 0594莆田 0595泉州 0596漳州 0597龙岩 0598三明 0599南平\n"
    "江西 0701鹰潭 0790新余 0791南昌 0792九江 0793上饶 0794抚州 0795宜春 0796吉安 0797赣州 0798景德镇 "
    "0799萍乡\n"
    "山东 0530菏泽 0531济南 0532青岛 0533淄博 0534德州 0535烟台 0536潍坊 0537济宁 0538泰安 0539临沂 "
    "0543滨州 0546东营 0631威海 0632枣庄 0633日照 0634莱芜 0635聊城\n"
    "河南 0370商丘 0371郑州/开封 0372安阳 0373新乡 0374许昌 0375平顶山 0376信阳 0377南阳 0378开封 "
    "0379洛阳 0391焦作 0392鹤壁 0393濮阳 0394周口 0395漯河 0396驻马店 0398三门峡\n"
    "湖北 027武汉 0710襄阳 0711鄂州 0712孝感 0713黄冈 0714黄石 0715咸宁 0716荆州 0717宜昌 0718恩施 "
    "0719十堰/神农架 0722随州 0724荆门 0728仙桃/潜江/天门\n"
    "湖南 0730岳阳 0731长沙/株洲/湘潭 0732湘潭 0733株洲 0734衡阳 0735郴州 0736常德 0737益阳 0738娄底 "
    "0739邵阳 0743湘西 0744张家界 0745怀化 0746永州\n"
    "广东 020广州 0660汕尾 0662阳江 0663揭阳 0668茂名 0750江门 0751韶关 0752惠州 0753梅州 0754汕头 "
    "0755深圳 0756珠海 0757佛山 0758肇庆 0759湛江 0760中山 0762河源 0763清远 0766云浮 0768潮州 0769东莞\n"
    "广西 0770防城港 0771南宁/崇左 0772柳州/来宾 0773桂林 0774梧州/贺州 0775玉林/贵港 0776百色 0777钦州 "
    "0778河池 0779北海\n"
    "海南 0890儋州 0898海口/三亚 0899三亚\n"
    "重庆 023重庆\n"
    "四川 028成都/资阳/眉山 0812攀枝花 0813自贡 0816绵阳 0817南充 0818达州 0825遂宁 0826广安 0827巴中 "
    "0830泸州 0831宜宾 0832内江 0833乐山 0834凉山 0835雅安 0836甘孜 0837阿坝 0838德阳 0839广元\n"
    "贵州 0851贵阳/遵义/安顺 0852遵义 0853安顺 0854黔南 0855黔东南 0856铜仁 0857毕节 0858六盘水 "
    "0859黔西南\n"
    "云南 0691西双版纳 0692德宏 0870昭通 0871昆明 0872大理 0873红河 0874曲靖 0875保山 0876文山 0877玉溪 "
    "0878楚雄 0879普洱 0883临沧 0886怒江 0887迪庆 0888丽江\n"
    "西藏 0891拉萨 0892日喀则 0893山南 0894林芝 0895昌都 0896那曲 0897阿里\n"
    "陕西 029西安/咸阳 0910咸阳 0911延安 0912榆林 0913渭南 0914商洛 0915安康 0916汉中 0917宝鸡 0919铜川\n"
    "甘肃 0930临夏 0931兰州 0932定西 0933平凉 0934庆阳 0935武威/金昌 0936张掖 0937嘉峪关/酒泉 0938天水 "
    "0939陇南 0941甘南 0943白银\n"
    "青海 0970海北 0971西宁 0972海东 0973黄南 0974海南 0975果洛 0976玉树 0977海西 0979海西\n"
    "宁夏 0951银川 0952石嘴山 0953吴忠 0954固原 0955中卫\n"
    "新疆 0901塔城 0902哈密 0903和田 0906阿勒泰 0908克孜勒苏 0909博尔塔拉 0990克拉玛依 0991乌鲁木齐 "
    "0992伊犁 0993石河子 0994昌吉 0995吐鲁番 0996巴音郭楞 0997阿克苏 0998喀什 0999伊犁\n"
)


def _read_areas(table: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    areas: dict[str, tuple[str, tuple[str, ...]]] = {}
    for line in table.splitlines():
        province, *entries = line.split()
        for entry in entries:
            code = entry[:3] if entry[1] in "12" else entry[:4]
            areas[code] = (province, tuple(entry[len(code) :].split("/")))
    return areas


AREA_CODES = _read_areas(_AREA_TABLE)
"""Area code with its 0 → province and the cities that share the code."""
_CITIES = {province: set[str]() for province in PROVINCES}
for _province, _cities in AREA_CODES.values():
    _CITIES[_province].update(_cities)

_LANDLINES = {
    code: CallerPlace(province, cities[0] if len(cities) == 1 else UNKNOWN)
    for code, (province, cities) in AREA_CODES.items()
}

# Places that the two sources name differently: seat and prefecture, old and new name, short and full.
_CITY_NAMES = {
    "吉首": "湘西",
    "克州": "克孜勒苏",
    "博州": "博尔塔拉",
    "巴州": "巴音郭楞",
    "奎屯": "伊犁",
    "格尔木": "海西",
    "襄樊": "襄阳",
    "锡林郭勒盟": "锡林郭勒",
    "江汉": "仙桃",
    "芒市": "德宏",
    "香格里拉": "迪庆",
}
_LONG_SUFFIXES = ("省", "市", "自治区", "特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "维吾尔族自治区")
_LONG_NAMES = {p + s: p for p in PROVINCES for s in _LONG_SUFFIXES} | {p: p for p in PROVINCES}
_LONG_NAMES |= {UNKNOWN: UNKNOWN, "unknown": UNKNOWN, "臺灣": "台湾", "臺灣省": "台湾"}
_CARRIER_NAMES = {
    "移动": "mobile",
    "联通": "unicom",
    "电信": "telecom",
    "广电": "broadnet",
    "未知": UNKNOWN_CARRIER,
    **{name: name for name in (*CARRIERS, UNKNOWN_CARRIER)},
}


def canonical_province(text: str) -> str | None:
    """The short name of a province-level unit given by its short or long name (``内蒙古自治区`` → ``内蒙古``), ``未知``
    for itself; None when it names none."""
    return _LONG_NAMES.get(text.strip())


def canonical_city(text: str) -> str:
    """A city's name as caller facts give it: without ``市``, prefectures by their short names. Any text is accepted."""
    name = text.strip()
    if name in _CITY_NAMES:
        return _CITY_NAMES[name]
    for cities in _CITIES.values():
        if name.removesuffix("市") in cities:
            return name.removesuffix("市")
    for cities in _CITIES.values():
        for city in cities:
            if name.startswith(city) and name.endswith(("地区", "盟", "自治州", "林区", "县")):
                return city
    short = name.removesuffix("市") if len(name) > 2 else name
    return _CITY_NAMES.get(short, short)


def canonical_carrier(text: str) -> str | None:
    """``mobile``, ``unicom``, ``telecom``, ``broadnet`` or ``unknown`` for a carrier's name in either language
    (``中国移动``, ``电信``); a virtual operator counts as the network it uses. None when it names none."""
    return _CARRIER_NAMES.get(text.strip().lower().removeprefix("中国").removesuffix("虚拟运营商"))


def area_code_of(national: str) -> str | None:
    """The known area code with which national digits begin, its 0 included; None when there is none."""
    if national[:1] != "0":
        return None
    code = national[:3] if national[1:2] in ("1", "2") else national[:4]
    return code if code in AREA_CODES else None


def landline_place(national: str) -> CallerPlace:
    """Where a landline stands; the city only where its area code serves no other. Its carrier is not in the number."""
    code = area_code_of(national)
    if code is None:
        return NOWHERE
    return _LANDLINES[code]


def foreign_place(number: str) -> CallerPlace:
    """The place of a ``00`` number: the three units with country codes of their own, else unknown."""
    return FOREIGN_PLACES.get(number[:5], NOWHERE)


def warm_up() -> None:
    """Load the table of mobile segments now, so that no call waits for it."""
    mobile_place("1380013")


def mobile_place(segment: str) -> CallerPlace:
    """The place of a mobile number by its first seven digits; `NOWHERE` for what is no segment."""
    places, ids, first = _table()
    index = int(segment) - first if len(segment) == 7 and segment.isascii() and segment.isdigit() else -1
    return places[ids[index]][0] if 0 <= index < len(ids) else NOWHERE


def mobile_unsure(segment: str) -> tuple[str, ...]:
    """What the sources of the table tell differently of a segment (``province``, ``city``, ``carrier``), and that is
    therefore not known."""
    places, ids, first = _table()
    index = int(segment) - first if len(segment) == 7 and segment.isascii() and segment.isdigit() else -1
    return places[ids[index]][1] if 0 <= index < len(ids) else ()


@lru_cache(maxsize=1)
def segments_by_place() -> dict[CallerPlace, array[int]]:
    """Every mobile segment of the table as a number, ascending, by its place; made on the first question."""
    places, ids, first = _table()
    found: dict[CallerPlace, array[int]] = {}
    lists = [found.setdefault(place, array("I")) for place, _ in places]
    for index, identity in enumerate(ids, first):
        lists[identity].append(index)
    return found


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[tuple[CallerPlace, tuple[str, ...]], ...], array[int], int]:
    """Places with what is unsure of them, and the place of every segment from the first on."""
    head, _, body = lzma.decompress(resources.files(__package__).joinpath(SEGMENTS_FILE).read_bytes()).partition(b"\n")
    described = json.loads(head)
    ids = array("H")
    ids.frombytes(body)
    if sys.byteorder == "big":
        ids.byteswap()
    places = tuple((CallerPlace(*place), tuple(unsure)) for place, unsure in described["places"])
    return places, ids, described["first"]
