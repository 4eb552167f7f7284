// Events as the gateways send them, with 12 headers.

const ITEMS = JSON.stringify({
  items: Array.from({ length: 40 }, (_, id) => ({ id, name: `item number ${id}`, price: id * 3 })),
});

const HEADERS: Readonly<Record<string, string>> = {
  accept: "text/html,application/xhtml+xml",
  "accept-encoding": "gzip, deflate, br",
  "accept-language": "en",
  "cache-control": "no-cache",
  host: "abc123.execute-api.eu-central-1.amazonaws.com",
  referer: "https://abc123.execute-api.eu-central-1.amazonaws.com/",
  "upgrade-insecure-requests": "1",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
  "x-amzn-trace-id": "Root=1-6a5145a9-1bae89e2512ec92d5d9438a0",
  "x-forwarded-for": "203.0.113.7",
  "x-forwarded-port": "443",
  "x-forwarded-proto": "https",
};
const MANY = Object.fromEntries(Object.entries(HEADERS).map(([name, value]) => [name, [value]]));

function v2(method: string, path: string, more: object = {}): object {
  const common = { accountId: "1", apiId: "abc123", domainPrefix: "abc123", stage: "$default" };
  const http = { method, path, protocol: "HTTP/1.1", sourceIp: "203.0.113.7", userAgent: "x" };
  const domainName = HEADERS.host;
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: "a=1",
    headers: HEADERS,
    queryStringParameters: { a: "1" },
    requestContext: { ...common, domainName, http, requestId: "r", routeKey: "$default" },
    isBase64Encoded: false,
    ...more,
  };
}

function v1(path: string): object {
  return {
    resource: "/{proxy+}",
    path,
    httpMethod: "GET",
    headers: HEADERS,
    multiValueHeaders: MANY,
    queryStringParameters: { a: "1" },
    multiValueQueryStringParameters: { a: ["1"] },
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      accountId: "1",
      apiId: "abc123",
      domainName: HEADERS.host,
      httpMethod: "GET",
      identity: { sourceIp: "203.0.113.7", userAgent: "x" },
      path: `/live${path}`,
      protocol: "HTTP/1.1",
      requestId: "r",
      resourcePath: "/{proxy+}",
      stage: "live",
    },
    body: null,
    isBase64Encoded: false,
  };
}

function alb(path: string): object {
  return {
    requestContext: { elb: { targetGroupArn: "arn:aws:elasticloadbalancing:x:1:targetgroup/t/1" } },
    httpMethod: "GET",
    path,
    multiValueQueryStringParameters: { a: ["1"] },
    multiValueHeaders: MANY,
    body: "",
    isBase64Encoded: false,
  };
}

export const EVENTS: Readonly<Record<string, object>> = {
  "v2 hello": v2("GET", "/hello"),
  "v1 hello": v1("/hello"),
  "ALB hello": alb("/hello"),
  "v2 8 cookies": v2("GET", "/cookies", {
    cookies: Array.from({ length: 8 }, (_, index) => `name${index}=value${index}`),
  }),
  "v2 POST 2 kB JSON": v2("POST", "/json", {
    body: ITEMS,
    headers: {
      ...HEADERS,
      "content-type": "application/json",
      "content-length": String(ITEMS.length),
    },
  }),
  "v2 100 kB binary": v2("GET", "/bytes"),
};
