/** Follows the twin through its control API, once a second, and passes on what is clicked. */

import { changesBetween, faultFromForm } from './model.js';
import { addToLog, showLink, showStatus } from './view.js';

const POLL_MS = 1_000;
/** Longer than a poll: healing waits for a Region to boot. */
const TIMEOUT_MS = 10_000;

let last = null;
let connected = true;
let transactionId = newTransactionId();
let timer = 0;

const handlers = {
  onFault: (request) => void act('POST', '/faults', request),
  onForm: (region, values) => void act('POST', '/faults', faultFromForm(region, values)),
  onHeal: (region) => void act('DELETE', `/faults/${encodeURIComponent(region)}`),
};

document.getElementById('heal-all').addEventListener('click', () => void act('DELETE', '/faults'));
document.getElementById('new-id').addEventListener('click', () => {
  transactionId = newTransactionId();
  if (last !== null) showStatus(last, transactionId, handlers);
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) pollSoon(0);
});
pollSoon(0);

function pollSoon(ms) {
  clearTimeout(timer);
  timer = setTimeout(() => void poll(), ms);
}

async function poll() {
  try {
    const status = await call('GET', '/status');
    if (!connected) addToLog([{ text: 'The twin answers again', tone: 'good' }]);
    connected = true;
    addToLog(changesBetween(last, status));
    last = status;
    showLink('live');
    showStatus(status, transactionId, handlers);
  } catch (error) {
    if (connected) addToLog([{ text: 'The twin stopped answering', tone: 'bad' }]);
    connected = false;
    showLink('lost', lostMessage(error));
  }
  // A page that nobody sees need not ask; becoming visible asks at once.
  if (!document.hidden) pollSoon(POLL_MS);
}

async function act(method, path, body) {
  try {
    await call(method, path, body);
    pollSoon(0);
  } catch (error) {
    // A TypeError is how fetch says that nothing answered.
    const text = error.name === 'TypeError' ? 'Not done: the twin does not answer' : error.message;
    addToLog([{ text, tone: 'bad' }]);
  }
}

/** Resolves with the JSON of a 2xx answer; rejects with a message for a person. */
async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    cache: 'no-store',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail ?? answer.title ?? `HTTP ${response.status}`);
  return answer;
}

function lostMessage(error) {
  const reason = error.name === 'TypeError' ? 'It may have been stopped' : error.message;
  return `The twin does not answer. ${reason}. Start it with npm start; this page asks again each second.`;
}

function newTransactionId() {
  return `t-${crypto.randomUUID().slice(0, 8)}`;
}
