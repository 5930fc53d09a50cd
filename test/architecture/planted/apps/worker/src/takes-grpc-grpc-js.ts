// planted: vendor-grpc-grpc-js
import * as vendor from '@grpc/grpc-js';
export const found = vendor;
