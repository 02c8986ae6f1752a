// Mistakes that a console could have, put in by a proxy in front of it. Each must turn the attacks red, and the proxy
// without a mistake must leave them green.
import http from 'node:http';

import { attacks } from './attacks.mjs';
import { assert } from './screen.mjs';

/** The pages of tickets that somebody was allowed to see. */
const seen = new Map();

function read(stream) {
  return new Promise((resolve, reject) => {
    const parts = [];
    stream.on('data', (part) => parts.push(part));
    stream.on('end', () => resolve(Buffer.concat(parts)));
    stream.on('error', reject);
  });
}

/** Sends a request to the console, and reads the whole answer. */
function ask(port, { method, path, headers }, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method, path, headers }, async (response) => {
      resolve({ status: response.statusCode, headers: response.headers, body: await read(response) });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Passes a stream on as it comes. */
function follow(port, { method, path, headers }, outgoing) {
  const request = http.request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
    outgoing.writeHead(response.statusCode, response.headers);
    response.pipe(outgoing);
  });
  request.on('error', () => outgoing.end());
  outgoing.on('close', () => request.destroy());
  request.end();
}

/** The token of the forms of a session, as every page has it. */
async function token(port, cookie, host) {
  const page = await ask(port, { method: 'GET', path: '/', headers: { cookie, host } });
  return /name="csrf" value="([^"]+)"/.exec(page.body.toString())?.[1];
}

/** Every form gets the right token, as if nobody checked it. */
async function noToken(port, request, body) {
  if (request.method !== 'POST' || !request.path.startsWith('/act/')) return body;
  const right = await token(port, request.headers.cookie, request.headers.host);
  const fields = new URLSearchParams(body.toString());
  fields.set('csrf', right);
  return Buffer.from(fields.toString());
}

/** Where a form comes from is not looked at. */
function noOrigin(port, request, body) {
  delete request.headers.origin;
  delete request.headers['sec-fetch-site'];
  return body;
}

/** A ticket that somebody may see is shown to everybody. */
function sharedTickets(request, answer) {
  if (!/^\/tickets\/\d+$/.test(request.path)) return answer;
  if (answer.status === 200) seen.set(request.path, answer);
  return answer.status === 404 ? (seen.get(request.path) ?? answer) : answer;
}

const MUTANTS = [
  { name: 'no mistake', red: null },
  { name: 'forms without a token', before: noToken, red: 'a form without its token is refused' },
  { name: 'forms of other sites', before: noOrigin, red: 'a form of another site is refused' },
  { name: "another unit's ticket", after: sharedTickets, red: 'status 200, not 404' },
];

/** Starts a proxy; returns its address and how to stop it. */
async function proxy(base, mutant) {
  const target = new URL(base);
  const server = http.createServer(async (incoming, outgoing) => {
    try {
      const own = `127.0.0.1:${server.address().port}`;
      const headers = { ...incoming.headers };
      if (headers.host === own) headers.host = target.host;
      if (headers.origin === `http://${own}`) headers.origin = base;
      const request = { method: incoming.method, path: incoming.url, headers };
      if (request.path === '/feed') return follow(target.port, request, outgoing);
      let body = await read(incoming);
      if (mutant.before) body = await mutant.before(target.port, request, body);
      delete headers['transfer-encoding'];
      headers['content-length'] = body.length;
      let answer = await ask(target.port, request, body);
      if (mutant.after) answer = mutant.after(request, answer);
      const { 'transfer-encoding': _, ...kept } = answer.headers;
      return outgoing.writeHead(answer.status, { ...kept, 'content-length': answer.body.length }).end(answer.body);
    } catch (error) {
      return outgoing.writeHead(502).end(String(error));
    }
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { address: `http://127.0.0.1:${server.address().port}`, stop: () => { server.closeAllConnections(); server.close(); } };
}

export async function mutants(browser, axe, base) {
  for (const mutant of MUTANTS) {
    const { address, stop } = await proxy(base, mutant);
    let failure = null;
    try {
      await attacks(browser, axe, address);
    } catch (error) {
      failure = String(error);
    } finally {
      stop();
    }
    if (mutant.red === null) assert(failure === null, `the proxy without a mistake: ${failure}`);
    else assert(failure?.includes(mutant.red), `"${mutant.name}" was not found: ${failure}`);
  }
}
