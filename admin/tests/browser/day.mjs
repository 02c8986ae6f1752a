// A day of each job, in one language, at one width, with or without JavaScript.
import { Screen, assert } from './screen.mjs';

const UNIT = 'dept-market-regulation';
/** A text that must stay a text. */
export const SCRIPT = '<script>window.hacked=1</script>"\'><img src=x onerror="window.hacked=1">';

/** An agent takes a request in; returns the number. */
export async function create(screen, more = {}) {
  await screen.go('/act/create-ticket');
  await screen.fill({
    subject: `执照变更迟迟未办结 ${SCRIPT}`,
    content: `9月提交的变更申请至今没有答复。${SCRIPT}`,
    category: 'APPEAL',
    complexity: 'GENERAL',
    topic: 'licence.change',
    district: '110105',
    channel: 'WEB',
    'enterprise.name': 'CANARY-COMPANY',
    'contact.name': 'CANARY-COMPANY-CONTACT',
    'contact.phone': '13800138000',
    ...more,
  });
  await screen.send();
  await screen.isDone('create');
  return new URL(screen.page.url()).pathname.split('/').pop();
}

export async function day(browser, axe, base, variant) {
  const screen = await Screen.open(browser, axe, base, variant);
  const { lang } = variant;
  const t = (zh, en) => (lang === 'zh' ? zh : en);

  await screen.signIn('role:AGENT');
  const number = await create(screen);
  const second = await create(screen);
  for (const path of ['/tickets', '/tickets/total?state=RECEIVED', '/search?q=执照', '/calls', '/knowledge', '/gaps', '/units', '/rules', '/pictures']) {
    await screen.go(path);
  }
  await screen.go('/knowledge');
  await screen.page.locator('main table a').first().click();
  await screen.check();

  await screen.signIn('role:DISPATCHER');
  await screen.go('/tickets?state=RECEIVED&order=DUE_FIRST');
  await screen.go(`/tickets/${number}`);
  await screen.go(`/act/dispatch-ticket?subject=${number}`);
  const lead = await screen.page.inputValue('[name=lead_unit]');
  assert(lead === UNIT, `the catalogue suggests ${lead}`);
  await screen.send();
  await screen.isDone('dispatch');

  // Two tickets at once, of which one is refused because its form is stale or its state is wrong.
  await screen.go('/tickets?state=RECEIVED');
  await screen.page.check(`input[value="${second}"]`);
  await screen.page.click('button[value="dispatch-ticket"]');
  await screen.check();
  await screen.page.selectOption('[name=lead_unit]', UNIT);
  await screen.send();
  assert((await screen.text()).includes('✓'), 'the bulk dispatch was done');

  await screen.signIn(`unit:${UNIT}`);
  for (const path of ['/tickets?due=today', '/digests', '/intakes']) await screen.go(path);
  await screen.go(`/tickets/${number}`);
  await screen.send();
  await screen.isDone('accept');
  await screen.go(`/act/submit-feedback?subject=${number}`);
  await screen.fill({ 'hotline_report.actions': '已核查申请材料', 'hotline_report.result': '当日办结' });
  await screen.send();
  await screen.isDone('the first half');
  assert((await screen.text()).includes(t('尚缺', 'still missing')), 'the page says what is missing');
  await screen.go(`/act/submit-feedback?subject=${number}`);
  await screen.fill({
    'caller_reply.content': '已告知企业领取执照',
    'caller_reply.method': 'TELEPHONE',
    'caller_reply.official': '王科长',
    'caller_reply.reply_time': '2026-05-01T09:59',
  });
  await screen.send();
  const problem = (await screen.page.locator('.error').allTextContents()).join();
  assert(problem.length > 0, 'a reply before the intake is refused at its field');
  assert(/[\u4e00-\u9fff]/.test(problem) === (lang === 'zh'), `the refusal is in the user's language: ${problem}`);
  assert((await screen.page.inputValue('[name="caller_reply.content"]')).includes('执照'), 'what was written is shown again');
  await screen.page.fill('[name="caller_reply.reply_time"]', await replyTime(screen, number));
  await screen.send();
  await screen.isDone('the second half');

  await screen.signIn('role:SUPERVISOR');
  for (const path of ['/tickets?due=past', '/audit?verify=1', '/digests', '/rules', '/calls']) await screen.go(path);
  await screen.go(`/act/escalate-ticket?subject=${second}`);
  await screen.fill({ escalation: 'URGE' });
  await screen.send();
  assert((await screen.page.locator('.field.wrong [name=note]').count()) === 1, 'the missing note is marked at its field');
  await screen.fill({ note: '请尽快签收办理' });
  await screen.send();
  await screen.isDone('urge');

  await screen.signIn('role:AGENT');
  await screen.act('submit-survey', number, { responded: 'YES', resolved: 'YES', satisfied: 'SATISFIED', comment: SCRIPT });
  await screen.isDone('survey');

  await screen.signIn('role:COORDINATOR');
  await screen.go('/tickets?state=PLANNING');

  await screen.signIn('role:ANALYST');
  await screen.go('/pictures');
  const bar = await screen.page.locator('#in-and-out ~ .scroll svg a').last().getAttribute('href');
  await screen.go(bar);
  const csv = await screen.context.request.get('/pictures/in-and-out.csv');
  assert(csv.ok() && (await csv.text()).split('\n').length > 20, 'the figures come as a file');

  await screen.signIn('role:ADMINISTRATOR');
  const clerk = `clerk-${lang}-${variant.width}-${variant.js}-${number}`.toLowerCase();
  await screen.act('create-client', '', { principal: clerk, kind: 'STAFF', roles: ['AGENT'], note: '入职' });
  await screen.isDone('create client');
  await screen.act('issue-credential', clerk, { proof: 'token' });
  assert((await screen.page.locator('code.token').count()) === 1, 'the token is shown once');
  await screen.act('revoke-client', clerk, { note: '离职' });
  await screen.isDone('revoke client');
  for (const path of ['/clients', `/clients/${clerk}`, '/audit', '/units', '/rules', '/act/propose-policy', '/act/propose-calendar', '/act/create-client', '/act/put-unit', '/act/put-unit?subject=dept-tax', '/act/draft-article', '/act/transfer-tickets', '/act/put-catalogue-entry', '/act/issue-credential?subject=dev-agent']) {
    await screen.go(path);
  }
  assert(await screen.page.evaluate('window.hacked === undefined').catch(() => true), 'no script of a text ran');
  await screen.close();
  return { number, second };
}

/** The time of the last event of a ticket, as a form takes it. */
async function replyTime(screen, number) {
  const other = await screen.context.newPage();
  await other.goto(`/tickets/${number}`);
  const time = await other.locator('.events time').first().innerText();
  await other.close();
  return time.slice(0, 19).replace(' ', 'T');
}

/** The administrator changes the policy with a second person. */
export async function policy(browser, axe, base, variant, hours) {
  const screen = await Screen.open(browser, axe, base, variant);
  await screen.signIn('role:ADMINISTRATOR');
  await screen.act('propose-policy', '', { 'policy.ladder.supervise_after_hours': hours, reason: '督办提前' });
  await screen.isDone('propose');
  const path = new URL(screen.page.url()).pathname;
  const number = path.split('/').pop();
  await screen.go(path);
  await screen.act('dry-run', number, {});
  await screen.isDone('dry run');
  await screen.act('approve-proposal', number, {});
  assert((await screen.page.locator('.problem').count()) === 1, 'nobody approves what he has proposed');
  await screen.signIn('principal:dev-administrator-2');
  await screen.act('approve-proposal', number, {});
  await screen.isDone('approve');
  await screen.close();
}
