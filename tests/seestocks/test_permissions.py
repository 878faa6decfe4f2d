"""Every address × every role. An address that is missing from the table fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from judgments.actions.guidelines import write_guideline
from judgments.models import Adjudication, Annotator, Campaign, Measurement, Sitting
from ranking.actions.compare import ask_for_comparison
from ranking.actions.job_pieces import work_here
from ranking.models import HandRule, Preview, Release, RulesPreview, Run, Training, Webhook, WhyNot
from ranking.queries.sides import Side
from taxonomy.models import Category, Import, Product
from tests.factories import make_category, make_product, make_text, make_user
from tests.ranking.confusion import make_pair, make_suggestion
from tests.ranking.evaluations import make_evaluation
from tests.ranking.rankings import make_ranking, make_run
from tests.seestocks.access import BOTH, NO, ROLES, SIGN_IN, TABLE
from tests.taxonomy.versions import ANIMALS, draft

PICTURE = f"ab/ab{'0' * 62}.png"


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        else:
            assert pattern.name, f"{pattern.pattern} has no name"
            yield pattern.name


ADDRESSES = sorted(names(get_resolver().url_patterns))


def test_every_address_is_in_the_table() -> None:
    assert set(ADDRESSES) == set(TABLE)
    assert len(ADDRESSES) == len(set(ADDRESSES))


@pytest.fixture
def places(db: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """One row of everything; where each address leads then."""
    for bell in ("runs", "jobs", "notify"):
        monkeypatch.setattr(f"ranking.actions.{bell}.ring", lambda _: None)
    monkeypatch.setattr("ranking.actions.preview.ring_for_preview", lambda _: None)
    monkeypatch.setattr("ranking.actions.ask_why_not.ring_for_why_not", lambda _: None)
    monkeypatch.setattr("ranking.views.workbench.ring_for_suggestions", lambda *_: None)
    page = make_category(id=11, is_page=True)
    product = make_product(filed_under=page)
    ranking = make_ranking(page, shown=[product])
    run = make_run("running")
    for folder, name in (("pictures", PICTURE), ("rejects", "products-1.csv")):
        path = Path(settings.DATA) / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"some bytes")
    sibling = make_category(id=12)
    revision = make_text(page, sibling, "whole")
    make_text(page, None, "pepper")
    now = timezone.now()
    make_pair(page, sibling)
    suggestion = make_suggestion(page, sibling)
    half_a_minute_ago = now - timedelta(seconds=30)
    preview = Preview.objects.create(first=page, second=sibling, asked_at=half_a_minute_ago)
    done = Import.objects.create(
        kind="products",
        source="feed.tsv",
        rejects="products-1.csv",
        started_at=now,
        finished_at=now,
    )
    monkeypatch.setattr("judgments.actions.campaigns.ring_for_campaign", lambda _: None)
    campaign = Campaign.objects.create(name="All of it", state="running")
    annotator = Annotator.objects.create(name="Ann")
    sitting = Sitting.objects.create(annotator=annotator)
    judged = Import.objects.create(
        kind="judgments",
        source="judged.csv",
        rejects="products-1.csv",
        started_at=now,
        finished_at=now,
    )
    version = draft(ANIMALS)
    monkeypatch.setattr("taxonomy.actions.updates.ring_for_tree", lambda _: None)
    monkeypatch.setattr("judgments.actions.agreement.ring_for_measurement", lambda _: None)
    arguments = {
        **dict.fromkeys([name for name in ADDRESSES if name.endswith("_update")], (version.pk,)),
        **dict.fromkeys([name for name in ADDRESSES if "api_version_" in name], (version.pk,)),
        **dict.fromkeys(("update", "update_candidates", "api_version"), (version.pk,)),
        **dict.fromkeys(("api_apply_version", "api_undo_version"), (version.pk,)),
        **dict.fromkeys(("upload_update", "fetch_update"), ()),
        "choose_successor": (version.pk, page.pk),
        **dict.fromkeys(("page_why", "ask_why_not", "file_under"), (page.pk, product.pk)),
        "api_ask_why_not": (page.pk, product.pk),
        "api_page_changes": (page.pk,),
        "api_filings": (product.pk,),
        "api_offers": (product.pk,),
        "page_why_not": (page.pk,),
        **dict.fromkeys(
            ("why_not_answer", "api_why_not"),
            (WhyNot.objects.create(page_run=ranking, product=product, state="done").token,),
        ),
        "picture": (PICTURE,),
        **dict.fromkeys(("text", "api_text", "api_revisions"), (page.pk, sibling.pk)),
        **dict.fromkeys(("api_restore", "api_live"), (page.pk, sibling.pk)),
        **dict.fromkeys(("api_text_alone", "api_revisions_alone"), (page.pk,)),
        **dict.fromkeys(("api_restore_alone", "api_live_alone"), (page.pk,)),
        **dict.fromkeys(("text_alone", "category_texts"), (page.pk,)),
        **dict.fromkeys(("restore_text", "make_text_live"), (revision.pk,)),
        "import_rejects": (done.pk,),
        "judgment_rejects": (judged.pk,),
        "download_judgments": ("csv",),
        "revoke_token": ("abcdef",),
        **dict.fromkeys([name for name in ADDRESSES if name.endswith("_campaign")], (campaign.pk,)),
        **dict.fromkeys(("new_campaign", "start_campaign"), ()),
        **dict.fromkeys(("campaign", "assign_people", "api_campaign_people"), (campaign.pk,)),
        "let_go_on": (campaign.pk, annotator.pk),
        "judge_page": (page.pk,),
        **dict.fromkeys(("sitting", "sitting_cards", "answer"), (sitting.pk,)),
        **dict.fromkeys(("api_sitting_next", "api_sitting_answers"), (sitting.pk,)),
        "confusion": (page.pk,),
        **dict.fromkeys(("workbench", "preview", "save_pair", "suggest_lines", "offers"), (11, 12)),
        **dict.fromkeys(("preview_answer", "api_preview"), (preview.token,)),
        **dict.fromkeys(("dismiss_suggestion", "api_accept", "api_dismiss"), (suggestion.pk,)),
        "api_pair": (11, 12),
        **dict.fromkeys(
            ("product", "product_judgments", "product_standings", "product_same"), (product.pk,)
        ),
        **dict.fromkeys(("edit_category", "change_category", "category_history"), (page.pk,)),
        "add_comment": (page.pk,),
        **dict.fromkeys(("api_category", "api_comments", "api_history"), (page.pk,)),
        **dict.fromkeys(("category", "category_judgments", "page", "page_removed"), (page.pk,)),
        **dict.fromkeys(("run", "cancel_run", "resume_run"), (run.pk,)),
        **dict.fromkeys(("api_run", "api_cancel_run", "api_resume_run"), (run.pk,)),
        **dict.fromkeys(("api_ranking", "api_candidates"), (page.pk,)),
        **addresses_of_models(),
        **dict.fromkeys(("branch_rules", "api_branch_rules", "api_rules_history"), (page.pk,)),
        **dict.fromkeys(
            ("rules_preview", "api_rules_preview"), (RulesPreview.objects.create().token,)
        ),
        **addresses_of_rules_by_hand(page, product),
        **addresses_of_evaluations(page, product),
        "stop_measuring": (Measurement.objects.create(judgments_until=0).pk,),
        **addresses_of_settling(page, sibling, product),
        **addresses_of_the_shop(run),
        **addresses_of_comparing(page, product),
    }
    return {name: reverse(name, args=arguments.get(name, ())) for name in ADDRESSES}


def addresses_of_evaluations(page: Category, product: Product) -> dict[str, tuple[int, ...]]:
    """One that is done, and found something unjudged."""
    done = make_evaluation(page, unjudged=[product])
    addresses = ("evaluation_of", "cancel_evaluation", "resume_evaluation", "judge_unjudged")
    return dict.fromkeys((*addresses, "api_evaluation"), (done.pk,))


def addresses_of_rules_by_hand(page: Category, product: Product) -> dict[str, tuple[int, ...]]:
    """One that is drafted."""
    rule = HandRule.objects.create(page=page, product=product, kind="hide")
    of_page = ("page_draft", "page_rules", "publish_hand", "api_hand_rules", "api_draft")
    of_rule = ("discard_hand", "end_hand", "api_hand_rule", "api_discard_hand", "api_end_hand")
    return {
        **dict.fromkeys(
            (*of_page, "api_page_rules", "api_wrong_here", "api_publish_hand"), (page.pk,)
        ),
        **dict.fromkeys(("hand", "draft_hand", "wrong_here"), (page.pk, product.pk)),
        **dict.fromkeys(of_rule, (rule.pk,)),
    }


def addresses_of_models() -> dict[str, tuple[int, ...]]:
    """A training that nobody works on."""
    training = Training.objects.create(kind="blend")
    addresses = ("model", "cancel_training", "resume_training", "api_model")
    programs = ("api_cancel_training", "api_resume_training")
    return dict.fromkeys((*addresses, *programs), (training.pk,))


def addresses_of_the_shop(run: Run) -> dict[str, tuple[int, ...]]:
    """Something that was published, and somebody who is told."""
    release = Release.objects.create(cause="run", run=run)
    webhook = Webhook.objects.create(address="https://shop.example/", events=["published"])
    of_run = ("release_run", "publish_run", "api_run_gate")
    of_release = ("release", "roll_back", "api_release", "api_release_pages", "api_roll_back")
    of_webhook = ("switch_webhook", "test_webhook")
    programs = ("api_webhook", "api_deliveries", "api_test_webhook")
    return {
        **dict.fromkeys(of_run, (run.pk,)),
        **dict.fromkeys(of_release, (release.pk,)),
        **dict.fromkeys((*of_webhook, *programs), (webhook.pk,)),
    }


def addresses_of_comparing(page: Category, product: Product) -> dict[str, tuple[int, ...]]:
    """Two runs that were held against each other."""
    runs = [make_ranking(page, shown=[product]).run for _ in range(2)]
    sides = [Side("run", run.pk) for run in runs]
    comparison = ask_for_comparison(sides, here=True)
    work_here(comparison)
    programs = ("api_comparison", "api_compared_pages")
    ends = ("cancel_comparison", "resume_comparison")
    api_ends = ("api_cancel_comparison", "api_resume_comparison")
    return {
        **dict.fromkeys(("comparison", *ends, *programs, *api_ends), (comparison.pk,)),
        **dict.fromkeys(("add_note", "measure_gate", "api_run_notes"), (runs[0].pk,)),
        "compare_page": (comparison.pk, page.pk),
    }


def addresses_of_settling(
    page: Category, sibling: Category, product: Product
) -> dict[str, tuple[int, ...]]:
    """A guideline with a draft, and a decision that each role has a look at."""
    revision = write_guideline(page, "Pepper.", based_on=0, live=True, by=None)
    of_page = [name for name in ADDRESSES if "guideline" in name and not name.endswith("_of_all")]
    decision = Adjudication.objects.create(page=page, product=product, cause="slip")
    return {
        **dict.fromkeys(set(of_page) - {"guidelines", "api_guidelines"}, (page.pk,)),
        **dict.fromkeys(("restore_guideline", "make_guideline_live"), (revision.pk,)),
        **dict.fromkeys(("adjudication", "adjudicate", "api_adjudication"), (page.pk, product.pk)),
        **dict.fromkeys(("take_back_adjudication",), (decision.pk,)),
        "api_take_back_adjudication": (decision.pk,),
        "open_gaps": (page.pk, sibling.pk),
    }


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_it_may(places: dict[str, str], role: str) -> None:
    answers = {name: answer_to(role, name, places[name]) for name in ADDRESSES}
    found = {name: meaning(answer) for name, answer in answers.items()}
    for answer in answers.values():
        answer.close()  # of files; the connection goes with it
    told = ROLES.index(role)
    assert found == {name: TABLE[name].expected[told] for name in ADDRESSES}


def answer_to(role: str, name: str, address: str) -> HttpResponse:
    """Somebody of this role asks; what that writes is gone for the next one."""
    before = transaction.savepoint()
    answer: HttpResponse = getattr(signed_in(role), TABLE[name].method)(address, posted(name))
    transaction.savepoint_rollback(before)
    return answer


def meaning(answer: HttpResponse) -> object:
    sent_to = answer.headers.get("Location", "")
    to_sign_in = sent_to.startswith(f"{reverse('sign_in')}?next=")
    return SIGN_IN if to_sign_in else answer.status_code


def test_what_writes_is_not_reached_by_a_link(places: dict[str, str]) -> None:
    before = list(Run.objects.values_list("id", "state", "cancel_requested_at"))
    writing = [name for name, case in TABLE.items() if case.method == "post"]
    found = {name: signed_in(who_may(name)).get(places[name]).status_code for name in writing}
    assert found == dict.fromkeys(writing, 405)
    assert list(Run.objects.values_list("id", "state", "cancel_requested_at")) == before


def test_what_reads_cannot_be_posted_to(places: dict[str, str]) -> None:
    # Whoever may only read is told so first; to one who may do all, there is no such thing.
    client = Client()
    client.force_login(make_user(is_superuser=True))
    reading = [name for name, case in TABLE.items() if case.method == "get" and name not in BOTH]
    found = {name: client.post(places[name]).status_code for name in reading}
    assert found == dict.fromkeys(reading, 405)


def test_a_form_without_its_token_is_refused_in_a_sentence(places: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("merchandisers"))
    response = client.post(places["start_run"], posted("start_run"))
    assert response.status_code == 403
    assert "The form had expired" in response.content.decode()


def test_missing_things_are_404_and_not_errors(places: dict[str, str]) -> None:
    client = signed_in("merchandisers")
    for name in ("category", "product", "page", "run", "product_judgments", "import_rejects"):
        assert client.get(reverse(name, args=(99_999_999,))).status_code == 404
        assert client.get(reverse(name, args=(10**30,))).status_code == 404
    assert Category.objects.exists()
    assert Product.objects.exists()


def who_may(name: str) -> str:
    """A role that is not turned away before the method is looked at."""
    taxonomists = TABLE[name].expected[ROLES.index("taxonomists")]
    return "merchandisers" if taxonomists == NO else "taxonomists"


def signed_in(role: str) -> Client:
    client = Client()
    if role != "anonymous":
        client.force_login(make_user(None if role == "nobody" else role))
    return client


def posted(name: str) -> dict[str, str]:
    forms = {
        "publish_hand": {"rule": "1"},
        "wrong_here": {"token": "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a94"},
        "measure_gate": {"token": "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a97"},
        "ask_comparison": {"token": "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a98", "side": "published"},
        "start_run": {"token": "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a90"},
        "evaluate": {"token": "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a93"},
        "train_model": {"kind": "blend", "token": "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a92"},
        "adopt_model": {"kind": "blend"},
        "publish_run": {"token": "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a94"},
        "roll_back": {"token": "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a95", "based_on": "0"},
        "judge_page": {"token": "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a90"},
        "save_pair": {"first_based_on": "0", "second_based_on": "0"},
        "add_category": {"name": "Pepper"},
        "change_category": {"do": "page_off", "based_on": "0"},
        "add_comment": {"text": "Split it?"},
        "save_text": {"category": "11", "text": "pepper", "as": "live", "based_on": "1"},
        "save_guideline_of_all": {"text": "Look at the picture first."},
        "save_guideline": {"text": "Pepper of any kind.", "based_on": "1"},
        "restore_guideline": {"based_on": "1"},
        "make_guideline_live": {"based_on": "1"},
        "adjudicate": {
            "token": "1f0c6a34-6f0e-4c2b-8a66-6a2f6d7f8a91",
            "cause": "slip",
            "grade": "3",
        },
        "add_gold": {"category": "11", "product": "the-offer", "grade": "3"},
        "restore_text": {"based_on": "1"},
        "make_text_live": {"based_on": "1"},
    }
    return forms.get(name, {})
