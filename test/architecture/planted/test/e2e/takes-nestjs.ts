// planted: vendor-nestjs
import * as vendor from '@nestjs/common';
export const found = vendor;
