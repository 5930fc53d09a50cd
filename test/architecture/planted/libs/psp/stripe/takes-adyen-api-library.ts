// planted: vendor-adyen-api-library
import * as vendor from '@adyen/api-library';
export const found = vendor;
