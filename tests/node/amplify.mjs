// Amplify v6, unmodified: signs up, or confirms, signs in and gets credentials. Prints one line of JSON.
import { Amplify } from 'aws-amplify';
import {
  confirmSignUp,
  fetchAuthSession,
  fetchUserAttributes,
  getCurrentUser,
  signIn,
  signOut,
  signUp,
} from 'aws-amplify/auth';

const { step, endpoint, userPoolId, clientId, identityPoolId, username, password, email, code } = JSON.parse(
  process.argv[2],
);
Amplify.configure({
  Auth: {
    Cognito: {
      userPoolId,
      userPoolClientId: clientId,
      userPoolEndpoint: endpoint,
      identityPoolId,
      identityPoolEndpoint: endpoint,
      allowGuestAccess: true,
    },
  },
});

const steps = {
  async signUp() {
    const { nextStep, userId } = await signUp({ username, password, options: { userAttributes: { email } } });
    return { nextStep: nextStep.signUpStep, userId };
  },
  async wholeWay() {
    const guest = await fetchAuthSession();
    await confirmSignUp({ username, confirmationCode: code });
    const { nextStep } = await signIn({ username, password });
    const session = await fetchAuthSession();
    const fresh = await fetchAuthSession({ forceRefresh: true });
    const user = await getCurrentUser();
    const attributes = await fetchUserAttributes();
    const result = {
      nextStep: nextStep.signInStep,
      username: user.username,
      email: attributes.email,
      sub: session.userSub,
      refreshed: fresh.tokens.accessToken.toString() !== session.tokens.accessToken.toString(),
      guestIdentity: guest.identityId,
      identity: session.identityId,
      credentials: session.credentials,
    };
    await signOut();
    return result;
  },
};

try {
  console.log(JSON.stringify(await steps[step]()));
} catch (error) {
  console.log(JSON.stringify({ error: error.name, message: error.message }));
}
process.exit(0);
