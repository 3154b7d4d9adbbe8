"""What is wrong with a policy document."""


class MalformedPolicy(ValueError):
    """The document is not a policy of the asked kind. The message is fit for the document's author."""
