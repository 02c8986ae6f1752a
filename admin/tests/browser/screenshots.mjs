// Ten small screenshots for the documents, of a hotline that nothing else has used.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { Screen, assert, control } from './screen.mjs';
import { create } from './day.mjs';

const BYTES_MAX = 60 * 1024;
const OLD = [
  { subject: '营业执照变更迟迟未办结', content: '9月提交的变更申请至今没有答复，请协助核实办理进度。' },
  { subject: '电子发票额度调整申请被退回', content: '三次提交均被退回，没有说明原因。', topic: 'tax.invoice' },
  { subject: '食品经营许可现场核查未安排', content: '提交已二十日，未接到核查通知。', topic: 'permit.food' },
];
const NEW = [
  { subject: '公章刻制备案信息有误', content: '备案系统中的企业名称有误。', topic: 'licence.seal' },
  { subject: '经营范围规范表述咨询', content: '软件开发应如何登记？', category: 'CONSULTATION', complexity: 'COMPLEX' },
  { subject: '窗口人员推诿', content: '两次到窗口均被告知系统故障。', category: 'COMPLAINT_REPORT', topic: 'licence.one-stop' },
  { subject: '年报补报后未移出异常名录', content: '已补报并缴清罚款。', topic: 'licence.annual-report' },
];

export async function screenshots(browser, axe, base, folder) {
  mkdirSync(folder, { recursive: true });
  const open = (lang, width) => Screen.open(browser, axe, base, { lang, width, js: true, name: 'screenshots' });
  const [zh, en, small] = [await open('zh', 1024), await open('en', 1024), await open('zh', 390)];
  const shot = async (screen, name, path, selector) => {
    if (path) await screen.go(path);
    await screen.page.waitForTimeout(400);
    if (selector) await screen.page.locator(selector).scrollIntoViewIfNeeded();
    const file = join(folder, `${name}.jpg`);
    const { width } = screen.page.viewportSize();
    const clip = { x: 0, y: 0, width, height: 640 };
    for (const quality of [75, 65, 55, 45]) {
      await screen.page.screenshot({ path: file, type: 'jpeg', quality, clip });
      if (statSync(file).size <= BYTES_MAX) return;
    }
    assert(false, `${name} is too large`);
  };
  const dispatch = async (number) => {
    await zh.act('dispatch-ticket', number, {});
    await zh.isDone('dispatch');
  };

  await zh.signIn('role:AGENT');
  const old = [];
  for (const ticket of OLD) old.push(await create(zh, ticket));
  await zh.signIn('role:DISPATCHER');
  for (const number of old.slice(0, 2)) await dispatch(number);
  await small.signIn('unit:dept-market-regulation');
  await small.act('accept-ticket', old[0], {});
  await control('advance 195');
  await zh.signIn('role:AGENT');
  await shot(zh, 'intake-zh', '/act/create-ticket');
  const fresh = [];
  for (const ticket of NEW) fresh.push(await create(zh, ticket));
  await zh.signIn('role:DISPATCHER');
  await shot(zh, 'list-zh', '/tickets?open=1&order=DUE_FIRST');
  await shot(zh, 'dispatch-zh', `/tickets/${fresh[0]}`);
  await dispatch(fresh[3]);
  await shot(small, 'unit-phone-zh', `/tickets/${old[0]}`);
  await zh.signIn('role:SUPERVISOR');
  await shot(zh, 'supervisor-zh', '/');
  await en.signIn('role:ANALYST');
  await shot(en, 'charts-en', '/pictures');
  await en.signIn('role:AGENT');
  await shot(en, 'ticket-en', `/tickets/${old[0]}`, '#limit');
  await shot(en, 'knowledge-en', '/knowledge');
  await zh.signIn('role:ADMINISTRATOR');
  await shot(zh, 'rules-zh', '/act/propose-policy');
  await en.context.clearCookies({ name: 'hotline_session' });
  await shot(en, 'sign-in-en', '/sign-in');
  for (const screen of [zh, en, small]) await screen.close();
}
