"""How prices, moments, shares and durations are written on every page."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from babel.numbers import UnknownCurrencyError, format_currency, get_currency_symbol
from django import template
from django.utils import formats, timezone

from taxonomy.models import Category, Import, Product, TreeUpdate

register = template.Library()

MINUTE, HOUR = 60, 3600


@register.filter
def price(product: Product) -> str:
    """Return the product's price with its currency, "12.90 €", or words when it has none."""
    return "no price" if product.price is None else money(product.price, product.currency)


@register.filter
@lru_cache(maxsize=10_000)
def money(amount: Decimal, currency: str) -> str:
    """Return the amount with the currency's own number of decimals: "12.90 €", "1,290 ¥"."""
    if not currency:
        return f"{amount:,.2f}"
    try:
        symbol = get_currency_symbol(currency, locale="en")
        written = format_currency(amount, currency, format="#,##0.00\xa0¤", locale="en")
    except UnknownCurrencyError:
        return f"{amount:,.2f}\xa0{currency}"
    return written if symbol else f"{written}\xa0{currency}"


@register.filter
def percent(share: float | None) -> str:
    """Return 0.923 as "92 %", and a dash for nothing."""
    return "–" if share is None else f"{share * 100:.0f}\xa0%"


@register.filter
def exact_percent(share: float | None) -> str:
    """Return 0.9234 as "92.3 %", and a dash for nothing."""
    return "–" if share is None else f"{share * 100:.1f}\xa0%"


@register.filter
def points_of(share: float) -> str:
    """Return a bound on shares in points, without a sign: 0.01 as "1"."""
    return f"{100 * share:g}"


@register.filter
def moment(at: datetime | None) -> str:
    """Return the time of day for today, "20 Nov, 06:12" for this year, else with the year."""
    if at is None:
        return "–"
    local, today = timezone.localtime(at), timezone.localdate()
    if local.date() == today:
        return formats.date_format(local, "H:i")
    return formats.date_format(local, "j M, H:i" if local.year == today.year else "j M Y")


@register.filter
def duration(seconds: float | None) -> str:
    """Return the time as people say it: "0.4 s", "48 s", "3 min 05 s", "2 h 10 min"."""
    if seconds is None:
        return "–"
    if seconds < 10:
        return f"{seconds:.1f}\xa0s"
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole}\xa0s"
    if whole < HOUR:
        return f"{whole // MINUTE}\xa0min {whole % MINUTE:02d}\xa0s"
    return f"{whole // HOUR}\xa0h {whole % HOUR // MINUTE:02d}\xa0min"


@register.filter
def above(category: Category) -> str:
    """Return the two categories above, nearest last; "…" stands for those further up."""
    names = category.ancestor_names
    return " › ".join(["…", *names[-2:]] if len(names) > 2 else names)


@register.filter
def milliseconds(seconds: float) -> str:
    """Return a short time as "84 ms", or "0.3 ms" below ten."""
    value = 1000 * seconds
    return f"{value:.1f}\xa0ms" if value < 10 else f"{value:,.0f}\xa0ms"


@register.filter
def figure_words(found: Import) -> str:
    """Return what an import did: "1,503 rows · 1,500 created"; rejects are told elsewhere."""
    counts = {name: n for name, n in found.figures.items() if n and name != "rejected"}
    return " · ".join(f"{n:,}\xa0{name}" for name, n in counts.items()) or "nothing changed"


@register.filter
def update_words(found: TreeUpdate) -> str:
    """Return what a version did: "168 added · 12 retired · 40 products refiled"."""
    counts = {name: n for name, n in found.figures.items() if n and name != "categories"}
    parts = [f"{n:,}\xa0{_of_version(name, n)}" for name, n in counts.items()]
    return " · ".join(parts) or "nothing changed"


def _of_version(figure: str, number: int) -> str:
    one = {
        "successors": "successor",
        "refiled": "filing moved",
        "pages": "page switched on",
        "drafts": "text drafted",
        "rejected": "line set aside",
    }.get(figure)
    if one is None:
        return figure
    noun, _, done = one.partition(" ")
    return f"{noun}{'' if number == 1 else 's'} {done}".rstrip()


@register.filter
def until(start: datetime, end: datetime | None) -> float | None:
    """Return the seconds between two moments, for `duration`; None while there is no end."""
    return None if end is None else (end - start).total_seconds()


@register.filter
def is_web_address(link: str) -> bool:
    """Whether a feed's link may be followed: nothing but http leads out of these pages."""
    return link.startswith(("https://", "http://"))


@register.filter
def signed(number: float, digits: int = 2) -> str:
    """Return the number with its sign, a true minus: "+0.42", "−0.07"; "0.00" has none."""
    sign = "+" if round(number, digits) else "z"
    return f"{number:{sign}.{digits}f}".replace("-", "−")


@register.filter
def signed_points(share: float) -> str:
    """Return a difference of shares in points, signed: 0.0042 as "+0.4"."""
    return signed(100 * share, 1)


@register.filter
def coefficient(number: float | None, digits: int = 2) -> str:
    """Return it with its digits and a true minus: "0.77", "−0.13"; a dash for nothing."""
    return "–" if number is None else f"{number:z.{digits}f}".replace("-", "−")  # z: no −0.00


@register.filter
def plain_number(value: object) -> str:
    """Return a signal's value with three digits at most; words where it is unknown."""
    if value is None:
        return "unknown"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:.3g}".replace("-", "−")


@register.inclusion_tag("_pager.html", takes_context=True)
def pager(context: template.Context, page: object) -> dict[str, object]:
    """Draw the way to a long list's other pages, keeping what was searched for."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    return {"page": page, "query": query.urlencode(), "path": context["request"].path}
