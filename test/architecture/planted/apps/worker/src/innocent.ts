// planted: nothing
import { Injectable } from '@nestjs/common';
export const found = Injectable;
