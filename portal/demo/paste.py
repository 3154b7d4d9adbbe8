"""Lines to paste: complete, and the whole way in each. The start page, the terminal and the README show the same."""

from dataclasses import dataclass
from string import Template

from identity.core import conf
from portal.demo import fixed
from portal.demo.graphql import places as graphql
from portal.demo.places import Places

SECRET_ELSEWHERE = "see-the-terminal"


@dataclass(frozen=True, slots=True)
class Paste:
    key: str
    title: str
    text: str
    hint: str = ""


def pastes(places: Places, *, with_secret: bool) -> list[Paste]:
    """``with_secret`` puts the administrator's secret key in; without it that is left to the terminal."""
    settings = conf.settings()
    words = {
        "base": places.base,
        "hosted": places.hosted,
        "issuer": places.issuer,
        "mailbox": f"{places.base}{places.mailbox}",
        "notes": f"{places.base}{places.notes}".removesuffix("/"),
        "graphql": graphql.http_endpoint(),
        "region": settings.region,
        "key": settings.admin_access_key_id or SECRET_ELSEWHERE,
        "secret": (with_secret and settings.admin_secret_access_key) or SECRET_ELSEWHERE,
        "pool": fixed.USER_POOL,
        "client": fixed.CLIENT,
        "confidential": fixed.CONFIDENTIAL_CLIENT,
        "machine": fixed.MACHINE_CLIENT,
        "machine_secret": fixed.MACHINE_SECRET,
        "identity_pool": fixed.IDENTITY_POOL,
        "login": places.issuer.partition("://")[2],
        "callback": places.callback,
        "local": fixed.LOCAL_APP,
    }
    return [Paste(each.key, each.title, Template(each.text).substitute(words), each.hint) for each in _PASTES]


_CLI = """\
export AWS_ENDPOINT_URL=$base AWS_DEFAULT_REGION=$region AWS_DEFAULT_OUTPUT=text AWS_PAGER=
export AWS_ACCESS_KEY_ID=$key AWS_SECRET_ACCESS_KEY=$secret
CLIENT=$client POOL=$login NAME=ada$$RANDOM
aws cognito-idp list-user-pools --max-results 10

# sign up, take the code out of the mailbox, confirm
aws cognito-idp sign-up --client-id $$CLIENT --username $$NAME --password 'Corr3ct-horse' \\
  --user-attributes Name=email,Value=$$NAME@example.com
CODE=$$(curl -s "$mailbox/code?to=$$NAME@example.com")
aws cognito-idp confirm-sign-up --client-id $$CLIENT --username $$NAME --confirmation-code $$CODE

# sign in, trade the ID token for an identity, and for credentials of a role
TOKEN=$$(aws cognito-idp initiate-auth --client-id $$CLIENT --auth-flow USER_PASSWORD_AUTH \\
  --auth-parameters "USERNAME=$$NAME,PASSWORD=Corr3ct-horse" --query AuthenticationResult.IdToken)
ID=$$(aws cognito-identity get-id --identity-pool-id $identity_pool --logins $$POOL=$$TOKEN)
read -r AK SK ST <<< "$$(aws cognito-identity get-credentials-for-identity --identity-id $$ID \\
  --logins $$POOL=$$TOKEN --query 'Credentials.[AccessKeyId,SecretKey,SessionToken]')"
AWS_ACCESS_KEY_ID=$$AK AWS_SECRET_ACCESS_KEY=$$SK AWS_SESSION_TOKEN=$$ST aws sts get-caller-identity
curl -s --user $$AK:$$SK --aws-sigv4 aws:amz:$region:notes -H "x-amz-security-token: $$ST" $notes/mine
"""

