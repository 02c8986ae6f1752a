// The pages of the assessment and of the seats, in one language and at one width; and once what they decide.
import { readFileSync } from 'node:fs';

import { Screen, assert } from './screen.mjs';
import { create } from './day.mjs';

const UNIT = 'dept-market-regulation';
const MONTH = '2026-06';
const SCHEME = new URL('../../../server/data/schemes/equal_thirds.toml', import.meta.url);

/** Every page, for whoever reads it. */
export async function office(browser, axe, base, variant) {
  const screen = await Screen.open(browser, axe, base, variant);
  await screen.signIn('role:SUPERVISOR');
  for (const path of [`/scores?month=${MONTH}`, `/scores/${UNIT}?month=${MONTH}`, '/objections', '/schemes', '/months', '/seats', '/call-backs', '/service-level']) {
    await screen.go(path);
  }
  await screen.go(`/scores?month=${MONTH}`);
  assert((await screen.page.locator('.figure-box circle.dot').count()) > 0, 'the rates are dots with intervals');
  for (const [path, lines] of [[`/scores.csv?month=${MONTH}&group=DEPARTMENT`, 1], ['/service-level.csv', 0]]) {
    const csv = await screen.context.request.get(path);
    assert(csv.ok() && (await csv.text()).trim().split('\n').length > lines, `${path} comes as a file`);
  }
  await screen.signIn('role:ANALYST');
  for (const path of [`/scores?month=${MONTH}`, '/service-level', '/act/propose-publication', '/act/correct-month']) await screen.go(path);
  const xlsx = await screen.context.request.get('/tickets.xlsx');
  assert(xlsx.ok() && (await xlsx.body()).subarray(0, 2).toString() === 'PK', 'the list comes as a workbook');

  // A unit reads its own cases, and no other unit's.
  await screen.signIn(`unit:${UNIT}`);
  await screen.go(`/scores?month=${MONTH}`);
  assert(new URL(screen.page.url()).pathname === `/scores/${UNIT}`, 'a unit reads its own cases');
  await screen.go(`/scores/district-haidian?month=${MONTH}`, 404);
  await screen.go('/seats', 404);

  await screen.signIn('role:ADMINISTRATOR');
  for (const path of ['/schemes', '/act/propose-scheme', '/act/put-seat']) await screen.go(path);
  const seat = `seat-${variant.lang}-${variant.width}-${variant.js}`;
  await screen.act('put-seat', '', { 'seat.code': seat, 'seat.name': '一号席', 'seat.skills': 'enterprise' });
  await screen.isDone('put seat');

  // An agent at a seat.
  await screen.signIn('role:AGENT');
  await screen.act('seat-sign-in', '', { seat });
  await screen.isDone('sign in at a seat');
  await screen.act('seat-status', '', { status: 'READY' });
  await screen.isDone('ready');
  assert((await screen.page.locator('.wall .seat-ready').count()) > 0, 'the wall shows who is free');
  await screen.act('seat-sign-out', '', {});
  await screen.isDone('sign out of the seat');
  await screen.close();
}

/** What is decided about scores, each by a second person; and what the hotline suggests. */
export async function decisions(browser, axe, base, variant) {
  const screen = await Screen.open(browser, axe, base, variant);
  await screen.signIn(`unit:${UNIT}`);
  await screen.go(`/scores/${UNIT}?month=${MONTH}`);
  await screen.page.locator('a[href^="/act/file-objection"]').first().click();
  await screen.check();
  await screen.fill({ reason: '因企业原因未能按时反馈' });
  await screen.send();
  await screen.isDone('object');
  await screen.signIn('role:SUPERVISOR');
  await screen.go('/objections');
  await screen.page.locator('a[href^="/act/decide-objection"]').first().click();
  await screen.fill({ accepted: 'yes', note: '情况属实' });
  await screen.send();
  await screen.isDone('decide');

  await screen.act('propose-scheme', '', { from_month: '2026-07', document: readFileSync(SCHEME, 'utf8'), reason: '三率等权' });
  await screen.isDone('propose a scheme');
  const number = new URL(screen.page.url()).pathname.split('/').pop();
  await screen.go(`/schemes/${number}?month=2026-05`);
  await screen.act('approve-scheme', number, {});
  assert((await screen.page.locator('.problem').count()) === 1, 'nobody approves the own scheme');
  await screen.signIn('role:ADMINISTRATOR');
  await screen.act('approve-scheme', number, {});
  await screen.isDone('approve a scheme');

  await screen.signIn('role:ANALYST');
  await screen.act('propose-publication', '', { month: '2026-05', reason: '按月发布' });
  await screen.isDone('propose a month');
  await screen.signIn('role:SUPERVISOR');
  await screen.go('/months');
  await screen.page.locator('a[href^="/act/approve-publication"]').first().click();
  await screen.send();
  await screen.isDone('approve a month');
  await screen.go('/months/2026-05.1');
  await screen.go('/act/decide-objection?subject=999999', 404);

  // Suggestions beside the form of a ticket, and tickets like it.
  await screen.signIn('role:AGENT');
  await create(screen);
  const ticket = await create(screen);
  await screen.signIn('role:DISPATCHER');
  const end = Date.now() + 20000;
  do {
    await screen.page.waitForTimeout(300);
    await screen.go(`/tickets/${ticket}`);
  } while ((await screen.page.locator('.advice li, .similar li').count()) === 0 && Date.now() < end);
  assert((await screen.page.locator('.advice li').count()) > 0, 'units are suggested with their reasons');
  assert((await screen.page.locator('.similar li').count()) > 0, 'similar tickets are shown with why');
  await screen.close();
}
