// A browser window at the console: pages are checked for accessibility, size and errors as they are opened.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const PAGE_BYTES_MAX = 200 * 1024;

export function assert(isTrue, text) {
  if (!isTrue) throw new Error(text);
}

/** Loads the packages of a folder. */
export function packages(folder) {
  const require = createRequire(join(folder, 'node_modules', 'x.js'));
  return { playwright: require('playwright-core'), axe: readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8') };
}

/** Asks the test that started this script for something, and waits for its answer. */
export function control(order) {
  return new Promise((resolve) => {
    process.stdin.once('data', (answer) => resolve(answer.toString().trim()));
    process.stdin.resume();
    console.log(`CONTROL ${order}`);
  });
}

export class Screen {
  /** Opens a window: the language, the width, and whether JavaScript is on. */
  static async open(browser, axe, base, { lang, width, js, name }) {
    const viewport = { width, height: width > 800 ? 900 : 844 };
    const context = await browser.newContext({ viewport, javaScriptEnabled: js, baseURL: base });
    context.setDefaultTimeout(15000);
    await context.addCookies([{ name: 'hotline_language', value: lang, url: base }]);
    const screen = new Screen();
    Object.assign(screen, { context, axe, base, lang, js, width, name, checked: new Set(), errors: [] });
    screen.page = await context.newPage();
    screen.page.on('console', (message) => {
      // A live list that is refreshed while the hotline is away says so.
      const expected = ['the server responded with a status of', 'Response Status Error Code 503'];
      const isExpected = expected.some((text) => message.text().includes(text));
      if (message.type() === 'error' && !isExpected) screen.errors.push(message.text());
    });
    screen.page.on('pageerror', (error) => screen.errors.push(String(error)));
    screen.page.on('dialog', (dialog) => { screen.errors.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
    return screen;
  }

  async close() {
    assert(this.errors.length === 0, `${this.name}: errors of the browser: ${this.errors.join('; ')}`);
    await this.context.close();
  }

  /** Opens a page, and checks it. */
  async go(path, status = 200) {
    const response = await this.page.goto(path);
    assert(response.status() === status, `${this.name} ${path}: status ${response.status()}, not ${status}`);
    await this.check();
    return response;
  }

  /** Checks the page that is open. A kind of page is checked once for each window. */
  async check() {
    const path = new URL(this.page.url()).pathname.replace(/\d{6,}/, 'N');
    const html = await this.page.content();
    assert(Buffer.byteLength(html) < PAGE_BYTES_MAX, `${this.name} ${path}: the page has ${html.length} bytes`);
    const tag = this.lang === 'zh' ? 'zh-CN' : 'en';
    assert(html.includes(`lang="${tag}"`), `${this.name} ${path}: not in ${tag}`);
    assert(!/style="|<script>(?!window)|onclick=/.test(html.replace(/&[^;]+;/g, '')), `${this.name} ${path}: inline code`);
    assert(!html.includes('CANARY-COMPANY') || path.startsWith('/act/'), `${this.name} ${path}: an identity`);
    if (!this.js || this.checked.has(path)) return;
    this.checked.add(path);
    const result = await this.runAxe();
    const found = result.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).slice(0, 3).join(' | ')}`);
    assert(found.length === 0, `${this.name} ${path}: axe: ${found.join('; ')}`);
    const wide = await this.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert(wide <= 1, `${this.name} ${path}: wider than the window by ${wide} px`);
  }

  async runAxe() {
    await this.page.evaluate(this.axe);
    return this.page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  }

  /** Signs in with a development credential. */
  async signIn(who) {
    await this.context.clearCookies({ name: 'hotline_session' });
    await this.go('/sign-in');
    if (who.startsWith('unit:')) {
      await this.page.selectOption('select[name=who]', who);
      await this.page.click('form.one-line button');
    } else {
      await this.page.click(`button[value="${who}"]`);
    }
    await this.page.waitForURL((url) => url.pathname === '/');
    await this.check();
  }

  /** Fills fields by their names. */
  async fill(values) {
    for (const [name, value] of Object.entries(values)) {
      const field = this.page.locator(`form.verb [name="${name}"]`);
      if ((await field.locator('option').count()) > 0) await field.selectOption(value);
      else if (value === true) await field.check();
      else await field.fill(value);
    }
  }

  /** Sends the form of a verb, and checks the page that follows. */
  async send() {
    await Promise.all([this.page.waitForNavigation(), this.page.click('form.verb button[type=submit]')]);
    await this.check();
  }

  /** Opens the form of a verb, fills it and sends it. */
  async act(verb, subject, values) {
    await this.go(`/act/${verb}?subject=${encodeURIComponent(subject)}`);
    await this.fill(values);
    await this.send();
  }

  /** Whether the page shows that a verb was done. */
  async isDone(what) {
    const count = await this.page.locator('[data-done]').count();
    const problem = (await this.page.locator('.problem, .error').allTextContents()).join(' ');
    assert(count === 1, `${this.name} ${what}: not done at ${this.page.url()}: ${problem}`);
  }

  text() {
    return this.page.locator('main').innerText();
  }
}
