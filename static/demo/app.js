// The phone app: signs a person up and in, trades the token for an identity and credentials, and opens notes with them.

import { call, decode, exchange, pkce, signedCall } from "./aws.js";
import { button, field, form, h, wordsOf } from "./dom.js";
import * as explain from "./explain.js";

const root = document.getElementById("app");
const config = root.dataset;
const status = document.getElementById("status");
const STORE = "demo-tokens";
const FLOW = "demo-flow";

/** Show a screen: its heading takes the focus, so that a screen reader follows. */
function show(...content) {
  say("");
  root.replaceChildren(...content.flat(Infinity).filter(Boolean));
  const first = root.querySelector("[autofocus]") || root.querySelector("h1");
  first?.focus();
}

const heading = (text) => h("h1", { tabindex: "-1" }, text);
const say = (text) => { status.textContent = text; };
const short = (text, length = 18) => (text.length > length ? `${text.slice(0, length)}…` : text);

// Signing in

function startScreen() {
  show(
    heading("Notes"),
    h("p", { class: "sub" }, "Sign up, get tokens, trade them for credentials, open your notes. Each step shows what happened."),
    h("div", { class: "ways" },
      button("Create an account", signUpScreen),
      button("Sign in", () => signInScreen(), "button plain"),
      button("Sign in on the hosted pages", hostedSignIn, "button plain"),
      button("Look around as a guest", () => travel(null), "button plain")));
}

const back = () => h("p", { class: "foot" }, button("Back", startScreen, "link"));

function signUpScreen() {
  show(
    heading("Create your account"),
    form([
      field("Username", { name: "username", autocomplete: "username", autocapitalize: "none", autofocus: true }),
      field("Email", { name: "email", type: "email", autocomplete: "email" }, "No mail leaves this machine: the code lands in the demo's mailbox."),
      field("Password", { name: "password", type: "password", autocomplete: "new-password" }, config.passwordHint),
    ], "Create account", async ({ username, email, password }) => {
      const signedUp = await call("cognito-idp", "SignUp", {
        ClientId: config.client, Username: username, Password: password, UserAttributes: [{ Name: "email", Value: email }],
      });
      confirmScreen(username, password, email, signedUp.CodeDeliveryDetails?.Destination);
    }),
    back());
}

function confirmScreen(username, password, email, destination) {
  const mailbox = email ? `${config.mailbox}?to=${encodeURIComponent(email)}` : config.mailbox;
  show(
    heading("Check your email"),
    h("p", { class: "sub" }, `We sent a 6-digit code to ${(destination || "your email").replaceAll("*", "•")}. `,
      h("a", { href: mailbox, target: "_blank", rel: "noopener" }, "Open the mailbox", h("span", { class: "away" }, " (in a new tab)"))),
    form([
      field("Code", { name: "code", inputmode: "numeric", autocomplete: "one-time-code", autofocus: true }),
    ], "Confirm", async ({ code }) => {
      await call("cognito-idp", "ConfirmSignUp", { ClientId: config.client, Username: username, ConfirmationCode: code.replace(/[\s-]/g, "") });
      await signInByPassword(username, password);
    }),
    h("p", { class: "foot" }, "Nothing there? ", button("Send it again", async () => {
      try {
        await call("cognito-idp", "ResendConfirmationCode", { ClientId: config.client, Username: username });
        say("Sent again.");
      } catch (error) {
        say(wordsOf(error));
      }
    }, "link")),
    back());
}

function signInScreen() {
  show(
    heading("Sign in"),
    form([
      field("Email or username", { name: "username", autocomplete: "username", autocapitalize: "none", autofocus: true }),
      field("Password", { name: "password", type: "password", autocomplete: "current-password" }),
    ], "Sign in", async ({ username, password }) => {
      try {
        await signInByPassword(username, password);
      } catch (error) {
        if (error.name !== "UserNotConfirmedException") throw error;
        confirmScreen(username, password);
      }
    }),
    back());
}

async function signInByPassword(username, password) {
  const request = { AuthFlow: "USER_PASSWORD_AUTH", ClientId: config.client, AuthParameters: { USERNAME: username, PASSWORD: password } };
  const answer = await call("cognito-idp", "InitiateAuth", request);
  if (answer.ChallengeName) throw new Error(`The pool asks for ${answer.ChallengeName}. Sign in on the hosted pages: they can answer that.`);
  await travel(keep({ ...answer.AuthenticationResult, how: "by password" }));
}

async function hostedSignIn() {
  const { verifier, challenge } = await pkce();
  const state = crypto.randomUUID();
  sessionStorage.setItem(FLOW, JSON.stringify({ verifier, state }));
  location.assign(`${config.authorize}?${new URLSearchParams({
    response_type: "code", client_id: config.client, redirect_uri: config.callback, scope: config.scope,
    state, code_challenge: challenge, code_challenge_method: "S256",
  })}`);
}

