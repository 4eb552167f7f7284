import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";
import type { Template } from "../../scripts/template.ts";

// The schema's types are those of a package of its own.
type Properties = NonNullable<ReturnType<typeof specOf>>["properties"];
type PropertyType = Properties[string]["type"];

const database = loadAwsServiceSpecSync();

/** What SAM hands through to the function, and the schema of its own resource does not have yet. */
const HANDED_THROUGH = ["LoggingConfig"];

/** What a resource may have beside its properties. */
const ATTRIBUTES = [
  "Type",
  "Properties",
  "Metadata",
  "DependsOn",
  "Condition",
  "DeletionPolicy",
  "UpdateReplacePolicy",
];

/**
 * What is wrong with a template by AWS's own resource schema: types, properties, their types, what is
 * required, and names that lead nowhere.
 *
 * @returns One line each, beginning with the place.
 */
export function problemsOf(template: Template): string[] {
  const problems: string[] = [];
  const { Globals: globals = {}, Resources: resources } = template;
  for (const [name, common] of Object.entries(globals)) {
    const wanted = propertiesOf(`AWS::Serverless::${name}`);
    problems.push(...objectProblems(wanted, common, `Globals.${name}`, false));
  }
  for (const [name, resource] of Object.entries(resources)) {
    const { Type: type, Properties: properties = {} } = resource;
    if (specOf(type) === undefined) {
      problems.push(`${name}: there is no resource type ${type}`);
      continue;
    }
    for (const attribute of Object.keys(resource)) {
      if (!ATTRIBUTES.includes(attribute)) {
        problems.push(`${name}.${attribute}: resources have no such attribute`);
      }
    }
    problems.push(...objectProblems(propertiesOf(type), properties, name, true));
  }
  return [...problems, ...nameProblems(template)];
}

function specOf(type: string) {
  return database.lookup("resource", "cloudFormationType", "equals", type)[0];
}

function propertiesOf(type: string): Properties {
  const own = specOf(type)?.properties ?? {};
  const plain = specOf("AWS::Lambda::Function")?.properties ?? {};
  const more = type === "AWS::Serverless::Function" ? HANDED_THROUGH : [];
  return Object.assign({}, own, ...more.map((name) => ({ [name]: plain[name] })));
}

function objectProblems(
  wanted: Properties,
  found: Readonly<Record<string, unknown>>,
  place: string,
  isWhole: boolean,
): string[] {
  const missing = Object.entries(wanted)
    .filter(([name, { required }]) => isWhole && required && found[name] === undefined)
    .map(([name]) => `${place}: ${name} is required`);
  const wrong = Object.entries(found).flatMap(([name, value]) => {
    const property = wanted[name];
    return property === undefined
      ? [`${place}.${name}: there is no such property`]
      : valueProblems(property.type, value, `${place}.${name}`);
  });
  return [...missing, ...wrong];
}

function valueProblems(type: PropertyType, value: unknown, place: string): string[] {
  const call = callOf(value);
  if (call !== undefined) {
    // Of what a function will give, only the branches of a condition are known.
    return call.name === "Fn::If" && Array.isArray(call.argument)
      ? call.argument.slice(1).flatMap((branch) => valueProblems(type, branch, place))
      : [];
  }
  switch (type.type) {
    case "string":
    case "boolean":
    case "number":
      return expectType(typeof value === type.type, type.type, value, place);
    case "integer":
      return expectType(Number.isInteger(value), "whole number", value, place);
    case "json":
      return expectType(
        typeof value === "object" || typeof value === "string",
        "JSON",
        value,
        place,
      );
    case "array":
      return Array.isArray(value)
        ? value.flatMap((each, index) => valueProblems(type.element, each, `${place}[${index}]`))
        : expectType(false, "list", value, place);
    case "map":
      return isObject(value)
        ? Object.entries(value).flatMap(([name, each]) =>
            valueProblems(type.element, each, `${place}.${name}`),
          )
        : expectType(false, "map", value, place);
    case "ref":
      return isObject(value)
        ? objectProblems(
            database.get("typeDefinition", type.reference.$ref).properties,
            value,
            place,
            true,
          )
        : expectType(false, "map", value, place);
    case "union": {
      const each = type.types.map((one) => valueProblems(one, value, place));
      return each.find((problems) => problems.length === 0) ?? shortest(each);
    }
    default:
      throw new Error(`${place}: a value of type ${type.type} is not known here`);
  }
}

/** The problems with the alternative that comes nearest. */
function shortest(alternatives: string[][]): string[] {
  return alternatives.toSorted((one, other) => one.length - other.length)[0] ?? [];
}

function expectType(isRight: boolean, wanted: string, value: unknown, place: string): string[] {
  return isRight ? [] : [`${place}: wanted a ${wanted}, found ${JSON.stringify(value)}`];
}

/** Parameters, resources, what SAM makes of them, and what CloudFormation knows by itself. */
function nameProblems(template: Template): string[] {
  const names = new Set([
    ...Object.keys(template.Parameters ?? {}),
    ...Object.keys(template.Resources),
  ]);
  for (const [name, { Properties: properties }] of Object.entries(template.Resources)) {
    if (properties?.FunctionUrlConfig !== undefined) {
      names.add(`${name}Url`);
    }
  }
  const conditions = Object.keys(template.Conditions ?? {});
  return callsIn(template).flatMap(({ name, argument }) => {
    if (name === "Condition" || name === "Fn::If") {
      const condition = Array.isArray(argument) ? argument[0] : argument;
      return conditions.includes(String(condition))
        ? []
        : [`${name} ${condition}: no such condition`];
    }
    return targetsOf(name, argument)
      .filter((target) => !target.startsWith("AWS::") && !names.has(target))
      .map((target) => `${name} ${target}: there is no such parameter or resource`);
  });
}

function targetsOf(name: string, argument: unknown): string[] {
  switch (name) {
    case "Ref":
      return [String(argument)];
    case "Fn::GetAtt":
      return Array.isArray(argument) ? [String(argument[0])] : [];
    case "Fn::Sub":
      return [...String(argument).matchAll(/\$\{([\w:]+)/g)].map(([, target]) => String(target));
    default:
      return [];
  }
}

interface Call {
  readonly name: string;
  readonly argument: unknown;
}

function callOf(value: unknown): Call | undefined {
  const [[name, argument] = [], ...others] = isObject(value) ? Object.entries(value) : [];
  return name !== undefined &&
    others.length === 0 &&
    (name === "Ref" || name === "Condition" || name.startsWith("Fn::"))
    ? { name, argument }
    : undefined;
}

function callsIn(value: unknown): Call[] {
  const call = callOf(value);
  const inside = typeof value === "object" && value !== null ? Object.values(value) : [];
  return [...(call === undefined ? [] : [call]), ...inside.flatMap(callsIn)];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
