"""The endpoints by path: ``/<prefix>/oauth2/…`` of a pool's domain, ``/<pool id>/.well-known/…`` of its issuer.

A host ``<prefix>.auth.<base host>`` leads to the first form by the middleware.
"""

from django.urls import path, re_path

from portal.oauth import discovery
from portal.oauth.authorize import authorize
from portal.oauth.logout import logout
from portal.oauth.responses import cross_origin
from portal.oauth.revoke import RevokeView
from portal.oauth.token import TokenView
from portal.oauth.userinfo import userinfo

_POOL = r"(?P<pool_id>[\w-]+_[0-9A-Za-z]+)"
_published = cross_origin("GET")
_posted = cross_origin("POST")

urlpatterns = [
    path("<str:prefix>/oauth2/authorize", authorize, name="oauth-authorize"),
    path("<str:prefix>/oauth2/token", _posted(TokenView.as_view()), name="oauth-token"),
    path("<str:prefix>/oauth2/revoke", _posted(RevokeView.as_view()), name="oauth-revoke"),
    path("<str:prefix>/oauth2/userInfo", cross_origin("GET", "POST")(userinfo), name="oauth-userinfo"),
    path("<str:prefix>/logout", logout, name="oauth-logout"),
    re_path(
        rf"^{_POOL}/\.well-known/openid-configuration\Z",
        _published(discovery.configuration),
        name="openid-configuration",
    ),
    re_path(rf"^{_POOL}/\.well-known/jwks\.json\Z", _published(discovery.jwks), name="jwks"),
    # RFC 8414 §3.1 puts the well-known part before the issuer's path.
    re_path(
        rf"^\.well-known/oauth-authorization-server/{_POOL}\Z",
        _published(discovery.configuration),
        name="oauth-authorization-server",
    ),
]
