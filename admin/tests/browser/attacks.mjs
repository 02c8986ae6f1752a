// What an attacker tries, and what happens when things go wrong.
import http from 'node:http';

import { Screen, assert, control } from './screen.mjs';
import { SCRIPT, create } from './day.mjs';

const VARIANT = { lang: 'zh', width: 1440, js: true };
const form = (fields) => ({ form: fields, maxRedirects: 0 });

/** The hidden fields of the form that is open. */
async function hidden(screen) {
  const pairs = await screen.page.locator('form.verb input[type=hidden]').evaluateAll((all) => all.map((one) => [one.name, one.value]));
  return Object.fromEntries(pairs);
}

export async function attacks(browser, axe, base) {
  const agent = await Screen.open(browser, axe, base, { ...VARIANT, name: 'attacks as an agent' });
  const { request } = agent.context;

  // The name of the session from before the sign-in is worth nothing after it.
  await agent.context.addCookies([{ name: 'hotline_session', value: 'fixed', url: base }]);
  await agent.go('/sign-in');
  await agent.page.click('button[value="role:AGENT"]');
  await agent.page.waitForURL((url) => url.pathname === '/');
  const session = (await agent.context.cookies()).find((one) => one.name === 'hotline_session');
  assert(session.value !== 'fixed' && session.httpOnly && session.sameSite === 'Strict', 'the session is new and strict');

  const number = await create(agent);
  const secret = await create(agent, { confidential: 'yes', content: '请核实。' });

  // Forms of others: without the token, with a wrong one, from another origin, with another host.
  await agent.go(`/act/withdraw-ticket?subject=${number}`);
  const fields = { ...(await hidden(agent)), note: 'x' };
  for (const csrf of [undefined, 'wrong']) {
    const sent = { ...fields, csrf };
    if (csrf === undefined) delete sent.csrf;
    assert((await request.post('/act/withdraw-ticket', form(sent))).status() === 403, 'a form without its token is refused');
  }
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
    const sent = await request.post('/act/withdraw-ticket', { ...form(fields), headers });
    assert(sent.status() === 403, 'a form of another site is refused');
  }
  assert((await rawStatus(base, 'evil.example')) === 421, 'another name of this address is refused');

  // The same form twice is one command.
  await agent.go(`/act/update-caller?subject=${number}`);
  const twice = { ...(await hidden(agent)), industry: 'retail' };
  const [one, two] = await Promise.all([request.post('/act/update-caller', form(twice)), request.post('/act/update-caller', form(twice))]);
  assert(one.status() === 303 && two.status() === 303, `a second click is the same command: ${one.status()} ${two.status()}`);
  const events = (await (await request.get(`/tickets/${number}`)).text()).match(/补充来电人信息<\/strong>/g);
  assert(events.length === 1, `it happened ${events.length} times`);

  // Texts stay texts.
  for (const path of [`/tickets?district=${encodeURIComponent(SCRIPT)}&topic=${encodeURIComponent(SCRIPT)}`, `/search?q=${encodeURIComponent(SCRIPT)}`, `/sign-in?next=${encodeURIComponent(SCRIPT)}`, `/knowledge?q=${encodeURIComponent(SCRIPT)}`]) {
    await agent.page.goto(path);
    assert(!(await agent.page.content()).includes('<script>window.hacked'), `a text of the address is no script: ${path}`);
  }
  assert((await agent.page.evaluate(() => window.hacked)) === undefined, 'no script ran');

  // Nobody is led to another host or shown in a frame.
  for (const path of ['/language/en?back=//evil.example', '/language/zh?back=https://evil.example', '/language/zh?back=/%5Cevil.example']) {
    const location = (await request.get(path, { maxRedirects: 0 })).headers().location;
    assert(location === '/', `${path} leads to ${location}`);
  }
  const headers = (await request.get('/')).headers();
  assert(headers['x-frame-options'] === 'DENY' && headers['content-security-policy'].includes("frame-ancestors 'none'"), 'no frame');
  assert(!headers['content-security-policy'].includes('unsafe'), 'the policy is strict');

  // An identity is shown for a purpose only, and on one page.
  await agent.go(`/act/reveal-identity?subject=${secret}`);
  await agent.send();
  const refused = await agent.page.content();
  assert(!refused.includes('CANARY-COMPANY') && refused.includes('field wrong'), 'without a purpose nothing is shown');
  await agent.act('reveal-identity', secret, { purpose: 'CONTACT', note: '回访' });
  assert((await agent.text()).includes('CANARY-COMPANY'), 'with a purpose it is shown');
  await agent.go(`/tickets/${secret}`);

  // Another unit's ticket.
  const other = await Screen.open(browser, axe, base, { ...VARIANT, name: 'another unit' });
  await other.signIn('unit:district-haidian');
  for (const path of [`/tickets/${number}`, `/act/accept-ticket?subject=${number}`, `/act/submit-feedback?subject=${number}`]) {
    await other.go(path, 404);
    assert(!(await other.page.content()).includes('执照变更'), 'nothing of it is shown');
  }
  await other.go('/clients', 403);
  await other.go('/act/create-client', 404);
  await other.close();

  // Signed out is out, also in a copy of the cookie.
  const copy = await browser.newContext({ baseURL: base });
  await copy.addCookies([{ ...session, url: undefined }]);
  await agent.page.click('form.out button');
  await agent.page.waitForURL((url) => url.pathname === '/sign-in');
  const after = await copy.request.get('/tickets', { maxRedirects: 0 });
  assert(after.status() === 303 && after.headers().location.startsWith('/sign-in'), 'the session is over everywhere');
  await copy.close();
  await agent.close();
}

