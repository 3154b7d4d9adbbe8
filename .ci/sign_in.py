"""Runs in a foreign project's ``manage.py shell``: makes a pool as an administrator and signs a user in by the wire."""

import json

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from django.conf import settings
from django.test import Client

from identity.iam import keys

settings.ALLOWED_HOSTS = ["testserver"]
KEY_ID, SECRET = "AKIAAAAAAAAAAAMADMIN2", "a-secret-of-this-check-alone-0123456789ab"
keys.ensure_administrator(KEY_ID, SECRET)
http = Client()


def call(operation, *, signed=False, **members):
    headers = {
        "Host": "testserver",
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
    }
    body = json.dumps(members)
    request = AWSRequest("POST", "http://testserver/", data=body, headers=headers)
    if signed:
        SigV4Auth(Credentials(KEY_ID, SECRET), "cognito-idp", "us-east-1").add_auth(request)
    answer = http.post("/", body, content_type=headers["Content-Type"], headers=dict(request.headers.items()))
    assert answer.status_code == 200, (operation, answer.status_code, answer.content)
    return json.loads(answer.content or b"{}")


pool = call("CreateUserPool", signed=True, PoolName="from a wheel")["UserPool"]["Id"]
client = call(
    "CreateUserPoolClient",
    signed=True,
    UserPoolId=pool,
    ClientName="app",
    ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
)["UserPoolClient"]["ClientId"]
call("SignUp", ClientId=client, Username="ada", Password="Corr3ct-horse")
call("AdminConfirmSignUp", signed=True, UserPoolId=pool, Username="ada")
tokens = call(
    "InitiateAuth",
    ClientId=client,
    AuthFlow="USER_PASSWORD_AUTH",
    AuthParameters={"USERNAME": "ada", "PASSWORD": "Corr3ct-horse"},
)["AuthenticationResult"]
assert call("GetUser", AccessToken=tokens["AccessToken"])["Username"] == "ada"
page = http.get(f"/{pool}/.well-known/openid-configuration")
assert page.status_code == 200, page.status_code
print("signed in from the installed wheel:", tokens["TokenType"], tokens["ExpiresIn"])
