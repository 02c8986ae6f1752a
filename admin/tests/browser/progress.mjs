// A company asks where its request is: without an account, with the code from its first message.
import { Screen, assert, control } from './screen.mjs';
import { create } from './day.mjs';

export async function progress(browser, axe, base, variant) {
  const agent = await Screen.open(browser, axe, base, { ...variant, name: `agent of ${variant.name}` });
  await agent.signIn('role:AGENT');
  const number = await create(agent, { subject: '进度查询' });
  await agent.close();
  const code = await control(`code ${number}`);

  const company = await Screen.open(browser, axe, base, variant);
  const ask = async (values) => {
    await company.go('/progress');
    for (const [name, value] of Object.entries(values)) await company.page.fill(`[name=${name}]`, value);
    const [response] = await Promise.all([company.page.waitForNavigation(), company.page.click('main button')]);
    await company.check();
    return { status: response.status(), text: await company.page.locator('main').innerText() };
  };
  const wrong = await ask({ number, code: '2222-2222' });
  const unknown = await ask({ number: `${number.slice(0, -2)}99`, code });
  assert(wrong.status === 404 && unknown.status === 404, `${wrong.status} and ${unknown.status}`);
  assert(wrong.text === unknown.text, 'a wrong code and an unknown number read the same');
  const right = await ask({ number, code });
  assert(right.status === 200, `the progress is shown: ${right.status} ${right.text}`);
  const stage = variant.lang === 'zh' ? '已受理' : 'received';
  assert(right.text.includes(number) && right.text.includes(stage), `number and stage: ${right.text}`);
  assert(!company.page.url().includes(code), 'no address has the code');
  await company.close();
}
