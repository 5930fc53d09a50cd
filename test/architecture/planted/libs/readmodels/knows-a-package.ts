// planted: readmodels-packages
import { pino } from 'pino';
export const found = pino;
