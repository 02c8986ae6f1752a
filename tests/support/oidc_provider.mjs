// An identity provider for the tests: oidc-provider, a certified implementation, with a new signing key at every start.
// Usage: node provider.mjs FOLDER_WITH_NODE_MODULES PORT AUDIENCE. It says "listening" when it does.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, port, audience] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(join(folder, 'node_modules/oidc-provider/lib/index.js')));
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' };

const provider = new Provider(`http://127.0.0.1:${port}`, {
  jwks: { keys: [key] },
  clients: ['li-wei', 'stranger'].map((client_id) => ({
    client_id,
    client_secret: 'secret',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_post',
  })),
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, resource) => ({
        scope: '',
        audience: resource === 'urn:elsewhere' ? resource : audience,
        accessTokenTTL: 600,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  // Many providers leave it out unless they are told.
  extraTokenClaims: () => ({ nbf: Math.floor(Date.now() / 1000) }),
});
provider.listen(Number(port), '127.0.0.1', () => console.log('listening'));
