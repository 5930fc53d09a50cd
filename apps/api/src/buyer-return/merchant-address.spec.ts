import { withPayment } from './merchant-address';

it.each([
  ['https://shop.example/back', 'https://shop.example/back?payment=pay_1'],
  ['https://shop.example', 'https://shop.example?payment=pay_1'],
  ['https://shop.example/back?order=7+8%20', 'https://shop.example/back?order=7+8%20&payment=pay_1'],
  ['https://shop.example/back?', 'https://shop.example/back?payment=pay_1'],
  ['https://shop.example/back?a&', 'https://shop.example/back?a&payment=pay_1'],
  ['https://shop.example/app#/done?x', 'https://shop.example/app?payment=pay_1#/done?x'],
])('%s is given the payment and nothing else is changed', (given, expected) => {
  expect(withPayment(given, 'pay_1')).toBe(expected);
  expect(new URL(expected).searchParams.get('payment')).toBe('pay_1');
});
