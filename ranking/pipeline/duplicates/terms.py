"""What an offer's title says, taken apart: words, model numbers, amounts, colours, variants."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ranking.pipeline.duplicates.lexicon import COLOURS, COUNTS, FILLERS, PACKINGS, UNITS, VARIANTS

_UNITS = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
AMOUNT = re.compile(rf"(?<![a-z\d.,])(\d+(?:[.,]\d+)?)[\s-]?({_UNITS})(?![a-z\d])")
CORES = re.compile(rf"\b({'|'.join(COUNTS)})[\s-]core\b")
# "Pack of 2", "2 x Lamp", "6 x 500 ml", "Lamp x2"; not "3x zoom", "S513M60X2G" or "400 x 2".
PACK = re.compile(
    r"\b(?:pack|set|box|lot|bundle) of (\d+)\b|^(\d{1,2})\s?x\s(?=[a-z])"
    r"|(?<![\w.])(\d{1,3})\s?x\s?(?=\d+(?:[.,]\d+)?\s?(?:[mc]?l|k?g)\b)"
    r"|(?<=[a-z]) x\s?(\d{1,2})$"
)
TOKEN = re.compile(r"\d+\.\d+|[a-z\d+]+")
LONGEST_JOINED = 16  # letters and digits of a model number that was torn into words
MOST_JOINED = 4  # words that it is torn into: "nn sd 797 s"
NETWORKS = (2.0, 3.0, 4.0, 5.0)  # "4g" weighs nothing


@dataclass(frozen=True, slots=True)
class Terms:
    """What a title comes to."""

    line: str  # all words but the amounts', in their order
    words: tuple[str, ...]  # the same without colours, variants and what is said of anything
    joined: frozenset[str]  # neighbouring words written as one, where it may be a model number
    codes: tuple[str, ...]  # what may be model numbers, as written and as joined
    variants: frozenset[str]
    colours: frozenset[str]
    amounts: dict[str, frozenset[float]]  # by what is measured, in its base unit
    figures: frozenset[str]  # the same as written, without units: model numbers hold them
    packing: frozenset[str]


def terms(title: str) -> Terms:
    """Return what the title says."""
    amounts: defaultdict[str, set[float]] = defaultdict(set)
    figures: set[str] = set()

    def measured(found: re.Match[str]) -> str:
        kind, factor = UNITS[found[2]]
        number = float(found[1].replace(",", "."))
        if found[2] != "g" or number not in NETWORKS:
            amounts[kind].add(round(number * factor, 3))
            figures.add(found[1])
        return " "

    def counted(found: re.Match[str]) -> str:
        amounts["cores"].add(float(COUNTS[found[1]]))
        return " "

    def packed(found: re.Match[str]) -> str:
        amounts["pack"].add(float(next(filter(None, found.groups()))))
        return " "

    text = PACK.sub(packed, CORES.sub(counted, plain(title)))
    tokens = TOKEN.findall(AMOUNT.sub(measured, text))
    told = [token for token in tokens if token not in COLOURS and token not in FILLERS]
    joined = frozenset(_joined(tokens))
    words = tuple(token for token in told if token not in VARIANTS)
    return Terms(
        line=" ".join(tokens),
        words=words,
        joined=joined,
        codes=tuple(sorted(code for code in {*words, *joined} if is_code(code))),
        variants=frozenset(VARIANTS[token] for token in told if token in VARIANTS),
        colours=frozenset(COLOURS[token] for token in tokens if token in COLOURS),
        amounts={kind: frozenset(values) for kind, values in amounts.items()},
        figures=frozenset(figures),
        packing=frozenset(PACKINGS[token] for token in tokens if token in PACKINGS),
    )


def plain(text: str) -> str:
    """Return the text in small letters without accents."""
    split = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss"))
    return "".join(letter for letter in split if not unicodedata.combining(letter))


def has_digit(token: str) -> bool:
    """Return whether there is a digit in it."""
    return not token.isalpha() and any(map(str.isdigit, token))


def is_code(token: str) -> bool:
    """Return whether it may be a maker's number: five signs or more, two of them digits."""
    return len(token) >= 5 and sum(map(str.isdigit, token)) >= 2 and "." not in token


def bare(code: str) -> str:
    """Return the model number without the letters that it begins with: "UE55NU7100", "55NU7100"."""
    return code.lstrip("abcdefghijklmnopqrstuvwxyz")


def _joined(tokens: Sequence[str]) -> Iterator[str]:
    """Yield what two to four neighbouring words make together, where letters and digits mix."""
    for start, token in enumerate(tokens):
        joined = token
        for following in tokens[start + 1 : start + MOST_JOINED]:
            joined += following
            if len(joined) > LONGEST_JOINED:
                break
            if has_digit(joined) and not joined.isdigit() and "." not in joined:
                yield joined