_BOTO3 = """\
import time, urllib.request
import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

options = {"endpoint_url": "$base", "region_name": "$region",
           "aws_access_key_id": "$key", "aws_secret_access_key": "$secret"}
idp, identity = boto3.client("cognito-idp", **options), boto3.client("cognito-identity", **options)
client, name = "$client", f"bob{int(time.time())}"
email = f"{name}@example.com"

# sign up, take the code out of the mailbox, confirm, sign in
idp.sign_up(ClientId=client, Username=name, Password="Corr3ct-horse",
            UserAttributes=[{"Name": "email", "Value": email}])
code = urllib.request.urlopen(f"$mailbox/code?to={email}").read().decode()
idp.confirm_sign_up(ClientId=client, Username=name, ConfirmationCode=code)
tokens = idp.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH",
                           AuthParameters={"USERNAME": name, "PASSWORD": "Corr3ct-horse"})["AuthenticationResult"]

# trade the ID token for an identity and credentials, call the notes API with them
logins = {"$login": tokens["IdToken"]}
identity_id = identity.get_id(IdentityPoolId="$identity_pool", Logins=logins)["IdentityId"]
got = identity.get_credentials_for_identity(IdentityId=identity_id, Logins=logins)["Credentials"]
request = AWSRequest("POST", f"$notes/{identity_id}", data='{"title": "From boto3", "text": "Hello"}',
                     headers={"Content-Type": "application/json"})
SigV4Auth(Credentials(got["AccessKeyId"], got["SecretKey"], got["SessionToken"]), "notes", "$region").add_auth(request)
answer = urllib.request.urlopen(urllib.request.Request(request.url, request.data.encode(), dict(request.headers)))
print(identity_id, answer.read().decode())
"""

_AMPLIFY = """\
import { Amplify } from 'aws-amplify';
import { generateClient } from 'aws-amplify/api';
import { confirmSignUp, fetchAuthSession, signIn, signUp } from 'aws-amplify/auth';

Amplify.configure({
  Auth: {
    Cognito: {
      userPoolId: '$pool',
      userPoolClientId: '$client',
      userPoolEndpoint: '$base',
      identityPoolId: '$identity_pool',
      identityPoolEndpoint: '$base',
      allowGuestAccess: true,
    },
  },
  API: { GraphQL: { endpoint: '$graphql', region: '$region', defaultAuthMode: 'userPool' } },
});

const email = 'eve@example.com';
await signUp({ username: 'eve', password: 'Corr3ct-horse', options: { userAttributes: { email } } });
const confirmationCode = await (await fetch('$mailbox/code?to=' + email)).text();
await confirmSignUp({ username: 'eve', confirmationCode });
await signIn({ username: 'eve', password: 'Corr3ct-horse' });
const { identityId, credentials, tokens } = await fetchAuthSession();
console.log(identityId, credentials.accessKeyId, tokens.idToken.payload.email);

// the notes by GraphQL: with the pool's token, then with the identity pool's credentials
const api = generateClient();
await api.graphql({ query: 'mutation { createNote(title: "From Amplify") { owner title } }' });
console.log((await api.graphql({ query: '{ myNotes { title } }', authMode: 'iam' })).data.myNotes);
"""

_OPENID = """\
# discovery: everything else an OpenID client needs to know
curl -s $issuer/.well-known/openid-configuration

# a client for machines: a token with scopes of the notes API
curl -s -u $machine:$machine_secret -d grant_type=client_credentials -d scope=notes/read $hosted/oauth2/token

# an app at $local (oidc-client-ts and others): code flow with PKCE
#   authority      $issuer
#   client_id      $client
#   redirect_uri   $local
#   response_type  code
#   scope          openid email profile
"""

_PASTES = (
    Paste("cli", "AWS CLI", _CLI, "For bash. Everything a machine needs: the AWS CLI and curl."),
    Paste("boto3", "boto3", _BOTO3, "Save it as way.py and run it where boto3 is installed."),
    Paste("amplify", "Amplify", _AMPLIFY, "In Node: npm install aws-amplify, save as way.mjs, node way.mjs."),
    Paste("openid", "OpenID", _OPENID),
)
