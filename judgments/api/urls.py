"""Addresses of what people think, for programs."""

from django.urls import path

from judgments.api import (
    adjudication,
    campaigns,
    gold,
    guidelines,
    judging,
    judgments,
    trust,
)

urlpatterns = [
    path("agreement/", trust.AgreementView.as_view(), name="api_agreement"),
    path("judgments/", judgments.Judgments.as_view(), name="api_judgments"),
    path("judgments/export", judgments.JudgmentsFile.as_view(), name="api_judgments_file"),
    path(
        "judgments/import",
        judgments.JudgmentsImport.as_view(),
        name="api_import_judgments",
    ),
    path("judging/sittings/", judging.Sittings.as_view(), name="api_sittings"),
    path(
        "judging/sittings/<uuid:sitting_id>/next/",
        judging.Next.as_view(),
        name="api_sitting_next",
    ),
    path(
        "judging/sittings/<uuid:sitting_id>/answers/",
        judging.Answers.as_view(),
        name="api_sitting_answers",
    ),
    path("guidelines", guidelines.Guidelines.as_view(), name="api_guidelines"),
    path("guidelines/all", guidelines.OneGuideline.as_view(), name="api_guideline_of_all"),
    path(
        "guidelines/all/revisions",
        guidelines.GuidelineHistory.as_view(),
        name="api_guideline_revisions_of_all",
    ),
    path(
        "guidelines/all/restore",
        guidelines.GuidelineRestoration.as_view(),
        name="api_restore_guideline_of_all",
    ),
    path(
        "guidelines/all/live",
        guidelines.GuidelineMakingLive.as_view(),
        name="api_make_guideline_live_of_all",
    ),
    path("guidelines/<int:pk>", guidelines.OneGuideline.as_view(), name="api_guideline"),
    path(
        "guidelines/<int:pk>/revisions",
        guidelines.GuidelineHistory.as_view(),
        name="api_guideline_revisions",
    ),
    path(
        "guidelines/<int:pk>/restore",
        guidelines.GuidelineRestoration.as_view(),
        name="api_restore_guideline",
    ),
    path(
        "guidelines/<int:pk>/live",
        guidelines.GuidelineMakingLive.as_view(),
        name="api_make_guideline_live",
    ),
    path("adjudications", adjudication.Adjudications.as_view(), name="api_adjudications"),
    path(
        "adjudications/<int:page_pk>/<int:product_pk>",
        adjudication.OneAdjudication.as_view(),
        name="api_adjudication",
    ),
    path(
        "adjudications/<int:pk>/take-back",
        adjudication.AdjudicationTakenBack.as_view(),
        name="api_take_back_adjudication",
    ),
    path("gold", gold.Golds.as_view(), name="api_gold"),
    path("gold/proposals", gold.GoldProposals.as_view(), name="api_propose_gold"),
    path("gold/decisions", gold.GoldDecisions.as_view(), name="api_decide_gold"),
    path("campaigns", campaigns.Campaigns.as_view(), name="api_campaigns"),
    path("campaigns/<int:pk>", campaigns.OneCampaign.as_view(), name="api_campaign"),
    path(
        "campaigns/<int:pk>/pause",
        campaigns.CampaignPause.as_view(),
        name="api_pause_campaign",
    ),
    path(
        "campaigns/<int:pk>/resume",
        campaigns.CampaignResumption.as_view(),
        name="api_resume_campaign",
    ),
    path(
        "campaigns/<int:pk>/finish",
        campaigns.CampaignEnd.as_view(),
        name="api_finish_campaign",
    ),
    path(
        "campaigns/<int:pk>/people",
        campaigns.CampaignPeople.as_view(),
        name="api_campaign_people",
    ),
]
