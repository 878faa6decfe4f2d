"""Every address of the site."""

from django.contrib.auth.views import LogoutView
from django.urls import include, path

from seestocks.sign_in import SignIn
from seestocks.views import home

urlpatterns = [
    path("", home, name="home"),
    path("sign-in/", SignIn.as_view(), name="sign_in"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("", include("taxonomy.urls")),
    path("", include("judgments.urls")),
    path("", include("ranking.urls")),
    path("api/", include("taxonomy.api_urls")),
    path("api/", include("judgments.api_urls")),
    path("api/", include("ranking.api_urls")),
]
