"""Every address of the site."""

from django.contrib.auth.views import LogoutView
from django.urls import include, path

from seestocks.documents import OpenApi, documentation
from seestocks.faults import bad_request, not_found, permission_denied, server_error
from seestocks.sign_in import SignIn
from seestocks.tokens import make_token, revoke_token, tokens
from seestocks.views import home

handler400, handler403 = bad_request, permission_denied
handler404, handler500 = not_found, server_error

urlpatterns = [
    path("", home, name="home"),
    path("sign-in/", SignIn.as_view(), name="sign_in"),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("tokens/", tokens, name="tokens"),
    path("tokens/make/", make_token, name="make_token"),
    path("tokens/<str:key>/revoke/", revoke_token, name="revoke_token"),
    path("", include("taxonomy.urls")),
    path("", include("judgments.urls")),
    path("", include("ranking.urls")),
    path("api/docs/", documentation, name="api_docs"),
    path("api/schema", OpenApi.as_view(), name="api_schema"),
    path("api/", include("taxonomy.api.urls")),
    path("api/", include("judgments.api.urls")),
    path("api/", include("ranking.api.urls")),
]
