// Texts that an administrator keeps and a unit puts into its form; absences of a unit; silent and reopened tickets; and
// the timeline of a ticket with its figures.
import { Screen, assert } from './screen.mjs';
import { SCRIPT, create } from './day.mjs';

const UNIT = 'dept-market-regulation';
const OTHER = 'dept-tax';

export async function texts(browser, axe, base, variant) {
  const screen = await Screen.open(browser, axe, base, variant);
  const name = `${variant.lang}-${variant.width}`;
  const t = (zh, en) => (variant.lang === 'zh' ? zh : en);

  await screen.signIn('role:ADMINISTRATOR');
  const template = {
    'template.code': `return-${name}`,
    'template.kind': 'RETURN',
    'template.name': `非本单位职责 ${SCRIPT}`,
    'template.name_en': `Not our duty ${SCRIPT}`,
    'template.text': '该事项不属于我单位职责。',
    'template.text_en': 'It is not our duty.',
  };
  await screen.act('put-text-template', '', template);
  await screen.isDone('put a template');
  await screen.act('put-text-template', '', { ...template, 'template.code': `own-${name}`, 'template.unit': UNIT });
  await screen.isDone('put a template of a unit');
  await screen.page.locator(`a[href="/act/put-text-template?subject=own-${name}"]`).click();
  await screen.check();
  await screen.fill({ 'template.text': '' });
  await screen.send();
  assert((await screen.page.locator('.field.wrong [name="template.text"]').count()) === 1, 'the missing text is marked');

  await screen.signIn('role:AGENT');
  const number = await create(screen);
  await screen.signIn('role:DISPATCHER');
  await screen.act('dispatch-ticket', number, { lead_unit: UNIT });
  await screen.isDone('dispatch');

  await screen.signIn(`unit:${OTHER}`);
  await screen.go('/text-templates');
  const seen = await screen.text();
  assert(seen.includes(t('非本单位职责', 'Not our duty')), 'a unit sees the texts of the hotline');
  assert((await screen.page.locator('tbody tr').count()) > 0 && !(await screen.page.content()).includes(`own-${name}`), 'and none of another unit');

  await screen.signIn(`unit:${UNIT}`);
  await screen.go(`/act/return-ticket?subject=${number}`);
  assert((await screen.page.locator(`option[value="note:own-${name}"]`).count()) === 1, 'a unit is offered its own texts');
  const id = await screen.page.inputValue('[name=request_id]');
  await screen.fill({ reason: 'INCOMPLETE', rule: '《派单目录》第三条', note: '已核对。', template: `note:return-${name}` });
  await Promise.all([screen.page.waitForNavigation(), screen.page.click('button[name=insert]')]);
  await screen.check();
  const note = await screen.page.inputValue('[name=note]');
  assert(note === `已核对。\n${t(template['template.text'], template['template.text_en'])}`, `the text comes after what was typed: ${note}`);
  assert((await screen.page.inputValue('[name=rule]')) === '《派单目录》第三条', 'what was typed elsewhere stays');
  assert((await screen.page.inputValue('[name=reason]')) === 'INCOMPLETE', 'what was chosen stays');
  assert((await screen.page.inputValue('[name=request_id]')) === id, 'it is the same command');
  assert((await screen.page.locator('.problem, .error').count()) === 0, 'nothing was sent');
  await screen.send();
  await screen.isDone('return');

  const clerk = `clerk-${name}`;
  await screen.act('set-absence', '', { clerk, substitute: clerk, end_time: '2030-01-01T00:00' });
  assert((await screen.page.locator('.field.wrong').count()) > 0, 'nobody stands in for the same clerk');
  await screen.act('set-absence', '', { clerk, substitute: `${clerk}-2` });
  await screen.isDone('set an absence');
  assert((await screen.text()).includes(`${clerk}-2`), 'the page shows who stands in');
  await screen.page.locator(`a[href="/act/end-absence?subject=${clerk}"]`).click();
  await screen.check();
  await screen.send();
  await screen.isDone('end the absence');
  assert(!(await screen.text()).includes(`${clerk}-2`), 'an absence that has ended is gone');

  await screen.signIn('role:SUPERVISOR');
  for (const query of ['silent=24', 'reopened=1&order=DUE_FIRST']) {
    await screen.go('/');
    assert((await screen.page.locator(`a.tile[href="/tickets?${query}"]`).count()) === 1, `a tile opens ${query}`);
    await screen.go(`/tickets?${query}`);
  }
  await screen.go('/tickets?silent=0&order=DUE_FIRST');
  await screen.go('/absences', 404);

  await screen.go(`/tickets/${number}`);
  const event = await screen.page.locator('#timeline ~ .scroll svg a').first().getAttribute('href');
  assert((await screen.page.locator(`.events ${event}`).count()) === 1, 'a point of the timeline leads to its event');
  const csv = await screen.context.request.get(`/tickets/${number}/timeline.csv`);
  assert(csv.ok() && (await csv.text()).trim().split('\n').length >= 5, 'the figures of the timeline come as a file');
  await screen.go(`/tickets/${number}`);
  assert(await screen.page.evaluate('window.hacked === undefined').catch(() => true), 'no script of a text ran');
  await screen.close();
}
