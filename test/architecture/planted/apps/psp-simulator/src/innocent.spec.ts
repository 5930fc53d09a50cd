// planted: nothing
import Stripe from 'stripe';
export const found = Stripe;
