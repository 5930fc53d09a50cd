// planted: nothing
import { Module } from '@nestjs/common';
import { domain } from '@tender/domain';
import { engine } from '@tender/engine';
import { psp } from '@tender/psp';
import { readmodels } from '@tender/readmodels';
export const found = [Module, domain, engine, psp, readmodels];
