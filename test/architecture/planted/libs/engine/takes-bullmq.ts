// planted: vendor-bullmq
import * as vendor from 'bullmq';
export const found = vendor;
