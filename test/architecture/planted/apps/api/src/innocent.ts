// planted: nothing
import { IsDefined } from 'class-validator';
import { nest } from '@tender/nest';
export const found = [IsDefined, nest];
