// Amplify v6's GraphQL client, unmodified: queries by every mode of authorization, and subscriptions. Prints one line of JSON.
import { Amplify } from 'aws-amplify';
import { generateClient } from 'aws-amplify/api';
import { decodeJWT, fetchAuthSession, signIn } from 'aws-amplify/auth';
import { Hub } from 'aws-amplify/utils';

const given = JSON.parse(process.argv[2]);
const PUBLIC = 'query { publicNotes { id title owner } }';
const MINE = 'query { myNotes { id title owner } }';
const CREATE = 'mutation Create($title: String!) { createNote(title: $title) { id title owner } }';
const ON_CREATE = 'subscription On($owner: ID!) { onCreateNote(owner: $owner) { id title owner } }';

const config = {
  Auth: {
    Cognito: {
      userPoolId: given.userPoolId,
      userPoolClientId: given.clientId,
      userPoolEndpoint: given.base,
      identityPoolId: given.identityPoolId,
      identityPoolEndpoint: given.base,
      allowGuestAccess: true,
    },
  },
  API: {
    GraphQL: {
      endpoint: given.endpoint,
      region: 'us-east-1',
      defaultAuthMode: 'userPool',
      apiKey: given.apiKey,
    },
  },
};
Amplify.configure(config);
const client = generateClient();

async function ask(query, options = {}) {
  try {
    return (await client.graphql({ query, ...options })).data;
  } catch (answer) {
    return { refused: answer.errors.map(({ errorType, message }) => ({ errorType, message })) };
  }
}

function connected() {
  return new Promise((resolve) => {
    const stop = Hub.listen('api', ({ payload }) => {
      if (payload.data?.connectionState === 'Connected') {
        stop();
        resolve();
      }
    });
  });
}

// Resolves to the first thing heard, or to the refusal.
async function firstOf(subscription, deed) {
  const isConnected = connected();
  const heard = new Promise((resolve) => {
    subscription.subscribe({
      next: ({ data }) => resolve(data),
      error: ({ errors }) => resolve({ refused: errors[0].message }),
    });
  });
  await Promise.race([isConnected, heard]);
  await deed();
  return heard;
}

// At the site itself: another process than the one that serves the subscription.
async function createElsewhere(title) {
  const { tokens } = await fetchAuthSession();
  const response = await fetch(given.elsewhere, {
    method: 'POST',
    headers: { Authorization: tokens.accessToken.toString(), 'Content-Type': 'application/json' },
    body: JSON.stringify({ query: CREATE, variables: { title } }),
  });
  return (await response.json()).data.createNote;
}

const steps = {
  async modes() {
    const guest = {
      public: await ask(PUBLIC, { authMode: 'iam' }),
      mine: await ask(MINE, { authMode: 'identityPool' }),
    };
    const apiKey = { public: await ask(PUBLIC, { authMode: 'apiKey' }), mine: await ask(MINE, { authMode: 'apiKey' }) };
    const lambda = {
      public: await ask(PUBLIC, { authMode: 'lambda', authToken: given.lambdaToken }),
      mine: await ask(MINE, { authMode: 'lambda', authToken: given.lambdaToken }),
      wrong: await ask(PUBLIC, { authMode: 'lambda', authToken: 'another' }),
    };
    await signIn({ username: given.username, password: given.password });
    const { identityId } = await fetchAuthSession();
    const created = await ask(CREATE, { authMode: 'userPool', variables: { title: 'by token' } });
    const createdSigned = await ask(CREATE, { authMode: 'identityPool', variables: { title: 'by credentials' } });
    return {
      guest,
      apiKey,
      lambda,
      identityId,
      created,
      createdSigned,
      userPool: await ask(MINE),
      identityPool: await ask(MINE, { authMode: 'iam' }),
    };
  },
  async oidc() {
    const accessToken = decodeJWT(given.token);
    const tokenProvider = { getTokens: async () => ({ accessToken }) };
    Amplify.configure(config, { Auth: { tokenProvider } });
    return { mine: await ask(MINE, { authMode: 'oidc' }), public: await ask(PUBLIC, { authMode: 'oidc' }) };
  },
  async subscriptions() {
    const isConnected = connected();
    const heardAsGuest = new Promise((resolve) => {
      const query = 'subscription { onCreatePublicNote { id } }';
      client.graphql({ query, authMode: 'apiKey' }).subscribe({ next: resolve, error: resolve });
    });
    await Promise.race([isConnected, heardAsGuest]);
    await signIn({ username: given.username, password: given.password });
    const { identityId: owner } = await fetchAuthSession();
    const heard = {};
    for (const authMode of ['userPool', 'identityPool']) {
      const subscription = client.graphql({ query: ON_CREATE, variables: { owner }, authMode });
      heard[authMode] = await firstOf(subscription, () => createElsewhere(`told to ${authMode}`));
    }
    const others = client.graphql({ query: ON_CREATE, variables: { owner: given.otherIdentity }, authMode: 'userPool' });
    heard.others = await firstOf(others, async () => {});
    return { owner, heard };
  },
};

try {
  console.log(JSON.stringify(await steps[given.step]()));
} catch (error) {
  console.log(JSON.stringify({ error: error.name, message: error.message, stack: error.stack }));
}
process.exit(0);
