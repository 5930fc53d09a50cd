// planted: nothing
export { default } from 'stripe';
