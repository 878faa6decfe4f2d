"""Addresses of what people think, for programs."""

from django.urls import path

from judgments import (
    api_adjudication,
    api_campaigns,
    api_gold,
    api_guidelines,
    api_judging,
    api_judgments,
    api_trust,
)

urlpatterns = [
    path("agreement/", api_trust.AgreementView.as_view(), name="api_agreement"),
    path("judgments/", api_judgments.Judgments.as_view(), name="api_judgments"),
    path("judgments/export", api_judgments.JudgmentsFile.as_view(), name="api_judgments_file"),
    path(
        "judgments/import",
        api_judgments.JudgmentsImport.as_view(),
        name="api_import_judgments",
    ),
    path("judging/sittings/", api_judging.Sittings.as_view(), name="api_sittings"),
    path(
        "judging/sittings/<uuid:sitting_id>/next/",
        api_judging.Next.as_view(),
        name="api_sitting_next",
    ),
    path(
        "judging/sittings/<uuid:sitting_id>/answers/",
        api_judging.Answers.as_view(),
        name="api_sitting_answers",
    ),
    path("guidelines", api_guidelines.Guidelines.as_view(), name="api_guidelines"),
    path("guidelines/all", api_guidelines.OneGuideline.as_view(), name="api_guideline_of_all"),
    path(
        "guidelines/all/revisions",
        api_guidelines.GuidelineHistory.as_view(),
        name="api_guideline_revisions_of_all",
    ),
    path(
        "guidelines/all/restore",
        api_guidelines.GuidelineRestoration.as_view(),
        name="api_restore_guideline_of_all",
    ),
    path(
        "guidelines/all/live",
        api_guidelines.GuidelineMakingLive.as_view(),
        name="api_make_guideline_live_of_all",
    ),
    path("guidelines/<int:pk>", api_guidelines.OneGuideline.as_view(), name="api_guideline"),
    path(
        "guidelines/<int:pk>/revisions",
        api_guidelines.GuidelineHistory.as_view(),
        name="api_guideline_revisions",
    ),
    path(
        "guidelines/<int:pk>/restore",
        api_guidelines.GuidelineRestoration.as_view(),
        name="api_restore_guideline",
    ),
    path(
        "guidelines/<int:pk>/live",
        api_guidelines.GuidelineMakingLive.as_view(),
        name="api_make_guideline_live",
    ),
    path("adjudications", api_adjudication.Adjudications.as_view(), name="api_adjudications"),
    path(
        "adjudications/<int:page_pk>/<int:product_pk>",
        api_adjudication.OneAdjudication.as_view(),
        name="api_adjudication",
    ),
    path(
        "adjudications/<int:pk>/take-back",
        api_adjudication.AdjudicationTakenBack.as_view(),
        name="api_take_back_adjudication",
    ),
    path("gold", api_gold.Golds.as_view(), name="api_gold"),
    path("gold/proposals", api_gold.GoldProposals.as_view(), name="api_propose_gold"),
    path("gold/decisions", api_gold.GoldDecisions.as_view(), name="api_decide_gold"),
    path("campaigns", api_campaigns.Campaigns.as_view(), name="api_campaigns"),
    path("campaigns/<int:pk>", api_campaigns.OneCampaign.as_view(), name="api_campaign"),
    path(
        "campaigns/<int:pk>/pause",
        api_campaigns.CampaignPause.as_view(),
        name="api_pause_campaign",
    ),
    path(
        "campaigns/<int:pk>/resume",
        api_campaigns.CampaignResumption.as_view(),
        name="api_resume_campaign",
    ),
    path(
        "campaigns/<int:pk>/finish",
        api_campaigns.CampaignEnd.as_view(),
        name="api_finish_campaign",
    ),
    path(
        "campaigns/<int:pk>/people",
        api_campaigns.CampaignPeople.as_view(),
        name="api_campaign_people",
    ),
]
