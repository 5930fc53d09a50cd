// planted: vendor-class-validator
import * as vendor from 'class-validator';
export const found = vendor;
