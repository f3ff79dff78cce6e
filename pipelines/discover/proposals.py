"""From the links of a listing page to proposed sources: which are annual reports, whose, and on which year.

Belongs here: judging a link by its title and what stands beside it, and bringing links to the same report
together. Does not: finding the links (`links`), fetching pages (`crawl`), keeping proposals (`pending`).

Titles are read by the same code that reads a document's (`pipelines.recognise.identity`): a link is a document
of which nothing but the title is known. A year is never taken from an address or a date of publication.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from pipelines.discover.addresses import host, is_gateway, same_document
from pipelines.discover.hosts import Owners, domain, wrong_host
from pipelines.discover.link import Link, year_alone, year_named
from pipelines.discover.links import links
from pipelines.discover.listings import Listing
from pipelines.discover.source import Source
from pipelines.read.document import Document
from pipelines.read.media import HTML
from pipelines.recognise.identity import Identity, NotAReport, UnidentifiedReport, identify
from pipelines.recognise.organs import is_body
from pipelines.recognise.titles import Title, compact, fold, title_of
from schemas.regions import division, find, locate

_MENTIONED = re.compile("年报|年度报告|信息公开.*报告|报告.*信息公开|信息公开.*(?:…|\\.{2,})$")
_REPORT = re.compile("信息公开.{0,20}(?:报告|年报)|政府信息工作年度报告")
_GENERIC = re.compile(
    r"(?:点击|在线|查看|详情|详细|下载|打开|预览|阅读|全文|正文|附件|链接|更多|PDF|WORD|HTML|版|文字|[>» ])+",
    re.IGNORECASE,
)
_CUT_OFF = re.compile(r"(?:\.{2,}|…+)$")
_DRAFT = re.compile("征求意见|草案|讨论稿|送审稿|模板|样表|格式文本")
_INSTITUTION = re.compile(
    r"事业单位|(?:大学|(?<!行政)学院|学校|[中小]学|幼儿园|医院|卫生院|保健院|公司|集团|企业)(?:[(（].*[)）])?$"
)
"""Bodies that report under other rules (高等学校信息公开办法, those for public institutions), not the Regulations."""
_PHRASES = ("政府信息公开工作年度报告", "政府信息公开年度报告", "政府信息公开情况年度报告", "政府信息公开年报")
_ENDINGS = tuple((phrase, at) for phrase in _PHRASES for at in range(len(phrase), phrase.index("公开") + 1, -1))
"""Where a title may be cut off: the usual phrases, each with the length of what is left, longest first."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A link that is an annual report, as a source that could be added to the catalogue.

    Args:
        url: its address; the first of several that lead to the same report.
        title: its title as listed.
        listing: the page that lists it.
        year: the year it covers; None where nothing tells.
        region_code: the division its publisher governs or belongs to; None where nothing tells.
        publisher: the body that published it; None where nothing tells.
        level: a code of `schemas.codes.LEVEL`; None where nothing tells.
        published_on: the date of publication that the page gives.
        also_at: other addresses of the same report, sorted.
        reason: why it cannot be added as it is, and what would settle it; None where it can.
    """

    url: str
    title: str
    listing: str
    year: int | None = None
    region_code: str | None = None
    publisher: str | None = None
    level: str | None = None
    published_on: date | None = None
    also_at: tuple[str, ...] = ()
    reason: str | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        """All its addresses, the first one first."""
        return (self.url, *self.also_at)

    def source(self) -> Source:
        """The source it becomes.

        Raises:
            ValueError: it says no year or no division; `reason` tells why.
        """
        if self.year is None or self.region_code is None:
            raise ValueError(f"{self.url} cannot become a source: {self.reason}")
        city = division(self.region_code).city
        return Source(self.url, city, self.year, self.region_code, self.publisher, self.title or None)


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A link whose title mentions annual reports but is none, with the reason."""

    url: str
    title: str
    reason: str


def proposals(listing: Listing, content: bytes, owners: Owners | None = None) -> tuple[Proposal, ...]:
    """The annual reports that a page of a listing links to, in its order; see `judge` for what is one.

    Args:
        listing: the listing, its `url` the address of this page.
        content: the page as sent.
        owners: whose the domains are, for telling a wrong host; not looked at where None.
    """
    judged = (judge(listing, link, owners) for link in links(content, listing.url))
    return tuple(each for each in judged if isinstance(each, Proposal))