/** Back from the hosted pages: the code in the address becomes tokens, once. */
async function finishHostedSignIn(parameters) {
  const flow = JSON.parse(sessionStorage.getItem(FLOW) || "{}");
  sessionStorage.removeItem(FLOW);
  history.replaceState(null, "", location.pathname);
  if (parameters.get("error")) throw new Error(parameters.get("error_description") || parameters.get("error"));
  if (flow.state && flow.state !== parameters.get("state")) throw new Error("That answer belongs to another sign-in. Start again.");
  const tokens = await exchange(config.tokenEndpoint, {
    grant_type: "authorization_code", client_id: config.client, redirect_uri: config.callback,
    code: parameters.get("code"), ...(flow.verifier && { code_verifier: flow.verifier }),
  });
  return keep({ ...tokens, how: "on the hosted pages" });
}

const keep = (tokens) => {
  sessionStorage.setItem(STORE, JSON.stringify(tokens));
  return tokens;
};

async function remembered() {
  const tokens = JSON.parse(sessionStorage.getItem(STORE) || "null");
  if (!tokens || decode(tokens.IdToken).claims.exp > Date.now() / 1000 + 60) return tokens;
  const answer = await call("cognito-idp", "InitiateAuth", {
    AuthFlow: "REFRESH_TOKEN_AUTH", ClientId: config.client, AuthParameters: { REFRESH_TOKEN: tokens.RefreshToken },
  });
  return keep({ ...tokens, ...answer.AuthenticationResult });
}

async function signOut(tokens) {
  sessionStorage.removeItem(STORE);
  if (tokens) {
    // Signing out must also work where the token is dead already.
    await call("cognito-idp", "RevokeToken", { ClientId: config.client, Token: tokens.RefreshToken }).catch(() => {});
    if (tokens.how === "on the hosted pages") {
      location.assign(`${config.logout}?${new URLSearchParams({ client_id: config.client, logout_uri: config.callback })}`);
      return;
    }
  }
  startScreen();
}

// The way: tokens → identity → credentials → notes

