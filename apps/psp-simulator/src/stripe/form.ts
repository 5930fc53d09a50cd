/** A value of Stripe's bracketed form encoding: `a=1`, `a[b]=1`, `a[0]=1` and `a[]=1`. Lists are objects with index keys. */
export type FormValue = string | FormObject;
export interface FormObject {
  [key: string]: FormValue;
}

/** Deeper nesting than any parameter of the API. */
export const FORM_DEPTH_MAX = 8;

function decode(text: string): string {
  if (text.includes('+')) text = text.replaceAll('+', ' ');
  return text.includes('%') ? decodeURIComponent(text) : text;
}

function emptyObject(): FormObject {
  // without a prototype a parameter named `__proto__` is just a name
  return Object.create(null) as FormObject;
}

/** Parses a form body or a query; undefined when it is not well formed. */
export function parseForm(text: string): FormObject | undefined {
  const form = emptyObject();
  if (text === '') return form;
  try {
    for (const pair of text.split('&')) {
      if (pair === '') continue;
      const cut = pair.indexOf('=');
      const name = decode(cut === -1 ? pair : pair.slice(0, cut));
      const value = cut === -1 ? '' : decode(pair.slice(cut + 1));
      const bracket = name.indexOf('[');
      if (bracket === -1) form[name] = value;
      else if (!assignNested(form, name, bracket, value)) return undefined;
    }
    return form;
  } catch {
    // a broken percent escape
    return undefined;
  }
}

function assignNested(form: FormObject, name: string, bracket: number, value: string): boolean {
  if (bracket === 0 || !name.endsWith(']')) return false;
  const keys = name.slice(bracket + 1, -1).split('][');
  if (keys.length > FORM_DEPTH_MAX) return false;
  let target = form;
  let key = name.slice(0, bracket);
  for (const next of keys) {
    if (next.includes('[') || next.includes(']')) return false;
    const inner = (target[key] ??= emptyObject());
    if (typeof inner === 'string') return false;
    target = inner;
    key = next === '' ? String(Object.keys(inner).length) : next;
  }
  target[key] = value;
  return true;
}
