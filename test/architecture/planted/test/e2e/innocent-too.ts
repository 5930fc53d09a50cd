// planted: nothing
import stripe from '@tender/psp/stripe';
import { Client } from '@tender/psp/adyen';
export const found = [stripe, Client];
