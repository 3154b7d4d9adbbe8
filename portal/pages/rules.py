"""A pool's password rules in words, with what the script ticks off as it is met."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from identity.userpools.models import UserPool, pool_settings
from portal.pages.texts import Text


@dataclass(frozen=True, slots=True)
class Rule:
    """``test`` names checks of ``pages.js``, blank-separated; all have to be met."""

    text: Text
    test: str


def of_pool(pool: UserPool) -> list[Rule]:
    """The rules in the order the service checks them; the two kinds of letters are one line."""
    policy = pool_settings.password_policy(pool)
    length = policy.minimum_length
    rules = [
        Rule(ngettext("%d character or more", "%d characters or more", length) % length, f"length:{length}")
    ]
    if policy.require_lowercase and policy.require_uppercase:
        rules.append(Rule(_("A lower-case and an upper-case letter"), "lower upper"))
    elif policy.require_lowercase:
        rules.append(Rule(_("A lower-case letter"), "lower"))
    elif policy.require_uppercase:
        rules.append(Rule(_("An upper-case letter"), "upper"))
    if policy.require_numbers:
        rules.append(Rule(_("A number"), "number"))
    if policy.require_symbols:
        rules.append(Rule(_("A symbol, like - or ?"), "symbol"))
    return rules
