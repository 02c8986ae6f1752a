// Somebody signs in at an identity provider. Usage: node oidc.mjs FOLDER_WITH_NODE_MODULES ADDRESS_OF_THE_CONSOLE.
import { Screen, assert, control, packages } from './screen.mjs';

const [folder, base] = process.argv.slice(2);
const { playwright, axe } = packages(folder);
const browser = await playwright.chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });

/** Signs in at the provider, which asks who it is and whether the console may know it. */
async function signIn(screen, login, next = '/tickets') {
  await screen.page.goto(next);
  await screen.check();
  await screen.page.click('main a.button');
  await screen.page.fill('input[name=login]', login);
  await screen.page.fill('input[name=password]', 'any');
  await Promise.all([screen.page.waitForNavigation(), screen.page.click('button[type=submit]')]);
  if (!screen.page.url().startsWith(base)) await screen.page.click('button[type=submit]');
  await screen.page.waitForURL((url) => url.href.startsWith(base));
}

let screen;
try {
  screen = await Screen.open(browser, axe, base, { lang: 'zh', width: 1440, js: true, name: 'provider' });
  await signIn(screen, 'li-wei');
  await screen.page.waitForURL((url) => url.pathname === '/tickets');
  assert((await screen.page.locator('.who').innerText()).includes('li.wei'), 'the hotline knows him');
  const cookie = (await screen.context.cookies()).find((one) => one.name === 'hotline_session');
  assert(cookie.sameSite === 'Strict' && cookie.httpOnly, 'the session is strict');
  for (const path of ['/sign-in/callback', '/sign-in/callback?code=stolen&state=guessed']) {
    const answer = await screen.context.request.get(path);
    assert(answer.status() === 403, `${path}: a callback that nobody asked for: ${answer.status()}`);
  }

  const stranger = await Screen.open(browser, axe, base, { lang: 'en', width: 390, js: true, name: 'stranger' });
  await signIn(stranger, 'stranger');
  assert((await stranger.page.locator('.problem').count()) === 1, 'whom the hotline does not know gets no session');
  assert(!(await stranger.context.cookies()).some((one) => one.name === 'hotline_session'), 'no session');
  await stranger.context.close();

  await control('revoke');
  await screen.page.goto('/tickets');
  assert(new URL(screen.page.url()).pathname === '/sign-in', 'his session ends when he is revoked');
  console.log('passed the sign-in at a provider');
} catch (error) {
  console.log(`FAILED: ${error.stack || error} at ${screen?.page.url()}: ${await screen?.page.innerText('body')}`);
  process.exitCode = 1;
}
await browser.close();
process.exit();
