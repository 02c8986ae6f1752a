// The console in a browser. Usage: node run.mjs FOLDER_WITH_NODE_MODULES ADDRESS_OF_THE_CONSOLE [PART].
// SCREENS names the folder for screenshots, if they are to be made.
import { attachments } from './attachments.mjs';
import { attacks, mishaps } from './attacks.mjs';
import { day, policy } from './day.mjs';
import { mutants } from './mutants.mjs';
import { decisions, office } from './office.mjs';
import { progress } from './progress.mjs';
import { packages } from './screen.mjs';
import { screenshots } from './screenshots.mjs';
import { texts } from './texts.mjs';

const [folder, base, part] = process.argv.slice(2);
const { playwright, axe } = packages(folder);
const browser = await playwright.chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const started = Date.now();
let failed = 0;

async function run(name, work) {
  if (part && !name.startsWith(part)) return;
  const start = Date.now();
  try {
    await work();
    console.log(`passed ${name} in ${((Date.now() - start) / 1000).toFixed(1)} s`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${name}: ${error.stack || error}`);
  }
}

if (process.env.SCREENS) await run('screenshots', () => screenshots(browser, axe, base, process.env.SCREENS));
for (const lang of ['zh', 'en']) {
  for (const width of [1440, 390]) {
    // Two windows at once, one with JavaScript and one without.
    await Promise.all([true, false].map((js) => {
      const name = `day in ${lang}, ${width} px, ${js ? 'with' : 'without'} JavaScript`;
      return run(name, () => day(browser, axe, base, { lang, width, js, name }));
    }));
  }
}
await run('policy in zh', () => policy(browser, axe, base, { lang: 'zh', width: 1440, js: true, name: 'policy' }, '12'));
for (const lang of ['zh', 'en']) {
  for (const width of [1440, 390]) {
    const name = `office in ${lang}, ${width} px`;
    await run(name, () => office(browser, axe, base, { lang, width, js: true, name }));
  }
}
await run('decisions', () => decisions(browser, axe, base, { lang: 'zh', width: 1440, js: true, name: 'decisions' }));
for (const [lang, width, js] of [['zh', 390, true], ['en', 1440, false]]) {
  const name = `progress in ${lang}, ${width} px`;
  await run(name, () => progress(browser, axe, base, { lang, width, js, name }));
}
for (const [lang, width, js] of [['zh', 390, true], ['en', 1440, false]]) {
  const name = `attachments in ${lang}, ${width} px`;
  await run(name, () => attachments(browser, axe, base, { lang, width, js, name }));
}
for (const [lang, width, js] of [['zh', 390, true], ['en', 1440, false]]) {
  const name = `texts in ${lang}, ${width} px`;
  await run(name, () => texts(browser, axe, base, { lang, width, js, name }));
}
await run('attacks', () => attacks(browser, axe, base));
await run('mutants', () => mutants(browser, axe, base));
await run('mishaps', () => mishaps(browser, axe, base));

await browser.close();
console.log(`${failed} failed, ${((Date.now() - started) / 1000).toFixed(0)} s in all`);
process.exit(failed === 0 ? 0 : 1);
