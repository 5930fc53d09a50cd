// planted: nothing
export { Client } from '@adyen/api-library';
