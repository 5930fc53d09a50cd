// planted: vendor-mongodb
import * as vendor from 'mongodb';
export const found = vendor;
