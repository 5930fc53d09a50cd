import * as dispute from './dispute.templates';
import * as fx from './fx.templates';
import * as marketplace from './marketplace.templates';
import * as payment from './payment.templates';
import * as pspRecord from './psp-record.templates';
import * as refund from './refund.templates';
import * as suspense from './suspense.templates';
import type { Template } from './template';

/** What a group of templates is about, in the order of the page. */
export interface TemplateGroup {
  readonly title: string;
  readonly templates: readonly Template[];
}

const group = (title: string, templates: Readonly<Record<string, Template>>): TemplateGroup => ({
  title,
  templates: Object.values(templates),
});

/** Every template there is; what does not stand in a group is not proved, so a spec holds this against the folder. */
export const TEMPLATE_GROUPS: readonly TemplateGroup[] = [
  group('Payments', payment),
  group('Refunds', refund),
  group('Records of PSPs and banks', pspRecord),
  group('Disputes', dispute),
  group('Money without an explanation', suspense),
  group('Marketplaces', marketplace),
  group('Currencies', fx),
];

export const TEMPLATES: readonly Template[] = TEMPLATE_GROUPS.flatMap(({ templates }) => templates);
