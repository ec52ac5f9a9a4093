import { describe, expect, test } from 'vitest';
import {
  parseLatencyMs,
  parsePort,
  parseRate,
  parseRegion,
  parseSaid,
  parseSkip,
  parseSuffix,
  parseTwinUrl,
} from '#cli/parse-options.ts';

describe('parsePort', () => {
  test.each(['1024', '8080', '65530'])('takes %s', (text) => {
    expect(parsePort(text)).toBe(Number(text));
  });
  test.each(['1023', '65531', '80.5', '-1', '0x50', '', 'http', '8080 ', '١٢٣٤'])(
    'rejects %j',
    (text) => {
      expect(() => parsePort(text)).toThrow('Use a whole number from 1024 to 65530.');
    },
  );
});

describe('parseSuffix', () => {
  test.each(['dev', 'pr123', 'a-b', '1dev', 'a'.repeat(20)])('takes %s', (text) => {
    expect(parseSuffix(text)).toBe(text);
  });
  test.each(['', 'Dev', 'a_b', '-a', 'a-', 'a'.repeat(21), '../x'])('rejects %j', (text) => {
    expect(() => parseSuffix(text)).toThrow('1 to 20 characters');
  });
});

describe('parseRate', () => {
  test.each([
    ['1', 1],
    ['0.25', 0.25],
    ['.5', 0.5],
  ])('takes %s', (text, rate) => {
    expect(parseRate(text)).toBe(rate);
  });
  test.each(['0', '1.01', '-0.5', '50%', '', '.', 'NaN', '1e-1'])('rejects %j', (text) => {
    expect(() => parseRate(text)).toThrow('above 0 and up to 1');
  });
});

describe('parseLatencyMs', () => {
  test('takes 400', () => expect(parseLatencyMs('400')).toBe(400));
  test.each(['0', '120001', '1.5', '4s'])('rejects %j', (text) => {
    expect(() => parseLatencyMs(text)).toThrow('from 1 to 120000');
  });
});

describe('parseSkip', () => {
  test('takes 0', () => expect(parseSkip('0')).toBe(0));
  test.each(['-1', '1000001', 'one'])('rejects %j', (text) => {
    expect(() => parseSkip(text)).toThrow('from 0 to 1000000');
  });
});

describe('parseTwinUrl', () => {
  test.each([
    ['http://127.0.0.1:8084', 'http://127.0.0.1:8084'],
    ['http://localhost:8084/', 'http://localhost:8084'],
  ])('takes %s', (text, origin) => {
    expect(parseTwinUrl(text)).toBe(origin);
  });
  test.each(['8084', '127.0.0.1:8084', 'ftp://x', 'file:///etc/passwd', ''])(
    'rejects %j',
    (text) => {
      expect(() => parseTwinUrl(text)).toThrow('Use a URL such as http://127.0.0.1:8084.');
    },
  );
});

describe('parseSaid', () => {
  test.each(['INC-7: cards fail', 'wartung läuft', 'x'.repeat(200)])('takes %s', (text) => {
    expect(parseSaid(text)).toBe(text);
  });
  test.each(['', '  ', 'a\nb', '\u001b[2J', 'a\u202eb', 'x'.repeat(201)])('rejects %j', (text) => {
    expect(() => parseSaid(text)).toThrow('one line of 1 to 200 characters');
  });
});

describe('parseRegion', () => {
  test.each(['us-east-1', 'us-gov-west-1'])('takes %s', (text) => {
    expect(parseRegion(text)).toBe(text);
  });
  test.each(['', 'mars', 'us-east-1,us-east-2', 'US-EAST-1'])('rejects %j', (text) => {
    expect(() => parseRegion(text)).toThrow('Use a Region name such as us-east-2.');
  });
});
