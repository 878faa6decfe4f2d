"""Who may do what: every address × every role."""

from __future__ import annotations

from typing import NamedTuple

ROLES = ("anonymous", "nobody", "annotators", "taxonomists", "merchandisers", "leads")

SIGN_IN, OK, NO, GONE, AWAY = "sign in", 200, 403, 404, 302

EVERYBODY = (SIGN_IN, OK, OK, OK, OK, OK)
WITH_A_ROLE = (SIGN_IN, NO, OK, OK, OK, OK)
NOT_ANNOTATORS = (SIGN_IN, NO, NO, OK, OK, NO)
JSON_WITH_A_ROLE = (401, NO, OK, OK, OK, OK)
TAXONOMISTS = (SIGN_IN, NO, NO, OK, NO, NO)
SEE_CAMPAIGNS = (SIGN_IN, NO, NO, OK, OK, OK)
LEAD = (SIGN_IN, NO, NO, AWAY, NO, AWAY)
AS_JSON = (401, NO, NO, OK, OK, NO)  # programs are not sent to a form

LEADING = (SIGN_IN, NO, NO, OK, NO, OK)


class Case(NamedTuple):
    """What each role gets, in the order of ROLES, when it asks for an address."""

    method: str
    expected: tuple[object, ...]


MERCHANDISERS_WRITE = Case("post", (SIGN_IN, NO, NO, NO, AWAY, NO))
LEADS_SEE = Case("get", LEADING)
LEADS_WRITE = Case("post", (SIGN_IN, NO, NO, AWAY, NO, AWAY))

# Posting to these writes, or signs in.
BOTH = {
    "sign_in",
    "judging_keys",
    "api_adjudication",
    "api_campaigns",
    "api_gold",
    "api_imports",
    "api_judgments",
    "api_runs",
    "api_categories",
    "api_comments",
    "api_evaluations",
    "api_agreement",
    "api_versions",
    "api_releases",
    "api_comparisons",
    "api_hand_rules",
    "api_rules",
    "api_ask_why_not",
    "api_run_notes",
    "api_webhooks",
}

