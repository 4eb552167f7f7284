// A function by hand, that does what functions do wrong.

interface Event {
  readonly rawPath: string;
}

let invocations = 0;

export async function handler({ rawPath }: Event): Promise<unknown> {
  invocations++;
  switch (rawPath) {
    case "/throws":
      throw new TypeError("thrown by the function");
    case "/exits":
      process.exit(1);
      break;
    case "/hangs":
      return new Promise(() => setInterval(() => {}, 1000));
    case "/malformed":
      return { statusCode: "two hundred" };
    case "/smuggles":
      return { statusCode: 200, headers: { "x-a": "1\r\nx-evil: 1" } };
    case "/large":
      return { statusCode: 200, body: "x".repeat(6_291_556) };
    case "/nothing":
      return undefined;
    case "/slow":
      await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return { statusCode: 200, body: `${process.pid} ${invocations}` };
}
