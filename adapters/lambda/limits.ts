// The figures that AWS sets, in bytes, each with its source and the month it was looked up.

/** A bound on a response, and what to do about it. */
export interface Limit {
  readonly bytes: number;
  /** What has this bound. */
  readonly of: string;
  readonly source: string;
  /** For the log: what the deployer or the application can do. */
  readonly remedy: string;
}

/** The bounds of one source of requests. */
export interface Limits {
  /** The result of the invocation as JSON, body and headers. */
  readonly result: Limit;
  /** Names and values of response headers; absent where AWS names no figure. */
  readonly headers?: Limit;
}

const STREAM_OR_LINK =
  "stream it (toLambdaStream behind a function URL or a REST API), or answer with a link to S3";

/** Measured, not documented: the documents say 6 MB. */
const BUFFERED: Limit = {
  bytes: 6_291_556,
  of: "the JSON of a buffered response on Lambda",
  source: "AWS Lambda quotas (6 MB), exact figure by experiment; 2026-11",
  remedy: STREAM_OR_LINK,
};

const FEWER_HEADERS = "send fewer or shorter headers";

const GATEWAY_HEADERS: Limit = {
  bytes: 10_240,
  of: "the block of response headers on API Gateway",
  source: "Amazon API Gateway quotas for REST and HTTP APIs; 2026-11",
  remedy: FEWER_HEADERS,
};

export const GATEWAY: Limits = { result: BUFFERED, headers: GATEWAY_HEADERS };

/** Function URLs and VPC Lattice (6 MB of response JSON, its user guide, 2026-11). */
export const PLAIN: Limits = { result: BUFFERED };

export const ALB: Limits = {
  result: {
    bytes: 1_048_576,
    of: "the JSON of a response behind an Application Load Balancer",
    source: "Elastic Load Balancing, Lambda functions as targets (1 MB); 2026-11",
    remedy: "answer with a link to S3, or serve it from a function URL",
  },
  headers: {
    bytes: 32_768,
    of: "the block of response headers on an Application Load Balancer",
    source: "Elastic Load Balancing, Application Load Balancer quotas (32K); 2026-11",
    remedy: FEWER_HEADERS,
  },
};

export const EDGE_VIEWER: Limits = {
  result: {
    bytes: 40_960,
    of: "a response made by Lambda@Edge at a viewer request, headers and body,",
    source: "Amazon CloudFront quotas on Lambda@Edge (40 KB); 2026-11",
    remedy: "make it at the origin request (1 MB), or let the origin answer",
  },
};

export const EDGE_ORIGIN: Limits = {
  result: {
    bytes: 1_048_576,
    of: "a response made by Lambda@Edge at an origin request, headers and body,",
    source: "Amazon CloudFront quotas on Lambda@Edge (1 MB); 2026-11",
    remedy: "let the origin answer, or redirect to S3",
  },
};

export const STREAMED: Limit = {
  bytes: 209_715_200,
  of: "a streamed response on Lambda",
  source: "AWS Lambda, response streaming (200 MB since 2025-07-31); 2026-11",
  remedy: "answer with a link to S3",
};

/** A request body: Lambda takes 6 MB of event (AWS Lambda quotas, 2026-11), so none is larger. */
export const MAX_BODY_SIZE = 6_291_456;

/** One message of a WebSocket ("Amazon API Gateway quotas", WebSocket APIs: 128 KB; 2026-11). */
export const MAX_MESSAGE = 131_072;

/** Milliseconds before the function's timeout at which a request is ended. Our choice. */
export const DEADLINE_MARGIN = 500;

/** Milliseconds for the runtime client to send the last answer before the process ends. Our choice. */
export const SHUTDOWN_GRACE = 100;
