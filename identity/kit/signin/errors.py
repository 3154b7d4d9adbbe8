"""Why a sign-in to the host's pages did not come about."""


class SignInRefused(Exception):
    """Its text may be shown to the person; ``why`` is for the log only."""

    def __init__(self, message: str, *, why: str = "", status: int = 403) -> None:
        super().__init__(message)
        self.message, self.why, self.status = message, why, status
