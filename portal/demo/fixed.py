"""The demo's fixed names: ids that the README, the start page and the paste-lines can rely on."""

USER_POOL = "us-east-1_Demo00001"
PROVIDER = f"cognito-idp.us-east-1.amazonaws.com/{USER_POOL}"
DOMAIN = "demo"
CLIENT = "1demo23client45public6789a"
CONFIDENTIAL_CLIENT = "2demo23client45secret6789a"
MACHINE_CLIENT = "3demo23client45machine678a"
# Secrets that everybody knows, of data that a demo throws away.
CONFIDENTIAL_SECRET = "demoonlysecret0demoonlysecret0demoonlysecret0demo001"
MACHINE_SECRET = "demoonlysecret0demoonlysecret0demoonlysecret0demo002"

IDENTITY_POOL = "us-east-1:00000000-0000-4000-8000-000000000001"
OTHER_IDENTITY = "us-east-1:9b2e0000-0000-4000-8000-000000000002"
GUEST_ROLE = "DemoGuest"
SIGNED_IN_ROLE = "DemoSignedIn"

# Known to everybody too: they open what is public.
GRAPHQL_KEY = "da2-demodemodemodemodemodemode"
GRAPHQL_TOKEN = "demo-visitor"

RESOURCE_SERVER = "notes"
SCOPES = ("openid", "email", "profile", "phone", "aws.cognito.signin.user.admin")
NOTES_SCOPES = ("notes/read", "notes/write")
LOCAL_APP = "http://localhost:3000/"

ADMIN = "admin"
PASSWORD_HINT = "8 characters or more: lower-case and upper-case letters, and a number"
