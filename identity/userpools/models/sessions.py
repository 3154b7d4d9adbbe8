from django.db import models

from identity.userpools.models.clients import UserPoolClient
from identity.userpools.models.users import User


class UserSession(models.Model):
    """A sign-in: the family of every token that comes from it.

    ``origin_jti`` is in each of them. ``refresh_token_hash`` is that of the one refresh token now good;
    those that rotation replaced are in ``RotatedRefreshToken``. ``resource`` is the resource server that the
    access tokens are bound to (RFC 8707), "" for none.
    """

    origin_jti = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    client = models.ForeignKey(UserPoolClient, on_delete=models.CASCADE, related_name="+")
    refresh_token_hash = models.CharField(max_length=64, unique=True, null=True)
    scopes = models.JSONField(default=list)
    resource = models.CharField(max_length=256, default="", blank=True)
    is_hosted = models.BooleanField(default=False)
    nonce = models.CharField(max_length=2048, default="", blank=True)
    auth_time = models.DateTimeField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "session"
        indexes = [models.Index(fields=["user", "-created_at"]), models.Index(fields=["expires_at"])]

    def __str__(self) -> str:
        return str(self.origin_jti)


class RotatedRefreshToken(models.Model):
    token_hash = models.CharField(primary_key=True, max_length=64)
    session = models.ForeignKey(UserSession, on_delete=models.CASCADE, related_name="rotated_tokens")
    rotated_at = models.DateTimeField()

    class Meta:
        verbose_name = "rotated refresh token"

    def __str__(self) -> str:
        return f"rotated token of {self.session_id}"


class AuthorizationCode(models.Model):
    """An OAuth authorization code: five minutes, one use, by one conditional UPDATE.

    ``origin_jti`` is that of the session which came from it, which ends if the code is shown again.
    """

    code_hash = models.CharField(primary_key=True, max_length=64)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    client = models.ForeignKey(UserPoolClient, on_delete=models.CASCADE, related_name="+")
    redirect_uri = models.CharField(max_length=1024)
    scopes = models.JSONField(default=list)
    resource = models.CharField(max_length=256, default="", blank=True)
    nonce = models.CharField(max_length=2048, default="", blank=True)
    code_challenge = models.CharField(max_length=128, default="", blank=True)
    auth_time = models.DateTimeField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True, blank=True)
    origin_jti = models.UUIDField(null=True, blank=True)

    class Meta:
        verbose_name = "authorization code"
        indexes = [models.Index(fields=["expires_at"])]

    def __str__(self) -> str:
        return f"code of {self.user_id} for {self.client_id}"


class HostedSession(models.Model):
    """A browser signed in at the hosted pages: the row behind the cookie ``cognito`` (its hash)."""

    token_hash = models.CharField(primary_key=True, max_length=64)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="hosted_sessions")
    auth_time = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = "browser session"
        indexes = [models.Index(fields=["expires_at"])]

    def __str__(self) -> str:
        return f"browser session of {self.user_id}"
