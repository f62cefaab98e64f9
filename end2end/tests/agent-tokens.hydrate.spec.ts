// A deployed agent's key, in the hands of two OAuth clients that know nothing of us: they find the authorization server by
// its metadata, prove themselves by a signed assertion, check the token as a resource server does, and end it.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { until } from "../fixtures/server.js";
import { expect, test } from "../fixtures/test.js";
import { World, send } from "../fixtures/world.js";

const clientId = "refund-assistant-1";
const insecure = { [oauth.allowInsecureRequests]: true };

/** The key as the agent's runtime reads it. */
async function privateKey(world: World): Promise<CryptoKey> {
  const file = join(world.server.data, "identities", `${clientId}.jwk`);
  await until("the agent has a key", 60, () => existsSync(file));
  const { kty, crv, x, d } = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  return crypto.subtle.importKey("jwk", { kty, crv, x, d }, { name: "Ed25519" }, false, ["sign"]);
}

test("an agent's tokens pass generic OAuth clients, and end", async ({ page, browser, trouble }) => {
  test.setTimeout(120_000);
  const world = await World.make(page, browser, trouble);
  try {
    await world.push(world.repository.commit("Add the agent", "refund-assistant"));
    const key = await privateKey(world);
    const issuer = new URL(world.server.url);
    const found = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: "oauth2" });
    const as = await oauth.processDiscoveryResponse(issuer, found);
    const client: oauth.Client = { client_id: clientId };
    const proof = oauth.PrivateKeyJwt(key);
    const ask = async (): Promise<oauth.TokenEndpointResponse> => {
      const answer = await oauth.clientCredentialsGrantRequest(as, client, proof, {}, insecure);
      return oauth.processClientCredentialsResponse(as, client, answer);
    };
    await until("the agent is being deployed", 60, () => ask().then(() => true, () => false));
    const introspected = async (token: string): Promise<oauth.IntrospectionResponse> => {
      const answer = await oauth.introspectionRequest(as, client, proof, token, insecure);
      return oauth.processIntrospectionResponse(as, client, answer);
    };

    await test.step("oauth4webapi gets a token, which a resource server takes", async () => {
      const { access_token: token, expires_in: lives, scope } = await ask();
      expect([lives, scope]).toEqual([300, "orders:read"]);
      const call = new Request("https://crm.example.com", { headers: { authorization: `Bearer ${token}` } });
      const claims = await oauth.validateJwtAccessToken(as, call, world.server.url, insecure);
      expect(claims).toMatchObject({ client_id: clientId, agent: "refund-assistant", deployment: 1, environment: "non_prod" });
      expect(await introspected(token)).toMatchObject({ active: true, client_id: clientId, scope });
      await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, proof, token, insecure));
      expect(await introspected(token)).toEqual({ active: false });
    });

    await test.step("a token that is bound to a key is good with a proof of it alone", async () => {
      const keys = await oauth.generateKeyPair("ES256");
      const dpop = oauth.DPoP(client, keys);
      const options = { ...insecure, DPoP: dpop };
      const answer = await oauth.clientCredentialsGrantRequest(as, client, proof, {}, options);
      const { access_token: token, token_type: kind } = await oauth.processClientCredentialsResponse(as, client, answer);
      expect(kind).toBe("dpop");
      expect(await introspected(token)).toMatchObject({ active: true, cnf: { jkt: await dpop.calculateThumbprint() } });
      const spans = new URL("/otlp/v1/traces", issuer);
      const json = new Headers({ "content-type": "application/json" });
      const taken = await oauth.protectedResourceRequest(token, "POST", spans, json, "{}", options);
      expect(taken.status).toBe(200);
      const stolen = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      expect((await fetch(spans, { method: "POST", headers: stolen, body: "{}" })).status).toBe(401);
    });

    await test.step("openid-client does the same", async () => {
      const config = await openid.discovery(issuer, clientId, undefined, openid.PrivateKeyJwt(key), {
        algorithm: "oauth2",
        execute: [openid.allowInsecureRequests],
      });
      const { access_token: token } = await openid.clientCredentialsGrant(config, { scope: "orders:read" });
      expect(await openid.tokenIntrospection(config, token)).toMatchObject({ active: true, scope: "orders:read" });
      await openid.tokenRevocation(config, token);
      expect(await openid.tokenIntrospection(config, token)).toEqual({ active: false });
      await expect(openid.clientCredentialsGrant(config, { scope: "orders:delete" })).rejects.toMatchObject({ error: "invalid_scope" });
    });

    await test.step("after the identity is revoked nothing is given", async () => {
      await until("its identity can be revoked", 60, async () => {
        await send(page, "/rpc/identities/revoke", { client_id: clientId, reason: "It exports customer records at night" });
        return ask().then(() => false, () => true);
      });
      await expect(ask()).rejects.toMatchObject({ error: "invalid_client" });
    });
  } finally {
    await world.close();
  }
});
