import { audit, type Charge, type KeyStory, type PaymentView } from './audit';

const sent = { amount: 1099, currency: 'USD' };
const view = (more: Partial<PaymentView> = {}): PaymentView => ({
  id: 'pay_1',
  status: 'succeeded',
  ...sent,
  attemptIds: ['att_1'],
  ...more,
});
const charge = (more: Partial<Charge> = {}): Charge => ({
  reference: 'pi_1',
  our_reference: 'att_1',
  ...sent,
  status: 'succeeded',
  ...more,
});
const story = (more: Partial<KeyStory> = {}): KeyStory => ({
  key: 'one',
  sent,
  answeredIds: new Set(['pay_1']),
  settledBodies: new Set(['{}']),
  settled: view(),
  present: view(),
  ...more,
});
const rulesBroken = (stories: readonly KeyStory[], charges: readonly Charge[]): readonly string[] =>
  audit(stories, charges).map(({ rule }) => rule);

describe('the audit', () => {
  it.each<[string, KeyStory, Charge[]]>([
    ['one charge', story(), [charge()]],
    [
      'a hold',
      story({ settled: view({ status: 'requires_capture' }), present: undefined }),
      [charge({ status: 'requires_capture' })],
    ],
    [
      'a decline',
      story({ settled: view({ status: 'failed' }), present: undefined }),
      [charge({ status: 'failed' })],
    ],
    [
      'a decline, then another PSP',
      story({ present: view({ attemptIds: ['att_1', 'att_2'] }) }),
      [charge({ status: 'failed' }), charge({ our_reference: 'att_2' })],
    ],
  ])('has nothing to say of %s', (_, one, charges) => {
    expect(audit([one], charges)).toEqual([]);
  });

  it.each<[string, Partial<KeyStory>, Charge[]]>([
    ['one payment is one charge', {}, []],
    [
      'one payment is one charge',
      { present: view({ attemptIds: ['att_1', 'att_2'] }) },
      [charge(), charge({ our_reference: 'att_2' })],
    ],
    ['one payment is one charge', { settled: view({ status: 'failed' }), present: undefined }, [charge()]],
    ['every charge has its payment', {}, [charge(), charge({ our_reference: 'att_9' })]],
    ['every charge has its payment', {}, [charge(), charge({ our_reference: null })]],
    ['a charge is what was asked for', {}, [charge({ amount: 1098 })]],
    ['a charge is what was asked for', {}, [charge({ currency: 'EUR' })]],
    ['a payment is what was asked for', { present: view({ amount: 1 }) }, [charge()]],
    [
      'every payment ends',
      { settled: undefined, present: view({ status: 'processing', attemptIds: [] }) },
      [],
    ],
    [
      'every payment ends',
      { settled: undefined, present: view({ status: 'outcome_unknown', attemptIds: [] }) },
      [],
    ],
    ['duplicates get the same bytes', { settledBodies: new Set(['a', 'b']) }, [charge()]],
  ])('says "%s" (case %#)', (rule, more, charges) => {
    expect(rulesBroken([story(more)], charges)).toEqual([rule]);
  });

  it('sees two charges of one attempt, a key with two payments or none, and a payment with two keys', () => {
    expect(rulesBroken([story()], [charge(), charge({ reference: 'pi_2' })])).toContain(
      'one attempt is one charge',
    );
    const two = story({ answeredIds: new Set(['pay_1', 'pay_2']) });
    expect(rulesBroken([two], [charge()])).toEqual(['one key has one payment']);
    const none = story({ answeredIds: new Set(), settled: undefined, present: undefined });
    expect(rulesBroken([none], [])).toEqual(['one key has one payment']);
    expect(rulesBroken([story(), story({ key: 'two' })], [charge()])).toContain('one payment has one key');
  });

  it('sees an answer that GET does not confirm', () => {
    const one = story({ settled: view({ status: 'failed' }) });
    expect(rulesBroken([one], [charge()])).toEqual(['GET equals the answer']);
  });
});
