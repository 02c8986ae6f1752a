// An identity provider for the tests: oidc-provider with the code flow and PKCE. Anybody signs in with any password.
// Usage: node provider.mjs FOLDER_WITH_NODE_MODULES PORT CALLBACK. It says "listening" when it does.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, port, callback] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(join(folder, 'node_modules/oidc-provider/lib/index.js')));
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' };

const provider = new Provider(`http://127.0.0.1:${port}`, {
  jwks: { keys: [key] },
  clients: [{
    client_id: 'console',
    client_secret: 'secret-of-the-console',
    grant_types: ['authorization_code'],
    redirect_uris: [callback],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_post',
  }],
  cookies: { keys: [randomUUID()] },
  pkce: { methods: ['S256'], required: () => true },
  features: {
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'urn:hotline',
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'openid',
        audience: 'hotline',
        accessTokenTTL: 600,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  // The hotline asks for it, and many providers leave it out unless they are told.
  extraTokenClaims: () => ({ nbf: Math.floor(Date.now() / 1000) }),
});
// The test reads the first line only, and then closes the pipe.
process.stdout.on('error', () => {});
provider.listen(Number(port), '127.0.0.1', () => console.log('listening'));
