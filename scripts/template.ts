import { readFileSync } from "node:fs";
import { type CollectionTag, parseDocument, type ScalarTag, YAMLMap, type YAMLSeq } from "yaml";

/** A template of CloudFormation, as far as anything here reads it. */
export interface Template {
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Globals?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Metadata?: { readonly BuildProperties?: BuildProperties };
}

/** How SAM is to call esbuild. */
interface BuildProperties {
  readonly EntryPoints: readonly string[];
  readonly Format: "esm" | "cjs";
  readonly OutExtension: readonly string[];
  readonly Target: string;
  readonly Minify: boolean;
  readonly Sourcemap: boolean;
}

/**
 * A template as data, its intrinsic functions in their long form: `!Sub x` is `{ "Fn::Sub": "x" }`.
 *
 * @throws {Error} If it is no YAML.
 */
export function parseTemplate(text: string): Template {
  const document = parseDocument(text, { customTags: FUNCTIONS.flatMap(tagsOf) });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    throw problem;
  }
  return document.toJS();
}

/** `template.yaml`, by which SAM deploys the example. */
export function readTemplate(): Template {
  return parseTemplate(readFileSync(new URL("../template.yaml", import.meta.url), "utf8"));
}

const FUNCTIONS = ["Ref", "GetAtt", "Sub", "If", "Equals", "Not", "Condition"];

function tagsOf(name: string): [ScalarTag, CollectionTag] {
  const tag = `!${name}`;
  const key = name === "Ref" || name === "Condition" ? name : `Fn::${name}`;
  return [
    {
      tag,
      resolve: (text) => ({ [key]: name === "GetAtt" ? text.split(/\.(.*)/, 2) : text }),
    },
    {
      tag,
      collection: "seq",
      resolve(list: YAMLMap | YAMLSeq) {
        const call = new YAMLMap();
        call.set(key, list);
        return call;
      },
    },
  ];
}