function rawStatus(base, host) {
  return new Promise((resolve, reject) => {
    http.get(`${base}/`, { headers: { host } }, (response) => { response.resume(); resolve(response.statusCode); }).on('error', reject);
  });
}

export async function mishaps(browser, axe, base) {
  const one = await Screen.open(browser, axe, base, { ...VARIANT, name: 'first person' });
  const two = await Screen.open(browser, axe, base, { ...VARIANT, name: 'second person' });
  await one.signIn('role:AGENT');
  await two.signIn('role:DISPATCHER');
  const number = await create(one);

  // Somebody else was faster.
  await one.go(`/act/classify-ticket?subject=${number}`);
  await two.act('classify-ticket', number, { complexity: 'COMPLEX' });
  await one.fill({ topic: 'licence.annual-report' });
  await one.send();
  const changes = await one.page.locator('.changes').innerText();
  assert(changes.includes('有人已修改') && changes.includes('dev-dispatcher'), `the difference is shown: ${changes}`);
  assert((await one.page.inputValue('[name=topic]')) === 'licence.annual-report', 'what was chosen is still there');
  await one.send();
  await one.isDone('classify after the difference');

  // The list of one person shows what another does, without a reload.
  await two.go('/tickets?state=RECEIVED');
  await two.page.waitForTimeout(300);
  const live = await create(one, { subject: '直播工单' });
  await two.page.waitForSelector(`a[href="/tickets/${live}"]`);

  // Going back and reloading send nothing again.
  await one.act('withdraw-ticket', live, { note: '企业来电撤回' });
  await one.isDone('withdraw');
  await one.page.reload();
  await one.page.goBack();
  await one.page.goForward();
  await one.check();

  // A draft survives a reload, and is gone after the form was accepted.
  await one.go(`/act/decline-ticket?subject=${number}`);
  await one.page.fill('[name=turn_to]', '请向法院提起诉讼');
  await one.page.reload();
  assert((await one.page.inputValue('[name=turn_to]')) === '请向法院提起诉讼', 'the draft is kept');
  await one.fill({ reason: 'LITIGATION' });
  await one.send();
  await one.isDone('decline');
  assert((await one.page.evaluate(() => Object.keys(localStorage).length)) === 0, 'the draft is gone');

  // The keyboard alone.
  await one.go('/');
  await one.page.keyboard.press('?');
  await one.page.waitForSelector('dialog[open]');
  await one.check();
  await one.page.keyboard.press('Escape');
  await one.page.keyboard.press('g');
  await one.page.keyboard.press('t');
  await one.page.waitForURL((url) => url.pathname === '/tickets');
  await one.page.waitForLoadState('load');
  await one.page.keyboard.press('j');
  await one.page.keyboard.press('Enter');
  await one.page.waitForURL((url) => /^\/tickets\/\d+$/.test(url.pathname));

  // The hotline is away, and comes back.
  await control('down');
  await one.go('/tickets', 503);
  assert((await one.text()).includes('重试'), 'the page offers another try');
  await control('up');
  await one.go('/tickets');

  // A credential that is revoked ends its session at once, and its open page follows.
  const leaving = await Screen.open(browser, axe, base, { ...VARIANT, name: 'who leaves' });
  await leaving.signIn('unit:leaving');
  await leaving.go('/tickets');
  await control('revoke');
  const end = Date.now() + 30000;
  let path = '/tickets';
  while (path !== '/sign-in' && Date.now() < end) {
    await leaving.page.waitForTimeout(200);
    await leaving.page.goto('/').catch(() => null);
    path = new URL(leaving.page.url()).pathname;
  }
  assert(path === '/sign-in', 'the session ended within 30 s');
  await leaving.close();
  await two.close();
  await one.close();
}
