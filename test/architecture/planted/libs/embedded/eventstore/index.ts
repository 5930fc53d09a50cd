// planted: nothing
export { credentials } from '@grpc/grpc-js';
