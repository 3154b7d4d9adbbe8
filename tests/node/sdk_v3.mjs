// AWS SDK v3, unmodified: an identity pool as the credential provider of a client. Prints one line of JSON.
import { CognitoIdentityClient } from '@aws-sdk/client-cognito-identity';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { fromCognitoIdentity, fromCognitoIdentityPool } from '@aws-sdk/credential-providers';

const { endpoint, region, identityPoolId, logins, identityId } = JSON.parse(process.argv[2]);
const client = new CognitoIdentityClient({ endpoint, region });

async function whoAmI(credentials) {
  const sts = new STSClient({ endpoint, region, credentials });
  const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
  const { identityId: id, accessKeyId } = await credentials();
  return { arn: Arn, identityId: id, accessKeyId };
}

try {
  const credentials = identityId
    ? fromCognitoIdentity({ client, identityId, logins })
    : fromCognitoIdentityPool({ client, identityPoolId, logins });
  console.log(JSON.stringify(await whoAmI(credentials)));
} catch (error) {
  console.log(JSON.stringify({ error: error.name, message: error.message }));
}