async function travel(tokens) {
  say(tokens ? "Signed in. Getting an identity and credentials." : "Getting a guest identity.");
  const way = { tokens };
  const logins = tokens ? { Logins: { [decode(tokens.IdToken).claims.iss.replace(/^https?:\/\//, "")]: tokens.IdToken } } : {};
  way.idRequest = { IdentityPoolId: config.identityPool, ...logins };
  way.id = await call("cognito-identity", "GetId", way.idRequest);
  way.credentialsRequest = { IdentityId: way.id.IdentityId, ...logins };
  way.credentials = await call("cognito-identity", "GetCredentialsForIdentity", way.credentialsRequest);
  const role = tokens ? "DemoSignedIn" : "DemoGuest";
  way.role = await (await fetch(`${config.roles}${role}`)).json();
  await homeScreen(way);
  say("");
}

const notes = (way, method, owner, rest = {}) =>
  signedCall(method, `${config.notes}${owner}`, {
    credentials: way.credentials.Credentials, region: config.region, service: "notes", ...rest,
  });

/** Ask, and keep a refusal as an answer: it is what the page wants to show. */
const tried = (promise) => promise.then((answer) => ({ notes: answer.notes }), (error) => ({ error }));

async function homeScreen(way) {
  const [own, open, foreign] = await Promise.all([
    tried(notes(way, "GET", way.id.IdentityId)),
    tried(notes(way, "GET", "public")),
    tried(notes(way, "GET", config.otherIdentity)),
  ]);
  show(
    h("div", { class: "top-bar" }, heading("Notes"), button(way.tokens ? "Sign out" : "Leave", () => signOut(way.tokens), "link")),
    h("ol", { class: "steps" }, stepsOf(way)),
    h("h2", {}, "Your notes"),
    own.error
      ? [refusedCard(way, `Read notes of identity ${short(way.id.IdentityId.split(":")[1], 4)}`, "Guests have no notes of their own: the role's policy gives them the public ones only.", own.error)]
      : [...own.notes.map((note) => noteCard(note)), own.notes.length === 0 && h("p", { class: "hint" }, "None yet. Write the first one."), newNote(way)],
    h("h2", {}, "Public notes"),
    open.error ? refusedCard(way, "Read public notes", wordsOf(open.error), open.error) : open.notes.map((note) => noteCard(note)),
    h("h2", {}, "Somebody else’s"),
    foreign.error
      ? refusedCard(way, `Read notes of identity ${short(config.otherIdentity.split(":")[1], 4)}`, way.tokens ? "The role’s policy allows your own identity only." : "The guest role’s policy allows public notes only.", foreign.error)
      : foreign.notes.map((note) => noteCard(note)));
}

function stepsOf(way) {
  const step = (title, text, look) => h("li", {},
    h("span", { class: "tick", "aria-hidden": "true" }),
    h("div", {}, h("b", {}, title), h("span", {}, text)),
    h("button", { type: "button", class: "link", on: { click: look } }, "Look inside", h("span", { class: "away" }, ` ${title}`)));
  const { IdentityId } = way.id;
  const { Credentials } = way.credentials;
  const minutes = (until) => Math.max(0, Math.round((until * 1000 - Date.now()) / 60000));
  const steps = [];
  if (way.tokens) {
    const { claims } = decode(way.tokens.IdToken);
    steps.push(
      step("Signed in", `${claims.email || claims["cognito:username"]} · ${way.tokens.how}`, () => explain.open("Signed in",
        h("p", {}, `The user pool checked who you are, ${way.tokens.how}, and answered with three tokens: one says who you are, one opens the pool's own operations, one gets new ones.`),
        explain.code({ AccessToken: short(way.tokens.AccessToken, 24), IdToken: short(way.tokens.IdToken, 24), RefreshToken: short(way.tokens.RefreshToken || "", 24), TokenType: "Bearer" }))),
      step("Tokens", `ID token · expires in ${minutes(claims.exp)} min`, () => explain.open("Tokens",
        explain.token("ID token", way.tokens.IdToken), explain.token("Access token", way.tokens.AccessToken))));
  } else {
    steps.push(step("Guest", "nobody signed in", () => explain.open("Guest",
      h("p", {}, "No token was given. The identity pool allows guests, so it made an identity that nobody can prove to be theirs."))));
  }
  steps.push(
    step("Identity", `${short(IdentityId, 20)}`, () => explain.open("Identity",
      h("p", {}, way.tokens ? "The identity pool checked the ID token's signature, issuer and audience. The same user always gets this same id." : "An id for this visit."),
      explain.call("GetId", shortTokens(way.idRequest), way.id))),
    step("Credentials", `${short(Credentials.AccessKeyId, 6)} · role ${way.role.name} · ${minutes(Credentials.Expiration)} min`, () => explain.open("Credentials",
      h("p", {}, "An access key for one hour. The session token carries the identity and the role; the policy decides what they open."),
      explain.call("GetCredentialsForIdentity", shortTokens(way.credentialsRequest), {
        ...way.credentials, Credentials: { ...Credentials, SecretKey: "kept in this page", SessionToken: short(Credentials.SessionToken, 24) },
      }),
      h("h3", {}, `What role ${way.role.name} may do`), explain.code(way.role.policy),
      h("h3", {}, "Who may take it"), explain.code(way.role.trust))));
  return steps;
}

const shortTokens = (request) =>
  JSON.parse(JSON.stringify(request, (name, value) => (typeof value === "string" && value.startsWith("eyJ") ? short(value, 24) : value)));

const noteCard = (note) => h("article", { class: "note" },
  h("div", {}, h("h3", {}, note.title), h("span", { class: "pill ok" }, "allowed")),
  note.text && h("p", {}, note.text));

function refusedCard(way, title, text, error) {
  return h("article", { class: "note" },
    h("div", {}, h("h3", {}, title), h("span", { class: "pill danger" }, "refused")),
    h("p", {}, text, " ", button("Why?", () => explain.open("Why it was refused",
      h("p", {}, "The API asked whether these credentials may do this. The answer:"),
      explain.code(`${error.name}\n${error.message}`),
      h("p", {}, `Nothing in the policy of role ${way.role.name} allows it, and what isn’t allowed is refused:`),
      explain.code(way.role.policy)), "link")));
}

const newNote = (way) => h("details", { class: "new" }, h("summary", {}, "Write a note"),
  form([
    field("Title", { name: "title", maxlength: 120, autocomplete: "off" }),
    field("Text", { name: "text", maxlength: 2000, autocomplete: "off", required: false }),
  ], "Save note", async ({ title, text }) => {
    await notes(way, "POST", way.id.IdentityId, { body: { title, text } });
    await homeScreen(way);
    say("Saved.");
  }));

async function begin() {
  if (!globalThis.crypto?.subtle) {
    show(heading("Notes"), h("p", { class: "message danger" }, "This page signs with the browser's own cryptography, which needs https or localhost. Open it as localhost."));
    return;
  }
  const parameters = new URLSearchParams(location.search);
  try {
    const comesBack = parameters.has("code") || parameters.has("error");
    const tokens = comesBack ? await finishHostedSignIn(parameters) : await remembered();
    if (tokens) await travel(tokens);
    else startScreen();
  } catch (error) {
    sessionStorage.removeItem(STORE);
    startScreen();
    say(wordsOf(error));
  }
}

begin();
