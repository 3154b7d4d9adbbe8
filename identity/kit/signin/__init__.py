"""Signing in to a host's Django pages by a user pool: the hosted pages and back (``urls``), or a name and a password
(``backends.UserPoolPasswordBackend``). Without tables of its own.
"""
