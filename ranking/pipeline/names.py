"""The signals by name, for whoever measures, blends or shows them. Loads nothing heavy.

"Standing" is how many standard deviations a product is nearer than the middle product of the
catalogue: unlike a cosine, it means the same on every page and with every encoder.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Signal:
    """One signal. Beyond `low` and `high` a value says no more and is cut off.

    The default blend adds `weight * (value - neutral)` to the log-odds; an unknown value adds
    nothing. `sign` is +1 when more speaks for the product and -1 when it speaks against it:
    no blend, learned or not, may turn it round.
    """

    key: str
    label: str
    meaning: str
    sign: int
    low: float
    high: float
    neutral: float
    weight: float


# What each is worth beside all others: NDCG@10 of a weighted sum on families of pages left out,
# less that without the signal. Icecat: words 0.047, text_fit 0.017, own_category 0.017. Demo shop:
# known_fit 0.009, price_fit 0.001, filing_distance 0.001 (and with the default weights a Brier
# score that is 0.015 lower). picture_fit adds nothing where many products are known to be right,
# as in the demo shop: known_fit has their pictures. It is for pages of which nothing is known but
# their name, and price_fit for prices that nobody made up, which only other shops can show.
# sibling_fit and reranked are known where texts were written and a cross-encoder was trained.
# The weights of text_fit, words and own_category are a logistic regression's on the public Icecat
# judgments, rounded and drawn in; the others are set by hand so that none outweighs the text.
# Tried on Icecat and left out, for lowering NDCG@10 beside these: words in the title alone, the
# distance to the category that a text speaks of most, likeness to the nearest candidates.
SIGNALS = (
    Signal(
        "text_fit",
        "Title and description fit the page",
        "How far title and description stand out, among all products, as fitting the page's name",
        sign=1, low=-2.0, high=8.0, neutral=3.5, weight=0.8,
    ),
    Signal(
        "picture_fit",
        "Picture fits the page",
        "How far the picture stands out, among all pictures, as fitting the page's name",
        sign=1, low=-2.0, high=8.0, neutral=2.0, weight=0.5,
    ),
    Signal(
        "words",
        "The page's words are in the text",
        "How much of the page's name is said in title and description; rare words count more",
        sign=1, low=0.0, high=1.0, neutral=0.3, weight=2.0,
    ),
    Signal(
        "own_category",
        "Nearer to this page than to other categories",
        "How much better the text fits this page than the best category of another branch",
        sign=1, low=-6.0, high=4.0, neutral=-1.0, weight=0.3,
    ),
    Signal(
        "known_fit",
        "Like the products known to belong here",
        "How far text and picture stand out as like the products known to be right here",
        sign=1, low=-2.0, high=8.0, neutral=2.5, weight=0.5,
    ),
    Signal(
        "filing_distance",
        "Steps to where it is filed",
        "Steps through the tree to where the product is filed; 0 on this page or below it",
        sign=-1, low=0.0, high=6.0, neutral=1.5, weight=-0.7,
    ),
    Signal(
        "sibling_fit",
        "Fits this page rather than its siblings",
        "By how much the texts that tell siblings apart moved the product to this page",
        sign=1, low=-6.0, high=6.0, neutral=0.0, weight=0.6,
    ),
    Signal(
        "reranked",
        "Reads as right for the page",
        "What the model that reads page and product together makes of it, in log-odds",
        sign=1, low=-6.0, high=6.0, neutral=0.0, weight=0.5,
    ),
    Signal(
        "price_fit",
        "Price is usual for the page",
        "1 at the page's usual price, half of it when somewhat unusual, near 0 when far away",
        sign=1, low=0.0, high=1.0, neutral=0.5, weight=1.0,
    ),
)  # fmt: skip

KEYS = tuple(signal.key for signal in SIGNALS)

# A blend weighs also how a product stands beside the page's other candidates (`page_stats`): the
# share that has less of a signal, and how far it is from their middle, in spreads and as it is.
STATISTICS = ("rank", "z", "gap")
# The signals of which that is measured: with those of own_category, NDCG@10 on families of
# Icecat's pages left out is 0.0072 higher (-0.0035 to 0.0225), and with those of known_fit the
# Brier score in the demo shop is 0.0055 lower (0.0031 to 0.0081). Of the other signals they
# changed nothing; of "reranked" they helped elsewhere (Amazon's KDD Cup of 2022).
BESIDE = ("own_category", "known_fit", "reranked")
FEATURES = (*KEYS, *(f"{key}_{statistic}" for key in BESIDE for statistic in STATISTICS))
