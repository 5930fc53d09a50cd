// planted: nothing
import { testing } from '@tender/testing';
export const found = testing;
