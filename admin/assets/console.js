// The console works without this file. It adds the keyboard, drafts of long texts, and lists that are read again when
// the feed says that a ticket changed.
'use strict';

(function () {
  const body = document.body;
  const who = body.dataset.who || '';

  // Drafts of long texts, for this person and this form. They are removed when the form was accepted and at the sign-out.
  const prefix = 'hotline-draft:';
  const draftKey = (area) => {
    const form = area.closest('form[data-form]');
    return form && who ? prefix + who + ':' + form.dataset.form + ':' + area.name : null;
  };
  document.querySelectorAll('textarea[data-draft]').forEach((area) => {
    const key = draftKey(area);
    if (!key) return;
    const kept = localStorage.getItem(key);
    if (kept && !area.value) area.value = kept;
    area.addEventListener('input', () => localStorage.setItem(key, area.value));
  });
  const forget = (start) => {
    Object.keys(localStorage).filter((key) => key.startsWith(start)).forEach((key) => localStorage.removeItem(key));
  };
  const done = new URLSearchParams(location.search).get('done');
  if (done && document.querySelector('[data-done]')) {
    const number = location.pathname.split('/').pop();
    const isNew = done === 'create-ticket';
    forget(prefix + who + ':' + done + ':' + (isNew ? '' : number));
  }
  document.querySelectorAll('form.out').forEach((form) => form.addEventListener('submit', () => forget(prefix)));

  // A second click does not send a form again. (If it did, the hotline would see the same command.)
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.method !== 'post') return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = '1';
    setTimeout(() => delete form.dataset.sent, 5000);
  });
  window.addEventListener('pageshow', () => {
    document.querySelectorAll('form[data-sent]').forEach((form) => delete form.dataset.sent);
  });

  // What is wrong comes first.
  const problem = document.querySelector('.problem[tabindex]');
  if (problem) problem.focus();

  // The feed: a changed ticket reads the list again, or says so on the page of the ticket.
  const live = document.querySelector('[data-live]');
  const ticket = document.querySelector('[data-ticket]');
  if (body.dataset.feed && window.EventSource && (live || ticket)) {
    const feed = new EventSource(body.dataset.feed);
    let waiting = null;
    const isBusy = () => live.contains(document.activeElement) || live.querySelector('input:checked');
    const refresh = () => {
      waiting = null;
      if (isBusy()) { waiting = setTimeout(refresh, 3000); return; }
      const address = live.dataset.live;
      htmx.ajax('GET', address + (address.includes('?') ? '&' : '?') + 'part=1', { target: '#list', swap: 'innerHTML' });
    };
    const isFirstPage = !new URLSearchParams(location.search).get('token');
    feed.addEventListener('ticket', (event) => {
      if (live && isFirstPage && !waiting) waiting = setTimeout(refresh, 1000);
      if (ticket && ticket.dataset.ticket === event.data) ticket.classList.add('changed');
    });
    feed.addEventListener('ended', () => { feed.close(); location.assign('/sign-in?ended=1'); });
    window.addEventListener('pagehide', () => feed.close());
  }

  // The keyboard.
  let chord = false;
  let row = -1;
  const rows = () => Array.from(document.querySelectorAll('[data-row]'));
  const select = (next) => {
    const all = rows();
    if (!all.length) return;
    row = Math.max(0, Math.min(all.length - 1, next));
    all.forEach((one, index) => one.classList.toggle('current', index === row));
    const link = all[row].querySelector('a');
    if (link) link.focus();
  };
  const places = { h: '/', t: '/tickets', n: '/act/create-ticket', k: '/knowledge', p: '/pictures' };
  document.addEventListener('keydown', (event) => {
    const target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== 'checkbox') return;
    const help = document.getElementById('help');
    if (chord) {
      chord = false;
      const place = places[event.key];
      if (place && document.querySelector('.menu a[href="' + place + '"]')) { event.preventDefault(); location.assign(place); return; }
    }
    switch (event.key) {
      case '?': if (!help.open) help.showModal(); break;
      case 'g': chord = true; break;
      case '/': if (document.querySelector('.menu a[href="/search"]')) { event.preventDefault(); location.assign('/search'); } break;
      case 'j': select(row + 1); break;
      case 'k': select(row - 1); break;
      case 'x': {
        const box = rows()[row] && rows()[row].querySelector('input[type=checkbox]');
        if (box) box.checked = !box.checked;
        break;
      }
      default:
    }
  });
}());
