"""SAML 2.0: what an identity provider's metadata says, and what a response of it proves. Knows no Django.

XML and its signatures are read by python3-saml, which the extra ``saml`` installs; it is imported when it is used.
"""
