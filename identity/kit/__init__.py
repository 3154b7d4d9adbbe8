"""What a host project's own API uses: token and SigV4 authentication, permissions by group, scope and policy.

``identity.kit.authentication``, ``identity.kit.permissions`` and ``identity.kit.graphql`` are the public modules; the others serve them.
"""
