"""What a reader asks in words: a region and a number, a region alone, or a record."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from geoclust.catalogue import nearest
from geoclust.errors import ParameterError
from geoclust.explanation.asking import audit_region, explain
from geoclust.explanation.driving import SUBJECT, TITLE, explain_driver
from geoclust.explanation.evidence import Evidence
from geoclust.explanation.outcome import Explanation, bare, rows_of
from geoclust.explanation.recorded import explain_record, nearest_few
from geoclust.explanation.telling import MISMATCH, tame
from geoclust.explanation.working import missing, said

if TYPE_CHECKING:
    from geoclust.study import Results, Study


@dataclass(frozen=True, eq=False)
class Audit:
    """Every number of a region, as reported and as worked out anew."""

    subject: str
    subject_name: str
    table: pd.DataFrame
    """As `audit_region`."""

    @property
    def agrees(self) -> bool:
        """Whether all agree."""
        return bool(self.table["agrees"].all())

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values."""
        return {
            "subject": self.subject,
            "name": self.subject_name,
            "agrees": self.agrees,
            "numbers": rows_of(self.table.reset_index()),
        }

    def to_text(self, *, rows: int | None = None) -> str:  # noqa: ARG002 - as an explanation's
        """As text, one line a number: all of them."""
        lines = [f"{tame(self.subject_name)} ({tame(self.subject)}): every number worked out anew"]
        for row in self.table.reset_index().itertuples():
            verdict = "" if row.agrees else f"  {MISMATCH}: {said(row.recomputed)} worked out"
            value = "" if missing(row.value) else said(row.value)
            lines.append(f"  {row.indicator:<40} {tame(value)}{tame(verdict)}")
        count = int((~self.table["agrees"].astype(bool)).sum())
        told = "all agree" if not count else f"{count} DO NOT AGREE"
        lines.append(f"{len(self.table)} numbers, {told}. Any of them: geoclust explain ... NUMBER")
        return "\n".join(lines)


def answer(
    study: "Study | Results", subject: str, indicator: str | None = None
) -> Explanation | Audit:
    """Explain a number of a region, all of a region's, a record, or what separates verdicts.

    Raises
    ------
    ParameterError
        If there is neither a region nor a record of that name; the nearest are given.
    """
    evidence = Evidence.of(study)
    if subject == SUBJECT:
        return _driven(evidence, indicator)
    if subject in evidence.regions.index:
        if indicator is not None:
            return explain(evidence, subject, indicator)
        name = str(bare(evidence.regions.at[subject, "name"]) or subject)
        return Audit(subject, name, audit_region(evidence, subject))
    if subject not in evidence.records.index:
        regions, records = map(str, evidence.regions.index), map(str, evidence.records.index)
        near = nearest(subject, list(regions))
        if not near.startswith("did"):
            near = nearest_few(subject, list(records))
        raise ParameterError(f"no region or record is called {subject!r}; {near}")
    if indicator is not None:
        raise ParameterError(
            f"{subject!r} is a record; a number belongs to a region: leave {indicator!r} out, or "
            f"name the region, {bare(evidence.region_of[subject]) or 'of which it has none'}"
        )
    return explain_record(evidence, subject)


def _driven(evidence: Evidence, indicator: str | None) -> Explanation | Audit:
    """One driver, or all of them."""
    if indicator is not None:
        return explain_driver(evidence, indicator)
    told = [explain_driver(evidence, str(name)) for name in evidence.drivers.index]
    rows = [
        {
            "indicator": one.indicator,
            "label": one.label,
            "value": one.value,
            "recomputed": one.recomputed,
            "agrees": one.agrees,
            "filled": one.filled,
        }
        for one in told
    ]
    columns = ["indicator", "label", "value", "recomputed", "agrees", "filled"]
    table = pd.DataFrame(rows, columns=columns).astype({"value": object, "recomputed": object})
    return Audit(SUBJECT, TITLE, table.set_index("indicator"))
