"""The demo shop as files and as rows; an eighth of its products stands for all of them."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone
from PIL import Image
from pytest_django.fixtures import Settings

from judgments.actions.judge import annotator_of
from judgments.models import (
    Annotator,
    Answer,
    Campaign,
    CampaignState,
    Gold,
    GoldState,
    GuidelineRevision,
    Judgment,
    JudgmentSource,
    Purpose,
    Seat,
    SeatState,
)
from judgments.queries.queue import queues
from seestocks.demo import build
from seestocks.demo.album import draw_pictures, jpeg
from seestocks.demo.build import ShopStandsError, build_shop, make_people
from seestocks.demo.catalogue import KINDS, PATHS
from seestocks.demo.defects import spoiled
from seestocks.demo.files import write_files
from seestocks.demo.products import Flaw, Offer, sound_offers
from taxonomy.models import Category, Filing, Import, PictureState, Product, Retailer
from tests.commands import run
from tests.factories import make_category

PART = 8
PRODUCTS = 500


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "sound_offers", lambda seed: sound_offers(seed)[::PART])


@pytest.fixture
def _undrawn(_small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small, and without pictures, where nothing is asked about them."""
    monkeypatch.setattr(build, "draw_pictures", lambda *_: iter(()))


def contents(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        delimiter = "\t" if path.suffix == ".tsv" else ","
        return list(csv.DictReader(file, delimiter=delimiter))


def offers(seed: int) -> list[Offer]:
    return spoiled(sound_offers(seed), seed)


def test_equal_seeds_give_equal_bytes_and_others_differ(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("again", 7), ("other", 8)):
        (tmp_path / name).mkdir()
        write_files(tmp_path / name, offers(seed), seed)
    one, again, other = (contents(tmp_path / name) for name in ("one", "again", "other"))
    assert one == again
    # The tree and its pages are Google's, whatever the seed.
    same = {name for name in one if one[name] == other[name]}
    assert same == {"taxonomy.txt", "own.txt", "pages.txt"}


def test_pictures_are_drawn_but_for_those_that_are_lost(tmp_path: Path) -> None:
    shop = [o for o in offers(7) if o.retailer.slug == "brueckner"]
    drawn = sum(draw_pictures(tmp_path, shop))
    lost = {Flaw.WITHOUT_PICTURE, Flaw.LOST_PICTURE}
    assert drawn == sum(not offer.flaws & lost for offer in shop) < len(shop)
    for offer in shop:
        path = tmp_path / offer.picture_path
        assert path.exists() == (not offer.flaws & lost)
        if Flaw.BROKEN_PICTURE in offer.flaws:
            with Image.open(path) as picture, pytest.raises(OSError, match="truncated"):
                picture.load()
        elif path.exists():
            with Image.open(path) as picture:
                assert picture.size == (240, 240)


def test_equal_looks_give_equal_pictures() -> None:
    one, other = offers(7)[0].look, offers(7)[1].look
    assert jpeg(one) == jpeg(one) != jpeg(other)


@pytest.mark.rows
@pytest.mark.django_db
@pytest.mark.usefixtures("_small")
def test_the_shop_is_read_in_as_it_was_written(tmp_path: Path) -> None:
    progress: list[int] = []
    began = timezone.now()
    figures = build_shop(tmp_path, progress=progress.append)

    assert figures.products == Product.objects.count() == sum(progress) / 2 == PRODUCTS
    assert Category.objects.live().count() == figures.categories == len(PATHS)
    assert Category.objects.pages().count() == figures.pages == len(KINDS)
    assert not Import.objects.exclude(figures__rejected=0).exists()

    assert set(Retailer.objects.values_list("made_up", flat=True)) == {True}
    assert Retailer.objects.count() == figures.retailers == 12
    assert set(Annotator.objects.values_list("simulated", flat=True)) == {True}
    assert set(Judgment.objects.values_list("source", flat=True)) == {JudgmentSource.SIMULATED}
    assert Judgment.objects.filter(seat=None).count() == figures.judgments

    missing = figures.without_picture + figures.lost_pictures + figures.broken_pictures
    states = Counter(Product.objects.values_list("picture_state", flat=True))
    assert states[PictureState.NONE] == figures.without_picture == 80
    assert states[PictureState.FAILED] == figures.lost_pictures + figures.broken_pictures == 80
    assert states[PictureState.READY] == PRODUCTS - missing

    unseen = Product.objects.exclude(unseen_since=None)
    assert unseen.count() == figures.not_in_latest_feed == 300
    assert not unseen.filter(last_seen__gt=began - timedelta(days=19)).exists()
    assert Product.objects.filter(last_seen__lt=began - timedelta(days=59)).count() == 110
    assert Product.objects.filter(unseen_since=None, last_seen__gte=began).count() == 200


@pytest.mark.rows
@pytest.mark.django_db
@pytest.mark.usefixtures("_undrawn")
def test_a_campaign_is_half_done_and_the_other_half_waits_for_people(tmp_path: Path) -> None:
    build_shop(tmp_path)
    campaign = Campaign.objects.get()
    assert campaign.state == CampaignState.RUNNING
    seats = Seat.objects.filter(item__campaign=campaign, item__purpose=Purpose.LABEL)
    done = seats.exclude(state=SeatState.OPEN)
    assert 0.4 < done.count() / seats.count() < 0.6
    assert set(done.values_list("annotator__simulated", flat=True)) == {True}
    assert set(done.values_list("state", flat=True)) <= {SeatState.JUDGED, SeatState.CANNOT_TELL}
    assert GuidelineRevision.objects.live().count() == 3
    judged = Judgment.objects.exclude(seat=None)
    assert not judged.filter(guideline=None).exists()
    assert not judged.filter(seconds=None).exists()
    assert Gold.objects.filter(state=GoldState.ACTIVE).exists()
    ana = annotator_of(User.objects.get(username="ana"))
    (queue,) = queues(ana)
    assert queue.left > seats.count() / 4 / campaign.overlap
    answers = Answer.objects.count()
    build_shop(tmp_path)
    assert (Campaign.objects.count(), Answer.objects.count()) == (1, answers)


@pytest.mark.django_db
@pytest.mark.usefixtures("_undrawn")
def test_the_truth_stays_out_of_the_database(tmp_path: Path) -> None:
    figures = build_shop(tmp_path)
    assert figures.truths == len(rows(tmp_path / "truth.csv")) > figures.judgments
    assert not Annotator.objects.filter(name="truth").exists()
    assert not Import.objects.filter(source__endswith="truth.csv").exists()
    misfiled = {
        offer.offer_id: offer.filed
        for offer in spoiled(sound_offers(7)[::PART], 7)
        if offer.filed != offer.kind.id
    }
    filings = Filing.objects.filter(product__offer_id__in=misfiled)
    assert dict(filings.values_list("product__offer_id", "category_id")) == misfiled


@pytest.mark.django_db
@pytest.mark.usefixtures("_undrawn")
def test_the_second_time_nothing_is_built(tmp_path: Path) -> None:
    figures = build_shop(tmp_path)
    before, imports = contents(tmp_path), Import.objects.count()
    marker = (tmp_path / build.MARKER).stat().st_mtime_ns
    assert build_shop(tmp_path) == figures
    assert (tmp_path / build.MARKER).stat().st_mtime_ns == marker
    assert Import.objects.count() == imports
    assert contents(tmp_path) == before


@pytest.mark.django_db
@pytest.mark.usefixtures("_undrawn")
def test_a_shop_that_was_written_but_not_read_in_is_read_in(tmp_path: Path) -> None:
    build.write_shop(tmp_path)
    assert not Product.objects.exists()
    build_shop(tmp_path)
    assert Product.objects.count() == PRODUCTS


@pytest.mark.django_db
@pytest.mark.usefixtures("_undrawn")
def test_another_demo_shop_is_not_built_over_the_first(tmp_path: Path) -> None:
    build_shop(tmp_path)
    titles = set(Product.objects.values_list("title", flat=True))
    with pytest.raises(ShopStandsError, match="Another demo shop"):
        build_shop(tmp_path, seed=8)
    assert set(Product.objects.values_list("title", flat=True)) == titles


@pytest.mark.django_db
def test_a_tree_of_ones_own_is_not_retired_by_the_demo(tmp_path: Path) -> None:
    own = make_category("Vehicles & Parts", id=888)
    with pytest.raises(ShopStandsError, match="tree of its own"):
        build_shop(tmp_path)
    own.refresh_from_db()
    assert own.retired_at is None
    assert not list(tmp_path.iterdir())


@pytest.mark.django_db
def test_three_people_can_sign_in_each_with_a_role() -> None:
    people = make_people()
    assert make_people() == people
    assert {role for role, _, _ in people} == {
        "annotators",
        "taxonomists",
        "merchandisers",
        "leads",
    }
    for role, name, password in people:
        user = authenticate(username=name, password=password)
        assert user is not None
        assert [group.name for group in user.groups.all()] == [role]
        assert not user.is_superuser


@pytest.mark.django_db
@pytest.mark.usefixtures("_undrawn")
def test_the_command_prints_figures_for_machines_and_logins_for_people(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DATA = tmp_path
    ran = run("build_demo")
    assert ran.figures["products"] == PRODUCTS
    assert ran.figures["pages"] == len(KINDS)
    call_command("build_demo")
    out = capsys.readouterr().out
    assert "500 products" in out
    assert all(password in out for _, _, password in make_people())
    with pytest.raises(CommandError, match="Another demo shop"):
        call_command("build_demo", seed=9)
