// amazon-cognito-identity-js, unmodified: signs in by SRP, refreshes, signs out. Prints one line of JSON.
import { AuthenticationDetails, CognitoUser, CognitoUserPool } from 'amazon-cognito-identity-js';

const { endpoint, userPoolId, clientId, username, password } = JSON.parse(process.argv[2]);
const pool = new CognitoUserPool({ UserPoolId: userPoolId, ClientId: clientId, endpoint });
const user = new CognitoUser({ Username: username, Pool: pool });

const signIn = () =>
  new Promise((resolve, reject) =>
    user.authenticateUser(new AuthenticationDetails({ Username: username, Password: password }), {
      onSuccess: resolve,
      onFailure: reject,
    }),
  );
const refresh = (session) =>
  new Promise((resolve, reject) =>
    user.refreshSession(session.getRefreshToken(), (error, fresh) => (error ? reject(error) : resolve(fresh))),
  );
const attributes = () =>
  new Promise((resolve, reject) =>
    user.getUserAttributes((error, list) => (error ? reject(error) : resolve(list.map((one) => [one.Name, one.Value])))),
  );
const signOut = () => new Promise((resolve) => user.signOut(resolve));

try {
  const session = await signIn();
  const fresh = await refresh(session);
  const known = Object.fromEntries(await attributes());
  await signOut();
  console.log(
    JSON.stringify({
      sub: session.getIdToken().payload.sub,
      refreshed: fresh.getAccessToken().getJwtToken() !== session.getAccessToken().getJwtToken(),
      sameSignIn: fresh.getAccessToken().payload.origin_jti === session.getAccessToken().payload.origin_jti,
      attributes: known,
    }),
  );
} catch (error) {
  console.log(JSON.stringify({ error: error.name ?? error.code, message: error.message }));
}
