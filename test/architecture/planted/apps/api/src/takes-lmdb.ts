// planted: vendor-lmdb
import * as vendor from 'lmdb';
export const found = vendor;