def judge(listing: Listing, link: Link, owners: Owners | None = None) -> Proposal | PassedOver | None:
    """What a link of a listing is: a report, something about reports, or (None) something else.

    Not a report are: 文字解读 and 图解, news, notices and guides about one; drafts; reports of public
    institutions (事业单位, schools, hospitals, companies) and reports of other kinds. What is one without
    saying whose, or on which year, is proposed with the reason.
    """
    titles = _titles(listing, link)
    if not any(_mentions(title) for title in titles):
        return None
    read = [(title, _read(title)) for title in titles]
    found = next(((title, said) for title, said in read if isinstance(said, Title)), None)
    about = next((said for title, said in read if not isinstance(said, Title) and _mentions(title)), None)
    if found is None:
        return _cut_off(listing, link, titles, owners) or PassedOver(link.url, titles[0], about or "no annual report")
    title, said = found
    other = _other_kind(title, said.body)
    if other is not None:
        return PassedOver(link.url, title, other)
    return _proposal(listing, link, title, said, owners)


def merged(found: Iterable[Proposal], owners: Owners) -> tuple[Proposal, ...]:
    """The proposals with each report once, by year, division, publisher and address.

    Addresses of the same document, and documents of the same publisher and year, are one report. Its first
    address is, in turn: no gateway's, on a domain of its own division rather than of a wider one, https,
    short, first by alphabet. So it depends on the addresses alone and not on their order.
    """
    by_document: dict[str, list[Proposal]] = {}
    for proposal in found:
        by_document.setdefault(same_document(proposal.url), []).append(proposal)
    by_report: dict[object, list[Proposal]] = {}
    for key, same in by_document.items():
        # What is said on one page may settle what another leaves open.
        best = min(same, key=lambda each: (each.reason is not None, each.title == "", each.listing))
        addresses = {address for each in same for address in each.addresses}
        whole = replace(best, also_at=tuple(sorted(addresses - {best.url})))
        report = (whole.region_code, whole.publisher, whole.year) if whole.reason is None else key
        by_report.setdefault(report, []).append(whole)
    return tuple(sorted((_one(same, owners) for same in by_report.values()), key=_order))


def unknown(found: Iterable[Proposal], known: Iterable[Source], addresses: Iterable[str] = ()) -> tuple[Proposal, ...]:
    """The proposals that are no known source's report, neither by address nor by publisher and year.

    Args:
        found: proposals.
        known: the sources of the catalogue.
        addresses: further addresses known (`also_at` in the catalogue).
    """
    known = tuple(known)
    documents = {same_document(source.url) for source in known} | {same_document(url) for url in addresses}
    reports: dict[tuple[str, int], list[str]] = {}
    for source in known:
        if source.publisher:
            reports.setdefault((source.region_code, source.year), []).append(source.publisher)
    return tuple(
        proposal
        for proposal in found
        if not any(same_document(url) in documents for url in proposal.addresses) and not _is_of_one(proposal, reports)
    )


def titled_document(title: str, facts: tuple[tuple[str, str], ...]) -> Document:
    """A document of which nothing but the title, and facts by name, are known."""
    return Document(
        sha256="",
        media_type=HTML,
        reading="html",
        page_count=None,
        producer=None,
        title=title,
        facts=facts,
        blocks=(),
    )


def _titles(listing: Listing, link: Link) -> tuple[str, ...]:
    """What a link is called; what stands beside it where its own name says nothing (查看, 2023年)."""
    named = tuple(title for title in link.titles if not _GENERIC.fullmatch(title))
    if not any(_mentions(title) for title in named):
        beside = tuple(text for text in (*link.beside, link.heading) if _REPORT.search(text))
        if not named and beside:
            return beside
        year = next((year for title in named if (year := year_alone(title)) is not None), None)
        if year is not None and any(_REPORT.search(text) for text in (link.heading, listing.title or "")):
            return (f"{year}年{_PHRASES[0]}",)
    return named


def _mentions(title: str) -> bool:
    """Whether a title, also in the traditional characters of gateways, has words of an annual report's."""
    return _MENTIONED.search(fold(compact(title))) is not None


def _read(title: str) -> Title | str:
    """A title as that of an annual report, or why it is none."""
    try:
        return title_of(titled_document(title, ()), (), "")
    except NotAReport as error:
        return str(error)


def _cut_off(listing: Listing, link: Link, titles: tuple[str, ...], owners: Owners | None) -> Proposal | None:
    """A title that ends in dots as the report's it would be, had it gone on as they do; None if it could not be.

    Only the page tells whether it went on otherwise (解读), so this is left to be settled.
    """
    # Where the whole title stands beside the one that was cut off, it has been judged.
    whole = [compact(title) for title in titles if not _CUT_OFF.search(title)]
    for title in titles:
        begun = _CUT_OFF.sub("", title)
        if any(each.startswith(compact(begun)) for each in whole):
            continue
        rest = next((phrase[at:] for phrase, at in _ENDINGS if begun.endswith(phrase[:at])), None)
        said = _read(begun + rest) if begun != title and rest is not None else ""
        if isinstance(said, Title) and _other_kind(said.text, said.body) is None:
            proposal = _proposal(listing, link, said.text, said, owners)
            reason = proposal.reason or "the title is cut off on the listing page; look whether it is the report"
            return replace(proposal, title=title, reason=reason)
    return None


