// planted: vendor-stripe
import * as vendor from 'stripe';
export const found = vendor;
