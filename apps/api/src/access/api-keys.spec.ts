import { MAX_API_KEY_CHARACTERS } from '../config/limits';
import { ApiKeys, DEMO_KEY, demoKeyEntry, sha256Of } from './api-keys';

const keys = new ApiKeys([demoKeyEntry()]);

describe('API keys', () => {
  it('belong to one merchant, whatever case the scheme is written in', () => {
    expect(keys.callerOf(`Bearer ${DEMO_KEY}`)?.merchant).toBe('demo');
    expect(keys.callerOf(`bearer  ${DEMO_KEY}`)?.keyId).toBe('key_demo');
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    `Basic ${DEMO_KEY}`,
    DEMO_KEY,
    `Bearer ${DEMO_KEY}x`,
    `Bearer ${DEMO_KEY} x`,
  ])('are not found in %p', (authorization) => {
    expect(keys.callerOf(authorization)).toBeUndefined();
  });

  it('are looked for up to their length limit only', () => {
    const longest = 'k'.repeat(MAX_API_KEY_CHARACTERS);
    const entry = (key: string): ApiKeys => new ApiKeys([{ ...demoKeyEntry(), sha256: sha256Of(key) }]);
    expect(entry(longest).callerOf(`Bearer ${longest}`)).toBeDefined();
    expect(entry(`${longest}k`).callerOf(`Bearer ${longest}k`)).toBeUndefined();
  });
});
