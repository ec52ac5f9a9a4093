/** What a run's page does: stretches time, and shows one transaction alone. It runs in a browser. */

export const PAGE_SCRIPT = `
'use strict';
const chart = document.getElementById('chart');
const scale = document.getElementById('scale');
const filter = document.getElementById('filter');
const list = document.getElementById('list');
const none = document.getElementById('none');
const endMs = Number(chart.dataset.end);
const timed = Array.from(chart.querySelectorAll('[data-t]'));
const messages = timed.filter((one) => one.classList.contains('m'));

function stretch() {
  const perMs = Number(scale.value) / 1000;
  chart.setAttribute('width', String(Math.ceil(endMs * perMs) + 40));
  for (const one of timed) {
    const x = String(Number(one.dataset.t) * perMs);
    if (one.dataset.l !== undefined) one.setAttribute('width', String(Number(one.dataset.l) * perMs));
    if (one.tagName === 'line') { one.setAttribute('x1', x); one.setAttribute('x2', x); }
    else if (one.tagName === 'circle') one.setAttribute('cx', x);
    else one.setAttribute('x', x);
  }
}

function show() {
  const id = filter.value;
  chart.classList.toggle('filtered', id !== '');
  list.replaceChildren();
  none.hidden = id !== '';
  for (const one of messages) {
    const isOn = id !== '' && one.dataset.a === id;
    one.classList.toggle('on', isOn);
    if (!isOn) continue;
    const item = document.createElement('li');
    item.textContent = one.querySelector('title').textContent;
    list.append(item);
  }
}

scale.addEventListener('input', stretch);
filter.addEventListener('change', show);
show();
`;
