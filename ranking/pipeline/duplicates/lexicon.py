"""Units, and words that tell variants of a thing apart: the little that has to be known of them.

English, with the German and French words that stand in feeds beside it.
"""

from __future__ import annotations

_MEASURED = {
    "storage": {"tb": 1000.0, "gb go": 1.0},  # gigabytes; megabytes are a processor's
    "memory": {"mb": 1.0},
    "length": {"cm": 1.0, "mm": 0.1, "inch inches zoll pouces '' \" '": 2.54, "ft feet": 30.48},
    "weight": {"g gr gram grams": 1.0, "kg kilo kilogram": 1000.0, "lb lbs": 453.6, "oz": 28.35},
    "volume": {"ml": 1.0, "cl": 10.0, "l litre litres liter liters ltr ltrs": 1000.0},
    "power": {"w watt watts": 1.0, "kw": 1000.0},
    "clock": {"mhz": 1.0, "ghz": 1000.0},
    "turns": {"rpm spin u/min": 1.0},
    "pixels": {"mp mpx megapixel megapixels": 1.0},
    "charge": {"mah": 1.0},
    "tension": {"v volt volts": 1.0},
    "places": {"place places settings": 1.0},
    "cores": {"core cores": 1.0},
    "pack": {"pack packs pk er": 1.0},
    "pieces": {"pcs pieces piece pc tlg teilig": 1.0},
}
_COLOURED = {
    "black": "black blk schwarz noir negro nero",
    "white": "white wht weiss blanc blanco bianco",
    "grey": "grey gray gry grau gris graphite anthracite charcoal titanium titan gunmetal",
    "silver": "silver silber argent chrome",
    "steel": "steel stainless edelstahl inox",
    "red": "red rot rouge rojo crimson burgundy",
    "blue": "blue blau bleu azul navy sapphire",
    "green": "green grun vert verde olive",
    "yellow": "yellow gelb jaune amarillo",
    "orange": "orange",
    "pink": "pink rosa rose",
    "purple": "purple violet lila lilac lavender orchid",
    "brown": "brown brn braun marron brun walnut oak cherry",
    "beige": "beige cream ivory sand natural",
    "gold": "gold golden copper bronze champagne",
    "turquoise": "turquoise teal mint aqua",
}
_VARIANTS = (
    "plus pro max mini lite ultra xl xs xr se compact edge note prime play active premium air neo "
    "go duos nano micro slim junior kids turbo extreme advance advanced deluxe body kit bundle "
    "refurbished wireless"
)
_FILLERS = (
    "a an and the with in for of to by from mit und fur de la le et der die das im inc new neu uk "
    "eu retail box boxed oem tray original genuine sim free unlocked version model series serie"
)

# What a unit measures, and how much of that kind's base unit it is.
UNITS: dict[str, tuple[str, float]] = {
    unit: (kind, factor)
    for kind, units in _MEASURED.items()
    for names, factor in units.items()
    for unit in names.split()
}
COLOURS = {word: colour for colour, words in _COLOURED.items() for word in words.split()}
# A word of these in one title alone makes another thing of it: "iPhone 8" and "iPhone 8 Plus".
VARIANTS = {word: word for word in _VARIANTS.split()}
VARIANTS |= {"+": "plus", "ii": "2", "iii": "3", "iv": "4", "mk2": "2"}
# Parts are sold as a shop's box or bare to those who build: at other prices, one by one.
PACKINGS = {"box": "box", "boxed": "box", "retail": "box", "tray": "bare", "oem": "bare"}
FILLERS = frozenset(_FILLERS.split())  # said of anything
_COUNTED = "single:1 dual:2 triple:3 quad:4 six:6 hexa:6 eight:8 octa:8 ten:10 twelve:12"
COUNTS = {word: int(count) for word, _, count in (each.partition(":") for each in _COUNTED.split())}
