// planted: vendor-eventstore-db-client
import * as vendor from '@eventstore/db-client';
export const found = vendor;
