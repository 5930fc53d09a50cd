// planted: vendor-bson
import * as vendor from 'bson';
export const found = vendor;
