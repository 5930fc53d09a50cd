import { getMetadataStorage, ValidateBy, validateSync } from 'class-validator';
import type { ValidationError } from 'class-validator';
import { MAX_FIELD_NAME_CHARACTERS, MAX_FIELDS_NAMED } from '../config/limits';
import type { FieldError } from './problem';
import { Problem } from './problem';

type Rule = (value: unknown, field: string) => readonly FieldError[];

const FOLLOWS = 'follows';

/** Checks a property by a rule that names every failing place inside of it. */
export const Follows = (rule: Rule): PropertyDecorator =>
  ValidateBy(
    {
      name: FOLLOWS,
      validator: { validate: (value, args) => rule(value, args?.property ?? '').length === 0 },
    },
    // class-validator hands a context on only where there is a message
    { message: 'breaks its rule', context: { rule } },
  );

/**
 * Checks plain JSON against a class with class-validator's decorators. Built once a class: its known fields are looked
 * up at start, a request only pays for the rules.
 *
 * class-transformer is left out on purpose: it costs more than the rules and turns values into what they were not.
 */
export class DtoReader<Dto extends object> {
  private readonly fields: ReadonlySet<string>;

  constructor(private readonly dto: new () => Dto) {
    const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
    this.fields = new Set(rules.map(({ propertyName }) => propertyName));
  }

  /** @throws Problem `validation_failed` naming every field that breaks its rule or is not known */
  read(json: unknown): Dto {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw validationFailed([{ field: '', message: 'must be a JSON object' }]);
    }
    const dto = new this.dto();
    const errors: FieldError[] = [];
    for (const [field, value] of Object.entries(json) as [string, unknown][]) {
      if (this.fields.has(field)) (dto as Record<string, unknown>)[field] = value;
      else errors.push({ field, message: 'is not a known field' });
    }
    for (const failed of validateSync(dto, { forbidUnknownValues: false })) errors.push(...explain(failed));
    if (errors.length > 0) throw validationFailed(errors);
    return dto;
  }
}

export function validationFailed(errors: readonly FieldError[]): Problem {
  return new Problem('validation_failed', {
    detail: 'See errors for each field.',
    errors: errors.slice(0, MAX_FIELDS_NAMED).map(({ field, message }) => ({
      // cut by characters: half a surrogate pair would not be JSON any more
      field: Array.from(field.slice(0, MAX_FIELD_NAME_CHARACTERS * 2))
        .slice(0, MAX_FIELD_NAME_CHARACTERS)
        .join(''),
      message,
    })),
  });
}

function explain({ property, value, constraints, contexts }: ValidationError): readonly FieldError[] {
  const rule = (contexts?.[FOLLOWS] as { readonly rule: Rule } | undefined)?.rule;
  if (rule !== undefined) return value === undefined ? missing(property) : rule(value, property);
  if (value === undefined) return missing(property);
  const [message] = Object.values(constraints ?? {});
  return [{ field: property, message: message ?? 'breaks its rule' }];
}

const missing = (field: string): readonly FieldError[] => [{ field, message: 'is required' }];
