// planted: vendor-class-transformer
import * as vendor from 'class-transformer';
export const found = vendor;
