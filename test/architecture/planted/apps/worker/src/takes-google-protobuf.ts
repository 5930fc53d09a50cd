// planted: vendor-google-protobuf
import * as vendor from 'google-protobuf';
export const found = vendor;
