// planted: apps-are-strangers
import { found as worker } from '../../worker/src/innocent';
export const found = worker;
