import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseTemplate, type Resource } from "../scripts/template.ts";
import { problemsOf } from "./template/schema.ts";

const root = join(import.meta.dirname, "..");
const text = readFileSync(join(root, "template.yaml"), "utf8");
const template = parseTemplate(text);
const resources = Object.entries(template.Resources);

test("template.yaml is what AWS's resource schema allows", () => {
  expect(problemsOf(template)).toEqual([]);
});

/** What somebody may write by mistake, and what is said about it. */
const MISTAKES: readonly (readonly [written: string, instead: string, problem: string])[] = [
  ["InvokeMode:", "InvokeMod:", "Hello.FunctionUrlConfig.InvokeMod: there is no such property"],
  ["AuthType:", "AuthTyp:", "Hello.FunctionUrlConfig: AuthType is required"],
  ["LogGroup: !Ref", "LogGrup: !Ref", "Hello.LoggingConfig.LogGrup: there is no such property"],
  ["MemorySize: 512", "MemorySize: much", 'MemorySize: wanted a number, found "much"'],
  ["MemorySize: 512", "Memory: 512", "Globals.Function.Memory: there is no such property"],
  ["AWS::Logs::LogGroup", "AWS::Logs::Group", "there is no resource type AWS::Logs::Group"],
  ["DeletionPolicy:", "DeletePolicy:", "DeletePolicy: resources have no such attribute"],
  ['BinaryMediaTypes: ["*/*"]', 'BinaryMediaTypes: "*/*"', "wanted a list"],
  ["BinaryMediaTypes:", "BinaryMediaType:", "RestApi.BinaryMediaType: there is no such property"],
  ["PayloadFormatVersion:", "PayloadVersion:", "PayloadVersion: there is no such property"],
  ["Principal: apigateway", "Principl: apigateway", "RestApiMayInvoke: Principal is required"],
  ["ThrottlingRateLimit: 50", "ThrottlingRate: 50", "ThrottlingRate: there is no such property"],
  ["!Ref HelloLogs", "!Ref HeloLogs", "Ref HeloLogs: there is no such parameter or resource"],
  ["HelloRole.Arn", "HeloRole.Arn", "Fn::GetAtt HeloRole: there is no such"],
  ["{HttpApi}.", "{HtpApi}.", "Fn::Sub HtpApi: there is no such"],
  ["!Ref ReservedConcurrency, !Ref", "many, !Ref", 'wanted a number, found "many"'],
  ["!If [HasReserve,", "!If [HasReserved,", "Fn::If HasReserved: no such condition"],
];

test.each(MISTAKES)("%s written as %s is told", (written, instead, problem) => {
  expect(text).toContain(written);
  const problems = problemsOf(parseTemplate(text.replace(written, instead)));
  expect(problems).toContainEqual(expect.stringContaining(problem));
});

test("text that is no YAML is an error, and so is a tag that is not known", () => {
  expect(() => parseTemplate("a: [")).toThrow();
  expect(() => parseTemplate("a: !Unknown b")).toThrow();
});

test("every function is built of a file that is there", () => {
  const entries = resourcesOf("AWS::Serverless::Function").flatMap(
    ({ Metadata: metadata }) => metadata?.BuildProperties?.EntryPoints ?? [],
  );
  expect(entries).toEqual(["lambda.ts", "lambda.ts"]);
  // One bundle holds both; npm run build:lambda reads how from the first.
  const { Hello: hello, HelloBuffered: buffered } = template.Resources;
  expect(buffered?.Metadata).toEqual(hello?.Metadata);
  expect(hello?.Metadata).toEqual({
    BuildMethod: "esbuild",
    BuildProperties: {
      EntryPoints: ["lambda.ts"],
      Format: "esm",
      OutExtension: [".js=.mjs"],
      Target: "es2024",
      Minify: false,
      Sourcemap: true,
    },
  });
  const source = String(template.Globals?.Function?.CodeUri);
  expect(entries.map((entry) => existsSync(join(root, source, entry)))).toEqual([true, true]);
  // With a package.json in it SAM would copy the folder away from this project's node_modules.
  expect(existsSync(join(root, source, "package.json"))).toBe(false);
});

test("no role may do more than write the logs of its own function", () => {
  const statements = resources
    .filter(([, { Type: type }]) => type === "AWS::IAM::Role")
    .map(([name, { Properties: properties }]) => [name, properties?.Policies]);
  const logs = (group: string): unknown => [
    {
      PolicyName: "logs",
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
            Resource: { "Fn::GetAtt": [group, "Arn"] },
          },
        ],
      },
    },
  ];
  expect(statements).toEqual([
    ["HelloRole", logs("HelloLogs")],
    ["HelloBufferedRole", logs("HelloBufferedLogs")],
  ]);
  expect(resources.filter(([, { Properties }]) => Properties?.ManagedPolicyArns)).toEqual([]);
  expect(resourcesOf("AWS::Serverless::Function").map((it) => it.Properties?.Role)).toEqual([
    { "Fn::GetAtt": ["HelloRole", "Arn"] },
    { "Fn::GetAtt": ["HelloBufferedRole", "Arn"] },
  ]);
});

test("each API may be called only so often, and each function run only so many times at once", () => {
  const settings = resources.flatMap(([, { Properties: properties }]) =>
    [properties?.MethodSettings, properties?.DefaultRouteSettings].flat().filter(Boolean),
  );
  const limits = { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 };
  expect(settings).toEqual([
    limits,
    { ResourcePath: "/*", HttpMethod: "*", ...limits },
    { ResourcePath: "/*", HttpMethod: "*", ...limits },
  ]);
  expect(template.Globals?.Function?.ReservedConcurrentExecutions).toEqual({
    "Fn::If": ["HasReserve", { Ref: "ReservedConcurrency" }, { Ref: "AWS::NoValue" }],
  });
});

test("the logs of every function are kept for a while only", () => {
  const groups = resourcesOf("AWS::Logs::LogGroup").map(({ Properties }) => Properties);
  expect(groups).toEqual([
    { RetentionInDays: { Ref: "LogRetention" } },
    { RetentionInDays: { Ref: "LogRetention" } },
  ]);
});

test("REST APIs give and take all bodies as bytes, and the streaming one streams every path", () => {
  const apis = resourcesOf("AWS::Serverless::Api").map(({ Properties }) => Properties ?? {});
  expect(apis.map((api) => api.BinaryMediaTypes)).toEqual([["*/*"], ["*/*"]]);
  const { paths = {} } = (apis[0]?.DefinitionBody ?? {}) as { paths?: Record<string, unknown> };
  expect(Object.keys(paths)).toEqual(["/", "/{proxy+}"]);
  for (const path of Object.values(paths)) {
    expect(path).toMatchObject({
      "x-amazon-apigateway-any-method": {
        "x-amazon-apigateway-integration": {
          type: "aws_proxy",
          httpMethod: "POST",
          responseTransferMode: "STREAM",
          uri: {
            "Fn::Sub": expect.stringMatching(/2021-11-15.*\{Hello\.Arn\}\/response-streaming/),
          },
        },
      },
    });
  }
});

test("the function URL streams, and is open only to who is let in", () => {
  expect(template.Resources.Hello?.Properties?.FunctionUrlConfig).toEqual({
    AuthType: { Ref: "UrlAuth" },
    InvokeMode: "RESPONSE_STREAM",
  });
  expect(template.Parameters?.UrlAuth).toMatchObject({ Default: "AWS_IAM" });
});

function resourcesOf(type: string): Resource[] {
  return Object.values(template.Resources).filter((resource) => resource.Type === type);
}
