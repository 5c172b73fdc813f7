"""Columns of money: what their headers say of currency and unit is obeyed or told, never guessed.

An amount in another currency is not taken as USD: its rate is the user's to state.
"""

import re
from typing import Final

from geoclust.records.inspecting.columns import ColumnGuess
from geoclust.records.inspecting.synonyms import fold_header

MONEY: Final = ("funding_usd", "equity_funding_usd")

_CURRENCIES: Final = {
    "EUR": ("eur", "euro", "euros"), "GBP": ("gbp", "pound", "pounds"),
    "CHF": ("chf", "franken", "francs"), "SEK": ("sek", "kronor"), "NOK": ("nok",),
    "DKK": ("dkk", "kroner"), "PLN": ("pln", "zloty"), "CZK": ("czk",), "HUF": ("huf",),
    "JPY": ("jpy", "yen"), "CNY": ("cny", "rmb", "yuan"), "INR": ("inr", "rupees"),
    "KRW": ("krw", "won"), "AUD": ("aud",), "CAD": ("cad",), "BRL": ("brl", "reais"),
    "MXN": ("mxn",), "ILS": ("ils", "nis"), "TRY": ("try", "tl"), "ZAR": ("zar", "rand"),
    "SGD": ("sgd",), "RUB": ("rub", "rubles"),
}  # fmt: skip
_SIGNS: Final = {
    "\u20ac": "EUR",
    "\u00a3": "GBP",
    "\u00a5": "JPY",
    "\u20b9": "INR",
    "\u20a9": "KRW",
}
_MILLIONS: Final = frozenset({"million", "millions", "mio", "mn", "mln", "millionen", "millones"})
_THOUSANDS: Final = frozenset({"thousand", "thousands", "tsd", "tausend", "milliers", "miles", "k"})


def read_money(
    guesses: list[ColumnGuess],
) -> tuple[list[ColumnGuess], dict[str, float], list[str]]:
    """The guesses without money of other currencies, factors of units, and remarks on both.

    Examples
    --------
    >>> guess = ColumnGuess("funding_usd", "Finanzierung (Mio. USD)", 0.8, "its name")
    >>> read_money([guess])[1]
    {'funding_usd': 1000000.0}
    >>> read_money([ColumnGuess("funding_usd", "Finanzierung (EUR)", 0.8, "its name")])[0]
    []
    """
    kept, factors, remarks = [], {}, []
    for guess in guesses:
        currency = _currency(guess.own) if guess.name in MONEY else None
        factor, unit = _unit(guess.own) if guess.name in MONEY else (1.0, "")
        if currency is not None:
            remarks.append(_foreign(guess, currency, factor))
            continue
        kept.append(guess)
        if guess.name in MONEY:
            told = f"in {unit} of USD" if unit else "as whole USD"
            remarks.append(f"{guess.own!r} is taken {told}: check it")
        if factor != 1:
            factors[guess.name] = factor
    return kept, factors, remarks


def _currency(header: str) -> str | None:
    """The code of a currency other than USD that a header names."""
    words = set(fold_header(header).split())
    signs = [code for sign, code in _SIGNS.items() if sign in header]
    named = [code for code, spellings in _CURRENCIES.items() if words & set(spellings)]
    return next(iter([*signs, *named]), None)


def _unit(header: str) -> tuple[float, str]:
    words = set(fold_header(header).split())
    if words & _MILLIONS:
        return 1e6, "millions"
    if words & _THOUSANDS or re.search("k[\u20ac$\u00a3]|T\u20ac", header):
        return 1e3, "thousands"
    return 1.0, ""


def _foreign(guess: ColumnGuess, currency: str, factor: float) -> str:
    factors = "" if factor == 1 else f", factors = {{ {guess.name} = {factor:g} }}"
    return (
        f"{guess.own!r} is in {currency} by its name and therefore not used: to use it, add "
        f"{guess.name} = {guess.own!r} to columns, and say currency = {currency!r} and "
        f"usd_per_unit, the USD that one {currency} is worth{factors}"
    )
