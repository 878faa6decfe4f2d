"""Addresses of what people think."""

from django.urls import path

from judgments.views import (
    adjudication,
    campaigns,
    files,
    gold,
    guidelines,
    judging,
    judgments,
    keys,
)

urlpatterns = [
    path("judgments/files/", files.judgment_files, name="judgment_files"),
    path("judgments/files/upload/", files.upload_judgments, name="upload_judgments"),
    path("judgments/files/<int:pk>/set-aside/", files.judgment_rejects, name="judgment_rejects"),
    path("judgments/files/<str:form>/", files.download_judgments, name="download_judgments"),
    path("tree/<int:pk>/judgments/", judgments.category_judgments, name="category_judgments"),
    path("products/<int:pk>/judgments/", judgments.product_judgments, name="product_judgments"),
    path("judge/", judging.judge, name="judge"),
    path("judge/start/", judging.start_judging, name="start_judging"),
    path("judge/keys/", keys.judging_keys, name="judging_keys"),
    path("judge/categories/", judging.where_it_belongs, name="where_it_belongs"),
    path("judge/<uuid:pk>/", judging.sitting, name="sitting"),
    path("judge/<uuid:pk>/cards/", judging.cards, name="sitting_cards"),
    path("judge/<uuid:pk>/answer/", judging.answer, name="answer"),
    path("campaigns/", campaigns.campaigns, name="campaigns"),
    path("campaigns/new/", campaigns.new_campaign, name="new_campaign"),
    path("campaigns/start/", campaigns.start_campaign, name="start_campaign"),
    path("campaigns/<int:pk>/", campaigns.campaign, name="campaign"),
    path("campaigns/<int:pk>/pause/", campaigns.pause_campaign, name="pause_campaign"),
    path("campaigns/<int:pk>/resume/", campaigns.resume_campaign, name="resume_campaign"),
    path("campaigns/<int:pk>/finish/", campaigns.finish_campaign, name="finish_campaign"),
    path("campaigns/<int:pk>/people/", campaigns.assign_people, name="assign_people"),
    path("campaigns/<int:pk>/people/<int:annotator>/go-on/", campaigns.let_go_on, name="let_go_on"),
    path("tree/<int:pk>/judge/", campaigns.judge_page, name="judge_page"),
    path("guidelines/", guidelines.guidelines, name="guidelines"),
    path("guidelines/all/", guidelines.guideline, name="guideline_of_all"),
    path("guidelines/all/edit/", guidelines.edit_guideline, name="edit_guideline_of_all"),
    path("guidelines/all/draft/", guidelines.draft_guideline, name="draft_guideline_of_all"),
    path("guidelines/all/save/", guidelines.save_guideline, name="save_guideline_of_all"),
    path("guidelines/<int:pk>/", guidelines.guideline, name="guideline"),
    path("guidelines/<int:pk>/edit/", guidelines.edit_guideline, name="edit_guideline"),
    path("guidelines/<int:pk>/draft/", guidelines.draft_guideline, name="draft_guideline"),
    path("guidelines/<int:pk>/save/", guidelines.save_guideline, name="save_guideline"),
    path(
        "guidelines/revisions/<int:pk>/restore/",
        guidelines.restore_guideline,
        name="restore_guideline",
    ),
    path(
        "guidelines/revisions/<int:pk>/live/",
        guidelines.make_guideline_live,
        name="make_guideline_live",
    ),
    path("adjudicate/", adjudication.adjudications, name="adjudications"),
    path(
        "adjudicate/<int:page_pk>/<int:product_pk>/", adjudication.adjudication, name="adjudication"
    ),
    path(
        "adjudicate/<int:page_pk>/<int:product_pk>/settle/",
        adjudication.adjudicate,
        name="adjudicate",
    ),
    path(
        "adjudicate/decisions/<int:pk>/take-back/",
        adjudication.take_back_adjudication,
        name="take_back_adjudication",
    ),
    path("adjudicate/gaps/<int:pk>/<int:sibling_pk>/", adjudication.open_gaps, name="open_gaps"),
    path("gold/", gold.gold, name="gold"),
    path("gold/propose/", gold.propose_gold, name="propose_gold"),
    path("gold/decide/", gold.decide_gold, name="decide_gold"),
    path("gold/add/", gold.add_gold, name="add_gold"),
]
