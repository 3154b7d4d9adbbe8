"""Sign-in as a state machine: what was proven, what is asked next, how it ends.

``begin`` and ``answer`` take an ``Attempt`` and give ``Challenged`` (ask the user this) or ``Proven`` (all
that is asked was shown). ``finish.with_tokens`` turns a proven sign-in into a session and tokens,
``finish.at_pages`` into a browser that is signed in. Both pass a ``Challenged`` on as it is.
"""
