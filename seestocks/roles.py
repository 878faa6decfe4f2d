"""The kinds of people as Django groups, kept in step with the code after each migration."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

# Annotators see no rankings: knowing the machine's order would bend their judgment.
LOOKING = {
    "taxonomy.view_category",
    "taxonomy.view_product",
    "taxonomy.view_revision",
    "taxonomy.view_comment",
    "judgments.view_judgment",
    "judgments.view_guidelinerevision",
}
# Whoever answers for how people judge sees others' grades.
LEADING = {
    "judgments.view_campaign",
    "judgments.change_campaign",
    "judgments.view_agreement",
    "judgments.add_adjudication",
    "judgments.add_gold",
    "judgments.add_guidelinerevision",
}
# What the shop shows is the merchandisers' to decide; taxonomists see it, and may compare.
SEEING_THE_SHOP = {
    "ranking.view_listing",
    "ranking.view_release",
    "ranking.view_handrule",
    "ranking.view_branchrules",
    "ranking.view_comparison",
    "ranking.add_comparison",
    "ranking.add_runnote",
    "ranking.view_nightplan",
}
KEEPING_THE_SHOP = {
    "ranking.add_release",
    "ranking.add_handrule",
    "ranking.add_branchrules",
    "ranking.change_nightplan",
    "ranking.view_webhook",
    "ranking.add_webhook",
}
ROLES: dict[str, set[str]] = {
    "annotators": LOOKING | {"judgments.add_judgment"},
    "leads": LOOKING | LEADING | {"judgments.add_judgment"},
    "taxonomists": LOOKING
    | LEADING
    | SEEING_THE_SHOP
    | {
        "taxonomy.add_category",
        "taxonomy.change_category",
        "taxonomy.add_filing",
        "taxonomy.view_import",
        "taxonomy.add_import",
        "taxonomy.view_categorychange",
        "taxonomy.view_treeupdate",
        "taxonomy.add_treeupdate",
        "taxonomy.add_revision",
        "taxonomy.add_comment",
        "ranking.view_confusedpair",
        "ranking.change_suggestion",
        "judgments.add_judgment",
        "ranking.view_run",
        "ranking.add_run",
        "ranking.cancel_run",
        "ranking.view_training",
        "ranking.add_training",
        "ranking.add_adoption",
        "ranking.view_evaluation",
        "ranking.add_evaluation",
    },
    "merchandisers": LOOKING
    | SEEING_THE_SHOP
    | KEEPING_THE_SHOP
    | {
        "judgments.view_campaign",
        "judgments.view_agreement",
        "taxonomy.view_import",
        "taxonomy.add_import",
        "taxonomy.view_categorychange",
        "taxonomy.add_filing",
        "taxonomy.add_comment",
        "ranking.view_confusedpair",
        "judgments.add_judgment",
        "ranking.view_run",
        "ranking.add_run",
        "ranking.cancel_run",
        "ranking.view_training",
        "ranking.view_evaluation",
        "ranking.add_evaluation",
    },
    # A shop's own program reads what is published, and nothing else.
    "storefronts": {"ranking.view_listing"},
}


def sync_roles(**_: Any) -> None:
    """Create the groups and give each exactly the permissions that ROLES names."""
    for name, codenames in ROLES.items():
        wanted = Q()
        for label, codename in (permission.split(".") for permission in codenames):
            wanted |= Q(content_type__app_label=label, codename=codename)
        permissions = Permission.objects.filter(wanted)
        if len(permissions) == len(codenames):  # not yet, while the apps are being migrated
            Group.objects.get_or_create(name=name)[0].permissions.set(permissions)
