import { expect, it } from 'vitest';
import { connectionFault } from '#sdk/connection-fault.ts';

const system = (code: string, syscall?: string): Error =>
  Object.assign(new Error(code), { code }, syscall === undefined ? {} : { syscall });
const failed = (cause: unknown): Error => new TypeError('fetch failed', { cause });

it.each([
  ['nobody listens', failed(system('ECONNREFUSED', 'connect')), 'refused'],
  ['no way there', failed(system('EHOSTUNREACH', 'connect')), 'refused'],
  ['no such name', failed(system('ENOTFOUND', 'getaddrinfo')), 'refused'],
  ['no connection in time', failed(system('UND_ERR_CONNECT_TIMEOUT')), 'refused'],
  ['a certificate that ran out', failed(system('CERT_HAS_EXPIRED')), 'refused'],
  ['a connection that was reset', failed(system('ECONNRESET', 'read')), 'broken'],
  ['a way that was lost under it', failed(system('EHOSTUNREACH', 'read')), 'broken'],
  ['a socket that was closed', failed(system('UND_ERR_SOCKET')), 'broken'],
  ['a browser that says nothing', new TypeError('Failed to fetch'), 'broken'],
  ['no error at all', 'nonsense', 'broken'],
  [
    'two addresses, nobody at either',
    failed(new AggregateError([system('ECONNREFUSED', 'connect'), system('ETIMEDOUT', 'connect')])),
    'refused',
  ],
  [
    'two addresses, one that broke off',
    failed(new AggregateError([system('ECONNREFUSED', 'connect'), system('ECONNRESET', 'read')])),
    'broken',
  ],
  ['a list of no errors', failed(new AggregateError([])), 'broken'],
])('%s', (_name, error, expected) => {
  expect(connectionFault(error)).toBe(expected);
});
