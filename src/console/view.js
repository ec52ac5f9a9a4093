/**
 * Puts a status on the page. Elements are made once and then only their text changes, so that focus,
 * half-filled forms and text that somebody selects survive the refresh of every second.
 */

import {
  counterTitle,
  describeCondition,
  describeFault,
  describeHealth,
  describeReplica,
  describeRoute,
  describeWitness,
  duration,
  notRunTypes,
  paymentCommands,
  takesField,
} from './model.js';

const LOG_ENTRIES_MAX = 50;

const byId = (id) => document.getElementById(id);

/** Shows a whole status. `handlers.onFault(request)`, `handlers.onHeal(region)`. */
export function showStatus(status, transactionId, handlers) {
  byId('main').dataset.stale = 'false';
  const { title, detail } = describeRoute(status);
  setText(byId('route-title'), title);
  setText(byId('route-detail'), detail);
  const uptime = duration(Date.now() - Date.parse(status.startedAt));
  setText(byId('facts'), `suffix ${status.suffix} · process ${status.pid} · up ${uptime}`);
  showRegions(status, handlers);
  showTables(status.tables);
  setText(byId('witness'), describeWitness(status.witness));
  showCounters(status.counters);
  showNotRun(status.notRun);
  showCommands(status, transactionId);
}

/** `live`, or `lost` with the sentence for the banner. */
export function showLink(state, message = '') {
  const link = byId('link');
  link.dataset.state = state;
  setText(link, state === 'live' ? 'Live' : 'Not connected');
  const banner = byId('banner');
  setText(banner, message);
  banner.hidden = message === '';
  if (state === 'live') return;
  byId('main').dataset.stale = 'true';
  setText(byId('route-title'), 'The twin does not answer');
  setText(byId('route-detail'), 'What follows is as it was when it last did.');
}

/** Adds entries at the top of the log. */
export function addToLog(entries) {
  const log = byId('log');
  for (const { text, tone } of entries) {
    const item = element('li', { 'data-tone': tone });
    const time = new Date();
    item.append(
      element('time', { datetime: time.toISOString() }, time.toTimeString().slice(0, 8)),
      element('span', {}, text),
    );
    log.prepend(item);
  }
  while (log.children.length > LOG_ENTRIES_MAX) log.lastElementChild.remove();
}

function showRegions({ regions, addresses }, handlers) {
  const holder = byId('regions');
  const names = regions.map(({ name }) => name).join(' ');
  if (holder.dataset.names !== names) {
    holder.replaceChildren(...regions.map((region) => makeRegion(region.name, handlers)));
    holder.dataset.names = names;
  }
  regions.forEach((region, index) => {
    const card = holder.children[index];
    const part = (name) => card.querySelector(`[data-part="${name}"]`);
    const condition = describeCondition(region.condition);
    const health = describeHealth(region.health);
    card.dataset.active = String(region.active);
    setText(part('name'), region.name);
    setText(part('role'), index === 0 ? 'Primary' : 'Secondary');
    part('active').hidden = !region.active;
    setTone(part('condition'), condition);
    setTone(part('health'), health);
    setText(part('address'), (addresses.regions[region.name] ?? '').replace('http://', ''));
    setText(part('pid'), region.pid === null ? 'None' : String(region.pid));
    showFaults(part('faults'), region.faults);
    const idle = region.faults.length === 0 && region.condition === 'up';
    card.querySelector('[data-heal]').setAttribute('aria-disabled', String(idle));
  });
}

function makeRegion(name, { onFault, onHeal, onForm }) {
  const card = byId('region-template').content.firstElementChild.cloneNode(true);
  const title = card.querySelector('[data-part="name"]');
  title.id = `region-${name}`;
  card.setAttribute('aria-labelledby', title.id);
  card.querySelector('.actions').setAttribute('aria-label', `Faults of ${name}`);
  for (const button of card.querySelectorAll('[data-fault]')) {
    button.addEventListener('click', () => onFault({ region: name, kind: button.dataset.fault }));
  }
  card.querySelector('[data-heal]').addEventListener('click', () => onHeal(name));
  const form = card.querySelector('form');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    onForm(name, Object.fromEntries(new FormData(form)));
  });
  form.elements.kind.addEventListener('change', () => {
    for (const label of form.querySelectorAll('[data-for]')) {
      label.hidden = !takesField(form.elements.kind.value, label.dataset.for);
    }
  });
  return card;
}

function showFaults(list, faults) {
  if (!hasChanged(list, faults)) return;
  list.replaceChildren(
    ...faults.map((fault) => {
      const since = new Date(fault.sinceEpochMs).toTimeString().slice(0, 8);
      return element('li', {}, `${describeFault(fault)}, since ${since}`);
    }),
  );
}

function showTables(tables) {
  const body = byId('tables');
  if (!hasChanged(body, tables)) return;
  body.replaceChildren(
    ...tables.map((one) => {
      const row = element('tr');
      const { text, tone } = describeReplica(one);
      const state = element('td', { 'data-tone': tone }, text);
      row.append(element('th', { scope: 'row' }, one.table), element('td', {}, one.replica), state);
      return row;
    }),
  );
}

function showCounters(counters) {
  const list = byId('counters');
  const names = Object.keys(counters);
  if (hasChanged(list, names)) {
    list.replaceChildren(
      ...names.map((name) => {
        const row = element('div');
        row.append(element('dt', {}, counterTitle(name)), element('dd'));
        return row;
      }),
    );
  }
  names.forEach((name, index) => {
    setText(list.children[index].lastElementChild, counters[name].toLocaleString('en'));
  });
}

function showNotRun(notRun) {
  const list = byId('not-run');
  if (!hasChanged(list, notRun)) return;
  const types = notRunTypes(notRun);
  setText(byId('not-run-title'), `Not run here: ${types.length} resource types`);
  list.replaceChildren(
    ...types.map(({ type, count }) => element('li', {}, count > 1 ? `${type} × ${count}` : type)),
  );
}

function showCommands(status, transactionId) {
  const holder = byId('commands');
  const commands = paymentCommands(status, transactionId);
  if (!hasChanged(holder, commands)) return;
  holder.replaceChildren(
    ...commands.map(({ title, command }) => {
      const block = element('div', { class: 'command' });
      const head = element('div', { class: 'command-head' });
      const copy = element('button', { type: 'button', class: 'quiet' }, 'Copy');
      copy.setAttribute('aria-label', `Copy: ${title}`);
      const code = element('pre', { tabindex: '0', 'aria-label': title });
      code.append(element('code', {}, command));
      copy.addEventListener('click', () => void copyText(command, copy, code));
      head.append(element('h3', {}, title), copy);
      block.append(head, code);
      return block;
    }),
  );
}

async function copyText(text, button, source) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    // Without the permission the text is at least selected, ready for the keyboard.
    getSelection().selectAllChildren(source);
    button.textContent = 'Selected';
  }
  setTimeout(() => {
    button.textContent = 'Copy';
  }, 1_500);
}

/** Whether `value` differs from what the element showed last; it counts as shown from now on. */
function hasChanged(node, value) {
  const text = JSON.stringify(value);
  if (node.dataset.shown === text) return false;
  node.dataset.shown = text;
  return true;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setTone(node, { text, tone }) {
  node.dataset.tone = tone;
  setText(node, text);
}

function element(name, attributes = {}, text = '') {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== '') node.textContent = text;
  return node;
}
