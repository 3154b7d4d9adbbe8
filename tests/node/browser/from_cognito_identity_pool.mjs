// AWS SDK v3 in a browser, unmodified: guest first, then signed in, each calling the notes API's STS neighbour.
import { CognitoIdentityClient } from '@aws-sdk/client-cognito-identity';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { fromCognitoIdentityPool } from '@aws-sdk/credential-providers';

globalThis.whoAmI = async ({ endpoint, region, identityPoolId, logins, userIdentifier }) => {
  const client = new CognitoIdentityClient({ endpoint, region });
  const credentials = fromCognitoIdentityPool({ client, identityPoolId, logins, userIdentifier });
  const sts = new STSClient({ endpoint, region, credentials });
  const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
  return { arn: Arn, identityId: (await credentials()).identityId };
};
