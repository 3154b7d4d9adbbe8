"""Where things of the demo are: absolute addresses for paste-lines, paths for links."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from identity.core import conf
from identity.userpools import domains
from portal.demo import fixed


@dataclass(frozen=True, slots=True)
class Places:
    """Paths begin with a slash and hold the site's mount point; ``base`` and ``hosted`` are absolute."""

    base: str
    hosted: str
    start: str
    app: str
    mailbox: str
    notes: str
    profile: str
    roles: str
    discovery: str
    admin: str

    @property
    def callback(self) -> str:
        """The redirect URI of the phone app."""
        return f"{self.base}{self.app}"

    @property
    def issuer(self) -> str:
        return f"{self.base}/{fixed.USER_POOL}"

    @property
    def sign_in(self) -> str:
        """The hosted pages, ending in the phone app with a code."""
        query = {
            "response_type": "code",
            "client_id": fixed.CLIENT,
            "redirect_uri": self.callback,
            "scope": " ".join((*fixed.SCOPES, *fixed.NOTES_SCOPES)),
        }
        return f"{self.hosted}/oauth2/authorize?{urlencode(query)}"


def places() -> Places:
    base = conf.settings().base_url
    return Places(
        base=base,
        hosted=domains.address(fixed.DOMAIN, is_custom=False),
        # The start page is the site's root, two steps above the app.
        start=reverse("portal_demo:app").removesuffix("demo/app/"),
        app=reverse("portal_demo:app"),
        mailbox=reverse("portal_demo:mailbox"),
        notes=reverse("portal_demo:notes", args=["_"]).removesuffix("_"),
        profile=reverse("portal_demo:profile"),
        roles=reverse("portal_demo:role", args=["_"]).removesuffix("_"),
        discovery=f"/{fixed.USER_POOL}/.well-known/openid-configuration",
        admin=reverse("admin:index"),
    )
