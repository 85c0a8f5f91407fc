// An OpenID Connect provider for tests: node provider.mjs PORT REDIRECT_URI…
// Any name and password log in. Each start makes a new signing key. Its standard output ends with "ready".
import { generateKeyPairSync, randomUUID } from "node:crypto";
import Provider from "oidc-provider";

const [port, ...redirects] = process.argv.slice(2);
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: "dropserver",
    client_secret: "a secret of this test only",
    redirect_uris: redirects,
    grant_types: ["authorization_code"],
    response_types: ["code"],
  }],
  jwks: { keys: [key] },
  cookies: { keys: [randomUUID()] },
  scopes: ["openid", "profile", "email", "groups"],
  claims: { openid: ["sub"], email: ["email", "email_verified"], groups: ["groups"], profile: ["name"] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      name: id,
      email: `${id.replace(/^unverified-/, "")}@home.test`,
      email_verified: !id.startsWith("unverified-"),
      groups: id === "carol" ? ["family"] : [],
    }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
