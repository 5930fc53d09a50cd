// planted: vendor-ioredis
import * as vendor from 'ioredis';
export const found = vendor;
