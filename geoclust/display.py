"""How results show themselves in a notebook: a title, a line of facts, short tables, remarks.

It lies below the rooms because each of them shows its own result and rooms do not enter rooms.
Whatever comes from data passes jinja2's autoescaping.  No script, no style sheet, no identifier:
colours are the notebook's own, so that a light and a dark theme both read, and the same result
gives the same bytes.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

if TYPE_CHECKING:
    import jinja2

MISSING: Final = "–"  # noqa: RUF001 - a dash is what a reader expects in an empty cell
MOST_ROWS: Final = 10
"""Rows of a table that are shown; how many more there are is said below it."""
MOST_LETTERS: Final = 120
"""Longer texts are cut: a name of a whole page must not push the table away."""
SHORT: Final = 48
"""Columns of texts no longer than this are not broken into lines."""

_HEADS: Final = "white-space:normal;max-width:9em;vertical-align:bottom"
_NUMBER: Final = re.compile(f"{MISSING}|[+\u2212-]?\\d[\\d,.]*(e-\\d+)?( ?%|=)?")


@dataclass(frozen=True)
class Listing:
    """The first rows of a table, its columns headed as a reader wants them."""

    caption: str
    table: pd.DataFrame
    """Its index is the first column, headed by the index's name."""
    remark: str = ""
    """Below the table, after how many rows are not shown."""


def card(
    kind: str,
    name: str = "",
    *,
    facts: Mapping[str, object] | None = None,
    listings: Sequence[Listing] = (),
    remarks: Sequence[str] = (),
) -> str:
    """A result as a piece of HTML that may stand in any page.

    Parameters
    ----------
    kind
        What it is, in a word.
    name
        What it is called.
    facts
        Labels and values, shown in one line.
    listings
        Tables; those without rows say so.
    remarks
        Sentences below.

    Returns
    -------
    str
        One `div`; every text escaped.

    Examples
    --------
    >>> text = card("Study", "<img src=x onerror=alert(1)>", facts={"records": 1215})
    >>> "<img" in text, "&lt;img" in text, "1,215" in text
    (False, True, True)
    """
    html: str = _template().render(
        kind=kind,
        name=_clipped(name),
        facts=[(label, _cell(value)) for label, value in (facts or {}).items()],
        listings=[_rows(listing) for listing in listings],
        remarks=remarks,
        heads=_HEADS,
    )
    return html.encode("utf-8", errors="backslashreplace").decode()


def _rows(listing: Listing) -> dict[str, Any]:
    table = listing.table.head(MOST_ROWS)
    columns = [[_cell(value) for value in table.index]]
    columns += [[_cell(value) for value in table.iloc[:, at]] for at in range(table.shape[1])]
    labels = [str(table.index.name or ""), *map(str, table.columns)]
    more = len(listing.table) - MOST_ROWS
    below = [f"and {more:,} more"] if more > 0 else []
    return {
        "caption": listing.caption,
        "labels": labels,
        "rows": list(zip(*columns, strict=True)),
        "styles": [_style(column) for column in columns],
        "below": "; ".join(below + [listing.remark] * bool(listing.remark)),
    }


def _style(column: Sequence[str]) -> str:
    """Numbers to the right; nothing broken that is short, and room for what is long."""
    side = "right" if all(_NUMBER.fullmatch(text) for text in column) else "left"
    short = all(len(text) <= SHORT for text in column)
    width = "white-space:nowrap" if short else "min-width:28em"
    return f"text-align:{side};padding:0.15em 0.7em;vertical-align:top;{width}"


def _cell(value: object) -> str:
    """A value as a reader wants it.

    Examples
    --------
    >>> [_cell(value) for value in (1234, 0.12345, True, "gb-cambridge")]
    ['1,234', '0.123', 'yes', 'gb-cambridge']
    """
    if isinstance(value, str):
        return _clipped(value)
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 - only NaN differs
        return MISSING
    if pd.api.types.is_bool(value):
        return "yes" if value else "no"
    if pd.api.types.is_integer(value):
        return f"{value:,}".replace("-", "\u2212")
    if pd.api.types.is_float(value):
        return significant(float(value)).replace("-", "\u2212")
    return _clipped(str(value))


def _clipped(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"


def significant(amount: float, digits: int = 3) -> str:
    """A number with so many significant digits, grouped, never in powers of ten above 1e-6.

    Examples
    --------
    >>> significant(1234.5), significant(0.5), significant(0), significant(1.2e-8)
    ('1,230', '0.5', '0', '1.2e-08')
    """
    if amount == 0 or not math.isfinite(amount):
        return f"{amount:g}"
    exponent = math.floor(math.log10(abs(amount)))
    if exponent < -6:  # noqa: PLR2004
        return f"{amount:.{digits - 1}g}"
    rounded = round(amount, digits - 1 - exponent)
    decimals = max(0, digits - 1 - exponent)
    text = f"{rounded:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@cache
def _template() -> "jinja2.Template":
    import jinja2  # noqa: PLC0415 - heavy

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_CARD)


_CARD: Final = """\
<div class="geoclust-result" style="margin:0.3em 0;line-height:1.45">
<div><b>{{ kind }}</b>{{ " " if name }}{{ name }}</div>
{% if facts %}
<div>
{% for label, value in facts %}
<span style="margin-right:1.4em"><span style="opacity:0.7">{{ label }}</span> {{ value }}</span>
{% endfor %}
</div>
{% endif %}
{% for one in listings %}
<div style="margin-top:0.7em;opacity:0.8">{{ one.caption }}</div>
{% if one.rows %}
<div style="overflow-x:auto" tabindex="0" role="region" aria-label="{{ one.caption }}">
<table style="border-collapse:collapse;margin:0.2em 0">
<thead><tr>
{% for label in one.labels %}
<th scope="col" style="{{ one.styles[loop.index0] }};{{ heads }}">{{ label }}</th>
{% endfor %}
</tr></thead>
<tbody>
{% for row in one.rows %}
<tr>
{% for text in row %}
<td style="{{ one.styles[loop.index0] }}">{{ text }}</td>
{% endfor %}
</tr>
{% endfor %}
</tbody>
</table>
</div>
{% else %}
<div>none</div>
{% endif %}
{% if one.below %}
<div style="opacity:0.7">{{ one.below }}</div>
{% endif %}
{% endfor %}
{% for text in remarks %}
<div style="margin-top:0.4em;opacity:0.8">{{ text }}</div>
{% endfor %}
</div>
"""