def _other_kind(title: str, body: str) -> str | None:
    """Why a title with the words of an annual report is another kind's; None where it is not."""
    if _DRAFT.search(title):
        return "a draft or template, not the published report"
    if _INSTITUTION.search(body) or re.search("事业单位|学年", title):
        return "a public institution's or company's report, under other rules than the Regulations (条例)"
    if body and not re.search("政[府务]信息", title) and not _names_body(body):
        return f"a report on something else: {body!r} is no body"
    return None


def _names_body(name: str) -> bool:
    """Whether a name is a body's, or a division's and nothing more."""
    located = locate(name)
    return is_body(name) or (located is not None and not located.rest) or bool(find(name))


def _proposal(listing: Listing, link: Link, title: str, said: Title, owners: Owners | None) -> Proposal:
    year = said.year or link.year or year_named(link.heading) or listing.year
    # A title made up for a link that only says a year is not kept: nobody printed it.
    printed = said.text if title in (*link.titles, *link.beside, link.heading) else ""
    proposal = Proposal(link.url, printed, listing.url, year, published_on=link.published_on)
    if year is None:
        reason = f"the title {title!r} names no year, and nothing beside it does; open the address and give the year"
        return replace(proposal, reason=reason)
    try:
        identity = _identity(listing, link, title, year)
    except UnidentifiedReport as error:
        return replace(proposal, reason=str(error))
    return replace(
        proposal,
        region_code=identity.region_code,
        publisher=identity.publisher,
        level=identity.level,
        reason=_nobody(said) or _doubt(proposal, identity, owners),
    )


def _identity(listing: Listing, link: Link, title: str, year: int) -> Identity:
    """Whose report it is, from title, columns and listing, as if the link were the document."""
    beside = [link.publisher, *([link.heading] if is_body(link.heading) else [])]
    facts = [("发布机构", body) for body in beside if body]
    facts.append(("栏目", f"{listing.title or ''} {division(listing.region_code).name}"))
    source = Source(link.url, listing.city, year, listing.region_code, listing.publisher)
    return identify(titled_document(title, tuple(facts)), source)


def _nobody(said: Title) -> str | None:
    """That what a title names as its body is none, such as words that announce pictures."""
    if not said.body or _names_body(said.body) or locate(said.body) is not None:
        return None
    return f"the title names {said.body!r}, which is no body or division; look whether it is the report"


def _doubt(proposal: Proposal, identity: Identity, owners: Owners | None) -> str | None:
    """Why an identified report should be looked at first."""
    published = proposal.published_on
    if published is not None and published.year < identity.year:
        return f"published on {published}, before the year it would cover was over; check the year"
    return wrong_host(proposal.url, identity.region_code, owners) if owners is not None else None


def _one(same: list[Proposal], owners: Owners) -> Proposal:
    addresses = sorted({address for each in same for address in each.addresses})
    first = min(addresses, key=lambda url: _address_order(url, owners))
    chosen = min(same, key=lambda each: (first not in each.addresses, each.title == "", each.listing, each.url))
    return replace(chosen, url=first, also_at=tuple(url for url in addresses if url != first))


def _address_order(url: str, owners: Mapping[str, str]) -> tuple[bool, bool, bool, int, str]:
    owner = owners.get(domain(host(url), owners))
    is_wide = owner == "" or (owner is not None and owner.endswith("0000"))
    return is_gateway(url), is_wide, not url.startswith("https:"), len(url), url


def _is_of_one(proposal: Proposal, reports: Mapping[tuple[str, int], list[str]]) -> bool:
    """Whether a proposal's publisher is a known one's of its year, named with more or fewer divisions in front."""
    if proposal.region_code is None or proposal.year is None or proposal.publisher is None:
        return False
    named = reports.get((proposal.region_code, proposal.year), [])
    return any(each.endswith(proposal.publisher) or proposal.publisher.endswith(each) for each in named)


def _order(proposal: Proposal) -> tuple[bool, int, str, str, str]:
    return (
        proposal.reason is not None,
        -(proposal.year or 0),
        proposal.region_code or "",
        proposal.publisher or "",
        proposal.url,
    )