# URL name → what is asked, and what is answered.
TABLE = {
    "judge": Case("get", WITH_A_ROLE),
    "start_judging": Case("post", (SIGN_IN, NO, AWAY, AWAY, AWAY, AWAY)),
    "judging_keys": Case("get", WITH_A_ROLE),
    "where_it_belongs": Case("get", WITH_A_ROLE),
    # Somebody else's, whoever asks.
    "sitting": Case("get", (SIGN_IN, NO, NO, NO, NO, NO)),
    "sitting_cards": Case("get", (SIGN_IN, NO, NO, NO, NO, NO)),
    "answer": Case("post", (SIGN_IN, NO, NO, NO, NO, NO)),
    "home": Case("get", EVERYBODY),
    "sign_in": Case("get", (OK, AWAY, AWAY, AWAY, AWAY, AWAY)),
    "sign_out": Case("post", (SIGN_IN, AWAY, AWAY, AWAY, AWAY, AWAY)),
    "tree": Case("get", WITH_A_ROLE),
    "category": Case("get", WITH_A_ROLE),
    "export_tree": Case("get", WITH_A_ROLE),
    "tree_changes": Case("get", NOT_ANNOTATORS),
    "category_history": Case("get", NOT_ANNOTATORS),
    "add_comment": Case("post", (SIGN_IN, NO, NO, AWAY, AWAY, NO)),
    "new_category": Case("get", TAXONOMISTS),
    "add_category": Case("post", (SIGN_IN, NO, NO, AWAY, NO, NO)),
    "edit_category": Case("get", TAXONOMISTS),
    "change_category": Case("post", (SIGN_IN, NO, NO, AWAY, NO, NO)),
    "alike_names": Case("get", TAXONOMISTS),
    "category_options": Case("get", TAXONOMISTS),
    "product": Case("get", WITH_A_ROLE),
    "picture": Case("get", WITH_A_ROLE),
    "category_texts": Case("get", WITH_A_ROLE),
    "texts": Case("get", WITH_A_ROLE),
    "text_alone": Case("get", WITH_A_ROLE),
    "text": Case("get", WITH_A_ROLE),
    "export_texts": Case("get", WITH_A_ROLE),
    "upload_texts": Case("post", (SIGN_IN, NO, NO, AWAY, NO, NO)),
    "save_text": Case("post", (SIGN_IN, NO, NO, AWAY, NO, NO)),
    "restore_text": Case("post", (SIGN_IN, NO, NO, AWAY, NO, NO)),
    "make_text_live": Case("post", (SIGN_IN, NO, NO, AWAY, NO, NO)),
    "updates": Case("get", TAXONOMISTS),
    "update": Case("get", TAXONOMISTS),
    "update_candidates": Case("get", TAXONOMISTS),
    "upload_update": Case("post", (SIGN_IN, NO, NO, 422, NO, NO)),
    "fetch_update": Case("post", (SIGN_IN, NO, NO, AWAY, NO, NO)),
    "choose_successor": Case("post", (SIGN_IN, NO, NO, AWAY, NO, NO)),
    "apply_update": Case("post", (SIGN_IN, NO, NO, 409, NO, NO)),
    "undo_update": Case("post", (SIGN_IN, NO, NO, 409, NO, NO)),
    "repeat_update": Case("post", (SIGN_IN, NO, NO, AWAY, NO, NO)),
    "discard_update": Case("post", (SIGN_IN, NO, NO, AWAY, NO, NO)),
    "category_judgments": Case("get", WITH_A_ROLE),
    "product_judgments": Case("get", WITH_A_ROLE),
    "campaigns": Case("get", SEE_CAMPAIGNS),
    "campaign": Case("get", SEE_CAMPAIGNS),
    "new_campaign": Case("get", (SIGN_IN, NO, NO, OK, NO, OK)),
    "start_campaign": Case("post", (SIGN_IN, NO, NO, 422, NO, 422)),
    "pause_campaign": Case("post", LEAD),
    "resume_campaign": Case("post", LEAD),
    "finish_campaign": Case("post", LEAD),
    "assign_people": Case("post", LEAD),
    "let_go_on": Case("post", LEAD),
    "judge_page": Case("post", LEAD),
    "judgment_files": Case("get", (SIGN_IN, NO, NO, OK, OK, OK)),
    "upload_judgments": Case("post", (SIGN_IN, NO, NO, AWAY, NO, AWAY)),
    "download_judgments": Case("get", (SIGN_IN, NO, NO, OK, OK, OK)),
    "judgment_rejects": Case("get", (SIGN_IN, NO, NO, OK, NO, OK)),
    "api_docs": Case("get", EVERYBODY),
    "api_schema": Case("get", (401, OK, OK, OK, OK, OK)),
    "tokens": Case("get", EVERYBODY),
    "make_token": Case("post", (SIGN_IN, AWAY, AWAY, AWAY, AWAY, AWAY)),
    "revoke_token": Case("post", (SIGN_IN, AWAY, AWAY, AWAY, AWAY, AWAY)),
    "api_judgments": Case("get", JSON_WITH_A_ROLE),
    "api_import_judgments": Case("post", (401, NO, NO, 400, NO, 400)),
    "api_imports": Case("get", AS_JSON),
    "api_judgments_file": Case("get", (401, NO, NO, OK, OK, OK)),
    "trust": Case("get", (SIGN_IN, NO, NO, OK, OK, OK)),
    "measuring_trust": Case("get", (SIGN_IN, NO, NO, AWAY, AWAY, AWAY)),
    "measure_trust": Case("post", (SIGN_IN, NO, NO, AWAY, AWAY, AWAY)),
    "stop_measuring": Case("post", (SIGN_IN, NO, NO, AWAY, AWAY, AWAY)),
    "imports": Case("get", NOT_ANNOTATORS),
    "import_rejects": Case("get", NOT_ANNOTATORS),
    "pages": Case("get", NOT_ANNOTATORS),
    "page": Case("get", NOT_ANNOTATORS),
    "page_removed": Case("get", NOT_ANNOTATORS),
    "page_why": Case("get", NOT_ANNOTATORS),
    "page_why_not": Case("get", NOT_ANNOTATORS),
    "ask_why_not": Case("post", (SIGN_IN, NO, NO, AWAY, AWAY, NO)),
    "why_not_answer": Case("get", (SIGN_IN, NO, NO, 286, 286, NO)),
    "api_page_changes": Case("get", (401, NO, NO, 404, 404, NO)),
    "api_ask_why_not": Case("get", AS_JSON),
    "api_why_not": Case("get", AS_JSON),
    "api_filings": Case("post", (401, NO, NO, 415, 415, NO)),
    "file_under": Case("post", (SIGN_IN, NO, NO, AWAY, AWAY, NO)),
    "stale_pages": Case("get", NOT_ANNOTATORS),
    "product_standings": Case("get", NOT_ANNOTATORS),
    "product_same": Case("get", NOT_ANNOTATORS),
    "api_offers": Case("get", AS_JSON),
    "discriminators": Case("get", NOT_ANNOTATORS),
    "confusion": Case("get", NOT_ANNOTATORS),
    "workbench": Case("get", NOT_ANNOTATORS),
    "preview": Case("post", (SIGN_IN, NO, NO, AWAY, AWAY, NO)),
    "preview_answer": Case("get", NOT_ANNOTATORS),
    "save_pair": Case("post", (SIGN_IN, NO, NO, AWAY, NO, NO)),
    "suggest_lines": Case("post", (SIGN_IN, NO, NO, AWAY, NO, NO)),
    "offers": Case("get", (SIGN_IN, NO, NO, 286, 286, NO)),  # 286: ask no more
    "dismiss_suggestion": Case("post", (SIGN_IN, NO, NO, AWAY, NO, NO)),
    **dict.fromkeys(("evaluation", "evaluation_of"), Case("get", NOT_ANNOTATORS)),
    "evaluating": Case("get", (SIGN_IN, NO, NO, AWAY, AWAY, NO)),
    **dict.fromkeys(
        ("evaluate", "cancel_evaluation", "resume_evaluation"),
        Case("post", (SIGN_IN, NO, NO, AWAY, AWAY, NO)),
    ),
    "judge_unjudged": Case("post", (SIGN_IN, NO, NO, AWAY, NO, NO)),
    **dict.fromkeys(("api_evaluations", "api_evaluation"), Case("get", AS_JSON)),
    "models": Case("get", NOT_ANNOTATORS),
    "model": Case("get", NOT_ANNOTATORS),
    "train_model": Case("post", (SIGN_IN, NO, NO, AWAY, NO, NO)),
    "adopt_model": Case("post", (SIGN_IN, NO, NO, AWAY, NO, NO)),
    "cancel_training": Case("post", (SIGN_IN, NO, NO, AWAY, NO, NO)),
    "resume_training": Case("post", (SIGN_IN, NO, NO, AWAY, NO, NO)),
    "api_models": Case("get", AS_JSON),
    "api_model": Case("get", AS_JSON),
    "api_trainings": Case("post", (401, NO, NO, 415, NO, NO)),
    "api_adoptions": Case("post", (401, NO, NO, 415, NO, NO)),
    "api_cancel_training": Case("post", (401, NO, NO, OK, NO, NO)),
    "api_resume_training": Case("post", (401, NO, NO, OK, NO, NO)),
    **dict.fromkeys(("releases", "release", "release_run"), Case("get", NOT_ANNOTATORS)),
    "publish_run": Case("post", (SIGN_IN, NO, NO, NO, 409, NO)),  # it is still at work
    "roll_back": Case("post", (SIGN_IN, NO, NO, NO, 409, NO)),  # the form saw another release
    "nights": Case("get", NOT_ANNOTATORS),
    "change_nights": Case("post", (SIGN_IN, NO, NO, NO, 422, NO)),
    **dict.fromkeys(("api_nights", "api_night_plan"), Case("get", AS_JSON)),
    "webhooks": Case("get", (SIGN_IN, NO, NO, NO, OK, NO)),
    "add_webhook": Case("post", (SIGN_IN, NO, NO, NO, 422, NO)),
    **dict.fromkeys(
        ("switch_webhook", "test_webhook"), Case("post", (SIGN_IN, NO, NO, NO, AWAY, NO))
    ),
    **dict.fromkeys(
        ("api_run_gate", "api_releases", "api_release", "api_release_pages"), Case("get", AS_JSON)
    ),
    "api_roll_back": Case("post", (401, NO, NO, NO, 415, NO)),
    **dict.fromkeys(
        ("api_webhooks", "api_webhook", "api_deliveries"), Case("get", (401, NO, NO, NO, OK, NO))
    ),
    "api_test_webhook": Case("post", (401, NO, NO, NO, 202, NO)),
    **dict.fromkeys(
        ("compare", "comparison", "compare_page", "quality"), Case("get", NOT_ANNOTATORS)
    ),
    "ask_comparison": Case("post", (SIGN_IN, NO, NO, 422, 422, NO)),
    **dict.fromkeys(
        ("cancel_comparison", "resume_comparison", "add_note", "measure_gate"),
        Case("post", (SIGN_IN, NO, NO, AWAY, AWAY, NO)),
    ),
    **dict.fromkeys(
        (
            *("api_comparisons", "api_comparison", "api_compared_pages"),
            *("api_quality", "api_run_notes"),
        ),
        Case("get", AS_JSON),
    ),
    "api_cancel_comparison": Case("post", (401, NO, NO, 409, 409, NO)),
    "api_resume_comparison": Case("post", AS_JSON),
    "runs": Case("get", NOT_ANNOTATORS),
    "run": Case("get", NOT_ANNOTATORS),
    "start_run": Case("post", (SIGN_IN, NO, NO, AWAY, AWAY, NO)),
    "cancel_run": Case("post", (SIGN_IN, NO, NO, AWAY, AWAY, NO)),
    "resume_run": Case("post", (SIGN_IN, NO, NO, AWAY, AWAY, NO)),
    "api_categories": Case("get", JSON_WITH_A_ROLE),
    "api_category": Case("get", JSON_WITH_A_ROLE),
    "api_comments": Case("get", JSON_WITH_A_ROLE),
    "api_history": Case("get", AS_JSON),
    "api_runs": Case("get", AS_JSON),
    "api_run": Case("get", AS_JSON),
    "api_cancel_run": Case("post", AS_JSON),
    "api_resume_run": Case("post", AS_JSON),
    "api_campaigns": Case("get", (401, NO, NO, OK, OK, OK)),
    "api_campaign": Case("get", (401, NO, NO, OK, OK, OK)),
    "api_pause_campaign": Case("post", (401, NO, NO, OK, NO, OK)),
    "api_resume_campaign": Case("post", (401, NO, NO, 409, NO, 409)),
    "api_finish_campaign": Case("post", (401, NO, NO, OK, NO, OK)),
    "api_campaign_people": Case("put", (401, NO, NO, 415, NO, 415)),
    "api_pages": Case("get", AS_JSON),
    "api_versions": Case("get", (401, NO, NO, OK, NO, NO)),
    "api_version": Case("get", (401, NO, NO, OK, NO, NO)),
    "api_version_changes": Case("get", (401, NO, NO, OK, NO, NO)),
    "api_version_successors": Case("put", (401, NO, NO, 415, NO, NO)),
    "api_apply_version": Case("post", (401, NO, NO, 415, NO, NO)),
    "api_undo_version": Case("post", (401, NO, NO, 409, NO, NO)),
    "api_texts": Case("get", JSON_WITH_A_ROLE),
    "api_text": Case("get", JSON_WITH_A_ROLE),
    "api_text_alone": Case("get", JSON_WITH_A_ROLE),
    "api_revisions": Case("get", JSON_WITH_A_ROLE),
    "api_revisions_alone": Case("get", JSON_WITH_A_ROLE),
    "api_restore": Case("post", (401, NO, NO, 415, NO, NO)),
    "api_restore_alone": Case("post", (401, NO, NO, 415, NO, NO)),
    "api_live": Case("post", (401, NO, NO, 415, NO, NO)),
    "api_live_alone": Case("post", (401, NO, NO, 415, NO, NO)),
    "api_agreement": Case("get", (401, NO, NO, OK, OK, OK)),
    "api_candidates": Case("get", AS_JSON),
    "api_ranking": Case("get", (401, NO, NO, GONE, GONE, NO)),  # nothing is published yet
    "api_published": Case("get", AS_JSON),
    "api_confusion": Case("get", AS_JSON),
    "api_pair": Case("get", AS_JSON),
    "api_previews": Case("post", (401, NO, NO, 415, 415, NO)),
    "api_preview": Case("get", AS_JSON),
    "api_suggestions": Case("get", (401, NO, NO, 400, 400, NO)),
    "api_accept": Case("post", (401, NO, NO, OK, NO, NO)),
    "api_dismiss": Case("post", (401, NO, NO, OK, NO, NO)),
    **dict.fromkeys(("rules", "shop_rules", "branch_rules"), Case("get", NOT_ANNOTATORS)),
    "rules_preview": Case("get", (SIGN_IN, NO, NO, AWAY, AWAY, NO)),
    "preview_rules": Case("post", (SIGN_IN, NO, NO, NO, AWAY, NO)),
    "save_rules": Case("post", (SIGN_IN, NO, NO, NO, 422, NO)),
    **dict.fromkeys(("api_rules", "api_shop_rules", "api_branch_rules"), Case("get", AS_JSON)),
    **dict.fromkeys(("api_shop_rules_history", "api_rules_history"), Case("get", AS_JSON)),
    "api_rules_previews": Case("post", (401, NO, NO, NO, 415, NO)),
    "api_rules_preview": Case("get", AS_JSON),
    **dict.fromkeys(("hand", "page_draft", "page_rules"), Case("get", NOT_ANNOTATORS)),
    **dict.fromkeys(("wrong_here", "discard_hand", "publish_hand"), MERCHANDISERS_WRITE),
    "end_hand": MERCHANDISERS_WRITE,
    "draft_hand": Case("post", (SIGN_IN, NO, NO, NO, 422, NO)),
    **dict.fromkeys(("api_hand_rules", "api_draft", "api_page_rules"), Case("get", AS_JSON)),
    "api_hand_rule": Case("get", AS_JSON),
    **dict.fromkeys(
        ("api_wrong_here", "api_publish_hand"), Case("post", (401, NO, NO, NO, 415, NO))
    ),
    "api_discard_hand": Case("post", (401, NO, NO, NO, OK, NO)),
    "api_end_hand": Case("post", (401, NO, NO, NO, 409, NO)),
    "guidelines": Case("get", WITH_A_ROLE),
    "guideline_of_all": Case("get", WITH_A_ROLE),
    "guideline": Case("get", WITH_A_ROLE),
    **dict.fromkeys(
        ("edit_guideline", "edit_guideline_of_all", "adjudications", "adjudication"), LEADS_SEE
    ),
    **dict.fromkeys(("open_gaps", "gold"), LEADS_SEE),
    **dict.fromkeys(("draft_guideline", "draft_guideline_of_all"), Case("post", LEADING)),
    **dict.fromkeys(("save_guideline", "save_guideline_of_all"), LEADS_WRITE),
    **dict.fromkeys(("restore_guideline", "make_guideline_live"), LEADS_WRITE),
    "adjudicate": Case("post", (SIGN_IN, NO, NO, 409, NO, 409)),
    "take_back_adjudication": LEADS_WRITE,
    **dict.fromkeys(("propose_gold", "decide_gold"), LEADS_WRITE),
    "add_gold": Case("post", (SIGN_IN, NO, NO, 422, NO, 422)),
    **dict.fromkeys(
        ("api_guidelines", "api_guideline", "api_guideline_of_all"), Case("get", JSON_WITH_A_ROLE)
    ),
    "api_guideline_revisions": Case("get", JSON_WITH_A_ROLE),
    "api_guideline_revisions_of_all": Case("get", (401, NO, 404, 404, 404, 404)),
    **dict.fromkeys(
        (
            "api_restore_guideline",
            "api_restore_guideline_of_all",
            "api_make_guideline_live",
            "api_make_guideline_live_of_all",
            "api_decide_gold",
        ),
        Case("post", (401, NO, NO, 415, NO, 415)),
    ),
    **dict.fromkeys(
        ("api_adjudications", "api_adjudication", "api_gold"),
        Case("get", (401, NO, NO, OK, NO, OK)),
    ),
    "api_propose_gold": Case("post", (401, NO, NO, OK, NO, OK)),
    "api_take_back_adjudication": Case("post", (401, NO, NO, 409, NO, 409)),
    "api_sittings": Case("post", (401, NO, 415, 415, 415, 415)),
    "api_sitting_next": Case("post", (401, NO, 415, 415, 415, 415)),
    "api_sitting_answers": Case("post", (401, NO, NO, NO, NO, NO)),  # another's
}
