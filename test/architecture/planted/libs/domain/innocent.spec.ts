// planted: nothing
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { testing } from '@tender/testing';
export const found = [randomBytes, fc, testing];
