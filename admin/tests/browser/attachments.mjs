// An agent adds a file to a ticket and stores it again. The console never shows it.
import { readFileSync } from 'node:fs';
import { Screen, assert } from './screen.mjs';
import { create } from './day.mjs';

export async function attachments(browser, axe, base, variant) {
  const agent = await Screen.open(browser, axe, base, variant);
  await agent.signIn('role:AGENT');
  const number = await create(agent, { subject: '附件' });
  const send = async (name, content) => {
    await agent.go(`/tickets/${number}`);
    await agent.page.setInputFiles('input[name=file]', { name, mimeType: 'text/plain', buffer: Buffer.from(content) });
    const sent = agent.page.click('form[enctype] button');
    const [response] = await Promise.all([agent.page.waitForNavigation(), sent]);
    await agent.check();
    return response.status();
  };
  const added = await send('说明.txt', '<script>办理说明</script>');
  assert(added === 200, `the file is added: ${added}`);
  const link = agent.page.locator('ul.attachments a');
  assert((await link.innerText()) === '说明.txt', 'its name is on the page');
  const [stored] = await Promise.all([agent.page.waitForEvent('download'), link.click()]);
  assert(stored.suggestedFilename() === '说明.txt', `it keeps its name: ${stored.suggestedFilename()}`);
  const content = readFileSync(await stored.path(), 'utf8');
  assert(content === '<script>办理说明</script>', `it is what was sent: ${content}`);

  const answer = await agent.page.request.get(await link.getAttribute('href'));
  const headers = answer.headers();
  assert(headers['content-disposition'].startsWith('attachment'), 'it is stored');
  assert(headers['content-security-policy'].includes('sandbox'), 'no script of it runs');
  assert(headers['x-content-type-options'] === 'nosniff', 'its type is not guessed');

  const refused = await send('程序.png', 'MZ');
  assert(refused === 422, `a program that is called a picture is refused: ${refused}`);
  await agent.close();
}
