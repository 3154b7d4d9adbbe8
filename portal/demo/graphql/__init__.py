"""The notes as a GraphQL API, what a host's own looks like behind the resource kit. Nothing here imports strawberry
but ``schema``, which is loaded at the first request."""
